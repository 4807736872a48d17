"""Place 6: what was done, the metrics, and telling the monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import DataTable, Input, Sparkline, Static

from cognitui.tui.audit_text import (
    cards,
    histogram_text,
    latencies,
    record_detail,
    record_row,
    series_title,
)
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import AUDIT
from cognitui.tui.render import row_texts
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.rows import key_of
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

COLUMNS = (("At", 11), ("Action", 17), ("Outcome", 11), ("Latency", 8), ("Target", 24))
CARDS = 7
SERIES = ("registrations", "callbacks")
SHOWN = 300
EMPTY = """
Nothing was done yet.

  {app.go-webhook:3} register a webhook
  {app.go-callbacks:3} send a callback

Each leaves a record here, and stays when the console is closed.
"""


class AuditPlace(Place):
    """Cards, latencies, and the log."""

    PLACE = "audit"
    HELP = "Records of the open tenant, newest first. s sends the report to the monitor."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = AUDIT
    BINDINGS: ClassVar[list[BindingType]] = bindings(AUDIT)
    CSS_PATH = "../styles/audit.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._records: dict[str, AuditRecord] = {}
        self._monitor_url = ""

    def compose_body(self) -> ComposeResult:
        """Cards on top, the log, the detail of the chosen record."""
        with Vertical(id="audit"):
            with Horizontal(id="cards"):
                for number in range(CARDS):
                    yield Static("", id=f"card-{number}", classes="card")
            with Horizontal(id="latency"):
                for name in SERIES:
                    with Vertical(classes="series"):
                        yield Static("", id=f"{name}-title")
                        yield Sparkline([], summary_function=max, id=f"{name}-line")
                yield Static("", id="latency-histogram")
            yield Entry(placeholder="/ filter", id="audit-filter")
            with Horizontal(id="audit-log"):
                yield Static(id="audit-empty")
                yield DataTable[Text](id="records", cursor_type="row")
                with VerticalScroll(id="record-box", can_focus=False):
                    yield Static("", id="record-detail")

    def on_mount(self) -> None:
        """The columns never change."""
        table = self.query_one("#records", DataTable)
        for title, width in COLUMNS:
            table.add_column(title, width=width)
        table.display = False

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
        records = await reports.recent(limit=SHOWN, tenant=self._tenant, text=typed or None)
        metrics = await reports.metrics(self._tenant)
        self._show_metrics(metrics)
        self._show(records, filtered=bool(typed))

    def _show_metrics(self, metrics: Metrics) -> None:
        for number, (title, value) in enumerate(cards(metrics)):
            card = Content.assemble((f"{title}\n", "$foreground-muted"), value.stylize("bold"))
            show(self.query_one(f"#card-{number}", Static), card)
        for name in SERIES:
            series = list(getattr(metrics, name).series)
            heading = self.query_one(f"#{name}-title", Static)
            show(heading, series_title(name.removesuffix("s"), series))
            self.query_one(f"#{name}-line", Sparkline).data = series if len(series) > 1 else []
        # One point is no line; until there are two the room is better used by the log.
        self.query_one("#latency").display = any(
            len(getattr(metrics, name).series) > 1 for name in SERIES
        )
        histogram = histogram_text(latencies(metrics))
        show(self.query_one("#latency-histogram", Static), histogram)

    def _show(self, records: list[AuditRecord], *, filtered: bool) -> None:
        table = self.query_one("#records", DataTable)
        table.clear()
        self._records = {str(record.id): record for record in records}
        now = self.workspace.clock.now()
        for key, record in self._records.items():
            cells = row_texts(record_row(record, now), self.app.theme_variables)
            table.add_row(*cells, key=key)
        table.display = bool(records)
        self.query_one("#record-box").display = bool(records)
        empty = self.query_one("#audit-empty", Static)
        empty.display = not records
        nothing = self.app.with_keys(EMPTY)
        empty.update("\nNo record matches the filter; esc clears it." if filtered else nothing)
        if records and self.focused is None:
            table.focus()

    @on(DataTable.RowHighlighted, "#records")
    def _show_record(self, event: DataTable.RowHighlighted) -> None:
        record = self._records.get(key_of(event))
        if record is not None:
            show(self.query_one("#record-detail", Static), record_detail(record))

    def action_filter(self) -> None:
        """Type to filter."""
        self.query_one("#audit-filter").focus()

    @on(Input.Changed, "#audit-filter")
    def _filtered(self) -> None:
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
            ask = Ask(
                "Which monitor?",
                "Its URL takes a POST with the last registrations and the report as JSON. Add it "
                "to the tenant (1, then e) to be asked no more.",
            )
            url = (await self.app.push_screen_wait(ask) or "").strip()
            if not url:
                return
        result = await self.workspace.reports.sync(url, self._tenant)
        self._monitor_url = url
        sent = counted(result.entries, "registration")
        self.tell(f"✓ {sent} sent; the monitor answered {result.status} in {result.ms:.0f} ms.")
        await self._load()
