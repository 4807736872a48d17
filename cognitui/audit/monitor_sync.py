"""Telling the monitor, without losing anything and without telling it twice.

What is to be sent is kept on disk before it is sent, under a key that never changes, and forgotten
when the monitor has acknowledged it. A POST whose answer got lost is therefore sent again as it
was: the monitor sees the same key and the same bytes.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.audit.errors import MonitorBusy, MonitorUnreachable
from cognitui.audit.monitor import TRAIL_LENGTH, encoded, monitor_body
from cognitui.audit.monitor_post import MonitorAnswer, MonitorPost
from cognitui.audit.spool import Spool
from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.audit.spool import Posting
    from cognitui.audit.store import AuditLog

KEPT = "What was not taken is kept, and the next sync sends it first."
NOTHING_LOST = "Nothing is lost: what was not taken is kept, and the next sync sends it first."
BUSY_PATIENCE_S = 30.0
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """How often a POST is tried in one go.

    Attributes:
        attempts: Tries of each POST altogether.
        backoff_base_s: The first wait is drawn from 0 to this, the next from 0 to twice this, …
        backoff_cap_s: … up to this.
        most_retry_after_s: If the monitor wants to be left alone for longer, it is: what is kept
            is sent next time.
    """

    attempts: int = 3
    backoff_base_s: float = 0.5
    backoff_cap_s: float = 8.0
    most_retry_after_s: float = 30.0

    def wait_s(
        self, attempt: int, retry_after_s: float | None, uniform: Callable[[], float]
    ) -> float | None:
        """Seconds before the next attempt; ``None`` when there should be none.

        Args:
            attempt: The number of the one that failed, from 1.
            retry_after_s: What the monitor asks for.
            uniform: Draws from 0 to 1.
        """
        if attempt >= self.attempts:
            return None
        ceiling = min(self.backoff_cap_s, self.backoff_base_s * 2.0 ** (attempt - 1))
        if retry_after_s is None:
            return ceiling * uniform()
        if retry_after_s > self.most_retry_after_s:
            return None
        return retry_after_s + self.backoff_base_s * uniform()


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What the monitor made of it.

    Attributes:
        status: The HTTP status of the last answer, a 2xx.
        ms: Milliseconds that this exchange took.
        entries: How many registrations were sent in it.
        answer: The beginning of what the monitor said, made safe to show.
        caught_up: How many POSTs of earlier times were sent before it.
        dropped: How many of those were given up, because there were too many, because the
            monitor does not take them, or because what was kept cannot be read any more.
    """

    status: int
    ms: float
    entries: int
    answer: str
    caught_up: int = 0
    dropped: int = 0


@dataclass(slots=True)
class _Run:
    """One sync under way."""

    told: Callable[[int], None]
    caught_up: int = 0
    dropped: int = 0
    last: MonitorAnswer | None = None

    def give_up(self, count: int) -> None:
        """So many of earlier times are not sent any more."""
        if count:
            self.dropped += count
            get_logger().warning("monitor_given_up", count=count)
            self.told(self.dropped)

    def hint(self, hint: str, *, is_kept: bool = True) -> str:
        """An error's hint, and what becomes of what was not taken."""
        lost = given_up(self.dropped) if self.dropped else ""
        kept = (KEPT if self.dropped else NOTHING_LOST) if is_kept else ""
        return " ".join(part for part in (hint, lost, kept) if part)


def given_up(count: int) -> str:
    """The sentence that says how many of earlier times the monitor is never told."""
    return f"Given up: {count} of earlier syncs."


def _nobody(_count: int) -> None:
    """Told by those who need not know."""


