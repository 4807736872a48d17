"""Sums by some of the words that records repeat, each over hours, days, weeks or for good."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.audit.steps import SECOND_US
from cognitui.histogram import Histogram, bucket

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

HOUR_S, DAY_S, WEEK_S, ALWAYS = 3600, 86_400, 604_800, 0
"""How long a cell is, in seconds; ``ALWAYS`` has no end."""

CUT_WORDS = ("tenant", "bot_id", "actor", "webhook_id", "event", "action", "outcome")


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
    Cube(
        frozenset({"tenant", "bot_id", "actor", "event", "action", "outcome"}),
        (DAY_S, WEEK_S, ALWAYS),
    ),
    Cube(
        frozenset({"tenant", "bot_id", "webhook_id", "action", "outcome"}), (DAY_S, WEEK_S, ALWAYS)
    ),
    Cube(frozenset(CUT_WORDS), (WEEK_S, ALWAYS)),
)
"""The coarsest first. Their numbers are on people's disks."""


@dataclass(slots=True)
class Sum:
    """What some facts are in one cell."""

    total: int = 0
    attempts: int = 0
    times_ms: list[float] = field(default_factory=list)
    buckets: list[int] = field(default_factory=list)


def cells_of(
    connection: sqlite3.Connection, inside: str, values: tuple[int, ...]
) -> list[tuple[tuple[int, int, int], Sum]]:
    """What some facts are in each cell: its cut, grain and start, in order."""
    hours = by_hour(connection, inside, values)
    cuts = _cuts_of(connection, {kind for (kind, _), _ in hours})
    cells: defaultdict[tuple[int, int, int], Sum] = defaultdict(Sum)
    for (kind, hour), cell in hours:
        for number, cube in enumerate(CUBES):
            for grain_s in cube.grains_s:
                start = hour * HOUR_S // grain_s if grain_s else 0
                sums = cells[cuts[kind][number], grain_s, start]
                sums.total += cell.total
                sums.attempts += cell.attempts
                sums.times_ms += cell.times_ms
                sums.buckets += cell.buckets
    return sorted(cells.items(), key=lambda one: one[0])


def by_hour(
    connection: sqlite3.Connection, inside: str = "1", values: tuple[int, ...] = ()
) -> list[tuple[tuple[int, int], Sum]]:
    """What some facts are in each hour: their kind, the hour since Monday, and their sum."""
    hours: defaultdict[tuple[int, int], Sum] = defaultdict(Sum)
    for kind, at, latency_ms, attempts in connection.execute(
        f"SELECT kind, at, latency_ms, attempts FROM facts WHERE {inside}",  # noqa: S608
        values,
    ):
        cell = hours[kind, at // (HOUR_S * SECOND_US)]
        cell.total += 1
        cell.attempts += attempts
        if latency_ms is not None:
            cell.times_ms.append(latency_ms)
            cell.buckets.append(bucket(latency_ms / 1000))
    return list(hours.items())


def _cuts_of(connection: sqlite3.Connection, kinds: Iterable[int]) -> dict[int, list[int]]:
    """The number of each kind's cut, by cube."""
    known: dict[tuple[str | int, ...], int] = {}
    found: dict[int, list[int]] = {}
    for (kind, *words), (number, cube) in product(_words_of(connection, kinds), enumerate(CUBES)):
        kept = (
            word if name in cube.words else "" for name, word in zip(CUT_WORDS, words, strict=True)
        )
        key = (number, *kept)
        if key not in known:
            known[key] = _cut(connection, key)
        found.setdefault(kind, []).append(known[key])
    return found


def _words_of(connection: sqlite3.Connection, kinds: Iterable[int]) -> list[Any]:
    # As bytes: a text of a record that somebody changed may be none.
    words = ", ".join(f"CAST({name} AS BLOB)" for name in CUT_WORDS)
    rows = connection.execute(
        f"SELECT id, {words} FROM kinds WHERE id IN (SELECT value FROM json_each(?))",  # noqa: S608
        (json.dumps(sorted(kinds)),),
    )
    return [(kind, *(text.decode("utf-8", "replace") for text in texts)) for kind, *texts in rows]


def _cut(connection: sqlite3.Connection, key: tuple[str | int, ...]) -> int:
    connection.execute(
        f"INSERT OR IGNORE INTO cuts (cube, {', '.join(CUT_WORDS)}) "  # noqa: S608  # own names
        f"VALUES ({', '.join('?' * len(key))})",
        key,
    )
    same = " AND ".join(f"{name} = ?" for name in ("cube", *CUT_WORDS))
    row = connection.execute(f"SELECT id FROM cuts WHERE {same}", key).fetchone()  # noqa: S608
    return int(row[0])


def subtract(connection: sqlite3.Connection, key: tuple[int, int, int], cell: Sum) -> None:
    """Take the sum out of the cell that it is in."""
    which = "WHERE cut = ? AND grain = ? AND start = ?"
    total, spent_ms, most_ms, attempts, packed = connection.execute(
        f"SELECT total, spent_ms, most_ms, attempts, times FROM cells {which}",  # noqa: S608
        key,
    ).fetchone()
    if total == cell.total:
        connection.execute(f"DELETE FROM cells {which}", key)  # noqa: S608
        return
    times = Histogram()
    times.merge_packed(packed, most_ms / 1000)
    times.take_out(Counter(cell.buckets))
    changes = (
        total - cell.total, times.count, spent_ms - sum(cell.times_ms) if times.count else 0.0,
        times.most_s * 1000, attempts - cell.attempts, times.packed(),
    )  # fmt: skip
    connection.execute(
        "UPDATE cells SET total = ?, timed = ?, spent_ms = ?, most_ms = ?, attempts = ?, "  # noqa: S608
        f"times = ? {which}",
        (*changes, *key),
    )


def add(connection: sqlite3.Connection, key: tuple[int, int, int], cell: Sum) -> None:
    """Add the sum to its cell."""
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
