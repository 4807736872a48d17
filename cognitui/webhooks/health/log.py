"""The log of checks: what each webhook was found to be, from one console to the next."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

from cognitui.webhooks.health.course import SHOWN
from cognitui.webhooks.health.file import HealthFile, SweepRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.webhooks.health.course import Course
    from cognitui.webhooks.health.errors import HealthLogError

T = TypeVar("T")


class HealthLog:
    """Checks that were kept. Open it with `at`, and `close` it; or use it with ``async with``.

    Several programs may use one file at once. A file that is damaged is moved aside and a new one
    begins; one that cannot be used at all leaves a log in memory, and `problem` says why. So a log
    can always be asked and written to.

    Attributes:
        problem: Why checks are kept in memory only; ``None`` when they are kept in the file.
    """

    def __init__(self, file: HealthFile, thread: ThreadPoolExecutor) -> None:
        self._file = file
        self._thread = thread
        self.problem: HealthLogError | None = None

    @classmethod
    async def at(cls, path: Path | None) -> Self:
        """Open the log in this file; with ``None`` one in memory."""
        from cognitui.webhooks.health.errors import HealthLogError

        thread = ThreadPoolExecutor(1, thread_name_prefix="health-log")
        loop = asyncio.get_running_loop()
        problem = None
        try:
            file = await loop.run_in_executor(thread, HealthFile, path)
        except HealthLogError as error:
            problem = error
            file = await loop.run_in_executor(thread, HealthFile, None)
        log = cls(file, thread)
        log.problem = problem
        return log

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the file."""
        await self._do(self._file.close)
        self._thread.shutdown()

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged file was moved to; ``None`` when none was."""
        return self._file.set_aside

    async def add(self, *checks: Check) -> None:
        """Keep checks, all or none.

        Raises:
            HealthLogError: They could not be written.
        """
        await self._do(lambda: self._file.add(checks))

    async def latest(self, tenant: str | None = None, bot_id: str | None = None) -> list[Check]:
        """The newest check of each webhook of a tenant or a bot; without names of all tenants.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.latest(tenant, bot_id))

    async def courses(
        self, tenant: str | None = None, bot_id: str | None = None, *, marks: int = SHOWN
    ) -> list[Course]:
        """How each webhook fared: its newest check, since when it is unhealthy, its last marks.

        Args:
            tenant: Of which tenant; ``None`` for all.
            bot_id: Of which bot; ``None`` for all.
            marks: How many earlier checks.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.courses(tenant, bot_id, marks))

    async def history(self, ref: WebhookRef, count: int = SHOWN) -> list[Check]:
        """The last checks of a webhook, the newest first; of earlier ones only marks are kept.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.history(ref, count))

    async def since(self, ref: WebhookRef) -> datetime | None:
        """Since when a webhook is unhealthy; ``None`` when it is not, or is not known.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.since(ref))

    async def last_good(self, ref: WebhookRef) -> Check | None:
        """The newest check of a webhook that did not find it unhealthy.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.last_good(ref))

    async def list_only(self, tenant: str, bot_id: str, webhook_ids: Collection[str]) -> None:
        """Of this bot's webhooks tell only of these from now on: the others were deleted there.

        A webhook that is checked again is told of again.

        Raises:
            HealthLogError: It cannot be written.
        """
        await self._do(lambda: self._file.list_only(tenant, bot_id, webhook_ids))

    async def unlisted(self, refs: Collection[WebhookRef]) -> set[WebhookRef]:
        """Those of these webhooks that were deleted at their tenants.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.unlisted(refs))

    async def begin_sweep(self, sweep_id: str, scope: str, at: datetime) -> None:
        """Note that a sweep begins; again for one that is resumed.

        Raises:
            HealthLogError: It cannot be written.
        """
        await self._do(lambda: self._file.begin_sweep(sweep_id, scope, at))

    async def end_sweep(self, sweep_id: str, at: datetime) -> None:
        """Note that a sweep has come to its end.

        Raises:
            HealthLogError: It cannot be written.
        """
        await self._do(lambda: self._file.end_sweep(sweep_id, at))

    async def last_sweep(self, scope: str) -> SweepRecord | None:
        """The sweep over this that was begun last; ``ended`` is ``None`` when it can be resumed.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.last_sweep(scope))

    async def done_in(self, sweep_id: str) -> set[WebhookRef]:
        """The webhooks that a sweep has checked so far.

        Raises:
            HealthLogError: It cannot be read.
        """
        return await self._do(lambda: self._file.done_in(sweep_id))

    async def _do(self, work: Callable[[], T]) -> T:
        """Do something in the log's own thread; what was begun is done even if we are cancelled."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
