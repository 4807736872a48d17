"""Place 6: what was done, the numbers and charts of it, and telling the monitor."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, get_args

from textual import events, on
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from cognitui.audit.overview import GroupBy
from cognitui.audit.ranges import ALL, RANGES, beside
from cognitui.tui.audit_charts import TITLES
from cognitui.tui.audit_reasons import reason_against
from cognitui.tui.audit_text import (
    as_json,
    cards_line,
    cards_text,
    gone_words,
    state_text,
)
from cognitui.tui.bindings import bindings
from cognitui.tui.commands import AUDIT
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.audit_live import AuditLive
from cognitui.tui.screens.audit_parts import PARTS
from cognitui.tui.screens.audit_verify import verify
from cognitui.tui.showing import show_webhook
from cognitui.tui.widgets.chart_row import ChartRow
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.show import show
from cognitui.tui.widgets.tab_line import TabLine
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.audit.overview import Overview
    from cognitui.audit.wanted import Wanted
    from cognitui.tui.commands import Command
    from cognitui.tui.memory import View
    from cognitui.tui.parts import Part

GROUPS: tuple[GroupBy, ...] = get_args(GroupBy)
MAX_FILTER = 500
ONE_PANE_BELOW = 110
LEAST_CHART, MOST_CHART = 7, 15
MONITOR = (
    "Its URL takes a POST with the last registrations and the report as JSON. Add it to the tenant "
    "({app.go-tenants}, then {tenants.edit}) to be asked no more."
)


class AuditPlace(AuditLive):
    """Numbers, charts, and the log."""

    PLACE = "audit"
    HELP = (
        "What was done to the open tenant and how it went. A callback that was received succeeds "
        "when its signature verifies. Numbers and charts are of what the filter and the range ask "
        "for."
    )
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = AUDIT
    PARTS: ClassVar[Sequence[Part]] = PARTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(AUDIT)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/row_list.tcss", "../styles/audit.tcss"]

    def __init__(self) -> None:
        super().__init__()
        self._monitor_url = ""
        self._overview: Overview | None = None
        self._group: GroupBy = GROUPS[0]

    def compose_body(self) -> ComposeResult:
        """Numbers on top, charts, the log, the detail of the chosen record."""
        with Vertical(id="audit"):
            yield Static("", id="cards")
            yield Static("", id="cards-line")
            with Horizontal(id="audit-range"):
                yield TabLine("ranges")
                yield Static("", id="audit-state")
            yield ChartRow(id="charts")
            yield from self.compose_log()

    @property
    def charts(self) -> ChartRow:
        """The charts."""
        return self.query_one(ChartRow)

    @property
    def has_room_for_charts(self) -> bool:
        """Whether the terminal is high enough."""
        return not self.has_class("-short")

    def reason_against(self, command: Command) -> str:
        """Why a command cannot be used now."""
        reason = super().reason_against(command)
        if reason or command.scope != self.PLACE or not self.is_laid_out:
            return reason
        return reason_against(command, self)

    # What is kept between runs

    def view(self) -> View:
        """The filter, the range, the chart and what its rates are by."""
        return {
            "filter": self.box.value,
            "range": self.range,
            "chart": self.charts.first,
            "group": self._group,
        }

    def show_view(self, view: View) -> None:
        """Look at it as before; what makes no sense is left out."""
        if isinstance(text := view.get("filter"), str):
            self.box.value = text[:MAX_FILTER]
        if view.get("range") in RANGES:
            self.range = view["range"]
        if view.get("chart") in TITLES:
            self.charts.choose(view["chart"])
        if view.get("group") in GROUPS:
            self._group = view["group"]

    # Numbers and charts

    @property
    def moves_on(self) -> bool:
        """Whether what is asked for ends now."""
        return self.range != ALL

    async def measure(self, wanted: Wanted) -> None:
        """Show the numbers of what is asked for."""
        begun = asyncio.get_running_loop().time()
        # Beside the event loop: loading it takes longer than a key may wait.
        await asyncio.to_thread(import_module, "plotext")
        if not self.is_laid_out:  # it was left meanwhile
            return
        self._overview = await self.workspace.reports.overview(
            wanted, steps=self.charts.steps, group_by=self._group, until_now=self.moves_on
        )
        self.measured(begun)
        self._draw_numbers()

    def _draw_numbers(self) -> None:
        if not self.is_laid_out:
            return
        width = self.size.width - 2
        show(self.query_one("#cards", Static), cards_text(self._overview, width))
        show(self.query_one("#cards-line", Static), cards_line(self._overview))
        has_any = self._overview is not None and self._overview.records > 0
        self.charts.show(self._overview if has_any else None, self._group)
        self.charts.set_class(not has_any, "-empty")
        self.show_state()

    def on_resize(self, event: events.Resize) -> None:
        """A third of the height is for charts."""
        width, height = event.size
        self.set_class(width < ONE_PANE_BELOW, "-one-pane")
        if self.is_laid_out:
            self.charts.styles.height = min(max(height // 3 - 1, LEAST_CHART), MOST_CHART)
            if self.app.is_ready:
                self._draw_numbers()

    def show_state(self) -> None:
        """Say how far back it is looked, and how much was found."""
        active = "" if self.filter.is_dated else self.range
        self.query_one(TabLine).show([(name, name) for name in RANGES], active)
        records = self._overview.records if self._overview is not None else None
        words = state_text(records, self.new_above, is_dated=self.filter.is_dated)
        show(self.query_one("#audit-state", Static), words)
        self.refresh_bindings()

    @on(TabLine.Chosen, "#ranges")
    def _range_chosen(self, event: TabLine.Chosen) -> None:
        self._look_back(event.tab)

    def action_narrow(self) -> None:
        """Look less far back."""
        self._look_back(beside(self.range, -1))

    def action_widen(self) -> None:
        """Look further back."""
        self._look_back(beside(self.range, 1))

    def _look_back(self, name: str) -> None:
        self.range = name
        self.show_state()
        self.reload()

    def action_chart(self) -> None:
        """Show the next chart."""
        self.charts.step()

    def action_group(self) -> None:
        """Show success rates by the next thing."""
        self._group = GROUPS[(GROUPS.index(self._group) + 1) % len(GROUPS)]
        self.measure_anew()

    # Moving about

    def action_filter(self) -> None:
        """Type to filter."""
        self.box.focus()

    def action_detail(self) -> None:
        """To the detail, and back to the list."""
        if self.is_in_detail:
            self.to_list()
        else:
            self.set_class(True, "-detail")
            self.query_one("#record-box").focus()

    def action_leave(self) -> None:
        """Out of the detail, out of the filter, which it clears, else back."""
        if self.is_in_detail:
            self.to_list()
        elif self.focused is self.box or self.box.value:
            self.box.value = ""
            self.to_list()
        else:
            self.app.action_go_back()

    def action_reload(self) -> None:
        """Read the log again."""
        self.reload()

    # One record

    @on(RowList.Selected, "#records")
    async def _selected(self) -> None:
        command = next(command for command in AUDIT if command.name == "webhook")
        await self.do(command)

    def action_webhook(self) -> None:
        """Show the record's webhook in Browse."""
        if (record := self.record) is not None:
            gone = gone_words(record)
            self.start(show_webhook(self, record.bot_id, record.webhook_id, gone), "webhook")

    def action_copy(self) -> None:
        """Copy the id of the operation."""
        if (record := self.record) is not None:
            self.start(self.app.copy_text(record.operation_id, record.operation_id), "copy")

    def action_copy_json(self) -> None:
        """Copy the record."""
        if (record := self.record) is not None:
            what = f"The JSON of record {record.id}"
            self.start(self.app.copy_text(as_json(record), what), "copy")

    # The log as a whole

    def action_verify(self) -> None:
        """Find out whether the log is complete."""
        self.start_once(verify(self), "verify")

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
        from cognitui.audit.monitor_sync import given_up

        with self.taking("telling the monitor"):
            result = await self.workspace.reports.sync(url, self.workspace.tenant_name or None)
        self._monitor_url = url
        sent = counted(result.entries, "registration")
        lost = f" {given_up(result.dropped)}" if result.dropped else ""
        answer = f"{result.status} in {result.ms:.0f} ms.{lost}"
        self.tell(f"✓ {sent} sent; the monitor answered {answer}")
        await self.catch_up()
