"""Asks before something is done to so many that a key pressed by mistake must not be enough."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Input, Static

from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.widgets.entry import Entry

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.tui.parts import Keys


class ConfirmMany(Dialog[bool]):
    """Answers true when the person typed how many it is about, and agreed.

    Args:
        question: One line that names the action and the number.
        consequence: What will be so afterwards.
        action: The word on the button that agrees.
        number: What has to be typed.
    """

    KEYS: ClassVar[Keys] = (
        ("tab", "To the field and the buttons"),
        ("esc", "Cancel: nothing is done"),
    )
    AUTO_FOCUS = "#cancel"  # enter must never destroy
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
        Binding("left,right", "app.focus_next", show=False),
    ]

    def __init__(self, question: str, consequence: str, *, action: str, number: int) -> None:
        super().__init__()
        self._question, self._consequence = question, consequence
        self._action, self._number = action, str(number)

    def compose(self) -> ComposeResult:
        """The question, a field and two buttons."""
        with Vertical(classes="dialog"):
            yield Static(plain(self._question), classes="dialog-title")
            yield Static(plain(self._consequence, 600), classes="dialog-text")
            yield Static(plain(f"Type {self._number} to go on:"), classes="dialog-text")
            yield Entry(id="number")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel (esc)", id="cancel")
                yield Button(self._action, id="agree", variant="error", disabled=True)

    def on_key(self, event: events.Key) -> None:
        """A digit goes into the field, wherever the focus is."""
        field = self.query_one("#number", Input)
        if event.character and event.character.isdigit() and not field.has_focus:
            field.focus()
            field.insert_text_at_cursor(event.character)

    @on(Input.Changed, "#number")
    def _typed(self, event: Input.Changed) -> None:
        self.query_one("#agree", Button).disabled = event.value.strip() != self._number

    @on(Input.Submitted, "#number")
    def _entered(self, event: Input.Submitted) -> None:
        if event.value.strip() == self._number:
            self.dismiss(result=True)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """No."""
        self.dismiss(result=False)

    @on(Button.Pressed, "#agree")
    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(result=True)
