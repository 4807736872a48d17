"""What is exported: which records, read page by page, and what is known of the log itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from cognitui.audit.errors import AuditError
from cognitui.audit.records import AuditRecord
from cognitui.audit.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from datetime import datetime

    from cognitui.audit.store import AuditLog

PAGE = 500
_FIRST = "id"
FIELDS = (_FIRST, *(each.name for each in fields(AuditRecord) if each.name != _FIRST))
"""The names of a record's fields, the number first, as exports list them."""


class ExportFormat(StrEnum):
    """The forms that there are."""

    JSONL = "jsonl"
    CSV = "csv"
    HTML = "html"


@dataclass(frozen=True, slots=True)
class Subject:
    """What an export is of.

    Attributes:
        made_at: When it was asked for, in UTC.
        tenant: Only this tenant's records; ``None`` for those of all.
        since: Only records of this moment or later; ``None`` for all.
        head: What the log's end is sealed with, so that a reader can tell whether the export is of
            that log and whole; ``None`` where the log has none.
        last: The number of the record that the head is of, the newest one of the export; ``None``
            for whichever is the newest.
    """

    made_at: datetime
    tenant: str | None = None
    since: datetime | None = None
    head: str | None = None
    last: int | None = None

    def about(self) -> dict[str, str | None]:
        """The same for machines."""
        return {
            "made_at": self.made_at.isoformat(),
            "tenant": self.tenant,
            "since": self.since.isoformat() if self.since else None,
            "head": self.head,
        }


class Writer(Protocol):
    """One form of export. It gets the records newest first and gives the file bit by bit."""

    def begin(self) -> bytes:
        """What stands before the records."""
        ...

    def page(self, records: Sequence[AuditRecord]) -> bytes:
        """What the next records become."""
        ...

    def end(self) -> bytes:
        """What stands after them."""
        ...


async def pages(log: AuditLog, subject: Subject) -> AsyncIterator[list[AuditRecord]]:
    """The records, newest first, never more than a page of them at a time.

    What is appended meanwhile is not among them: the newest one is that of the head, or of the
    first page.

    Raises:
        AuditError: The log could not be read, or records left it meanwhile.
    """
    wanted = Wanted(
        before_id=None if subject.last is None else subject.last + 1,
        tenant=subject.tenant,
        since=subject.since,
    )
    archived = await log.archived_until()
    while page := await log.scan(wanted, PAGE):
        yield page
        wanted = replace(wanted, before_id=page[-1].id)
    if (now := await log.archived_until()) != archived:
        raise AuditError(
            f"The export is not complete: records up to {now} were archived meanwhile.",
            hint="Export again; what is in the archive is not among it.",
        )


def as_dict(record: AuditRecord) -> dict[str, Any]:
    """A record as JSON can hold it, every field of it, the number first."""
    values = {name: getattr(record, name) for name in FIELDS}
    values["at"] = record.at.isoformat()
    values["attempts"] = [asdict(attempt) for attempt in record.attempts]
    return values
