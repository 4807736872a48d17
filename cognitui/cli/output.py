"""How a command speaks: results on stdout, for people or machines, and talk on stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

from cognitui.callbacks.display import safe_text
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``, which every command has."""
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def emit(result: dict[str, Any] | list[Any]) -> None:
    """A result for machines: one line of JSON on stdout, in ASCII whatever the encoding there."""
    write(json.dumps(result) + "\n")


def say(text: str = "") -> None:
    """A result for people, on stdout."""
    write(f"{_safe(text)}\n")


def write(text: str) -> None:
    """A result as it is, on stdout.

    Raises:
        UsageError: It cannot be written there.
        BrokenPipeError: Whoever read it has seen enough.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        give_up_on(sys.stdout)
        raise unwritable(error) from None


def unwritable(error: OSError) -> UsageError:
    """The error for a standard output that takes nothing."""
    reason = error.strerror or type(error).__name__
    return UsageError(f"Standard output cannot be written: {reason}.")


def talk(text: str) -> None:
    """What happens meanwhile, on stderr; a stderr that takes nothing is no reason to stop."""
    try:
        sys.stderr.write(f"{_safe(text)}\n")
        sys.stderr.flush()
    except BrokenPipeError:
        raise
    except OSError:
        give_up_on(sys.stderr)


def give_up_on(*streams: TextIO) -> None:
    """Nobody can have this output any more: what is left of it goes nowhere, without complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def _safe(text: str) -> str:
    """Names and words of the tenant are in it, and they must not steer the terminal."""
    return safe_text(text, sys.maxsize, multiline=True)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns, two spaces apart."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [head, *rows]
    ]
    return "\n".join(lines)