@dataclass(frozen=True, slots=True)
class MonitorSync:
    """Sends the last registrations and the report to monitors.

    Attributes:
        log: Where the numbers come from.
        directory: Where what was not acknowledged is kept.
    """

    log: AuditLog
    directory: Path
    clock: Clock = SYSTEM_CLOCK
    policy: SyncPolicy = field(default_factory=SyncPolicy)

    async def sync(
        self,
        url: str,
        *,
        tenant: str | None = None,
        given_up: Callable[[int], None] = _nobody,
    ) -> SyncResult:
        """Send what is kept from before, oldest first, then how things stand now.

        The caller records that it was done.

        Args:
            url: The monitor.
            tenant: Only this tenant's registrations.
            given_up: Told, whatever comes of the sync, how many of earlier times were given up so
                far, each time that it is one more.

        Raises:
            UsageError: The URL cannot be a monitor's.
            MonitorRefused: It answered, and not with success.
            MonitorUnreachable: It gave no answer in time.
            MonitorBusy: Another program is telling it all the time.
            SpoolFailed: What is to be sent cannot be kept on disk; it was not sent.
            AuditError: The log could not be read.
        """
        post = MonitorPost(url)
        records, report = await self.log.last_registrations(TRAIL_LENGTH, tenant)
        body = monitor_body(records, report)
        spool = Spool(self.directory, url)
        async with post:
            run = _Run(given_up)
            return await self._alone(run, spool, post, encoded(body), len(body["audit_trail"]))

    async def _alone(
        self, run: _Run, spool: Spool, post: MonitorPost, body: bytes, entries: int
    ) -> SyncResult:
        """As soon as nobody else sends what is kept."""
        give_up_at = self.clock.monotonic() + BUSY_PATIENCE_S
        while True:
            with spool.alone() as is_alone:
                if is_alone:
                    return await self._send_all(run, spool, post, body, entries)
            if self.clock.monotonic() >= give_up_at:
                raise MonitorBusy(
                    f"Another program is telling the monitor at {post.origin}.",
                    hint="Wait until it has, or stop it.",
                )
            await self.clock.sleep(_LOOK_AGAIN_S)

    async def _send_all(
        self, run: _Run, spool: Spool, post: MonitorPost, body: bytes, entries: int
    ) -> SyncResult:
        run.give_up(await asyncio.to_thread(spool.set_aside))
        newest, surplus = await asyncio.to_thread(spool.put, body, entries)
        run.give_up(surplus)
        for posting in await asyncio.to_thread(spool.waiting):
            await self._deliver(spool, post, posting, run, is_newest=posting == newest)
        assert run.last is not None, "the newest is among those that wait"
        answer = run.last
        return SyncResult(
            answer.status, answer.ms, entries, answer.excerpt, run.caught_up, run.dropped
        )

    async def _deliver(
        self, spool: Spool, post: MonitorPost, posting: Posting, run: _Run, *, is_newest: bool
    ) -> None:
        try:
            answer = run.last = await self._try(post, posting)
        except MonitorUnreachable as error:
            raise MonitorUnreachable(error.message, hint=run.hint(error.hint)) from None
        if answer.is_success or answer.is_final:
            await asyncio.to_thread(spool.remove, posting)
        if answer.is_success:
            run.caught_up += not is_newest
            return
        if answer.is_final and not is_newest:
            # It stands in the way of all that came later; they may fare better.
            get_logger().warning("monitor_refused", status=answer.status)
            run.give_up(1)
            return
        refused = post.refused(answer)
        refused.hint = run.hint(refused.hint, is_kept=not answer.is_final)
        raise refused

    async def _try(self, post: MonitorPost, posting: Posting) -> MonitorAnswer:
        attempt = 0
        while True:
            attempt += 1
            answer: MonitorAnswer | None = None
            lost: MonitorUnreachable | None = None
            try:
                answer = await post.send(posting.body, posting.key)
            except MonitorUnreachable as error:
                lost = error
            if answer is not None and not answer.may_succeed_soon:
                return answer
            retry_after_s = answer.retry_after_s if answer else None
            wait_s = self.policy.wait_s(attempt, retry_after_s, random.random)
            if wait_s is None:
                if answer is not None:
                    return answer
                assert lost is not None
                raise lost
            await self.clock.sleep(wait_s)
