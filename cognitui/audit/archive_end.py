"""Where an archive ends: a signed line in the archive itself, so that it verifies alone."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from cognitui.audit.head import Head

if TYPE_CHECKING:
    import sqlite3

    from cognitui.audit.canonical import Key

TABLE = "archive_end"
CREATE = f"CREATE TABLE {TABLE} (log TEXT NOT NULL, last INTEGER, mac TEXT, seal TEXT)"


def write_end(connection: sqlite3.Connection, head: Head, key: Key) -> None:
    """Sign the end of an archive."""
    connection.execute(
        f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?)",  # noqa: S608  # a name from above
        (head.log, head.last, head.mac, key.sign("archive", head.values())),
    )


def read_end(connection: sqlite3.Connection, key: Key) -> Head | None:
    """The end of an archive; ``None`` when it is not an archive of this key's log."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone()
    if known is None:
        return None
    row = connection.execute(f"SELECT log, last, mac, seal FROM {TABLE}").fetchone()  # noqa: S608
    if row is None:
        return None
    head = Head(*row[:3])
    try:
        is_genuine = head.log == key.log and compare_digest(
            key.sign("archive", head.values()), row[3]
        )
    except TypeError:
        return None
    return head if is_genuine else None
