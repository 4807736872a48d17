"""A connection to a PostgreSQL server that speaks as a connection to a file does.

Whatever goes wrong is raised as an `AuditError`: nothing beyond this package knows psycopg.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus

from cognitui.audit.postgres.errors import from_psycopg, unreachable, url_unusable
from cognitui.errors import CognituiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from cognitui.audit.connection import Cursor
    from cognitui.audit.server import Server

SCHEMA = "cognitui"
STALLED_S = 10.0
"""After so long without a statement in a transaction the server ends it, and the connection."""

_OPEN = {TransactionStatus.INTRANS, TransactionStatus.INERROR}
_DEFAULTS: dict[str, Any] = {
    "application_name": "cognitui",
    "connect_timeout": 5,
    # A server that has gone without a word is noticed after some seconds, not after hours.
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_NO_OWN_WAIT = ("off", "local")


class ServerConnection:
    """An open database. It implements `Connection`."""

    def __init__(self, server: Server, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._server = server
        self._connection = connection

    @classmethod
    def open(cls, server: Server, patience_s: float) -> Self:
        """Connect, and see to it that a commit that is acknowledged is on the server's disk.

        Args:
            server: Where.
            patience_s: How long to wait for others who are writing.

        Raises:
            UsageError: The URL cannot be used.
            AuditUnreachable: The server does not answer, or does not let us in.
            AuditError: It cannot hold a log.
        """
        raw = _connect(server)
        if isinstance(raw, CognituiError):
            raise raw
        connection = cls(server, raw)
        try:
            connection._configure(patience_s)
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open; never on a connection that was lost."""
        raw = self._connection
        return not raw.closed and raw.info.transaction_status in _OPEN

    @property
    def encoding(self) -> str:
        """The encoding of the server's texts."""
        return self._connection.info.parameter_status("server_encoding") or ""

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Cursor:
        """Run a statement; several of them, parted by semicolons, when there are no values.

        Raises:
            AuditUnreachable: The connection was lost, and maybe after the statement was done.
            AuditError: It was not done.
        """
        with self._typed_errors():
            if parameters:
                return self._connection.execute(_translated(sql), parameters)
            return self._connection.execute(sql)

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]]) -> Cursor:
        """Run a statement for each of these, without waiting for each answer.

        Raises:
            AuditError: As `execute` does.
        """
        with self._typed_errors():
            cursor = self._connection.cursor()
            cursor.executemany(_translated(sql), parameters)
            return cursor

    def close(self) -> None:
        """End the connection; it may have been lost already."""
        self._connection.close()

    def _configure(self, patience_s: float) -> None:
        settings = {
            "search_path": f"{SCHEMA}, pg_temp",
            "lock_timeout": int(patience_s * 1000),
            # A console that dies without a word must not keep the lock from its colleagues.
            "idle_in_transaction_session_timeout": int(STALLED_S * 1000),
            "work_mem": "'64MB'",
            "tcp_keepalives_idle": 10,
            "tcp_keepalives_interval": 3,
            "tcp_keepalives_count": 3,
        }
        self.execute("; ".join(f"SET {name} = {value}" for name, value in settings.items()))
        waits = self.execute("SELECT current_setting('synchronous_commit')").fetchone()[0]
        if waits in _NO_OWN_WAIT:
            self.execute("SET synchronous_commit = on")

    @contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise from_psycopg(error, self._server, is_lost=self._connection.closed) from None


def _connect(server: Server) -> psycopg.Connection[tuple[Any, ...]] | CognituiError:
    """A connection, or why there is none.

    That is not raised here: it would bring along the frames that hold the password.
    """
    try:
        given = conninfo_to_dict(server.url)
    except psycopg.Error:
        return url_unusable()  # its words may hold the password
    options = {**_DEFAULTS, **given, "client_encoding": "utf8"}
    try:
        return psycopg.connect(**options, autocommit=True)
    except psycopg.Error as error:
        return unreachable(server, error, given.get("password"))


@cache
def _translated(sql: str) -> str:
    """With the marks for values that psycopg knows."""
    return sql.replace("%", "%%").replace("?", "%s")
