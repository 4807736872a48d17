"""What Health shows: which webhooks are meant, what the log has of them, and what comes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tui.garbage import leave_alone
from cognitui.tui.health_view import HealthView
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Paced

if TYPE_CHECKING:
    from cognitui.webhooks.health.check import Check
    from cognitui.workspace.scope import Scope

SHOWN_EVERY_S = 1.0


class HealthReading(Place):
    """What there is to show. Subclasses show it.

    Attributes:
        scope: Which webhooks are shown: ``bot``, ``tenant`` or ``all``.
        shown: The rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.scope = "tenant"
        self.shown = HealthView()
        self._is_read = False
        self._is_due = False
        self._came: list[Check] = []
        # Rows that come would hold up whoever moves among them, and move away below the hands.
        self._news = Paced(
            self,
            self.show_news,
            SHOWN_EVERY_S,
            idle_s=lambda: self.workspace.tenants.access.idle_s,
        )

    def draw(self) -> None:
        """Show what is known."""

    def wanted(self) -> Scope:
        """The webhooks that are meant.

        Raises:
            UsageError: No tenant is open, or no bot is chosen.
        """
        from cognitui.workspace.scope import Scope

        match self.scope:
            case "bot":
                return Scope.bot_of(self.workspace)
            case "tenant":
                return Scope.tenant_of(self.workspace)
        return Scope.everything()

    @property
    def has_scope(self) -> bool:
        """Whether any webhooks are meant: their tenant is open, their bot is chosen."""
        workspace = self.workspace
        if self.scope == "all":
            return True
        return workspace.profile is not None and (self.scope != "bot" or workspace.bot is not None)

    # What the log has

    def entered(self) -> None:
        """Show what is known now; what was shown before stays until it is read."""
        self.reload()

    def tenant_changed(self) -> None:
        """Other webhooks are meant."""
        if self.is_current and self.is_laid_out:
            self.reload()

    def reload(self) -> None:
        """Read what is known of the webhooks that are meant."""
        if not self.is_laid_out:
            self.call_after_refresh(self.reload)
        elif self.app.is_ready:
            self._is_due, self._came = True, []
            self.start(self._load(), "load")

    async def _load(self) -> None:
        courses = []
        if self.has_scope:
            with self.taking("reading earlier checks"):
                courses = await self.workspace.health.courses(self.wanted())
        if not self.is_laid_out:
            return
        self._is_read, self._is_due = True, False
        self.shown.has_many_tenants = self.scope == "all"
        leave_alone(self.shown.put(courses, self.workspace.clock.now()))
        came, self._came = self._came, []
        for check in came:
            self.note(check)
        self.draw()

    # What is found right now

    def note(self, check: Check) -> None:
        """Keep what a check has just found, and show it before long."""
        if self._is_due:
            self._came.append(check)  # what is being read may be older
        # A sweep may go over more than what is shown.
        if self._is_read and self.has_scope and self.wanted().has(check.ref):
            self.shown.note(check)
            self._news.ask()

    def show_news(self) -> None:
        """Put what was noted where it belongs."""
        if self.is_current and self.is_laid_out:  # who comes back later reads it all again
            self.shown.arrange(self.workspace.clock.now())
            self.draw()
