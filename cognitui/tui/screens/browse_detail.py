"""The detail of Browse: overview, JSON and history of what the cursor is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.content import Content

from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.browse_text import (
    bot_overview,
    group_overview,
    history_view,
    json_view,
    problem_overview,
    skill_overview,
    skills_overview,
    webhook_overview,
)
from cognitui.tui.browse_view import GROUP, NOTE, SKILLS, WEBHOOKS
from cognitui.tui.screens.browse_list import BrowseList
from cognitui.tui.widgets.detail_pane import DetailPane
from cognitui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from cognitui.tui.browse_view import Item
    from cognitui.workspace.catalogue import LoadedBot

OVERVIEW, JSON, HISTORY = "overview", "json", "history"
TITLES = {OVERVIEW: "Overview", JSON: "JSON", HISTORY: "History"}
HISTORY_LENGTH = 100


class BrowseDetail(BrowseList):
    """The list and the detail beside it, or instead of it where there is room for one."""

    def __init__(self) -> None:
        super().__init__()
        self._tab = OVERVIEW
        self._shown: tuple[str | None, str] = (None, "")
        self._unread: tuple[str | None, RegisteredWebhook] | None = None
        self._is_reading = False

    @property
    def pane(self) -> DetailPane:
        """The detail."""
        return self.query_one(DetailPane)

    def show_detail(self) -> None:
        """Show the view that is chosen, or the overview where there is no such."""
        key, item, keys = self.rows.cursor_key, self.item, self.app.with_keys
        tabs = _tabs_of(item)
        active = self._tab if self._tab in tabs else OVERVIEW
        is_other, self._shown = self._shown != (key, active), (key, active)
        if active == HISTORY and isinstance(item, RegisteredWebhook):
            if is_other:
                self._put(tabs, active, Content.styled("◌ reading …", "$foreground-muted"))
            self._unread = (key, item)
            if not self._is_reading:
                self._is_reading = True
                self.start(self._read_history(), "history")
            return
        text = (
            json_view(item, keys)
            if active == JSON and item is not None
            else self._overview(key, item)
        )
        self._put(tabs, active, text, is_other=is_other)

    def _put(self, tabs: list[str], active: str, text: Content, *, is_other: bool = True) -> None:
        titles = [(tab, TITLES[tab]) for tab in tabs]
        self.pane.show_view(titles, active, text, is_other=is_other)

    def _overview(self, key: str | None, item: Item | None) -> Content:
        loaded, status, keys = self.shown.chosen, self.workspace.status, self.app.with_keys
        if isinstance(item, Bot):
            held = self.workspace.catalogue.bots.get(item.id)
            return bot_overview(item, status, held)
        if isinstance(item, Skill):
            return skill_overview(item, loaded, keys)
        if loaded is None:
            return Content("")
        if isinstance(item, RegisteredWebhook):
            return webhook_overview(item, loaded.skill_name(item), self.shown.report(item.id), keys)
        return self._heading_overview(key or "", loaded)

    def _heading_overview(self, key: str, loaded: LoadedBot) -> Content:
        keys = self.app.with_keys
        if key == GROUP + WEBHOOKS:
            return group_overview(
                loaded, self.workspace.status.webhook_limit, self.shown.outcomes, keys
            )
        if key == GROUP + SKILLS:
            return skills_overview(loaded)
        return problem_overview(loaded.problem, keys) if key.startswith(NOTE) else Content("")

    async def _read_history(self) -> None:
        """The history of what is shown, and of what is shown by the time that is read."""
        try:
            while self._unread is not None:
                (key, webhook), self._unread = self._unread, None
                records = await self.workspace.reports.history(
                    webhook.id, bot_id=self.workspace.bot_id, limit=HISTORY_LENGTH + 1
                )
                if self._shown == (key, HISTORY):
                    keys = self.app.with_keys
                    is_all, now = len(records) <= HISTORY_LENGTH, self.workspace.clock.now()
                    text = history_view(records[:HISTORY_LENGTH], now, keys, is_all=is_all)
                    self._put(_tabs_of(webhook), HISTORY, text, is_other=False)
        finally:
            self._is_reading = False

    # Choosing a view

    def show_tab(self, tab: str) -> None:
        """Show this view, also of whatever the cursor goes to."""
        self._tab = tab
        self.show_detail()

    @on(TabLine.Chosen, "#browse-tabs")
    def _tab_chosen(self, event: TabLine.Chosen) -> None:
        self.show_tab(event.tab)

    def action_next_tab(self) -> None:
        """To the next view."""
        self.pane.tabs.step(1)

    def action_previous_tab(self) -> None:
        """To the view before."""
        self.pane.tabs.step(-1)

    def action_detail(self) -> None:
        """To the detail, and back to the list."""
        is_there = self.pane.scroller.has_focus
        self.set_class(not is_there, "-detail")
        (self.rows if is_there else self.pane.scroller).focus()

    @property
    def is_in_detail(self) -> bool:
        """Whether the detail has the focus."""
        return self.pane.scroller.has_focus

    def on_descendant_focus(self) -> None:
        """Where there is room for one pane, the one that has the focus is shown."""
        self.set_class(self.is_in_detail, "-detail")


def _tabs_of(item: Item | None) -> list[str]:
    """The views that there are of something."""
    if item is None:
        return [OVERVIEW]
    return [OVERVIEW, JSON, HISTORY] if isinstance(item, RegisteredWebhook) else [OVERVIEW, JSON]
