"""What no command expects: streams that are closed, files that may not be read, mistakes of ours.

Imported when one of them happens.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from cognitui import logs
from cognitui.callbacks.display import safe_text
from cognitui.errors import CognituiError, FileTrouble, ProgramFailed, UsageError
from cognitui.settings import Paths

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
_LONGEST = 400


def open_streams() -> None:
    """Let the standard streams that are closed lead nowhere.

    Raises:
        UsageError: Standard output is among them: there is no place for a result.
    """
    closed = [(name, mode) for name, mode in _STREAMS if getattr(sys, name) is None]
    for name, mode in closed:
        # It gets the number that is free, so that no file opened later is written to by mistake.
        handle = os.open(os.devnull, os.O_RDWR)
        setattr(sys, name, os.fdopen(handle, mode, encoding="utf-8", closefd=False))
    if any(name == "stdout" for name, _ in closed):
        raise UsageError("Standard output is closed.")


def explained(error: Exception) -> CognituiError:
    """What a person is told of an error that was not expected; it is logged, without values."""
    if logs.file() is None:  # it happened before the command began to log
        with suppress(RuntimeError):  # nobody's home
            logs.configure(Paths.default().state / "logs")
    logs.log_crash(error)
    if isinstance(error, OSError) and isinstance(error.filename, str | bytes):
        reason = error.strerror or type(error).__name__
        path = safe_text(os.fsdecode(error.filename), _LONGEST)
        return FileTrouble(
            f"A file could not be read: {reason}: {path}.",
            hint="Check who owns it and its directory, and that the disk works.",
        )
    log = logs.file()
    return ProgramFailed(
        f"cognitui stopped because of a mistake of its own ({type(error).__name__}).",
        hint=f"Where it happened stands in {safe_text(str(log), _LONGEST)}" if log else "",
    )
