"""Chooses a bot by a few letters of its name, or by the id of one that is not listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from cognitui.callbacks.display import safe_text
from cognitui.fuzzy import Query, find
from cognitui.tui.browse_cells import bot_text, lit
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import FlatRows, Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.cognigy.models import Bot
    from cognitui.tui.parts import Keys

TYPED = " typed"
"""The key of the row that opens what is typed; no id is so called."""


class OpenBot(Dialog[str | None]):
    """Answers the id of a bot, or ``None``.

    Args:
        bots: Those that are known.
    """

    KEYS: ClassVar[Keys] = (
        ("↑↓", "Choose"),
        ("enter", "Open it, or the id that is typed"),
        ("esc", "Cancel"),
    )
    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss_none", "Cancel", id="dialog.cancel"),
    ]

    def __init__(self, bots: Sequence[Bot]) -> None:
        super().__init__()
        self._bots = {bot.id: bot for bot in bots}
        self._query = Query("")

    def compose(self) -> ComposeResult:
        """A field, the list, and a line that says what the keys do."""
        with Vertical(classes="dialog picker"):
            yield Static("Open a bot", classes="dialog-title")
            yield Entry(placeholder="its name, or the id of one that is not listed")
            yield RowList(id="bots")
            yield Static("↑↓ choose · enter opens · esc cancels", classes="dialog-help")

    def on_mount(self) -> None:
        """Show all that are known."""
        self._show("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value.strip())

    def _show(self, typed: str) -> None:
        self._query = Query(typed)
        bots = list(self._bots.values())
        keys = [bots[number].id for number in find(typed, [bot_text(bot) for bot in bots])]
        if typed and typed not in self._bots:
            keys.append(TYPED)
        rows = self.query_one(RowList)
        rows.show_rows(FlatRows(keys, self._row))
        rows.move_cursor(0)

    def _row(self, key: str) -> Row:
        if key == TYPED:
            typed = safe_text(self.query_one(Input).value.strip(), 60)
            return Row(((("open the id ", "muted"), (typed, "strong")),))
        text = bot_text(self._bots[key])
        name, _, number = text.partition("\n")
        match = self._query.match(text) if self._query else None
        positions = frozenset(match.positions) if match else frozenset()
        cells = (*lit(name, positions), ("  ", ""), *lit(number, positions, len(name) + 1, "muted"))
        return Row((cells,))

    def on_key(self, event: events.Key) -> None:
        """Move in the list while one types."""
        moves = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}
        if event.key in moves:
            self.query_one(RowList).action_cursor(moves[event.key])
            event.stop()
            event.prevent_default()

    @on(Input.Submitted)
    @on(RowList.Selected)
    def _chosen(self) -> None:
        key = self.query_one(RowList).cursor_key
        if key is not None:
            self.dismiss(self.query_one(Input).value.strip() if key == TYPED else key)

    def action_dismiss_none(self) -> None:
        """None was chosen."""
        self.dismiss(None)
