"""What a mistake of the console itself was, and which of them do no harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual._context import active_message_pump
from textual.app import App, ScreenStackError
from textual.css.query import NoMatches
from textual.dom import NoScreen
from textual.errors import NoWidget
from textual.screen import Screen
from textual.widget import MountError
from textual.worker import WorkerFailed, get_current_worker

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from cognitui.tui.moving import Moving

_GONE = (MountError, NoMatches, NoScreen, NoWidget, ScreenStackError)


def cause_of(error: BaseException | None) -> BaseException | None:
    """The error itself, rather than that of the worker in which it was raised."""
    return error.error if isinstance(error, WorkerFailed) else error


def is_harmless(error: BaseException, app: Moving) -> bool:
    """Whether a part was made or drawn, or got a key, while it was being taken away.

    Textual takes the parts of a screen away one by one; on a busy machine, those that are still
    there do what they were told before, and do not find the others. Ask where it is handled.
    """
    if not isinstance(cause_of(error), _GONE):
        return False
    # Without its audit log, for example, it ends though nobody left it.
    if app.is_leaving or not app.is_running:
        return True
    # A worker runs in the app's name.
    is_work = isinstance(error, WorkerFailed)
    part = get_current_worker().node if is_work else active_message_pump.get(None)
    return _is_gone(part, app)


def _is_gone(part: MessagePump | None, app: Moving) -> bool:
    while part is not None and not isinstance(part, (App, Screen)):
        part = part._parent  # noqa: SLF001
    if isinstance(part, Screen):
        is_kept = part in app.screen_stack or app.is_screen_installed(part)
        return part._pruning or not is_kept  # noqa: SLF001
    return part is None
