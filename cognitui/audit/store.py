"""The audit log: every registration, change and callback as a record that survives the process."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from cognitui.audit import metrics, queries, rollups
from cognitui.audit.backend import backend_of
from cognitui.audit.metrics import EfficiencyReport
from cognitui.audit.overview import Question
from cognitui.audit.seal import Places
from cognitui.audit.start import read_start
from cognitui.audit.tail import head_of
from cognitui.audit.threads import in_thread
from cognitui.audit.transaction import transaction
from cognitui.audit.wanted import Wanted
from cognitui.audit.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from cognitui.audit.archive import Archive, Old
    from cognitui.audit.backend import Backend
    from cognitui.audit.chain import Chain
    from cognitui.audit.connection import Connection
    from cognitui.audit.head import Head
    from cognitui.audit.overview import GroupBy, Overview
    from cognitui.audit.records import Action, AuditRecord, Outcome
    from cognitui.audit.threads import Progress
    from cognitui.audit.verdict import Verdict

T = TypeVar("T")


class AuditLog:
    """An open audit log. Get one with `open`; several processes may have the same one open.

    Every method raises `AuditError` of the fitting kind when the file fails; what was acknowledged
    before stays.
    """

    def __init__(self, places: Places, backend: Backend, writer: Writer) -> None:
        self.path = places.log
        self._places = places
        self._backend = backend
        self._writer = self._reader = writer
        if backend.reads_apart:
            self._reader = Writer(backend, only_reads=True)
            self._reader.start()

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
        return await cls.at(Places(path, state or path.parent))

    @classmethod
    async def at(cls, places: Places) -> Self:
        """Open the log at these places, in a file or on a server.

        Raises:
            AuditError: As `open` does; `AuditUnreachable` when the server does not answer.
        """
        backend = backend_of(places)
        writer = Writer(backend)
        try:
            await asyncio.wrap_future(writer.start())
        except BaseException:
            writer.stop()
            raise
        return cls(places, backend, writer)

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
        for one in (self._writer, self._reader):
            await asyncio.wrap_future(one.stop())

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
        number = await asyncio.wrap_future(self._writer.append(self._backend.to_row(record)))
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
        """The newest records that fit, newest first; the criteria are those of `Wanted`.

        Raises:
            AuditError: The file could not be read.
        """
        wanted = Wanted(
            before_id=before_id,
            action=action,
            outcome=outcome,
            tenant=tenant,
            bot_id=bot_id,
            text=text or "",
            webhook_id=webhook_id,
        )
        return await self.page(wanted, limit)

    async def page(self, wanted: Wanted, limit: int = 200) -> list[AuditRecord]:
        """The newest records that are wanted, newest first.

        Args:
            wanted: Which; with ``before_id`` of the last of this page it gives the next page.
            limit: How many at most.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(
            lambda connection: self._backend.page(connection, wanted, limit),
            needs_sums=not queries.asks_for_all(wanted),
        )

    async def scan(self, wanted: Wanted, limit: int = 200) -> list[AuditRecord]:
        """The newest records of a tenant or a time, found without the sums, newest first.

        Args:
            wanted: Which; no more than a tenant, since when, and before which record.
            limit: How many at most; there may be fewer though there are more, but never none.

        Raises:
            AuditError: The file could not be read.
        """
        if self._places.server is not None:  # it keeps no sums
            return await self.page(wanted, limit)

        def scan(connection: Connection) -> tuple[list[AuditRecord], int | None]:
            assert isinstance(connection, sqlite3.Connection)
            return queries.scan(connection, self.path, wanted, limit)

        while True:
            records, below = await self._read(scan)
            if records or below is None:
                return records
            wanted = replace(wanted, before_id=below)

    async def archived_until(self) -> int:
        """The last record that was moved into an archive; 0 when none was.

        Raises:
            AuditError: The file could not be read.
        """
        found = await self._read(read_start)
        return 0 if found is None else found[0].archived_until

    async def count(self, wanted: Wanted | None = None) -> int:
        """How many records are wanted; without a filter, how many there are.

        Raises:
            AuditError: The file could not be read.
        """
        which = wanted or Wanted()
        return await self._read(
            partial(self._backend.count, wanted=which), needs_sums=which != Wanted()
        )

    async def overview(
        self,
        wanted: Wanted,
        *,
        steps: int = 60,
        group_by: GroupBy = "webhook",
        now: datetime | None = None,
    ) -> Overview:
        """How the records that are wanted went: the numbers of the panel.

        Args:
            wanted: Which.
            steps: How many steps the time axis may have; never less than two.
            group_by: What a group is.
            now: Where the axis ends when the filter does not say; else at the newest record.

        Raises:
            AuditError: The file could not be read.
        """
        question = Question(wanted, steps, group_by, now)
        return await self._read(partial(self._backend.overview, question=question), needs_sums=True)

    async def get(self, number: int) -> AuditRecord | None:
        """The record with this id, or ``None``.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(
            lambda connection: queries.get(connection, self._places.name, number)
        )

    async def report(
        self, tenant: str | None = None, wanted: Wanted | None = None
    ) -> EfficiencyReport:
        """The efficiency report over all registrations, or over some.

        Args:
            tenant: Over this tenant's only.
            wanted: Over those of these that are registrations only.

        Raises:
            AuditError: The file could not be read.
        """
        if wanted is None:
            return await self._read(partial(metrics.efficiency_report, tenant=tenant))
        theirs = wanted if tenant is None else replace(wanted, tenant=tenant)
        found = (await self.overview(theirs)).registrations
        return EfficiencyReport(found.avg_ms or 0.0, found.success_rate or 0.0, found.total)

    async def last_registrations(
        self, limit: int, tenant: str | None = None
    ) -> tuple[list[AuditRecord], EfficiencyReport]:
        """The latest registrations, oldest first, and the report, both of the same moment.

        Raises:
            AuditError: The file could not be read.
        """

        def both(connection: Connection) -> tuple[list[AuditRecord], EfficiencyReport]:
            records = metrics.last_registrations(connection, self._places.name, tenant, limit)
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

    async def rebuild_sums(self) -> None:
        """Add everything up anew, where the sums are not what the records say.

        Raises:
            AuditError: The file could not be written.
        """

        def forget(connection: Connection, _: Chain) -> None:
            if isinstance(connection, sqlite3.Connection):  # a server keeps none
                with transaction(connection, "IMMEDIATE"):
                    rollups.forget(connection)

        await asyncio.wrap_future(self._writer.run(forget))
        await self._read(lambda _: None, needs_sums=True)

    async def head(self) -> Head | None:
        """The last record's number and MAC, as exports carry them; ``None`` without a chain.

        Raises:
            AuditError: The file could not be read.
        """
        return await self._read(head_of)

    async def older_than(self, before: datetime) -> Old | None:
        """The oldest records, up to the first that is not from before a moment.

        Raises:
            UsageError: The log is a shared one.
            AuditError: The file could not be read.
        """
        from cognitui.audit import archive

        archive.require_file(self._places)
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
            record: Makes the record that says so; it is written with the first of them that leaves.
            progress: Told now and then how many are copied, and how many there are.

        Raises:
            UsageError: The archive is there already, or cannot be written, or the log is a shared
                one.
            AuditChainBroken: The records are not as they were written; the log is left as it is.
            AuditError: What has not left the log is still there. The archive is whole where it is
                there at all.
        """
        from cognitui.audit import archive

        archive.require_file(self._places)
        made = await in_thread(partial(archive.copy, self._places, old, to), progress)
        work = partial(archive.take_out, archive=made, record=record)
        await asyncio.wrap_future(self._writer.run(work))
        return made

    async def _read(self, query: Callable[[Any], T], *, needs_sums: bool = False) -> T:
        if self._reader is not self._writer:  # what was to be appended before is to be seen
            await asyncio.wrap_future(self._writer.run(lambda *_: None))
        return await asyncio.wrap_future(self._reader.read(query, needs_sums=needs_sums))
