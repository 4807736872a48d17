"""A log in a file of this machine."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit import database, overview, queries, rollups, schema
from cognitui.audit.errors import from_sqlite
from cognitui.audit.transaction import transaction

if TYPE_CHECKING:
    from cognitui.audit.chain import Chain
    from cognitui.audit.connection import Connection
    from cognitui.audit.errors import AuditError
    from cognitui.audit.overview import Overview, Question
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.schema import Row
    from cognitui.audit.seal import Places
    from cognitui.audit.wanted import Wanted


MANY = 1000


@dataclass(frozen=True, slots=True)
class FileBackend:
    """Implements `Backend` with SQLite."""

    places: Places

    def open(self) -> tuple[Connection, Chain]:
        """See `database.connect`."""
        return database.connect(self.places)

    def reopen(self) -> Connection:
        """Open the file once more; a connection to a file is never lost."""
        return database.reader(self.places.log)

    def to_row(self, record: AuditRecord) -> Row:
        """See `schema.to_row`."""
        return schema.to_row(record)

    def idle_work(self, connection: Connection, _: Chain) -> int:
        """About how many records are not added up yet."""
        return rollups.behind(_file(connection))

    def work_in_idle(self, connection: Connection, _: Chain) -> None:
        """Add up some of them."""
        with transaction(connection, "IMMEDIATE"):
            rollups.advance(_file(connection), rollups.AT_A_TIME)

    def catch_up(self, connection: Connection) -> None:
        """Add up all that is not added up yet."""
        rollups.catch_up(_file(connection))

    def page(self, connection: Connection, wanted: Wanted, limit: int) -> list[AuditRecord]:
        """See `queries.page`."""
        return queries.page(_file(connection), self.places.log, wanted, limit)

    def count(self, connection: Connection, wanted: Wanted) -> int:
        """See `queries.count`."""
        return queries.count(_file(connection), wanted)

    def overview(self, connection: Connection, question: Question) -> Overview:
        """See `overview.overview`."""
        return overview.overview(_file(connection), question)

    @property
    def reads_apart(self) -> bool:
        """They would hold up commits."""
        return False

    @property
    def idle_from(self) -> int:
        """When so many records are not added up they are."""
        return MANY

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What SQLite raises."""
        return (sqlite3.Error,)

    def typed(self, error: Exception) -> AuditError:
        """What SQLite said, in our words."""
        assert isinstance(error, sqlite3.Error)
        return from_sqlite(error, self.places.log)


def _file(connection: Connection) -> sqlite3.Connection:
    assert isinstance(connection, sqlite3.Connection)
    return connection
