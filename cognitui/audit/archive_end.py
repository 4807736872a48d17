"""What an archive holds: a signed line in the archive itself, so that it verifies alone."""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from cognitui.audit.head import Head

if TYPE_CHECKING:
    import sqlite3

    from cognitui.audit.canonical import Key
    from cognitui.audit.start import Start

TABLE = "archive_end"
CREATE = (
    f"CREATE TABLE {TABLE} (log TEXT NOT NULL, after INTEGER, previous TEXT, first INTEGER, "
    "count INTEGER, last INTEGER, mac TEXT, seal TEXT)"
)


@dataclass(frozen=True, slots=True)
class End:
    """Which records an archive holds.

    Attributes:
        after: The last record that was moved into an archive before; 0 when none was.
        previous: What the first record is chained to, in hex.
        first: The number of the first record.
        count: How many records there are.
        head: The last of them.
    """

    after: int
    previous: str
    first: int
    count: int
    head: Head

    def values(self) -> dict[str, Any]:
        """What is under the MAC, besides the log."""
        return {
            "after": self.after,
            "previous": self.previous,
            "first": self.first,
            "count": self.count,
            **self.head.values(),
        }

    def follows(self, start: Start) -> bool:
        """Whether this is where the archive starts that this line was written for."""
        return (start.archived_until, start.previous) == (self.after, self.previous)


def write_end(connection: sqlite3.Connection, end: End, key: Key) -> None:
    """Sign what an archive holds."""
    connection.execute(
        f"INSERT INTO {TABLE} VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608  # a name from above
        (
            end.head.log, end.after, end.previous, end.first, end.count, end.head.last,
            end.head.mac, key.sign("archive", end.values()),
        ),
    )  # fmt: skip


def read_end(connection: sqlite3.Connection, key: Key) -> End | None:
    """What an archive holds; ``None`` when it is not an archive of this key's log."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (TABLE,)).fetchone()
    if known is None:
        return None
    row = connection.execute(
        f"SELECT log, after, previous, first, count, last, mac, seal FROM {TABLE}"  # noqa: S608
    ).fetchone()
    if row is None:
        return None
    log, after, previous, first, count, last, mac, seal = row
    end = End(after, previous, first, count, Head(log, last, mac))
    try:
        is_genuine = log == key.log and compare_digest(key.sign("archive", end.values()), seal)
    except TypeError:
        return None
    return end if is_genuine else None
