"""Place 6: what was done, the metrics, and telling the monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Input, Sparkline, Static

from cognitui.errors import CognituiError
from cognitui.tui.audit_text import (
    LOADING,
    cards,
    cards_line,
    histogram_text,
    latencies,
    nothing_text,
    record_detail,
    record_row,
    series_title,
)
from cognitui.tui.bindings import bindings
from cognitui.tui.columns import Column
from cognitui.tui.commands import AUDIT
from cognitui.tui.parts import Part
from cognitui.tui.render import row_texts
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.fit_table import FitTable
from cognitui.tui.widgets.show import show
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.audit.metrics import Metrics
    from cognitui.audit.records import AuditRecord
    from cognitui.tui.commands import Command
    from cognitui.tui.memory import View

COLUMNS = (
    Column("At", 11),
    Column("Action", 17),
    Column("Outcome", 11),
    Column("Latency", 8, least=57),
    Column("Target", 12, grows=True, least=69),
)
CARDS = 7
SERIES = ("registrations", "callbacks")
SHOWN = 300
# Lists are searched and drawn anew when the typing has really paused.
FILTER_PAUSES = 3
MONITOR = (
    "Its URL takes a POST with the last registrations and the report as JSON. Add it to the tenant "
    "({app.go-tenants}, then {tenants.edit}) to be asked no more."
)


class AuditPlace(Place):
    """Cards, latencies, and the log."""

    PLACE = "audit"
    HELP = "What was done to the open tenant and how it went. It stays when the console is closed."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = AUDIT
    PARTS: ClassVar[Sequence[Part]] = (
        Part(
            "audit-filter",
            "Filter",
            "Shows only records that hold what you type: an id, an action, an outcome, a host.",
            (("enter", "To the records"), ("esc", "Clear it, and to the records")),
        ),
        Part(
            "records",
            "Records",
            "What was done, newest first. The record under the cursor is shown in full beside it.",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(AUDIT)
    CSS_PATH = "../styles/audit.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, AuditRecord] = {}
        self._monitor_url = ""
        self._problem = ""
        self._soon_detail = Soon(self, self._show_record)
        self._soon_filter = Soon(self, self._filter_anew, pauses=FILTER_PAUSES)

    def compose_body(self) -> ComposeResult:
        """Cards on top, the log, the detail of the chosen record."""
        with Vertical(id="audit"):
            with Horizontal(id="cards"):
                for number in range(CARDS):
                    yield Static("", id=f"card-{number}", classes="card")
            yield Static("", id="cards-line")
            with Horizontal(id="latency"):
                for name in SERIES:
                    with Vertical(classes="series"):
                        yield Static("", id=f"{name}-title")
                        yield Sparkline([], summary_function=max, id=f"{name}-line")
                yield Static("", id="latency-histogram")
            yield Entry(placeholder="/ filter", id="audit-filter")
            with Horizontal(id="audit-log"):
                yield Static(LOADING, id="audit-empty")
                yield FitTable(COLUMNS, id="records")
                with VerticalScroll(id="record-box", can_focus=False):
                    yield Static("", id="record-detail")

    def on_mount(self) -> None:
        """Nothing is read yet."""
        self.query_one(FitTable).display = False
        self.query_one("#record-box").display = False

    def view(self) -> View:
        """The filter."""
        return {"filter": self.query_one("#audit-filter", Input).value}

    def show_view(self, view: View) -> None:
        """Filter as before."""
        if isinstance(text := view.get("filter"), str):
            self.query_one("#audit-filter", Input).value = text

    def entered(self) -> None:
        """Show what is recorded now."""
        self.start(self._load(), "load")

    def tenant_changed(self) -> None:
        """Another tenant's records."""
        if self.is_current:
            self.entered()

    @property
    def _tenant(self) -> str | None:
        return self.workspace.tenant_name or None

    async def _load(self) -> None:
        typed = self.query_one("#audit-filter", Input).value.strip()
        reports = self.workspace.reports
        try:
            with self.taking("reading the log"):
                records = await reports.recent(limit=SHOWN, tenant=self._tenant, text=typed or None)
                metrics = await reports.metrics(self._tenant)
        except CognituiError as error:
            self._problem = "\n".join(filter(None, (error.message, error.hint)))
            self._show([], typed)
            raise
        self._problem = ""
        self._show_metrics(metrics)
        self._show(records, typed)

    def _show_metrics(self, metrics: Metrics) -> None:
        for number, (title, value) in enumerate(cards(metrics)):
            card = Content.assemble((f"{title}\n", "$foreground-muted"), value.stylize("bold"))
            show(self.query_one(f"#card-{number}", Static), card)
        show(self.query_one("#cards-line", Static), cards_line(metrics))
        for name in SERIES:
            series = list(getattr(metrics, name).series)
            heading = self.query_one(f"#{name}-title", Static)
            show(heading, series_title(name.removesuffix("s"), series))
            line = self.query_one(f"#{name}-line", Sparkline)
            line.data, line.visible = series, len(series) > 1
        # One point is no line; until there are two the room is better used by the log.
        has_line = any(len(getattr(metrics, name).series) > 1 for name in SERIES)
        self.query_one("#latency").set_class(not has_line, "-empty")
        histogram = histogram_text(latencies(metrics))
        show(self.query_one("#latency-histogram", Static), histogram)

    def _show(self, records: list[AuditRecord], typed: str) -> None:
        table = self.query_one(FitTable)
        self._records = {str(record.id): record for record in records}
        now, theme = self.workspace.clock.now(), self.app.theme_variables
        table.put(
            (key, row_texts(record_row(record, now), theme))
            for key, record in self._records.items()
        )
        table.display = bool(records)
        self.query_one("#record-box").display = bool(records)
        empty = self.query_one("#audit-empty", Static)
        empty.display = not records
        words = nothing_text(typed, tenant=self._tenant or "", problem=self._problem)
        show(empty, self.app.with_keys(words))
        if records and self.focused is None:
            table.focus()

    @on(DataTable.RowHighlighted, "#records")
    def _moved(self) -> None:
        self._soon_detail.ask()

    def _show_record(self) -> None:
        record = self._records.get(self.query_one(FitTable).cursor_key or "")
        if record is not None:
            show(self.query_one("#record-detail", Static), record_detail(record))

    def action_filter(self) -> None:
        """Type to filter."""
        self.query_one("#audit-filter").focus()

    @on(Input.Changed, "#audit-filter")
    def _filtered(self) -> None:
        self._soon_filter.ask()

    def _filter_anew(self) -> None:
        if self.app.is_ready:
            self.start(self._load(), "load")

    @on(Input.Submitted, "#audit-filter")
    def _filter_done(self) -> None:
        self.query_one("#records").focus()

    def action_leave(self) -> None:
        """Out of the filter, which it clears, else back."""
        box = self.query_one("#audit-filter", Input)
        if self.focused is box or box.value:
            box.value = ""
            self.query_one("#records").focus()
        else:
            self.app.action_go_back()

    def action_reload(self) -> None:
        """Read the log again."""
        self.start(self._load(), "load")

    def action_sync(self) -> None:
        """Send the last registrations and the report to the monitor."""
        self.start_once(self._sync(), "sync")

    async def _sync(self) -> None:
        url = self.workspace.reports.monitor_url or self._monitor_url
        if not url:
            ask = Ask("Which monitor?", self.app.with_keys(MONITOR))
            url = (await self.app.push_screen_wait(ask) or "").strip()
            if not url:
                return
        with self.taking("telling the monitor"):
            result = await self.workspace.reports.sync(url, self._tenant)
        self._monitor_url = url
        sent = counted(result.entries, "registration")
        self.tell(f"✓ {sent} sent; the monitor answered {result.status} in {result.ms:.0f} ms.")
        await self._load()
