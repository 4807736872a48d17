"""Health's list and detail: what earlier checks found, grouped by cause, worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from cognitui.callbacks.display import safe_text
from cognitui.tui.health_text import (
    COLUMNS,
    HEADER_INDENT,
    LOADING,
    NEVER,
    NO_MATCH,
    NO_TENANT,
    SCOPES,
    course_detail,
    group_detail,
    summary,
)
from cognitui.tui.screens.health_reading import HealthReading
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import Header
from cognitui.tui.widgets.show import show
from cognitui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from cognitui.webhooks.health.course import Course

ONE_PANE_BELOW = 110
SCOPE_NAMES = tuple(name for name, _ in SCOPES)


class HealthList(HealthReading):
    """The list and the detail. Subclasses check webhooks."""

    ENDS: ClassVar[Sequence[str]] = ("#health-scopes", "#health-detail")

    def __init__(self) -> None:
        super().__init__()
        self._soon_detail = Soon(self, self._ask_detail)
        self._filter_soon = Soon(self, self._filter)

    def compose_body(self) -> ComposeResult:
        """How many are unhealthy, which, and the detail of one."""
        with Vertical(id="health"):
            with Horizontal(id="health-head"):
                yield TabLine("health-scopes")
                yield Static("", id="health-state")
            yield Static("", id="health-summary")
            with Horizontal(id="health-panes", classes="-empty"):
                with Vertical(id="health-left"):
                    yield Entry(placeholder="/ filter", id="health-filter")
                    yield Static(LOADING, id="health-empty")
                    yield RowList(COLUMNS, header=Header(indent=HEADER_INDENT), id="health-list")
                with VerticalScroll(id="health-box", can_focus=True):
                    yield Static("", id="health-detail")

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    @property
    def box(self) -> Entry:
        """The filter; hidden while it is not used."""
        return self.query_one("#health-filter", Entry)

    @property
    def course(self) -> Course | None:
        """What the cursor is on; ``None`` on a heading."""
        return self.shown.course(self.rows.cursor_key)

    @property
    def is_in_detail(self) -> bool:
        """Whether the detail has the focus."""
        return self.query_one("#health-box").has_focus

    def on_resize(self, event: events.Resize) -> None:
        """Say what there is room for."""
        self.set_class(event.size.width < ONE_PANE_BELOW, "-one-pane")

    # Drawing

    def draw(self) -> None:
        """Show what is known, or why there is nothing."""
        if not self.is_laid_out:
            return
        rows = self.rows
        has_any = bool(self.shown.courses)
        was_in_list = rows.has_focus
        found = self.shown.rows()
        follows = rows.cursor == 0 and not self.is_in_detail
        rows.show_rows(found)
        if follows and len(found):  # what is worst may have been found last
            rows.move_cursor(0)
        panes = self.query_one("#health-panes")
        panes.set_class(not has_any, "-empty")
        panes.set_class(has_any and not len(found), "-none")
        self.query_one("#health-summary").display = has_any
        if not len(found):
            words = NO_MATCH if has_any else self._nothing()
            show(self.query_one("#health-empty", Static), words)
        elif self.is_current and (self.focused is None or was_in_list):
            rows.focus()
        self.show_state()
        self._ask_detail()

    def _nothing(self) -> str:
        if not self._is_read:
            return LOADING
        if not self.has_scope:
            return self.app.with_keys(NO_TENANT)
        return self.app.with_keys(NEVER.replace("{what}", self._what))

    @property
    def _what(self) -> str:
        workspace = self.workspace
        match self.scope:
            case "bot" if workspace.bot is not None:
                name = workspace.status.bot_name or workspace.bot.id
                return f"the webhooks of {safe_text(name, 40)}"
            case "tenant":
                return f"the webhooks of all bots of {safe_text(workspace.tenant_name, 40)}"
        return "the webhooks of all tenants whose keys are at hand"

    def show_state(self) -> None:
        """Say which webhooks are meant, and how many are unhealthy."""
        if not self.is_laid_out:
            return
        self.query_one(TabLine).show(SCOPES, self.scope)
        courses, status = self.shown.courses.values(), self.workspace.status
        known = (status.webhooks_used or 0) if self.scope == "bot" else 0
        words = summary(courses, known, self.workspace.clock.now())
        show(self.query_one("#health-summary", Static), words)
        show(self.query_one("#health-state", Static), self.state_words())
        self.refresh_bindings()

    def state_words(self) -> str:
        """What is going on by itself."""
        return ""

    @on(RowList.Highlighted, "#health-list")
    def _moved(self) -> None:
        self._soon_detail.ask()

    @on(RowList.Toggled, "#health-list")
    def _toggled(self) -> None:
        if (key := self.rows.cursor_key) is not None:
            self.shown.toggle(key)
            self.rows.show_rows(self.shown.rows())

    def _ask_detail(self) -> None:
        if self.is_laid_out and self.app.is_ready:
            self.start(self._show_detail(), "detail")

    async def _show_detail(self) -> None:
        key = self.rows.cursor_key
        course, group = self.shown.course(key), self.shown.group(key)
        last_good = None
        if course is not None and course.latest.is_unhealthy:
            last_good = await self.workspace.health.last_good(course.latest.ref)
        if not self.is_laid_out:
            return
        detail = self.query_one("#health-detail", Static)
        if course is not None:
            show(detail, course_detail(course, last_good, self.workspace.clock.now()))
        else:
            show(detail, group_detail(group) if group is not None else "")
        self.refresh_bindings()

    # Filtering

    def action_filter(self) -> None:
        """Type to filter."""
        self.set_class(True, "-filtering")
        self.box.focus()

    def filter_by(self, typed: str) -> None:
        """Filter by this, as if it were typed."""
        self.shown.filter(typed)
        self._show_filter()

    def _show_filter(self) -> None:
        """Show what is filtered by, as soon as there is something to type into."""
        if not self.is_laid_out:
            self.call_after_refresh(self._show_filter)
            return
        self.box.value = self.shown.typed
        self.set_class(bool(self.shown.typed), "-filtering")
        self.draw()

    @on(Input.Changed, "#health-filter")
    def _typed(self) -> None:
        self._filter_soon.ask()

    @on(Input.Submitted, "#health-filter")
    def _filter_done(self) -> None:
        self._filter()  # a key that comes at once must not find a row that is about to go
        self.rows.focus()

    def _filter(self) -> None:
        if self.is_laid_out and self.shown.typed != self.box.value:
            self.shown.filter(self.box.value)
            self.draw()

    def _clear_filter(self) -> None:
        self.filter_by("")
        self.to_list()

    def on_key(self, event: events.Key) -> None:
        """The keys that move in the list do so while one types, too."""
        if self.focused is self.box and event.key in ("down", "up"):
            self._filter()
            self.rows.action_cursor(1 if event.key == "down" else -1)
            event.stop()
            event.prevent_default()

    # Moving about

    def on_descendant_focus(self) -> None:
        """Where there is room for one pane, the one that has the focus is shown."""
        if self.is_laid_out:
            self.set_class(self.is_in_detail, "-detail")

    def to_list(self) -> None:
        """To the webhooks, where there are any."""
        self.set_class(False, "-detail")
        if self.shown.courses:
            self.rows.focus()
        else:
            self.set_focus(None)

    def action_detail(self) -> None:
        """To the detail, and back to the list."""
        if self.is_in_detail:
            self.to_list()
        else:
            self.set_class(True, "-detail")
            self.query_one("#health-box").focus()

    def action_leave(self) -> None:
        """Out of the detail, out of the filter, else to the place before."""
        if self.is_in_detail:
            self.to_list()
        elif self.has_class("-filtering"):
            self._clear_filter()
        else:
            self.app.action_go_back()

    @on(TabLine.Chosen, "#health-scopes")
    def _scope_chosen(self, event: TabLine.Chosen) -> None:
        self.show_scope(event.tab)

    def action_narrow(self) -> None:
        """Show fewer webhooks."""
        self.show_scope(SCOPE_NAMES[max(SCOPE_NAMES.index(self.scope) - 1, 0)])

    def action_widen(self) -> None:
        """Show more webhooks."""
        self.show_scope(SCOPE_NAMES[min(SCOPE_NAMES.index(self.scope) + 1, len(SCOPE_NAMES) - 1)])

    def show_scope(self, name: str) -> None:
        """Show these webhooks."""
        self.scope = name
        self.show_state()
        self.reload()
