"""Loading what Browse shows: the bots, then skills and webhooks page by page, as one looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.errors import CognituiError
from cognitui.tui.browse_view import BrowseView
from cognitui.tui.garbage import leave_alone
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Paced

if TYPE_CHECKING:
    from cognitui.cognigy.models import Bot

DRAW_EVERY_S = 0.15
"""How often pages that arrive are drawn."""


class BrowseLoading(Place):
    """What there is to show. Subclasses show it."""

    def __init__(self) -> None:
        super().__init__()
        self._view: BrowseView | None = None
        self._failure: CognituiError | None = None
        self._is_stale = True
        self._is_asking = False
        self._status_of = ""
        self._paced = Paced(self, self.draw, DRAW_EVERY_S)

    @property
    def shown(self) -> BrowseView:
        """What the list shows, and how."""
        if self._view is None:
            self._view = BrowseView(self.workspace, self.app.with_keys)
        return self._view

    def draw(self) -> None:
        """Show what is loaded."""

    def forget(self) -> None:
        """Start over when it is looked at next."""
        self._is_stale, self._failure, self._status_of = True, None, ""
        self.shown.clear()

    def load_missing(self) -> None:
        """Load, unless it is loaded; go on loading, unless it is all there."""
        if self.workspace.profile is None or self._is_loading:
            return
        loaded = self.shown.chosen
        if self._is_stale:
            self._is_stale = False
            self.start(self._load(), "load")
        elif loaded is not None and not loaded.is_complete and loaded.problem is None:
            self.start(self._load_chosen(), "load")

    @property
    def _is_loading(self) -> bool:
        return any(w.group == "browse.load" and not w.is_finished for w in self.workers)

    async def _load(self) -> None:
        """The bots, then what the chosen one has."""
        catalogue = self.workspace.catalogue
        self._failure = None
        if catalogue.lists_bots is None:
            self._is_asking = True
            self.draw()
            try:
                await catalogue.load_bots()
            except CognituiError as error:
                self._failure, self._is_stale = error, True
                raise
            finally:
                self._is_asking = False
                self.draw()
        if self.workspace.bot is None and catalogue.bots:
            self.workspace.choose_bot(next(iter(catalogue.bots.values())).bot)
        await self._load_chosen()

    async def _load_chosen(self) -> None:
        """The chosen bot's skills and webhooks, for as long as somebody looks at this place."""
        catalogue = self.workspace.catalogue
        loaded = catalogue.chosen
        if loaded is None:
            return
        try:
            async for _ in catalogue.load(loaded):
                self._paced.ask()
                if self.app.screen_of_place is not self:
                    return
            leave_alone(len(loaded.webhooks.items))
            await self._ask_status(loaded.bot)
        finally:
            self.draw()

    async def _ask_status(self, bot: Bot) -> None:
        if self.workspace.bot_status is None and self._status_of != bot.id:
            self._status_of = bot.id
            await self.workspace.refresh_bot_status()

    async def _reload(self) -> None:
        """What is shown stays until the new is there; what failed is gone on with."""
        catalogue, loaded = self.workspace.catalogue, self.shown.chosen
        if loaded is None or loaded.problem is not None or self._failure is not None:
            catalogue.lists_bots = None if loaded is None else catalogue.lists_bots
            await self._load()
            return
        try:
            await catalogue.load_bots()
            async for fresh in catalogue.reload(loaded.bot):
                self.shown.activity = f"reloading {len(fresh.webhooks.items)}"
                self._paced.ask()
            leave_alone(len(catalogue.open(loaded.bot).webhooks.items))
            await self.workspace.refresh_bot_status()
        finally:
            self.shown.activity = ""
            self.draw()
