"""Place 5: which webhooks are unhealthy, since when, whose matter it is, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on

from cognitui.tui.bindings import bindings
from cognitui.tui.commands import HEALTH
from cognitui.tui.health_reasons import reason_against
from cognitui.tui.screens.health_list import SCOPE_NAMES
from cognitui.tui.screens.health_parts import PARTS
from cognitui.tui.screens.health_sweep import HealthSweep
from cognitui.tui.showing import show_webhook
from cognitui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import PurePath

    from textual.binding import BindingType

    from cognitui.tui.commands import Command
    from cognitui.tui.memory import View
    from cognitui.tui.parts import Part
    from cognitui.webhooks.health.course import Course

MAX_FILTER = 200


class HealthPlace(HealthSweep):
    """What is wrong, worst first."""

    PLACE = "health"
    HELP = (
        "Which webhooks callbacks do not reach, or soon will not, since when, and whether it is "
        "the tenant, the network, the certificate or the endpoint. A check sends no callback."
    )
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = HEALTH
    PARTS: ClassVar[Sequence[Part]] = PARTS
    BINDINGS: ClassVar[list[BindingType]] = bindings(HEALTH)
    CSS_PATH: ClassVar[list[str | PurePath]] = ["../styles/row_list.tcss", "../styles/health.tcss"]

    def reason_against(self, command: Command) -> str:
        """Why a command cannot be used now."""
        reason = super().reason_against(command)
        if reason or command.scope != self.PLACE or not self.is_laid_out:
            return reason
        return reason_against(command, self)

    # What is kept between runs

    def view(self) -> View:
        """Which webhooks are meant, and what they are filtered by."""
        return {"scope": self.scope, "filter": self.shown.typed}

    def show_view(self, view: View) -> None:
        """Look at these again."""
        if view.get("scope") in SCOPE_NAMES:
            self.scope = str(view["scope"])
        if isinstance(typed := view.get("filter"), str):
            self.filter_by(typed[:MAX_FILTER])

    # One webhook

    @on(RowList.Selected, "#health-list")
    async def _selected(self) -> None:
        if self.course is None and (key := self.rows.cursor_key) is not None:
            self.shown.toggle(key)
            self.rows.show_rows(self.shown.rows())
            return
        await self.do(next(command for command in HEALTH if command.name == "webhook"))

    def action_webhook(self) -> None:
        """Show the webhook in Browse."""
        if (course := self.course) is not None:
            ref = course.latest.ref
            self.start(show_webhook(self, ref.bot_id, ref.webhook_id), "webhook")

    def action_copy(self) -> None:
        """Copy what was found in plain words: of a webhook, or of all of its group."""
        key = self.rows.cursor_key
        courses = [self.shown.courses[ref] for ref in self.shown.refs(key)]
        if courses:
            self.start(self._copy_report(courses), "copy")

    async def _copy_report(self, courses: Sequence[Course]) -> None:
        from cognitui.webhooks.health.report import report_text

        reports = []
        for course in courses:
            check = course.latest
            good = await self.workspace.health.last_good(check.ref) if check.is_unhealthy else None
            reports.append(report_text(check, good, unhealthy_since=course.unhealthy_since))
        first = courses[0].latest.webhook_id
        what = (
            f"The report of {first}"
            if len(courses) == 1
            else f"The report of {len(courses)} webhooks"
        )
        await self.app.copy_text("\n\n\n".join(reports), what)

    def action_copy_id(self) -> None:
        """Copy the id of the webhook."""
        if (course := self.course) is not None:
            name = course.latest.webhook_id
            self.start(self.app.copy_text(name, name), "copy")

    def action_reload(self) -> None:
        """Read earlier checks again."""
        self.reload()
