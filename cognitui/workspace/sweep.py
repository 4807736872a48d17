"""A sweep: the check of many webhooks at once, polite to each host, kept as it goes."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import ClientClosed
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.webhooks.health.turns import PER_HOST, Turns
from cognitui.workspace.bulk import time_left_s
from cognitui.workspace.pace import GivingWay
from cognitui.workspace.scope import Finder

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Hashable, Iterator, Sequence

    from cognitui.network.means import Means
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.workspace.health import HealthActions
    from cognitui.workspace.scope import Scope, Target, Trouble

IN_FLIGHT = 64
"""Checks that are under way at once, over all hosts."""


@dataclass(frozen=True, slots=True)
class SweepProgress:
    """How far a sweep has come.

    Attributes:
        total: Webhooks that are known of so far.
        ended: Those that are checked, with those of before the sweep was resumed.
        skipped: Those that had been checked before it was resumed.
        unhealthy: How many were found so since.
        left_s: Seconds that the rest will take; ``None`` while nobody can tell.
        is_listing: Whether tenants are still being asked for their webhooks.
        is_waiting: Whether it waits for a key's minute to go by.
        is_stopping: Whether it was told to stop.
    """

    total: int
    ended: int
    skipped: int
    unhealthy: int
    left_s: float | None
    is_listing: bool
    is_waiting: bool
    is_stopping: bool


class Sweep:
    """The check of all webhooks of a scope. Iterate over `run` once, to its end.

    A sweep that is stopped, or whose program ends, can be resumed by its id: those that were
    checked in it are not checked again.

    Attributes:
        id: What it can be resumed by.
        scope: What it goes over.
        problem: Why checks could not be kept; ``None`` when they could.
        unsigned: How many were to be pinged and were not, as their secrets are not known here.
    """

    def __init__(
        self,
        health: HealthActions,
        scope: Scope,
        sweep_id: str,
        *,
        targets: Sequence[Target] | None = None,
        consents: Callable[[str], bool] | None = None,
        idle_s: Callable[[], float] | None = None,
        in_flight: int = IN_FLIGHT,
        per_host: int = PER_HOST,
    ) -> None:
        self.id, self.scope = sweep_id, scope
        self.problem: HealthLogError | None = None
        self.unsigned = 0
        self._health = health
        self._consents = consents
        self._in_flight = in_flight
        self._way = GivingWay(idle_s)
        self._later: asyncio.TimerHandle | None = None
        self._finder = Finder(health.workspace, scope)
        self._turns: Turns[Target] = Turns(per_host)
        self._running: dict[asyncio.Task[Check], Hashable] = {}
        self._ended: list[Check] = []
        self._news = asyncio.Event()
        self._listed = targets
        self._is_listing = True
        self._is_stopped = self._is_closed = False
        self._failure: BaseException | None = None
        self._done: set[WebhookRef] = set()
        self._known: set[WebhookRef] = set()
        self._total = self._checked = self._skipped = self._unhealthy = 0
        self._clock = health.workspace.clock
        self._began = self._clock.monotonic()

    @property
    def troubles(self) -> list[Trouble]:
        """What could not be listed, and why."""
        return self._finder.troubles

    @property
    def left_out(self) -> list[str]:
        """Tenants whose keys are not at hand."""
        return self._finder.left_out

    @property
    def progress(self) -> SweepProgress:
        """How far it has come right now; costs nothing."""
        elapsed = self._clock.monotonic() - self._began
        rest = self._total - self._skipped
        left = time_left_s(self._checked, rest, elapsed, room=None, per_minute=1)
        return SweepProgress(
            self._total,
            self._checked + self._skipped,
            self._skipped,
            self._unhealthy,
            None if self._is_listing else left,
            self._is_listing,
            self._finder.is_waiting,
            self._is_stopped,
        )

    def stop(self) -> None:
        """End it at once; what is under way is dropped, and can be done when it is resumed."""
        self._is_stopped = True
        self._news.set()

    async def list_targets(self) -> Sequence[Target]:
        """The webhooks that it will check: to ask before anything is sent to them.

        Raises:
            CognituiError: There is no such tenant.
        """
        if self._listed is None:
            self._listed = [one async for found in self._finder.targets() for one in found]
        return self._listed

    async def run(self) -> AsyncGenerator[Check]:
        """Check them all; yields each as soon as it is checked and kept.

        Close it with `contextlib.aclosing` when it is not iterated to its end.

        Raises:
            CognituiError: There is no such tenant.
        """
        from cognitui.network.means import Means

        log = await self._health.log()
        means = Means()
        self._began = self._clock.monotonic()
        with self._noting():
            self._done = await log.done_in(self.id)
            await log.begin_sweep(self.id, self.scope.key, self._clock.now())
        listing = asyncio.ensure_future(self._list(means))
        try:
            while not self._is_over:
                await self._news.wait()
                self._news.clear()
                for check in await self._keep():
                    yield check
                if self._failure is not None:
                    raise self._failure
            for check in await self._keep():  # those that ended before it was stopped
                yield check
            if not self._is_stopped:
                await listing  # raises what went wrong
                if not self._was_cut_off:
                    with self._noting():
                        await log.end_sweep(self.id, self._clock.now())
        finally:
            self._is_closed = True
            listing.cancel()
            if self._later is not None:
                self._later.cancel()
            for task in self._running:
                task.cancel()
            await asyncio.gather(listing, *self._running, return_exceptions=True)
            await asyncio.shield(self._keep())
            means.close()

    @property
    def _is_over(self) -> bool:
        rest = self._is_listing or len(self._turns) or self._running or self._ended
        return self._is_stopped or not rest

    @property
    def _was_cut_off(self) -> bool:
        """Whether its tenant was left while it was asked: that can be made up for."""
        return any(isinstance(one.error, ClientClosed) for one in self._finder.troubles)

    async def _list(self, means: Means) -> None:
        """Let webhooks take their turns as they become known."""
        try:
            if self._listed is not None:
                self._put(self._listed, means)
                return
            async for found in self._finder.targets():
                self._put(found, means)
        finally:
            self._is_listing = False
            self._news.set()

    def _put(self, targets: Sequence[Target], means: Means) -> None:
        for target in targets:
            if target.ref in self._known:
                continue  # a list may say the same twice while it changes
            self._known.add(target.ref)
            self._total += 1
            if target.ref in self._done:
                self._skipped += 1
            else:
                self._turns.put(target.host, target)
        self._begin(means)
        self._news.set()

    def _begin(self, means: Means) -> None:
        """Begin as many as may be under way."""
        while not self._is_stopped and len(self._running) < self._in_flight:
            if self._is_closed or self._failure is not None:
                return
            if wait_s := self._way.wait_s():
                self._begin_in(wait_s, means)
                return
            turn = self._turns.take()
            if turn is None:
                return
            self._way.begins()
            host, target = turn
            task = asyncio.ensure_future(self._check(target, means))
            self._running[task] = host
            task.add_done_callback(lambda done: self._end(done, means))

    def _begin_in(self, wait_s: float, means: Means) -> None:
        """Go on with beginning after a while."""

        def go_on() -> None:
            self._later = None
            self._begin(means)

        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(wait_s, go_on)

    def _end(self, task: asyncio.Task[Check], means: Means) -> None:
        self._turns.done(self._running.pop(task))
        if task.cancelled():
            pass  # it is done when the sweep is resumed
        elif (failure := task.exception()) is not None:
            self._failure = failure
        else:
            check = task.result()
            self._checked += 1
            self._unhealthy += check.is_unhealthy
            self._ended.append(check)
        self._begin(means)
        self._news.set()

    async def _check(self, target: Target, means: Means) -> Check:
        pings = self._consents is not None and self._consents(target.url)
        if pings and target.is_enabled and not self._health.can_ping(target.ref):
            self.unsigned += 1
        return await self._health.checked(target, ping=pings, means=means, sweep_id=self.id)

    async def _keep(self) -> list[Check]:
        """Keep those that have ended since."""
        ended, self._ended = self._ended, []
        if ended:
            with self._noting():
                await (await self._health.log()).add(*ended)
        return ended

    @contextmanager
    def _noting(self) -> Iterator[None]:
        """A log that cannot be used is noted, and is no reason not to check."""
        try:
            yield
        except HealthLogError as error:
            self.problem = error
