"""Adds up what the records say, some thousands at a time, so that questions need not.

An append does none of this: it stays as quick as it is. Whoever asks brings the sums up to date
first, and the log's thread does so in its idle moments. What is added up and how far it goes is
written in one transaction, so that it is right whenever the process dies.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from cognitui.audit.schema import COLUMNS
from cognitui.audit.steps import MONDAY, SECOND_US
from cognitui.histogram import Histogram, bucket

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

AT_A_TIME = 20_000
"""So many records are added up in one go: about a third of a second."""

SPAN_BITS = 10
HOUR_S, DAY_S, WEEK_S, ALWAYS = 3600, 86_400, 604_800, 0
"""How long a cell is, in seconds; ``ALWAYS`` has no end."""

WORDS = (
    "tenant", "bot_id", "actor", "action", "webhook_id", "skill_id", "endpoint", "event", "outcome",
    "error_code",
)  # fmt: skip
CUT_WORDS = ("tenant", "bot_id", "webhook_id", "event", "action", "outcome")


class Cube(NamedTuple):
    """Sums by some of the words.

    Attributes:
        words: Which.
        grains_s: How long its cells are, the shortest first.
    """

    words: frozenset[str]
    grains_s: tuple[int, ...]


CUBES = (
    Cube(frozenset({"tenant", "action", "outcome"}), (HOUR_S, DAY_S, WEEK_S, ALWAYS)),
    Cube(frozenset({"tenant", "bot_id", "event", "action", "outcome"}), (DAY_S, WEEK_S, ALWAYS)),
    Cube(
        frozenset({"tenant", "bot_id", "webhook_id", "action", "outcome"}), (DAY_S, WEEK_S, ALWAYS)
    ),
    Cube(frozenset(CUT_WORDS), (WEEK_S, ALWAYS)),
)
"""The coarsest first. Their numbers are on people's disks."""


@dataclass(slots=True)
class _Cell:
    total: int = 0
    attempts: int = 0
    times_ms: list[float] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)


def behind(connection: sqlite3.Connection) -> int:
    """About how many records are not added up yet."""
    upto, stale = connection.execute("SELECT upto, stale FROM rolled").fetchone()
    return _newest(connection) - (0 if stale else int(upto))


def catch_up(connection: sqlite3.Connection) -> None:
    """Add up all that is not added up yet. Call it in a transaction that may write."""
    while advance(connection, AT_A_TIME):
        pass


def rebuild(connection: sqlite3.Connection) -> None:
    """Forget all sums and add everything up anew. Call it in a transaction that may write.

    Nobody has to call it after deleting records: the table takes note of that by itself, and the
    next question does it.
    """
    _forget(connection)
    catch_up(connection)


def advance(connection: sqlite3.Connection, most: int) -> bool:
    """Add up the next records, at most so many; whether there were any."""
    upto, stale = connection.execute("SELECT upto, stale FROM rolled").fetchone()
    if stale:
        _forget(connection)
        upto = 0
    newest = _newest(connection)
    if newest <= upto:
        return False
    # Ids have gaps where records were deleted.
    row = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM records WHERE id > ? ORDER BY id LIMIT ?)",
        (upto, most),
    ).fetchone()
    span = (upto, int(row[0]))
    _add_facts(connection, span)
    _add_cells(connection, span)
    _add_letters(connection, span)
    connection.execute("UPDATE rolled SET upto = ?", (span[1],))
    return True


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0)


