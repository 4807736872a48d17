"""The list of Browse: bots, skills and webhooks, loaded as you look."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Static

from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.browse_cells import COLUMNS
from cognitui.tui.browse_order import Sort
from cognitui.tui.browse_states import empty_state
from cognitui.tui.browse_view import BOT, GROUP, SKILL, SKILLS, WEBHOOK, WEBHOOKS
from cognitui.tui.screens.browse_loading import BrowseLoading
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.bulk_line import BulkLine
from cognitui.tui.widgets.detail_pane import DetailPane
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.show import show
from cognitui.workspace.pace import SPARE_REQUESTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from cognitui.tui.browse_view import Item
    from cognitui.workspace.catalogue import LoadedBot

NEAR = 200
"""Whoever looks at a row so near the last loaded one is about to want more."""
ONE_PANE_BELOW = 76


class BrowseList(BrowseLoading):
    """The filter and the list. Subclasses say what can be done with it."""

    ENDS: ClassVar[Sequence[str]] = ("#browse-detail",)

    def __init__(self) -> None:
        super().__init__()
        self._is_finding = False
        self._goes_to_best = False
        self._wanted = ""
        self._filter_to_show = ""
        self._search_soon = Soon(self, self._search)
        self._look_soon = Soon(self, self._look)

    def compose_body(self) -> ComposeResult:
        """The filter over the list, and the detail."""
        with Horizontal(id="browse"):
            with Vertical(id="browse-left"):
                yield Entry(placeholder="/ filter", id="browse-filter")
                yield RowList(COLUMNS, id="browse-list")
                yield Static("", id="browse-empty")
                yield BulkLine("browse-bulk")
            yield DetailPane("browse")

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    @property
    def box(self) -> Entry:
        """The filter."""
        return self.query_one("#browse-filter", Entry)

    @property
    def item(self) -> Item | None:
        """What the cursor is on; ``None`` on headings and notes."""
        return self.shown.item(self.rows.cursor_key) if self.is_laid_out else None

    @property
    def webhook(self) -> RegisteredWebhook | None:
        """The webhook that the cursor is on."""
        item = self.item
        return item if isinstance(item, RegisteredWebhook) else None

    def skills(self) -> list[Skill]:
        """The skills that are loaded of the chosen bot."""
        loaded = self.shown.chosen
        return list(loaded.skills.items.values()) if loaded is not None else []

    # Coming and going

    def tenant_changed(self) -> None:
        """Start over when it is looked at next."""
        self.forget()
        if self.is_laid_out:
            self.rows.set_marks(())
            self.draw()
        if self.is_current:
            self.entered()

    def entered(self) -> None:
        """Load, unless it is loaded; go on loading, unless it is all there."""
        if not self.is_laid_out:
            self.call_after_refresh(self.entered)
            return
        if self._filter_to_show:
            self.box.value, self._filter_to_show = self._filter_to_show, ""
        self.load_missing()
        self.draw()
        if self.workspace.profile is not None and self.focused is None:
            self.rows.focus()

    def webhook_changed(self, webhook: RegisteredWebhook) -> None:
        """The editor registered or changed a webhook; the catalogue knows already."""
        if self.is_laid_out:
            self.rows.redraw([WEBHOOK + webhook.id])
            self.draw()

    def show_webhook(self, webhook_id: str) -> None:
        """Put the cursor on a webhook of the chosen bot, as soon as it is loaded."""
        if (bot := self.workspace.bot) is not None:
            self.show_item(bot, WEBHOOK + webhook_id)

    def show_item(self, bot: Bot, key: str) -> None:
        """Put the cursor on a line as soon as it is there; another bot is opened first.

        Args:
            bot: Whose line it is.
            key: Of the line, such as ``webhook:wh_03f2``.
        """
        if not self.is_laid_out:
            self.call_after_refresh(self.show_item, bot, key)
            return
        if self.workspace.bot is None or self.workspace.bot.id != bot.id:
            self.open_bot(bot)
        self._wanted = key
        self.shown.folds |= {BOT + bot.id: True}
        if not key.startswith(BOT):
            self.shown.folds |= {SKILLS if key.startswith(SKILL) else WEBHOOKS: True}
        if self.box.value:
            self.box.value = ""
        self.rows.focus()
        self.draw()

    def open_bot(self, bot: Bot) -> None:
        """Work with this bot from now on, and show what it has."""
        self.workspace.choose_bot(bot)
        self.workspace.catalogue.open(bot)
        self.shown.filter.forget()
        self.shown.folds.pop(BOT + bot.id, None)
        self.rows.set_marks(())
        self.rows.move_to(BOT + bot.id)
        self.start(self._load_chosen(), "load")
        self.draw()

    # Filtering

    def filter_by(self, typed: str) -> None:
        """Filter by this, as if it were typed; as soon as there is something to type into."""
        if self.is_laid_out:
            self.box.value = typed
        else:
            self._filter_to_show = typed

    @on(Input.Changed, "#browse-filter")
    def _typed(self) -> None:
        self._search_soon.ask()

    @on(Input.Submitted, "#browse-filter")
    def _filter_done(self) -> None:
        self.rows.focus()

    def _search(self) -> None:
        self.shown.filter.type(self.box.value)
        self._goes_to_best = bool(self.shown.filter.query)
        self.draw()

    async def _find(self) -> None:
        """The rest of a search that takes longer than a moment; keys are taken meanwhile."""
        try:
            while (found := self.shown.chosen) and not self.shown.filter.advance(found):  # noqa: ASYNC110
                await asyncio.sleep(0)
        finally:
            self._is_finding = False
        self.draw()

    def on_key(self, event: events.Key) -> None:
        """The keys that move in the list do so while one types, too."""
        if self.focused is not self.box:
            return
        moves = {"down": 1, "up": -1}
        pages = {"pagedown": 1, "pageup": -1}
        if event.key in moves:
            self.rows.action_cursor(moves[event.key])
        elif event.key in pages:
            self.rows.action_page(pages[event.key])
        else:
            return
        event.stop()
        event.prevent_default()

    # Drawing

    def draw(self) -> None:
        """Show the rows that follow from what is loaded, typed, sorted and folded."""
        if not self.is_laid_out:
            return
        view, loaded = self.shown, self.shown.chosen
        if loaded is not None and not view.filter.advance(loaded):
            if not self._is_finding:
                self._is_finding = True
                self.start(self._find(), "filter")
            return
        self._show_state(has_rows=bool(self.workspace.catalogue.bots))
        self._note_waiting()
        self._prune_marks()
        view.columns = self.rows.columns_in_view
        self.rows.show_rows(view.rows(), header=view.header())
        if self._goes_to_best:
            self._goes_to_best = False
            self._go_to_best()
        self._look_for_wanted()

    def _show_state(self, *, has_rows: bool) -> None:
        empty = self.query_one("#browse-empty", Static)
        self.rows.display, empty.display = has_rows, not has_rows
        # Hiding the focused list would move the focus there, where "r" is a letter.
        self.box.disabled = not has_rows
        if not has_rows:
            state = empty_state(
                self.app.with_keys,
                is_open=self.workspace.profile is not None,
                is_loading=self._is_asking,
                lists_bots=self.workspace.catalogue.lists_bots,
                failure=self._failure,
            )
            show(empty, state)
        elif self.focused is None and self.is_current:
            self.rows.focus()

    def _prune_marks(self) -> None:
        """What is gone cannot be marked."""
        loaded = self.shown.chosen
        if self.rows.marks and loaded is not None:
            held = loaded.webhooks.items
            self.rows.set_marks(k for k in self.rows.marks if k.removeprefix(WEBHOOK) in held)

    def _note_waiting(self) -> None:
        """Say so when pages do not come because the key has been used a lot."""
        loaded = self.shown.chosen
        if loaded is None or self.shown.activity.startswith("reloading"):
            return
        is_short = False
        if not loaded.is_complete and loaded.problem is None:
            client = self.workspace.client
            spare = SPARE_REQUESTS if self._is_in_a_hurry else client.requests_per_minute // 2
            is_short = client.requests_left <= spare
        self.shown.activity = "waits for the key's minute" if is_short else ""

    def _go_to_best(self) -> None:
        """Put the cursor on what matches best."""
        ids = self.shown.webhook_ids()
        if ids and self.shown.is_open(WEBHOOKS):
            self.rows.move_to(WEBHOOK + ids[0])
            return
        source = self.rows.source
        keys = (source.key(index) for index in range(min(len(source), NEAR)))
        best = next((key for key in keys if key.startswith(SKILL)), None)
        if best is not None:
            self.rows.move_to(best)

    def _look_for_wanted(self) -> None:
        loaded, wanted = self.shown.chosen, self._wanted
        if not wanted or loaded is None:
            return
        if self.rows.move_to(wanted):
            self._wanted = ""
        elif loaded.is_complete and not self._is_known(loaded, wanted):
            self._wanted = ""
            what = wanted.replace(":", " ", 1)
            self.tell(f"This bot has no {what}: it may be gone.", warning=True)

    @staticmethod
    def _is_known(loaded: LoadedBot, key: str) -> bool:
        """Whether what is wanted is there, if only behind a filter that is about to go."""
        item_id = key.partition(":")[2]
        is_item = item_id in loaded.webhooks.items or item_id in loaded.skills.items
        return is_item or item_id == loaded.bot.id

    @property
    def _is_in_a_hurry(self) -> bool:
        """Whether more of the list than is loaded is wanted now."""
        view, rows = self.shown, self.rows
        is_near_end = rows.last_in_view + NEAR >= len(rows.source)
        is_sorted = view.order.sort is not Sort.TENANT
        return bool(view.filter.query) or is_sorted or is_near_end or bool(self._wanted)

    # What the list says

    @on(RowList.Highlighted, "#browse-list")
    @on(RowList.Scrolled, "#browse-list")
    def _moved(self) -> None:
        self._look_soon.ask()

    def _look(self) -> None:
        """What follows the cursor, once it rests."""
        if self.is_laid_out and self.app.is_ready:
            self.workspace.catalogue.hurry(on=self._is_in_a_hurry)
            self.show_detail()
            self.refresh_bindings()

    def show_detail(self) -> None:
        """Show the detail of what the cursor is on."""

    @on(RowList.Toggled, "#browse-list")
    def _toggled(self, event: RowList.Toggled) -> None:
        item = self.shown.item(event.key)
        if isinstance(item, Bot) and self.workspace.bot != item:
            self.open_bot(item)
        elif event.key is not None:
            self.shown.toggle(event.key)
            self.draw()

    @on(RowList.MarksChanged, "#browse-list")
    def _marked(self) -> None:
        self.shown.marked = len(self.rows.marks)
        self.rows.redraw([GROUP + WEBHOOKS])
        self._look_soon.ask()

    @on(RowList.HeaderSelected, "#browse-list")
    def _header(self, event: RowList.HeaderSelected) -> None:
        self.sort_by(Sort(event.key or ""))

    def sort_by(self, sort: Sort) -> None:
        """Sort webhooks by a column; by the same one again the other way round."""
        order = self.shown.order
        order.is_descending = order.sort is sort and not order.is_descending
        order.sort = sort
        self.show_from_top()

    def show_from_top(self) -> None:
        """Draw an order anew, with the cursor on its first webhook and the line above in view."""
        self.draw()
        ids = self.shown.webhook_ids()
        if ids and self.shown.is_open(WEBHOOKS):
            self.rows.move_to(GROUP + WEBHOOKS)
            self.rows.move_to(WEBHOOK + ids[0])

    def on_resize(self, event: events.Resize) -> None:
        """One pane at a time where two would be too narrow."""
        self.set_class(event.size.width < ONE_PANE_BELOW, "-one-pane")
