"""What is asked of the audit log's table."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.audit import facts
from cognitui.audit.schema import SELECT, from_row
from cognitui.audit.wanted import Wanted

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server

NO_END = 1 << 62


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
