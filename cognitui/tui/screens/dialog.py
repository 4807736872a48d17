"""What all dialogs share: they answer once, and their styles."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

from cognitui.tui.screens.selection import Selection

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Selection):
    """A question in front of a place.

    Keys and clicks may follow each other faster than a dialog goes away. The second would take away
    whatever is in front by then.
    """

    CSS_PATH = "../styles/dialogs.tcss"

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Answer and go away; what comes after that is ignored."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
