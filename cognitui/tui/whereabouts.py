"""Where the person is: kept for the next run, and gone back to when that begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.errors import CognituiError
from cognitui.tui.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.cognigy.models import Bot
    from cognitui.tui.app import CognituiApp
    from cognitui.tui.memory import Memory
    from cognitui.tui.screens.place import Place


class Whereabouts:
    """Notes where the person is, and leads back there.

    Args:
        app: The console.
        memory: Where it is kept.

    Attributes:
        waiting_for: The tenant that would be open, but for a key that somebody has to unlock.
    """

    def __init__(self, app: CognituiApp, memory: Memory) -> None:
        self.waiting_for = ""
        self._app = app
        self._memory = memory
        # What is noted from now on must not change where this run begins.
        self._last = memory.kept
        self._is_wanted = app.settings.config.restore
        self._looked_at: set[str] = set()

    def note(self) -> bool:
        """Keep where the person is now; whether there is anything to write."""
        app = self._app
        workspace, kept = app.workspace, self._memory.kept
        changes: dict[str, object] = {"place": app.screen_of_place.PLACE}
        if workspace.tenant_name:
            self.waiting_for = ""
            is_same = workspace.tenant_name == kept.tenant
            changes["tenant"] = workspace.tenant_name
            # Which bot is not known again before the tenant has answered.
            changes["bot"] = workspace.bot.id if workspace.bot else kept.bot if is_same else ""
        views = {name: place.view() for name, place in app.places.items() if place.is_mounted}
        changes["views"] = {**kept.views, **{name: view for name, view in views.items() if view}}
        return self._memory.keep(**changes)

    async def begin(self, asked_for: str) -> str:
        """Go to where the last run ended, and return the tenant to open there; empty for none.

        Args:
            asked_for: The tenant that somebody asked for, rather than the last one.

        Raises:
            CognituiError: The tenant is not known, or the vault does not open.
        """
        tenant = asked_for or await self._last_tenant()
        if not tenant:
            return ""
        tenants = self._app.workspace.tenants
        tenants.find(tenant)
        if not await tenants.is_at_hand(tenant):
            self.waiting_for = tenant
            self._app.places["tenants"].entered()
            return ""
        # Once the tenant is being opened, so that the place finds one.
        self._app.call_later(self._go_to_the_last_place)
        return tenant

    async def _last_tenant(self) -> str:
        """The tenant that was open last, if it is still there."""
        if not self._is_wanted or not self._last.tenant:
            return ""
        try:
            entries = self._app.workspace.tenants.entries()
        except CognituiError:
            return ""  # the Tenants place says what is wrong
        names = {entry.profile.name for entry in entries}
        return self._last.tenant if self._last.tenant in names else ""

    def _go_to_the_last_place(self) -> None:
        """Unless somebody has gone somewhere meanwhile."""
        is_known = self._last.place in {place.id for place in PLACES}
        if self._is_wanted and is_known and self._app.is_at_the_beginning:
            self._app.action_go(self._last.place)

    def first_of(self, bots: Sequence[Bot]) -> Bot:
        """The bot to begin with: the last one of this tenant, else the first."""
        if self._is_wanted and self._last.tenant == self._app.workspace.tenant_name:
            for bot in bots:
                if bot.id == self._last.bot:
                    return bot
        return bots[0]

    def show_again(self, place: Place) -> None:
        """Let a place that is entered for the first time look as it did in the last run."""
        if place.PLACE not in self._looked_at:
            self._looked_at.add(place.PLACE)
            view = self._last.views.get(place.PLACE)
            if view and self._is_wanted:
                place.show_view(view)
