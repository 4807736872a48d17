"""Chooses one of many by typing a part of its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what is answered, and what is shown."""

    value: str
    title: str
    detail: str = ""

    def matches(self, typed: str) -> bool:
        """Whether all typed words occur in it."""
        text = f"{self.title} {self.detail} {self.value}".lower()
        return all(word in text for word in typed.lower().split())


class _Row(Option):
    """A choice in the list. It has no id: a tenant may give one twice."""

    def __init__(self, choice: Choice, label: Content) -> None:
        super().__init__(label)
        self.choice = choice


class Picker(Dialog[str | None]):
    """Answers the value of the choice, or ``None``."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_none", "Cancel", id="dialog.cancel"),
        Binding("down", "cursor('down')", show=False),
        Binding("up", "cursor('up')", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], *, empty: str) -> None:
        super().__init__()
        self._title, self._choices, self._empty = title, choices, empty

    def compose(self) -> ComposeResult:
        """A filter and the list."""
        with Vertical(classes="dialog picker"):
            yield Static(Content(self._title), classes="dialog-title")
            yield Input(placeholder="type to filter · ↑↓ to move · enter to choose", compact=True)
            yield OptionList(markup=False, compact=True)

    def on_mount(self) -> None:
        """Show everything."""
        self._show("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.query_one(OptionList).action_select()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        if isinstance(event.option, _Row):
            self.dismiss(event.option.choice.value)

    def action_dismiss_none(self) -> None:
        """Nothing was chosen."""
        self.dismiss(None)

    def action_cursor(self, direction: str) -> None:
        """Move in the list while the filter keeps the focus."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if direction == "down" else options.action_cursor_up()

    def _show(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        found = [choice for choice in self._choices if choice.matches(typed)]
        if not found:
            options.add_option(Option(Content(self._empty), disabled=True))
            return
        for choice in found:
            label = Content.assemble(
                plain(choice.title, 60), "  ", plain(choice.detail, 60).stylize("$foreground-muted")
            )
            options.add_option(_Row(choice, label))
        options.highlighted = 0
