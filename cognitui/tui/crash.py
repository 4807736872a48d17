"""What a mistake of the console itself was, and which of them do no harm."""

from __future__ import annotations

from textual.app import ScreenStackError
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.errors import NoWidget
from textual.widget import MountError
from textual.worker import WorkerFailed

_GONE = (MountError, NoMatches, NoScreen, NoWidget, ScreenStackError)


def cause_of(error: BaseException | None) -> BaseException | None:
    """The error itself, rather than that of the worker in which it was raised."""
    return error.error if isinstance(error, WorkerFailed) else error


def is_of_leaving(error: BaseException) -> bool:
    """Whether something was not there any more: what is being made, or drawn, while one quits."""
    return isinstance(cause_of(error), _GONE)
