"""A log on a PostgreSQL server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit import schema
from cognitui.audit.chain import Chain
from cognitui.audit.database import BUSY_TIMEOUT_S
from cognitui.audit.postgres import questions
from cognitui.audit.postgres.connection import ServerConnection
from cognitui.audit.postgres.schema import migrate
from cognitui.audit.postgres.text import storable

if TYPE_CHECKING:
    from cognitui.audit.connection import Connection
    from cognitui.audit.errors import AuditError
    from cognitui.audit.overview import Overview, Question
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.schema import Row
    from cognitui.audit.seal import Places
    from cognitui.audit.server import Server
    from cognitui.audit.wanted import Wanted


@dataclass(frozen=True, slots=True)
class ServerBackend:
    """Implements `Backend` with PostgreSQL."""

    places: Places
    server: Server

    def open(self) -> tuple[Connection, Chain]:
        """Connect, make the log when there is none, and join it when it is new to this console."""
        connection = ServerConnection.open(self.server, BUSY_TIMEOUT_S)
        try:
            migrate(connection, self.server)
            return connection, Chain.open(connection, self.places, BUSY_TIMEOUT_S)
        except BaseException:
            connection.close()
            raise

    def reopen(self) -> Connection:
        """Connect again."""
        return ServerConnection.open(self.server, BUSY_TIMEOUT_S)

    def to_row(self, record: AuditRecord) -> Row:
        """See `schema.to_row`; without what PostgreSQL does not take for text."""
        return tuple(
            storable(value) if isinstance(value, str) else value for value in schema.to_row(record)
        )

    def idle_work(self, connection: Connection, chain: Chain) -> int:
        """How many records of others this console's head does not cover yet."""
        return chain.behind(connection)

    def work_in_idle(self, connection: Connection, chain: Chain) -> None:
        """Let it cover them."""
        chain.catch_up(connection)

    def catch_up(self, connection: Connection) -> None:
        """Do nothing: there are no sums."""

    def page(self, connection: Connection, wanted: Wanted, limit: int) -> list[AuditRecord]:
        """See `questions.page`."""
        return questions.page(connection, self.server, wanted, limit)

    def count(self, connection: Connection, wanted: Wanted) -> int:
        """See `questions.count`."""
        return questions.count(connection, wanted)

    def overview(self, connection: Connection, question: Question) -> Overview:
        """See `overview.overview`."""
        # It counts, which those who only write need not load.
        from cognitui.audit.postgres.overview import overview

        return overview(connection, question)

    @property
    def reads_apart(self) -> bool:
        """They hold nobody up."""
        return True

    @property
    def idle_from(self) -> int:
        """Each record that is not covered could be taken away unseen."""
        return 1

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """Nothing: what a `ServerConnection` raises is typed already."""
        return ()

    def typed(self, error: Exception) -> AuditError:
        """Is never asked for."""
        raise TypeError(f"{type(error).__name__} is none of the failures")
