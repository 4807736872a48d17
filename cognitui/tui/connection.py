"""Connecting to a tenant beside the interface, and telling the places how we stand with it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cognitui.errors import CognituiError
from cognitui.tui.widgets.frame import Frame

if TYPE_CHECKING:
    from textual.worker import Worker

    from cognitui.tui.app import CognituiApp
    from cognitui.workspace import TenantStatus

CONNECT_S = 10.0
"""A tenant that does not let us in within this is said to be down; it can be tried again."""


class Connection:
    """The console's side of the workspace's tenant.

    Args:
        app: Whose workers do the work, and whose places tell of it.

    Attributes:
        trouble: What went wrong after the tenant had let us in; ``None`` when nothing did.
    """

    def __init__(self, app: CognituiApp) -> None:
        self.trouble: CognituiError | None = None
        self._app = app
        self._told: TenantStatus | None = None

    def open(self, name: str) -> None:
        """Connect to a tenant whose key is at hand; an attempt that is under way is dropped."""
        # A coroutine that is replaced before it has begun would be reported as forgotten.
        work = partial(self._open, name)
        worker = self._app.run_worker
        _: Worker[None] = worker(work, group="connect", exclusive=True, exit_on_error=True)

    async def _open(self, name: str) -> None:
        """Choose the tenant's first bot too, and let every place know; whatever comes of it."""
        app, self.trouble = self._app, None
        try:
            with app.taking(f"connecting to {name}", limit_s=CONNECT_S):
                await app.workspace.tenants.open(name, patience_s=CONNECT_S)
            with app.taking(f"reading the bots of {name}"):
                await self._choose_first_bot()
        except CognituiError as error:
            if app.workspace.status.connection == "connected":
                self.trouble = error
            app.show_error(error)
        finally:
            app.tenant_changed()

    async def _choose_first_bot(self) -> None:
        workspace = self._app.workspace
        catalogue = workspace.catalogue
        await catalogue.load_bots()
        if workspace.bot is None and catalogue.bots:
            bots = [loaded.bot for loaded in catalogue.bots.values()]
            workspace.choose_bot(self._app.whereabouts.first_of(bots))
        if (chosen := catalogue.chosen) is not None:
            await asyncio.gather(workspace.refresh_bot_status(), catalogue.load_first(chosen))

    def refresh_health(self) -> None:
        """Ask how the bot is, if that is not known freshly and the tenant can spare a request."""
        app = self._app
        if app.is_ready and app.workspace.is_health_old:
            work = self._refresh_health
            _: Worker[None] = app.run_worker(work, group="health", exclusive=True)

    async def _refresh_health(self) -> None:
        # Nobody asked for it; the header tells when the tenant does not answer.
        with suppress(CognituiError):
            await self._app.workspace.refresh_bot_status()

    def status_changed(self) -> None:
        """The workspace has something new to tell: at once, unless it is the requests left."""
        app = self._app
        if not app.shown_places:
            return
        place, status = app.screen_of_place, app.workspace.status
        told, self._told = self._told, replace(status, requests_left=0)
        for frame in place.query(Frame):  # a new place has none for a moment
            if self._told == told:
                frame.refresh_soon()
            else:
                frame.refresh_status()
        is_news = told is None or _standing(told) != _standing(status)
        if is_news and app.is_ready and place.is_mounted:
            place.connection_changed()


def _standing(status: TenantStatus) -> tuple[str, ...]:
    """How we stand with a tenant."""
    return status.tenant, status.connection, status.problem