def _forget(connection: sqlite3.Connection) -> None:
    for table in ("facts", "cells", "cuts", "kinds", "notes", "spans"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # own table names
    connection.execute("UPDATE rolled SET upto = 0, stale = 0, letters = ''")


_WORDS_OF_RECORD = ", ".join(name if name in COLUMNS else f"'' AS {name}" for name in WORDS)
_SAME_WORDS = " AND ".join(
    f"kinds.{name} = records.{name}" if name in COLUMNS else f"kinds.{name} = ''" for name in WORDS
)
_MONDAY_S = int(MONDAY.timestamp())
_AT = (
    f"(CAST(strftime('%s', substr(at, 1, 19)) AS INTEGER) - {_MONDAY_S}) * {SECOND_US}"
    " + CAST(substr(at, 21, 6) AS INTEGER)"
)


def _add_facts(connection: sqlite3.Connection, span: tuple[int, int]) -> None:
    inside = "id > ? AND id <= ?"
    connection.execute(
        f"INSERT OR IGNORE INTO kinds ({', '.join(WORDS)}) "  # noqa: S608  # own names
        f"SELECT DISTINCT {_WORDS_OF_RECORD} FROM records WHERE {inside}",
        span,
    )
    connection.execute(
        f"INSERT OR IGNORE INTO notes (text) SELECT DISTINCT detail FROM records "  # noqa: S608
        f"WHERE {inside} AND detail <> ''",
        span,
    )
    connection.execute(
        "INSERT INTO facts SELECT records.id, kinds.id, "  # noqa: S608  # own names
        f"{_AT}, latency_ms, json_array_length(attempts), notes.id, operation_id "
        f"FROM records JOIN kinds ON {_SAME_WORDS} LEFT JOIN notes ON notes.text = detail "
        "WHERE records.id > ? AND records.id <= ? ORDER BY records.id",
        span,
    )
    connection.execute(
        "INSERT INTO spans "  # noqa: S608  # a number
        f"SELECT id >> {SPAN_BITS} AS span, min(at), max(at) FROM facts "
        f"WHERE {inside} GROUP BY span "
        "ON CONFLICT (id) DO UPDATE SET "
        "earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
        span,
    )
    connection.execute(
        "UPDATE kinds SET total = total + more FROM "  # noqa: S608
        f"(SELECT kind, count(*) AS more FROM facts WHERE {inside} GROUP BY kind) "
        "WHERE kind = kinds.id",
        span,
    )


def _add_letters(connection: sqlite3.Connection, span: tuple[int, int]) -> None:
    letters = set(connection.execute("SELECT letters FROM rolled").fetchone()[0])
    for (operation_id,) in connection.execute(
        "SELECT operation_id FROM facts WHERE id > ? AND id <= ?", span
    ):
        letters.update(operation_id.lower())
    connection.execute("UPDATE rolled SET letters = ?", ("".join(sorted(letters)),))


def _add_cells(connection: sqlite3.Connection, span: tuple[int, int]) -> None:
    by_hour: defaultdict[tuple[int, int], _Cell] = defaultdict(_Cell)
    for kind, at, latency_ms, attempts in connection.execute(
        "SELECT kind, at, latency_ms, attempts FROM facts WHERE id > ? AND id <= ?", span
    ):
        cell = by_hour[kind, at // (HOUR_S * SECOND_US)]
        cell.total += 1
        cell.attempts += attempts
        if latency_ms is not None:
            cell.times_ms.append(latency_ms)
            cell.buckets.append(bucket(latency_ms / 1000))
    cuts = _cuts_of(connection, {kind for kind, _ in by_hour})
    cells: defaultdict[tuple[int, int, int], _Cell] = defaultdict(_Cell)
    for (kind, hour), cell in by_hour.items():
        for number, cube in enumerate(CUBES):
            for grain_s in cube.grains_s:
                start = hour * HOUR_S // grain_s if grain_s else 0
                sums = cells[cuts[kind][number], grain_s, start]
                sums.total += cell.total
                sums.attempts += cell.attempts
                sums.times_ms += cell.times_ms
                sums.buckets += cell.buckets
    for key in sorted(cells):
        _store(connection, key, cells[key])


def _cuts_of(connection: sqlite3.Connection, kinds: Iterable[int]) -> dict[int, list[int]]:
    """The number of each kind's cut, by cube."""
    known: dict[tuple[str | int, ...], int] = {}
    found: dict[int, list[int]] = {}
    rows = connection.execute(
        f"SELECT id, {', '.join(CUT_WORDS)} FROM kinds "  # noqa: S608  # own names
        "WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(kinds)),),
    ).fetchall()
    for (kind, *words), (number, cube) in product(rows, enumerate(CUBES)):
        kept = (
            word if name in cube.words else "" for name, word in zip(CUT_WORDS, words, strict=True)
        )
        key = (number, *kept)
        if key not in known:
            known[key] = _cut(connection, key)
        found.setdefault(kind, []).append(known[key])
    return found


def _cut(connection: sqlite3.Connection, key: tuple[str | int, ...]) -> int:
    connection.execute(
        f"INSERT OR IGNORE INTO cuts (cube, {', '.join(CUT_WORDS)}) "  # noqa: S608  # own names
        f"VALUES ({', '.join('?' * len(key))})",
        key,
    )
    same = " AND ".join(f"{name} = ?" for name in ("cube", *CUT_WORDS))
    row = connection.execute(f"SELECT id FROM cuts WHERE {same}", key).fetchone()  # noqa: S608
    return int(row[0])


def _store(connection: sqlite3.Connection, key: tuple[int, int, int], cell: _Cell) -> None:
    times = Histogram()
    times.merge_counts(Counter(cell.buckets), max(cell.times_ms, default=0.0) / 1000)
    spent_ms = sum(cell.times_ms)
    row = (*key, cell.total, times.count, spent_ms, times.most_s * 1000, cell.attempts)
    is_new = connection.execute(
        "INSERT OR IGNORE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, times.packed())
    ).rowcount
    if is_new:
        return
    which = "WHERE cut = ? AND grain = ? AND start = ?"
    most_ms, packed = connection.execute(
        f"SELECT most_ms, times FROM cells {which}",  # noqa: S608  # the line above
        key,
    ).fetchone()
    times.merge_packed(packed, most_ms / 1000)
    changes = (
        cell.total, times.count, spent_ms, times.most_s * 1000, cell.attempts, times.packed(),
    )  # fmt: skip
    connection.execute(
        "UPDATE cells SET total = total + ?, timed = ?, spent_ms = spent_ms + ?, most_ms = ?, "  # noqa: S608
        f"attempts = attempts + ?, times = ? {which}",
        (*changes, *key),
    )
