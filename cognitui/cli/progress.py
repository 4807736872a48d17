"""One line on stderr that is written over again and again; nothing without a terminal."""

from __future__ import annotations

import sys


class Progress:
    """How far something long has come, for whoever waits at a terminal."""

    def __init__(self, verb: str) -> None:
        self._verb = verb
        self._is_shown = sys.stderr.isatty()

    def show(self, done: int, last: int) -> None:
        """Write how far it is."""
        share = f", {min(1.0, done / last):.0%}" if last else ""
        self._write(f"{self._verb} {done:,} records{share}")

    def clear(self) -> None:
        """Leave no trace of it."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
