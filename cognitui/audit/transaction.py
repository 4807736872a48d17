"""A transaction that is either committed or rolled back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from cognitui.audit.connection import begin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.audit.connection import Connection


@contextmanager
def transaction(connection: Connection, kind: str) -> Iterator[None]:
    """Commit what the block does, or nothing of it.

    Args:
        connection: It must not be in a transaction.
        kind: ``IMMEDIATE`` to write, ``DEFERRED`` to read.

    Raises:
        sqlite3.Error: It could not be begun or committed.
        AuditError: The same, on a server.
    """
    try:
        begin(connection, kind)
        yield
        connection.execute("COMMIT")
    except BaseException:
        # A full disk has ended the transaction already. A server begins one before it locks.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
