"""The palette: what can be done, and everything that is loaded, found by typing a part of it."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider

from cognitui.errors import CognituiError
from cognitui.fuzzy import Query, Search, fold
from cognitui.tui.commands import COMMANDS
from cognitui.tui.loaded import Thing, show_thing, things
from cognitui.tui.palette_entries import (
    COMMANDS_FIRST,
    Entry,
    entry_line,
    found,
    help_of,
    title_of,
)
from cognitui.tui.screens.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cognitui.tui.app import CognituiApp
    from cognitui.tui.commands import Command

# So long others wait at most while the palette searches; a frame that late is not seen to be late.
SLICE_S = 0.005
MOST_THINGS = 20
"""Bots, skills and webhooks that one search lists; whoever does not see theirs types on."""


class PaletteProvider(Provider):
    """Everything in one provider: Textual asks several in an order that changes by chance."""

    async def startup(self) -> None:
        """Gather what can be found, once for each time that the palette is opened."""
        self._app = cast("CognituiApp", self.app)
        place = self.screen
        self._place = place if isinstance(place, Place) else self._app.screen_of_place
        self._entries = [*self._commands(), *self._tenants(), *self._textuals()]
        self._things: list[Thing] = []
        self._folded: list[str] = []
        self._narrowed: tuple[str, Sequence[int] | None] = ("", None)
        until = time.perf_counter() + SLICE_S
        for thing in things(self._app):
            self._things.append(thing)
            self._folded.append(fold(thing.text))
            if time.perf_counter() >= until:
                await asyncio.sleep(0)
                until = time.perf_counter() + SLICE_S

    async def discover(self) -> Hits:
        """What can be done here and anywhere."""
        for entry in self._entries:
            yield DiscoveryHit(entry_line(entry), entry.call, text=entry.title)

    async def search(self, query: str) -> Hits:
        """Commands, then what is loaded, the best of each first."""
        for entry, match in found([*self._entries, *self._elsewhere()], query):
            yield self._hit(entry, match.score + COMMANDS_FIRST, match.positions)
        wanted, (before, among) = Query(query), self._narrowed
        # Whoever types on looks among what matched so far.
        search = Search(wanted, self._folded, among if query.startswith(before) else None)
        while not search.advance(SLICE_S):  # noqa: ASYNC110  # others' turn, no wait for anything
            await asyncio.sleep(0)
        ranked = search.ranked()
        self._narrowed = (query, ranked)
        for number in ranked[:MOST_THINGS]:
            thing = self._things[number]
            entry = self._entry_of(thing)
            yield self._hit(entry, wanted.score(self._folded[number]), ())

    def _hit(self, entry: Entry, score: int, positions: tuple[int, ...]) -> Hit:
        line = entry_line(entry, positions, "underline")
        return Hit(score, line, entry.call, text=entry.title)

    # What there is

    def _commands(self) -> Iterator[Entry]:
        """What can be done here, then what can be done anywhere."""
        place = self._place
        for command in place.PLACE_COMMANDS:
            if not place.is_stood_in_for(command):
                yield self._entry(command)
        for command in self._app.COMMANDS_ANYWHERE:
            if command.name != "palette":
                yield self._entry(command)

    def _elsewhere(self) -> Iterator[Entry]:
        """What can be done in other places without choosing anything there first."""
        here = self._place.PLACE
        for command in COMMANDS:
            if command.elsewhere and command.scope != here:
                call = partial(self._app.do_elsewhere, command)
                yield Entry(title_of(command, here), command.help, call)

    def _entry(self, command: Command) -> Entry:
        app, place = self._app, self._place
        key = next((app.key_label(key) for key in app.keys_of(command)), "")
        reason = place.reason_against(command)
        call = partial(place.do, command)
        return Entry(title_of(command, place.PLACE), help_of(command), call, key, reason)

    def _tenants(self) -> Iterator[Entry]:
        """The tenants that are not open."""
        app = self._app
        if not app.is_ready:
            return
        try:
            entries = app.workspace.tenants.entries()
        except CognituiError:
            return  # Tenants tells it, with what to do
        for entry in entries:
            name = entry.profile.name
            if name != app.workspace.tenant_name:
                call = partial(app.switch_tenant, name)
                words = f"Connect to {entry.profile.base_url}"
                yield Entry(f"Switch to tenant {name}", words, call)

    def _textuals(self) -> Iterator[Entry]:
        """What Textual brings along."""
        for command in self._app.get_system_commands(self._place):
            yield Entry(command.title, command.help, command.callback)

    def _entry_of(self, thing: Thing) -> Entry:
        name = f"{thing.name}  " if thing.name else ""
        call = partial(show_thing, self._app, thing)
        return Entry(f"Go to {thing.kind} {thing.id}", f"{name}{thing.detail}", call)
