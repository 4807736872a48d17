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


WRONG = "✗ "


class Field(Vertical):
    """A label, a control, a note beside it, and a line that says what is wrong.

    The line is not there while nothing is wrong.

    Args:
        name: Of what it is about; the widget's id follows from it.
        label: What it is called.
        control: What is typed into or chosen from.
        note: What stands beside the control; ``None`` where nothing ever does.
    """

    def __init__(self, name: str, label: str, control: Widget, note: str | None = None) -> None:
        super().__init__(id=f"field-{name.replace('.', '-')}", classes="field")
        self._label, self._control, self._note = label, control, note

    def compose(self) -> ComposeResult:
        """One row. The message is made once there is one: most fields never have any."""
        with Horizontal(classes="field-row"):
            yield Static(Content(self._label), classes="field-label")
            yield self._control
            if self._note is not None:
                yield Static(Content(self._note), classes="field-note")

    @property
    def label(self) -> str:
        """What the field is called."""
        return self._label

    @property
    def note(self) -> str:
        """What stands beside the control."""
        return _text(self._found("field-note"))

    @property
    def problem(self) -> str:
        """What is wrong; empty when nothing is."""
        message = self._found("field-message")
        is_shown = self.has_class("-invalid") and message is not None and message.display
        return _text(message).removeprefix(WRONG) if is_shown else ""

    def set_note(self, note: str | Content) -> None:
        """Change what stands beside the control of a field that was made with a note."""
        show(self.query_one(".field-note", Static), note)

    def set_problem(self, problem: str) -> None:
        """Show what is wrong; empty when nothing is."""
        content = Content(f"{WRONG}{problem}" if problem else "")
        if (found := self._found("field-message")) is not None:
            show(found, content)
        elif problem and self.is_attached:
            self.mount(Static(content, classes="field-message"))
        self.set_class(bool(problem), "-invalid")

    def _found(self, name: str) -> Static | None:
        return next(iter(self.query(f".{name}").results(Static)), None)


def _text(static: Static | None) -> str:
    return "" if static is None else str(static.render())
