"""Asks for one line of text, such as a passphrase or a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.widgets.entry import Entry

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.tui.parts import Keys


class Ask(Dialog[str | None]):
    """Answers what was typed, or ``None``.

    Args:
        title: What is asked for.
        text: Why, and what happens with it.
        value: What stands there at first.
        problem: What was wrong with the answer before.
        is_secret: Show dots instead of letters.
    """

    KEYS: ClassVar[Keys] = (("enter", "Go on"), ("esc", "Cancel"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_none", "Cancel", id="dialog.cancel"),
    ]

    def __init__(
        self, title: str, text: str, *, value: str = "", problem: str = "", is_secret: bool = False
    ) -> None:
        super().__init__()
        self._problem = problem
        self._title, self._text = title, text
        self._value, self._is_secret = value, is_secret

    def compose(self) -> ComposeResult:
        """The question and one field."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield Static(Content(self._text), classes="dialog-text")
            yield Entry(self._value, is_secret=self._is_secret)
            if self._problem:
                yield Static(Content(f"✗ {self._problem}"), classes="dialog-problem")
            yield Static("enter to go on · esc to cancel", classes="dialog-help")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_dismiss_none(self) -> None:
        """Nothing was typed."""
        self.dismiss(None)
