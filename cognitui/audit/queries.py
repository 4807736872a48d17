"""What is asked of the audit log's table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.audit import facts
from cognitui.audit.schema import SELECT, from_row, moment
from cognitui.audit.wanted import Wanted

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server

NO_END = 1 << 62
WINDOW = 20_000
"""So many records are looked at in one go: some tenth of a second."""


def page(
    connection: sqlite3.Connection, path: Path, wanted: Wanted, limit: int
) -> list[AuditRecord]:
    """The newest records, newest first.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    most = max(limit, 0)
    if asks_for_all(wanted):
        before_id = NO_END if wanted.before_id is None else wanted.before_id
        rows = connection.execute(
            f"{SELECT} WHERE id < ? ORDER BY id DESC LIMIT ?", (before_id, most)
        )
        return [from_row(row, path) for row in rows]
    ids = facts.newest_ids(connection, facts.search(connection, wanted), most)
    those = "id IN (SELECT value FROM json_each(?))"
    rows = connection.execute(f"{SELECT} WHERE {those} ORDER BY id DESC", (json.dumps(ids),))
    return [from_row(row, path) for row in rows]


def scan(
    connection: sqlite3.Connection, path: Path, wanted: Wanted, limit: int
) -> tuple[list[AuditRecord], int | None]:
    """The newest records of a tenant or a time, as the records themselves say, newest first.

    Unlike `page` it looks at `WINDOW` records at most and at no sums, in which somebody may have
    hidden one.

    Returns:
        The records, and below which number to go on; ``None`` when these are the last.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    below = NO_END if wanted.before_id is None else wanted.before_id
    since = None if wanted.since is None else moment(wanted.since)
    lowest = connection.execute(
        "SELECT min(id) FROM (SELECT id FROM records WHERE id < ? ORDER BY id DESC LIMIT ?)",
        (below, WINDOW),
    ).fetchone()[0]
    if lowest is None:
        return [], None
    rows = connection.execute(
        f"{SELECT} WHERE id < ? AND id >= ? "
        "AND (? IS NULL OR tenant = ?) AND (? IS NULL OR at >= ?) ORDER BY id DESC LIMIT ?",
        (below, lowest, wanted.tenant, wanted.tenant, since, since, limit),
    )
    records = [from_row(row, path) for row in rows]
    is_full = len(records) == limit
    return records, records[-1].id if is_full and records else lowest


def count(connection: sqlite3.Connection, wanted: Wanted) -> int:
    """How many records there are."""
    if wanted == Wanted():
        return int(connection.execute("SELECT count(*) FROM records").fetchone()[0])
    return facts.count(connection, facts.search(connection, wanted))


def asks_for_all(wanted: Wanted) -> bool:
    """Whether a filter only says which page."""
    return replace(wanted, before_id=None) == Wanted()


def get(connection: Connection, path: Path | Server, number: int) -> AuditRecord | None:
    """One record, or ``None`` where there is no such.

    Raises:
        AuditDamaged: The row makes no sense.
    """
    row = connection.execute(f"{SELECT} WHERE id = ?", (number,)).fetchone()
    return None if row is None else from_row(row, path)
