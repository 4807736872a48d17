"""What all dialogs share: they answer once, and their styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from cognitui.tui.screens.selection import Selection

if TYPE_CHECKING:
    from textual.screen import ScreenResultType

Answer = TypeVar("Answer")


class Dialog(Selection, ModalScreen[Answer]):
    """A question in front of a place.

    Keys and clicks may follow each other faster than a dialog goes away. The second would take away
    whatever is in front by then.
    """

    CSS_PATH = "../styles/dialogs.tcss"

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Answer and go away; what comes after that is ignored."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
