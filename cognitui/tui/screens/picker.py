"""Chooses one of many by typing a part of its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cognitui.errors import CognituiError
from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.options import Options
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tui.parts import Keys

SHOWN = 200
HELP = "type to filter · ↑↓ to move · enter to choose · esc to cancel"


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
    """Answers the value of the choice, or ``None``.

    Args:
        title: What is chosen.
        choices: What there is to choose from at first.
        empty: Said when nothing matches.
        noun: What one choice is called, such as ``skill``.
        more: Further choices, page by page, which arrive while the person looks.
        typed: Where the rest could not be loaded, offers what was typed itself, such as
            ``use {} as the id``.
    """

    KEYS: ClassVar[Keys] = (
        ("letters", "Show only what holds them"),
        ("↑ ↓", "Move"),
        ("enter", "Choose"),
        ("esc", "Cancel"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_none", "Cancel", id="dialog.cancel"),
        Binding("down", "cursor('down')", show=False),
        Binding("up", "cursor('up')", show=False),
        Binding("pagedown", "cursor('page_down')", show=False),
        Binding("pageup", "cursor('page_up')", show=False),
    ]

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        empty: str,
        noun: str = "",
        more: AsyncIterator[Sequence[Choice]] | None = None,
        typed: str = "",
    ) -> None:
        super().__init__()
        self._title, self._choices, self._empty = title, list(choices), empty
        self._noun, self._more, self._typed_words = noun, more, typed
        self._found: list[Choice] = []
        self._is_incomplete = False
        self._is_loading = more is not None
        self._matching = 0
        self._soon = Soon(self, self._filter)

    def compose(self) -> ComposeResult:
        """A filter, the list, and how much of it there is."""
        with Vertical(classes="dialog picker"):
            yield Static(plain(self._title), classes="dialog-title")
            yield Entry(placeholder=HELP)
            yield Options(markup=False, compact=True)
            yield Static("", classes="dialog-help", id="picker-state")

    def on_mount(self) -> None:
        """Show what is there, and load the rest beside it."""
        self._show()
        if self._more is not None:
            self._say("◌ loading …")
            work = partial(self._load, self._more)
            _: Worker[None] = self.run_worker(work, group="picker", exit_on_error=True)
        else:
            self._say_how_many()

    async def _load(self, more: AsyncIterator[Sequence[Choice]]) -> None:
        try:
            async for page in more:
                self._choices += page
                self._show()
                self._say(f"◌ loading … {len(self._choices)}")
        except CognituiError as error:
            self._is_incomplete = True
            self._say(f"✗ {error.message} {error.hint}".strip(), is_problem=True)
            self._show()
            return
        self._is_loading = False
        self._say_how_many()

    def _say_how_many(self) -> None:
        """How many there are, and how many of them are found."""
        if not self._noun or self._is_incomplete or self._is_loading:
            return
        words = counted(len(self._choices), self._noun)
        is_part = self._matching != len(self._choices)
        self._say(f"{self._matching} of {words}" if is_part else words)

    def _say(self, words: str, *, is_problem: bool = False) -> None:
        state = self.query_one("#picker-state", Static)
        state.update(plain(words, 300).stylize("$error" if is_problem else ""))
        state.display = bool(words)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._soon.ask()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self._soon.cancel()
        self._show()
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
        moves: dict[str, Callable[[], object]] = {
            "down": options.action_cursor_down,
            "up": options.action_cursor_up,
            "page_down": options.action_page_down,
            "page_up": options.action_page_up,
        }
        moves[direction]()

    def _filter(self) -> None:
        self._show()
        self._say_how_many()

    def _show(self) -> None:
        typed = self.query_one(Entry).value
        options = self.query_one(OptionList)
        kept = self._highlighted(options.highlighted)
        matching = [choice for choice in self._choices if choice.matches(typed)]
        self._matching = len(matching)
        self._found = matching[:SHOWN]
        own = typed.strip()
        offers_typed = self._is_incomplete and bool(self._typed_words)
        if offers_typed and own and all(choice.value != own for choice in matching):
            self._found.append(Choice(own, self._typed_words.format(own)))
        options.clear_options()
        options.add_options([_Row(choice, _label(choice)) for choice in self._found])
        if not self._found:
            options.add_option(Option(Content(self._empty), disabled=True))
        if len(matching) > SHOWN:
            words = f"… {len(matching) - SHOWN:,} more: type to narrow"
            options.add_option(Option(Content(words), disabled=True))
        if self._found:
            values = [choice.value for choice in self._found]
            options.highlighted = values.index(kept) if kept in values else 0

    def _highlighted(self, at: int | None) -> str | None:
        return self._found[at].value if at is not None and at < len(self._found) else None


def _label(choice: Choice) -> Content:
    """A line of the list; without an id, since a tenant may give one twice."""
    detail = plain(choice.detail, 60).stylize("$foreground-muted")
    return Content.assemble(plain(choice.title, 60), "  ", detail)
