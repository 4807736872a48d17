"""What the audit log asks of a connection, whether to a file or to a server.

The SQL is shared: it is what SQLite and PostgreSQL both understand, with ``?`` for each value. What
must be said differently is in this file, in `schema` and `postgres.schema`, and in what answers
questions: `queries` and `overview` for a file, `postgres.questions` for a server.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

APPLICATION_ID = 0x636F6775
"""Marks what is ours (``cogu``): a file's header, and the lock of those who write to a server."""

_ON_SERVER = {
    # A lock that is held by who writes, until the end of the transaction. Each statement after it
    # sees what was committed before the lock was given.
    "IMMEDIATE": "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; "
    f"SELECT pg_advisory_xact_lock({APPLICATION_ID})",
    "DEFERRED": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


class Cursor(Protocol):
    """The rows of an answer."""

    def fetchone(self) -> Any:
        """The next row, or ``None``."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """An open log. Transactions are begun and ended by statements."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""

    def execute(self, sql: str, parameters: Sequence[Any] = ..., /) -> Cursor:
        """Run a statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run a statement for each of these."""

    def close(self) -> None:
        """End it."""


def begin(connection: Connection, kind: str) -> None:
    """Begin a transaction.

    Args:
        connection: It must not be in one.
        kind: ``IMMEDIATE`` to write, ``DEFERRED`` to read.
    """
    is_file = isinstance(connection, sqlite3.Connection)
    connection.execute(f"BEGIN {kind}" if is_file else _ON_SERVER[kind])


def has_any_table(connection: Connection) -> bool:
    """Whether there is a table of a log, be it another one or not whole."""
    return any(has_table(connection, name) for name in ("records", "chain"))


def has_table(connection: Connection, name: str) -> bool:
    """Whether there is a table of this name."""
    if isinstance(connection, sqlite3.Connection):
        question = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    else:
        question = "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?"
    return connection.execute(question, (name,)).fetchone() is not None
