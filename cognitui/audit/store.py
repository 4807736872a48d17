"""The audit log: every registration, change and callback as a record that survives the process."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from cognitui.audit import metrics, queries
from cognitui.audit.chain import head_of
from cognitui.audit.queries import Filter
from cognitui.audit.schema import to_row
from cognitui.audit.seal import Places
from cognitui.audit.threads import in_thread
from cognitui.audit.writer import Writer

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from cognitui.audit.archive import Archive, Old
    from cognitui.audit.head import Head
    from cognitui.audit.metrics import EfficiencyReport, Metrics
    from cognitui.audit.records import Action, AuditRecord, Outcome
    from cognitui.audit.threads import Progress
    from cognitui.audit.verdict import Verdict

T = TypeVar("T")


class AuditLog:
    """An open audit log. Get one with `open`; several processes may have the same file open.

    Every method raises `AuditError` of the fitting kind when the file fails; what was acknowledged
    before stays.
    """

    def __init__(self, places: Places, writer: Writer) -> None:
        self.path = places.log
        self._places = places
        self._writer = writer

    @classmethod
    async def open(cls, path: Path, state: Path | None = None) -> Self:
        """Open the log, and create it, readable by its owner alone, when there is none.

        Args:
            path: The log.
            state: The directory of its key and its head; the log's own when it is left out, where
                whoever can replace the log can replace them too.

        Raises:
            AuditError: It is locked, damaged, written by a newer program, cannot be written, or is
                missing though its head says that it has records.
        """
        places = Places(path, state or path.parent)
        writer = Writer(places)
        try:
            await asyncio.wrap_future(writer.start())
        except BaseException:
            writer.stop()
            raise
        return cls(places, writer)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what waits and close the file. Closing twice is no mistake."""
        await asyncio.wrap_future(self._writer.stop())

    async def append(self, record: AuditRecord) -> AuditRecord:
        """Write a record; when this returns it is on the disk, and the log's head covers it.

        A caller that is cancelled while it waits does not take the record back: it is written.

        Returns:
            The record with its id.

        Raises:
            AuditClosed: The log is closed.
            AuditNotCovered: It is on the disk, and the head could not be written after it.
            AuditError: It could not be written; no part of it was.
        """
        number = await asyncio.wrap_future(self._writer.append(to_row(record)))
        return replace(record, id=number)

    async def recent(
        self,
        limit: int = 200,
        *,
        before_id: int | None = None,
        action: Action | None = None,
        outcome: Outcome | None = None,
        tenant: str | None = None,
        bot_id: str | None = None,
        text: str | None = None,
        webhook_id: str | None = None,
    ) -> list[AuditRecord]:
        """The newest records that fit, newest first.

        Args:
            limit: How many at most.
            before_id: Only older ones than this record, for the next page.
            action: Only this action.
            outcome: Only this outcome.
            tenant: Only this tenant's.
            bot_id: Only this bot's.
            text: Part of an id, the endpoint, the event, the error code or the detail.
            webhook_id: Only what was done with this webhook.

        Raises:
            AuditError: The file could not be read.
        """
        wanted = Filter(before_id, action, outcome, tenant, bot_id, text, webhook_id)
        return await self._read(
            lambda connection: queries.recent(connection, self.path, wanted, limit)
        )

    async def count(
        self,
        *,
        action: Action | None = None,
        outcome: Outcome | None = None,
        tenant: str | None = None,
        bot_id: str | None = None,
        text: str | None = None,
        webhook_id: str | None = None,
    ) -> int:
        """How many records fit; the criteria are those of `recent`.

        Raises:
            AuditError: The file could not be read.
        """
        wanted = Filter(None, action, outcome, tenant, bot_id, text, webhook_id)
        return await self._read(partial(queries.count, wanted=wanted))

    async def get(self, number: int) -> AuditRecord | None:
        """The record with this id, or ``None``.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(lambda connection: queries.get(connection, self.path, number))

    async def report(self, tenant: str | None = None) -> EfficiencyReport:
        """The efficiency report over all registrations, or over one tenant's.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(partial(metrics.efficiency_report, tenant=tenant))

    async def metrics(
        self,
        *,
        tenant: str | None = None,
        bot_id: str | None = None,
        since: datetime | None = None,
    ) -> Metrics:
        """The numbers of the Audit place, of everything or of what is asked for.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(
            lambda connection: metrics.metrics(connection, tenant, bot_id, since)
        )

    async def last_registrations(
        self, limit: int, tenant: str | None = None
    ) -> tuple[list[AuditRecord], EfficiencyReport]:
        """The latest registrations, oldest first, and the report, both of the same moment.

        Raises:
            AuditError: The file could not be read.
        """

        def both(connection: sqlite3.Connection) -> tuple[list[AuditRecord], EfficiencyReport]:
            records = metrics.last_registrations(connection, self.path, tenant, limit)
            return records, metrics.efficiency_report(connection, tenant)

        return await self._read(both)

    async def verify(self, progress: Progress | None = None) -> Verdict:
        """Whether the log is whole: every record as it was written, and none missing or added.

        It reads in a thread of its own, so that records can be written meanwhile. Cancelling ends
        it soon.

        Args:
            progress: Told now and then how many records were found good, and what number the last
                one should have.

        Raises:
            AuditError: The file could not be read, for a reason that is no damage.
        """
        from cognitui.audit.verify import verify_log

        return await in_thread(partial(verify_log, self._places), progress)

    async def head(self) -> Head | None:
        """The last record's number and MAC, as exports carry them; ``None`` without a chain.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(head_of)

    async def older_than(self, before: datetime) -> Old | None:
        """The oldest records, up to the first that is not from before a moment.

        Raises:
            AuditError: The file could not be read.
        """
        from cognitui.audit import archive

        return await self._read(partial(archive.older_than, before=before))

    async def archive(
        self,
        old: Old,
        to: Path,
        record: Callable[[Archive], AuditRecord],
        progress: Progress | None = None,
    ) -> Archive:
        """Move the oldest records into a new file, which verifies with the log's key.

        Args:
            old: Which, as `older_than` tells.
            to: The archive, which must not be there yet.
            record: Makes the record that says so. It is written in the same transaction.
            progress: Told now and then how many are copied, and how many there are.

        Raises:
            UsageError: The archive is there already, or cannot be written.
            AuditChainBroken: The records are not as they were written; the log is left as it is.
            AuditNotCovered: It is done, and the head could not be written after it.
            AuditError: The log is left as it is; where the archive is there, it is whole.
        """
        from cognitui.audit import archive

        made = await in_thread(partial(archive.copy, self._places, old, to), progress)
        work = partial(archive.take_out, archive=made, record=record)
        await asyncio.wrap_future(self._writer.run(work))
        return made

    async def _read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.wrap_future(self._writer.read(query))
