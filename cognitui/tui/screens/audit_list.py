"""The log of Audit: a filter, records that are read page by page, and one of them in detail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Input, Static

from cognitui.audit.ranges import ALL, within
from cognitui.audit.wanted import Wanted
from cognitui.errors import CognituiError
from cognitui.tui.audit_rows import PAGE, RecordRows
from cognitui.tui.audit_text import (
    COLUMNS,
    HEADER_INDENT,
    LOADING,
    nothing_text,
    record_detail,
    record_row,
)
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.log_filter import LogFilter
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import Header
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from textual.app import ComposeResult

    from cognitui.audit.records import AuditRecord
    from cognitui.tui.widgets.entry import Entry
    from cognitui.tui.widgets.row_text import Row

FILTER_PAUSES = 3
SEEN = 50
HEADER = Header(indent=HEADER_INDENT)
MOVES, PAGES = {"down": 1, "up": -1}, {"pagedown": 1, "pageup": -1}


class AuditList(Place):
    """The filter, the list and the detail. Subclasses follow what comes, and add the numbers.

    Attributes:
        range: How far back it is looked; a name of `RANGES`.
        new_above: How many records came since the cursor left the first line.
    """

    ENDS: ClassVar[Sequence[str]] = ("#cards", "#record-detail")

    def __init__(self) -> None:
        super().__init__()
        self.range = ALL
        self.new_above = 0
        self._wanted = Wanted()
        self._problem = ""
        self._newest = 0
        self._is_whole = False
        self._answered: object = None
        self._source = RecordRows(self._row)
        self._soon_detail = Soon(self, self._show_record)
        self._soon_more = Soon(self, self._read_more)
        self._soon_filter = Soon(self, self.reload, pauses=FILTER_PAUSES)

    def compose_log(self) -> ComposeResult:
        """The filter over the list, and the detail beside it."""
        yield LogFilter(self._now)
        with Horizontal(id="audit-log", classes="-empty"):
            with Vertical(id="audit-left"):
                yield Static(LOADING, id="audit-empty")
                yield RowList(COLUMNS, header=HEADER, id="records")
            with VerticalScroll(id="record-box", can_focus=True):
                yield Static("", id="record-detail")

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    @property
    def filter(self) -> LogFilter:
        """The filter."""
        return self.query_one(LogFilter)

    @property
    def box(self) -> Entry:
        """What the filter is typed into."""
        return self.filter.box

    @property
    def record(self) -> AuditRecord | None:
        """What the cursor is on."""
        return self._source.record(self.rows.cursor_key)

    @property
    def is_in_detail(self) -> bool:
        """Whether the detail has the focus."""
        return self.query_one("#record-box").has_focus

    @property
    def is_answered(self) -> bool:
        """Whether what is shown answers what is asked now, but for what came since."""
        return self.is_laid_out and self._is_whole and self._answered == self._question

    @property
    def _question(self) -> object:
        return self.filter.text, self.range, self.workspace.tenant_name

    def _now(self) -> datetime:
        return self.workspace.clock.now()

    def _row(self, record: AuditRecord) -> Row:
        return record_row(record, self._now())

    # Coming and going

    def entered(self) -> None:
        """Show what is recorded now; what was shown before stays until it is read."""
        self.reload()

    def tenant_changed(self) -> None:
        """Another tenant's records."""
        if self.is_current and self.is_laid_out:
            self.reload()

    def reload(self) -> None:
        """Read the log again, as it is asked for now."""
        if not self.is_laid_out:
            self.call_after_refresh(self.reload)
        elif self.app.is_ready:
            self.start(self._load(), "load")

    # What is asked for

    @property
    def asked(self) -> Wanted | None:
        """What filter, range and open tenant ask for; ``None`` when the filter makes no sense."""
        wanted = self.filter.wanted
        if wanted is None:
            return None
        wanted = within(wanted, self.range, self._now())
        if wanted.tenant is None and self.workspace.tenant_name:
            wanted = replace(wanted, tenant=self.workspace.tenant_name)
        return wanted

    @on(LogFilter.Changed)
    def _filtered(self) -> None:
        self._soon_filter.ask()

    @on(Input.Submitted, "#audit-filter")
    def _filter_done(self) -> None:
        self.to_list()

    def to_list(self) -> None:
        """To the records, where there are any."""
        if self._source.count:
            self.set_class(False, "-detail")
            self.rows.focus()
        else:
            self.set_focus(None)

    def on_descendant_focus(self) -> None:
        """Where there is room for one pane, the one that has the focus is shown."""
        self.set_class(self.is_in_detail, "-detail")

    def on_key(self, event: events.Key) -> None:
        """The keys that move in the list do so while one types, too."""
        if self.focused is not self.box or event.key not in {*MOVES, *PAGES}:
            return
        if event.key in MOVES:
            self.rows.action_cursor(MOVES[event.key])
        else:
            self.rows.action_page(PAGES[event.key])
        event.stop()
        event.prevent_default()

    # Reading

    async def _load(self) -> None:
        wanted = self.asked
        if wanted is None:
            return
        self._answered = self._question
        reports = self.workspace.reports
        try:
            with self.taking("reading the log"):
                newest = await reports.newest_id()
                records = await reports.page(wanted, PAGE)
                self._begin(wanted, records, newest)
                await self.measure(wanted)
        except CognituiError as error:
            problem = "\n".join(filter(None, (error.message, error.hint)))
            self._begin(wanted, [], 0, problem)
            raise

    def _begin(
        self, wanted: Wanted, records: Sequence[AuditRecord], newest: int, problem: str = ""
    ) -> None:
        """Show the answer to another question; the cursor stays on its record if it is in it."""
        if not self.is_laid_out:
            return
        self._wanted, self._newest, self._problem = wanted, newest, problem
        self._is_whole = not problem
        self.new_above = 0
        was_first = self.rows.cursor == 0
        self._source = RecordRows(self._row)
        self._source.append(records, None)
        self.draw()
        if was_first:
            self.rows.move_cursor(0)

    async def measure(self, wanted: Wanted) -> None:
        """Show the numbers of what is asked for."""

    def _read_more(self) -> None:
        """Read the page that is about to be seen, if there is one."""
        if self._is_whole and self._page_before() is not None:
            self.start(self._read_pages(self._source, self._wanted), "page")

    def _page_before(self) -> int | None:
        """Before which record the page begins that is looked at and not in memory."""
        if not self.is_laid_out:
            return None
        first, last = round(self.rows.scroll_y), self.rows.last_in_view
        forgotten = self._source.missing(first, last)
        if forgotten is not None or not self._source.wants_more(last):
            return forgotten
        return self._source.next_before_id

    async def _read_pages(self, source: RecordRows, wanted: Wanted) -> None:
        while (before_id := self._page_before()) is not None:
            older = replace(wanted, before_id=before_id)
            records = await self.workspace.reports.page(older, PAGE)
            if source is not self._source:
                return
            source.put(records, before_id)
            source.keep_near(round(self.rows.scroll_y), self.rows.last_in_view)
            self.draw()

    # Drawing

    def draw(self) -> None:
        """Show the records that are read, or why there are none."""
        if not self.is_laid_out:
            return
        rows, source = self.rows, self._source
        has_any = source.count > 0
        was_in_list = rows.has_focus
        rows.show_rows(source)
        self.query_one("#audit-log").set_class(not has_any, "-empty")
        if not has_any:
            show(self.query_one("#audit-empty", Static), self.app.with_keys(self._nothing()))
        elif self.is_current and (self.focused is None or was_in_list):
            rows.focus()
        self.filter.suggest_from(source.first(SEEN))
        self._show_record()
        self.show_state()

    def _nothing(self) -> str:
        is_all = self.range == ALL or self.filter.is_dated
        return nothing_text(
            self.filter.text,
            within="" if is_all else self.range,
            tenant=self._wanted.tenant or "",
            problem=self._problem,
            is_passing=self.workspace.settings.is_passing,
        )

    def show_state(self) -> None:
        """Say how far back it is looked, and how much was found."""

    @on(RowList.Highlighted, "#records")
    def _moved(self) -> None:
        if self.rows.cursor == 0 and self.new_above:
            self.new_above = 0
            self.show_state()
        self._soon_detail.ask()
        self._soon_more.ask()

    @on(RowList.Scrolled, "#records")
    def _scrolled(self) -> None:
        self._soon_more.ask()

    def _show_record(self) -> None:
        if self.is_laid_out and (record := self.record) is not None:
            show(self.query_one("#record-detail", Static), record_detail(record))
            self.refresh_bindings()
