"""Asks before something is lost.

Cancel has the focus, and the key that agrees is not the one that asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType


class Confirm(Dialog[bool]):
    """Answers true when the person agreed.

    Args:
        question: One line that names the object.
        consequence: What will be so afterwards.
        action: The word on the button that agrees.
        key: The key that agrees.
    """

    AUTO_FOCUS = "#cancel"  # enter must never destroy
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, consequence: str, *, action: str, key: str) -> None:
        super().__init__()
        self._question, self._consequence = question, consequence
        self._action, self._key = action, key
        self._bindings.bind(key, "agree", action)

    def compose(self) -> ComposeResult:
        """The question and two buttons."""
        with Vertical(classes="dialog"):
            yield Static(plain(self._question), classes="dialog-title")
            yield Static(plain(self._consequence, 600), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button(
                    f"{self._action} ({self._key})", id="agree", variant="error", compact=True
                )

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """No."""
        self.dismiss(result=False)

    @on(Button.Pressed, "#agree")
    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(result=True)
