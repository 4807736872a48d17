"""Runs the tamper suite against an endpoint, and shows the report card as it grows."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cognitui.callbacks.tamper.card import Mark
from cognitui.callbacks.tamper.card_text import as_markdown
from cognitui.errors import CognituiError
from cognitui.tui.lab_text import (
    CASE_COLUMNS,
    case_detail,
    case_row,
    conclusion_text,
    probing_text,
)
from cognitui.tui.render import error_sentence, plain
from cognitui.tui.screens.dialog import Dialog, is_at_work
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import FlatRows, Header, Row
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.callbacks.tamper.card import CaseResult, ReportCard
    from cognitui.callbacks.tamper.case import Case
    from cognitui.tui.parts import Keys

    Start = Callable[
        [Callable[[CaseResult], object], Callable[[Case], object]], Awaitable[ReportCard]
    ]

HELP = "↑↓ one case after the other · y copies the report as Markdown · esc stops, then closes"
HEADER = Header()


class Probe(Dialog[None]):
    """The report card of one endpoint.

    Args:
        title: Which endpoint, by which scheme.
        start: Runs the probe, and tells of each case before and after it.
    """

    AUTO_FOCUS = "#probe-cases"
    KEYS: ClassVar[Keys] = (
        ("↑↓", "One case after the other"),
        ("y", "Copy the report as Markdown"),
        ("esc", "Stop; when it is over, close"),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.cancel"),
        Binding("y", "copy", "Copy", id="probe.copy"),
    ]

    def __init__(self, title: str, start: Start) -> None:
        super().__init__()
        self._title, self._start = title, start
        self._results: dict[str, CaseResult] = {}
        self._worker: Worker[None] | None = None
        self._soon_detail = Soon(self, self._show_detail)
        self.card: ReportCard | None = None

    def compose(self) -> ComposeResult:
        """The conclusion, the cases, the one under the cursor."""
        with Vertical(classes="dialog lab"):
            yield Static(plain(self._title, 200), classes="dialog-title")
            yield Static(probing_text(None, 0), id="probe-state")
            yield RowList(CASE_COLUMNS, id="probe-cases")
            with VerticalScroll(id="probe-detail-box", can_focus=False):
                yield Static("", id="probe-detail")
            yield Static(HELP, classes="dialog-help")

    def on_mount(self) -> None:
        """Begin."""
        self._worker = self.run_worker(partial(self._run), group="probe", exit_on_error=True)

    async def _run(self) -> None:
        state = self.query_one("#probe-state", Static)
        try:
            self.card = await self._start(self._ended, self._began)
        except CognituiError as error:
            show(state, plain(f"✗ {error_sentence(error.message, error.hint)}", 600))
            return
        show(state, conclusion_text(self.card))
        self._to_the_worst()

    def _to_the_worst(self) -> None:
        """Whoever has followed to the end wants to see next what is wrong."""
        rows = self.query_one(RowList)
        if rows.cursor < len(rows.source) - 1:
            return
        for mark in (Mark.UNSOUND, Mark.WEAK):
            found = [name for name, result in self._results.items() if result.mark is mark]
            if found:
                rows.move_cursor(list(self._results).index(found[0]))
                return

    def _began(self, case: Case) -> None:
        show(self.query_one("#probe-state", Static), probing_text(case, len(self._results)))

    def _ended(self, result: CaseResult) -> None:
        self._results[result.case_id] = result
        rows = self.query_one(RowList)
        follows = rows.cursor >= len(rows.source) - 1
        rows.show_rows(FlatRows(tuple(self._results), self._row), header=HEADER)
        if follows:
            rows.move_cursor(len(self._results) - 1)

    def _row(self, case_id: str) -> Row:
        return case_row(self._results[case_id])

    @on(RowList.Highlighted)
    def _moved(self) -> None:
        self._soon_detail.ask()

    def _show_detail(self) -> None:
        result = self._results.get(self.query_one(RowList).cursor_key or "")
        if result is not None:
            show(self.query_one("#probe-detail", Static), case_detail(result))

    def action_copy(self) -> None:
        """Copy the report as Markdown, once there is one."""
        self.copy_report(None if self.card is None else as_markdown(self.card))

    def action_close(self) -> None:
        """Stop it while it runs; else close."""
        if is_at_work(self._worker):
            self._worker.cancel()
            show(self.query_one("#probe-state", Static), plain("– stopped; esc closes"))
        else:
            self.dismiss(None)
