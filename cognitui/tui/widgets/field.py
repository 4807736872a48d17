"""A labelled field of a form, with its message underneath."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget


class Field(Vertical):
    """A label, a control, a note beside it, and a line that says what is wrong.

    The line takes no room while nothing is wrong.
    """

    def __init__(self, name: str, label: str, control: Widget, note: str = "") -> None:
        super().__init__(id=f"field-{name.replace('.', '-')}", classes="field")
        self._label, self._control, self._note = label, control, note

    def compose(self) -> ComposeResult:
        """One row and a message."""
        with Horizontal(classes="field-row"):
            yield Static(Content(self._label), classes="field-label")
            yield self._control
            yield Static(Content(self._note), classes="field-note")
        yield Static("", classes="field-message")

    @property
    def label(self) -> str:
        """What the field is called."""
        return self._label

    def set_note(self, note: str | Content) -> None:
        """Change what stands beside the control."""
        show(self.query_one(".field-note", Static), note)

    def set_problem(self, problem: str) -> None:
        """Show what is wrong; empty when nothing is."""
        show(self.query_one(".field-message", Static), f"✗ {problem}" if problem else "")
        self.set_class(bool(problem), "-invalid")
