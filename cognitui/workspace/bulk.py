"""One action on many webhooks: a few at a time, within the limit, and each with its record."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import CircuitOpen, Unauthorized
from cognitui.errors import CognituiError, UsageError
from cognitui.workspace.pace import SPARE_REQUESTS, first_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.endpoint_report import EndpointReport
    from cognitui.workspace.workspace import Workspace

CONCURRENT = 4
CONCURRENT_CHECKS = 8
CHECKS_A_SECOND = 100
"""Checks have no limit but this one: whoever moves about meanwhile should not feel them."""
SECONDS_A_MINUTE = 60
# What would meet every one of the others too.
_ENDS_IT = (CircuitOpen, Unauthorized)


class BulkAction(StrEnum):
    """What is done to each of them."""

    CHECK = "check"
    ENABLE = "enable"
    DISABLE = "disable"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class BulkItem:
    """What came of one webhook.

    Attributes:
        webhook: As it was before.
        after: As it is now; ``None`` when it was deleted or the action failed.
        report: What a check found out.
        error: Why it failed; ``None`` when it did not.
    """

    webhook: RegisteredWebhook
    after: RegisteredWebhook | None = None
    report: EndpointReport | None = None
    error: CognituiError | None = None


@dataclass(frozen=True, slots=True)
class BulkProgress:
    """How far it has come.

    Attributes:
        left_s: Seconds that the rest will take; ``None`` while nobody can tell.
        is_waiting: Whether it waits for the key's minute to go by.
    """

    action: BulkAction
    total: int
    ended: int
    failed: int
    left_s: float | None
    is_waiting: bool
    is_stopping: bool


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How it ended.

    Attributes:
        done: Those it went well with.
        failed: Those it did not, each with its error.
        not_begun: Those that were left alone, because it was stopped.
        ended_by: The error that would have met the others too; ``None`` otherwise.
    """

    action: BulkAction
    done: tuple[BulkItem, ...]
    failed: tuple[BulkItem, ...]
    not_begun: tuple[RegisteredWebhook, ...]
    ended_by: CognituiError | None

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why some failed, the most frequent reason first: a sentence, and how often."""
        # An id in the sentence would make a reason of its own out of each.
        sentences: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for item in self.failed:
            if item.error is not None:
                sentences.setdefault(item.error.code, item.error.message)
                counts[item.error.code] += 1
        return [(sentences[code], number) for code, number in counts.most_common()]


class Bulk:
    """An action on many webhooks of the chosen bot. Iterate over `run` once, to its end.

    A failure of one does not stop the others, except where it would meet all of them: a tenant that
    is down, a key that was revoked, another tenant opened meanwhile.

    Args:
        workspace: With the tenant and the bot they belong to, also when another bot is chosen
            while this is under way.
        action: What to do.
        webhooks: Each is done once, however often it is named.
    """

    def __init__(
        self, workspace: Workspace, action: BulkAction, webhooks: Iterable[RegisteredWebhook]
    ) -> None:
        if action is not BulkAction.CHECK:
            workspace.require_writing()
        self.action = action
        self._workspace = workspace
        self._client, self._bot_id = workspace.client, workspace.bot_id
        self._waiting = deque({webhook.id: webhook for webhook in webhooks}.values())
        self._total = len(self._waiting)
        self._ended: list[BulkItem] = []
        self._ended_by: CognituiError | None = None
        self._stopped = asyncio.Event()
        self._is_short_of_room = False
        self._next_check_at = 0.0
        self._started = workspace.clock.monotonic()

    async def run(self) -> AsyncGenerator[BulkItem]:
        """Do it, and tell what came of each as it ends.

        Whoever closes the iterator cuts off what is under way; `stop` lets that end.
        """
        self._started = self._workspace.clock.monotonic()
        ended: asyncio.Queue[BulkItem | None] = asyncio.Queue()
        most = CONCURRENT_CHECKS if self.action is BulkAction.CHECK else CONCURRENT
        workers = [asyncio.ensure_future(self._work(ended)) for _ in range(min(most, self._total))]
        everything = asyncio.gather(*workers)
        everything.add_done_callback(lambda _: ended.put_nowait(None))
        try:
            while (item := await ended.get()) is not None:
                yield item
            await everything
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    def stop(self) -> None:
        """Begin no more of them; those that are under way end."""
        self._stopped.set()

    @property
    def progress(self) -> BulkProgress:
        """How far it has come right now; costs nothing."""
        uses_key = self.action is not BulkAction.CHECK
        return BulkProgress(
            self.action,
            self._total,
            len(self._ended),
            sum(item.error is not None for item in self._ended),
            time_left_s(
                len(self._ended),
                self._total,
                self._workspace.clock.monotonic() - self._started,
                room=max(0, self._client.requests_left - SPARE_REQUESTS) if uses_key else None,
                per_minute=self._client.requests_per_minute,
            ),
            self._is_short_of_room,
            self._stopped.is_set(),
        )

    @property
    def result(self) -> BulkResult:
        """What came of all of it, once `run` has ended."""
        done = tuple(item for item in self._ended if item.error is None)
        failed = tuple(item for item in self._ended if item.error is not None)
        return BulkResult(self.action, done, failed, tuple(self._waiting), self._ended_by)

    async def _work(self, ended: asyncio.Queue[BulkItem | None]) -> None:
        while await self._may_begin() and self._waiting:
            webhook = self._waiting.popleft()
            try:
                item = await self._do(webhook)
            except CognituiError as error:
                item = BulkItem(webhook, error=error)
                if isinstance(error, _ENDS_IT):
                    self._ended_by = error
                    self.stop()
            self._ended.append(item)
            ended.put_nowait(item)

    async def _may_begin(self) -> bool:
        """Wait for one's turn; whether to begin another one then."""
        if self._waiting and self.action is BulkAction.CHECK:
            await self._pace()
        elif self._waiting:
            self._is_short_of_room = self._client.requests_left <= SPARE_REQUESTS
            await first_of(self._client.wait_for_room(SPARE_REQUESTS), self._stopped.wait())
            self._is_short_of_room = False
        if not self._workspace.has_open(self._client) and self._waiting:
            self._ended_by = UsageError("Another tenant was opened, or this one closed.")
            self.stop()
        return not self._stopped.is_set()

    async def _pace(self) -> None:
        """Wait until the next check may begin; it is the event loop that is spared, by its time."""
        now = asyncio.get_running_loop().time()
        begin = max(now, self._next_check_at)
        self._next_check_at = begin + 1 / CHECKS_A_SECOND
        if begin > now:
            await asyncio.sleep(begin - now)

    async def _do(self, webhook: RegisteredWebhook) -> BulkItem:
        actions = self._workspace.webhooks
        if self.action is BulkAction.CHECK:
            return BulkItem(
                webhook, webhook, report=await actions.check(webhook, bot_id=self._bot_id)
            )
        if self.action is BulkAction.DELETE:
            await actions.delete(webhook, bot_id=self._bot_id)
            return BulkItem(webhook)
        enabled = self.action is BulkAction.ENABLE
        return BulkItem(
            webhook, await actions.set_enabled(webhook, enabled=enabled, bot_id=self._bot_id)
        )


def time_left_s(
    ended: int, total: int, elapsed_s: float, *, room: int | None, per_minute: int
) -> float | None:
    """Seconds until all have ended, from the pace so far and from what the key may still do.

    Args:
        ended: How many have.
        total: How many there are.
        elapsed_s: Seconds since the first began.
        room: Requests that may be sent right now; ``None`` when they do not count.
        per_minute: Requests that may be sent in a minute.
    """
    rest = total - ended
    if rest <= 0:
        return 0.0
    if not ended:
        return None
    by_pace = rest * elapsed_s / ended
    if room is None or rest <= room:
        return by_pace
    # The pace was that of a fresh minute; from here on the key's limit sets it.
    by_limit = (rest - room) / per_minute * SECONDS_A_MINUTE
    return max(by_pace, by_limit)
