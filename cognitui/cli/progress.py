"""One line on stderr that is written over again and again; nothing without a terminal."""

from __future__ import annotations

import sys


class Progress:
    """How far something long has come, for whoever waits at a terminal."""

    def __init__(self, verb: str, noun: str = "records") -> None:
        self._verb, self._noun = verb, noun
        self._is_shown = sys.stderr.isatty()

    def show(self, done: int, last: int, left_s: float | None = None) -> None:
        """Write how far it is, and how many seconds it will still take where that is known."""
        share = f", {min(1.0, done / last):.0%}" if last else ""
        left = "" if left_s is None else f", {left_s:.0f} s left"
        self._write(f"{self._verb} {done:,} {self._noun}{share}{left}")

    def clear(self) -> None:
        """Leave no trace of it."""
        self._write("")

    def _write(self, text: str) -> None:
        if self._is_shown:
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()
