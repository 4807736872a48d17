"""Where a log ends, as the log itself tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.head import Head
from cognitui.audit.start import Start, read_start
from cognitui.audit.walk import mac_text

if TYPE_CHECKING:
    from cognitui.audit.connection import Connection


def head_of(connection: Connection) -> Head | None:
    """Where a log ends, as the log itself tells; ``None`` when it is not chained."""
    found = read_start(connection)
    return None if found is None else last_of(connection, found[0])


def last_of(connection: Connection, start: Start) -> Head:
    """The last record that is there, or what comes before the first."""
    row = connection.execute("SELECT id, mac FROM records ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return Head(start.log, start.archived_until, start.previous)
    return Head(start.log, row[0], mac_text(row[1]))


def last_number(connection: Connection) -> int:
    """The number of the last record that is there; 0 when there is none."""
    return int(connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0)


def mac_at(connection: Connection, start: Start, number: int) -> str:
    """A record's MAC as it is stored, in hex; empty when the record is not there."""
    if number == start.archived_until:
        return start.previous
    return mac_at_number(connection, number)


def mac_at_number(connection: Connection, number: int) -> str:
    """A record's MAC as it is stored, in hex; empty when there is no such record."""
    row = connection.execute("SELECT mac FROM records WHERE id = ?", (number,)).fetchone()
    return "" if row is None else mac_text(row[0])
