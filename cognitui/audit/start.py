"""Where a log's chain starts: a signed line in the log itself."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from cognitui.audit.connection import has_table

if TYPE_CHECKING:
    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection


@dataclass(frozen=True, slots=True)
class Start:
    """What comes before the first record that a log still has.

    Attributes:
        log: The log's id.
        unchained_until: The last record that was written before there was a chain; such records are
            sealed as they were found then. 0 when there is none.
        archived_until: The last record that was moved into an archive; 0 when none was.
        previous: What the first record is chained to, in hex: the MAC of the last archived one.
    """

    log: str
    unchained_until: int
    archived_until: int
    previous: str

    def signed(self, key: Key) -> str:
        """The MAC of this line, in hex."""
        return key.sign(
            "start",
            {
                "unchained_until": self.unchained_until,
                "archived_until": self.archived_until,
                "previous": self.previous,
            },
        )


def read_start(connection: Connection) -> tuple[Start, str] | None:
    """The line and the MAC beside it; ``None`` when the log is not chained."""
    question = "SELECT log, unchained_until, archived_until, previous, mac FROM chain"
    # A server would end the transaction at a question for a table that is not there; a file is
    # spared the look, since every append asks.
    if not isinstance(connection, sqlite3.Connection) and not has_table(connection, "chain"):
        return None
    try:
        row = connection.execute(question).fetchone()
    except sqlite3.OperationalError:
        if has_table(connection, "chain"):
            raise
        return None
    return None if row is None else (Start(*row[:4]), row[4])


def write_start(connection: Connection, start: Start, key: Key) -> None:
    """Put a new line in the place of the one before."""
    connection.execute(
        "INSERT INTO chain VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (one) DO UPDATE SET "
        "log = excluded.log, unchained_until = excluded.unchained_until, "
        "archived_until = excluded.archived_until, previous = excluded.previous, "
        "mac = excluded.mac",
        (start.log, start.unchained_until, start.archived_until, start.previous, start.signed(key)),
    )


def is_genuine(start: Start, mac: object, key: Key) -> bool:
    """Whether the line was signed with this key, for this log."""
    try:
        signed = start.signed(key)
    except (TypeError, ValueError):
        return False
    return start.log == key.log and isinstance(mac, str) and compare_digest(signed, mac)
