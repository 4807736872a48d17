"""A transaction that is either committed or rolled back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator


@contextmanager
def transaction(connection: sqlite3.Connection, kind: str) -> Iterator[None]:
    """Commit what the block does, or nothing of it.

    Args:
        connection: It must not be in a transaction.
        kind: ``IMMEDIATE`` to write, ``DEFERRED`` to read.

    Raises:
        sqlite3.Error: It could not be begun or committed.
    """
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has ended the transaction already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
