"""What this process lets out of itself: no core, no value of a variable, no secret to a child.

Set up by the program's entry alone; a program that uses cognitui as a library decides for itself.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from threading import ExceptHookArgs
    from types import TracebackType

PREFIX = "COGNITUI_"
# A file of one byte is smaller than any core, so that none is written. Linux takes it to mean that
# no core is given to a program either, which it does in spite of a limit of 0.
NO_CORE = 1


def keep_to_itself() -> None:
    """Leave nothing of the memory behind, whatever happens to this process."""
    _forbid_cores()
    import threading

    sys.excepthook = _at_the_end
    threading.excepthook = _in_a_thread
    sys.unraisablehook = _in_nobodys_hands


def child_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment for a program that needs none of our secrets.

    The environment of a process can be read as long as it runs, and a clipboard's tool runs on when
    we have ended.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(PREFIX) and name != "PGPASSWORD"
    }


def _forbid_cores() -> None:
    try:
        import resource
    except ImportError:  # there are no cores on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 0 if most == 0 else NO_CORE
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


# Python's own would print the error's words, which may quote anything.


def _at_the_end(
    kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        words = "Interrupted."
    else:
        _log(error)
        words = f"cognitui stopped because of a mistake of its own ({kind.__name__})."
    with suppress(Exception):  # a terminal that is gone
        sys.stderr.write(f"{words}\n")


def _in_a_thread(args: ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        _log(args.exc_value)


def _in_nobodys_hands(args: sys.UnraisableHookArgs) -> None:
    _log(args.exc_value)


def _log(error: BaseException | None) -> None:
    from cognitui.logs import log_crash

    with suppress(Exception):  # there is nobody left to tell
        log_crash(error)
