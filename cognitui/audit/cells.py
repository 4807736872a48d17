"""Reading what is added up: which cells answer a question, and what has to be looked at besides."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from cognitui.audit import facts
from cognitui.audit.cubes import ALWAYS, CUBES, DAY_S, Cube
from cognitui.audit.facts import Condition, words_condition
from cognitui.audit.steps import SECOND_US, from_us

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from cognitui.audit.wanted import Wanted


class Part(NamedTuple):
    """A part of a time, and how long the cells are that it consists of, where it does of cells."""

    grain_s: int | None
    begin_us: int
    end_us: int


ALL_TIME = Part(ALWAYS, 0, 0)


class Cell(NamedTuple):
    """What is added up in one place: see the table."""

    action: str
    outcome: str
    key: str
    start: int
    total: int
    spent_ms: float
    most_ms: float
    attempts: int
    times: bytes


def cube_for(words: frozenset[str], *, is_always: bool) -> int | None:
    """The number of the coarsest cube that knows all these words, if there is one."""
    for number, cube in enumerate(CUBES):
        if words <= cube.words and (is_always or len(cube.grains_s) > 1):
            return number
    return None


def cover(begin_us: int, end_us: int, grains_s: Sequence[int]) -> list[Part]:
    """The parts that a time consists of, as few as there can be.

    Args:
        begin_us: From then on, in microseconds since Monday.
        end_us: Before then.
        grains_s: How long cells may be, the longest first.
    """
    if begin_us >= end_us:
        return []
    if not grains_s:
        return [Part(None, begin_us, end_us)]
    length = grains_s[0] * SECOND_US
    first, last = -(-begin_us // length) * length, end_us // length * length
    if first >= last:
        return cover(begin_us, end_us, grains_s[1:])
    return [
        *cover(begin_us, first, grains_s[1:]),
        Part(grains_s[0], first, last),
        *cover(last, end_us, grains_s[1:]),
    ]


def grains_of(cube: Cube, longest_s: int) -> list[int]:
    """How long the cube's cells are, up to a length that they divide, the longest first."""
    return sorted(
        (grain for grain in cube.grains_s if grain and longest_s % grain == 0), reverse=True
    )


def extent(connection: sqlite3.Connection, cube: int, wanted: Wanted) -> tuple[int, int] | None:
    """When the earliest and the latest of the wanted records were; ``None`` if there is none."""
    condition = _of_cuts(cube, wanted)
    days = connection.execute(
        f"SELECT min(start), max(start) FROM cuts JOIN cells ON cut = id WHERE {condition.sql} "  # noqa: S608
        "AND grain = ?",
        [*condition.values, DAY_S],
    ).fetchone()
    if days[0] is None:
        return None
    day_us = DAY_S * SECOND_US
    first = _ends(connection, wanted, days[0] * day_us)
    last = _ends(connection, wanted, days[1] * day_us)
    return first[0], last[1]


def _ends(connection: sqlite3.Connection, wanted: Wanted, day_begin_us: int) -> tuple[int, int]:
    """The earliest and the latest of one day, on which there is something."""
    until = from_us(day_begin_us + DAY_S * SECOND_US)
    found = facts.search(connection, replace(wanted, since=from_us(day_begin_us), until=until))
    where, values = found.where(is_scan=True)
    row: tuple[int, int] = connection.execute(
        f"SELECT min(at), max(at) FROM facts WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    return row


def totals(
    connection: sqlite3.Connection, cube: int, wanted: Wanted, part: Part, column: str
) -> Iterator[tuple[str, str, int]]:
    """How many there are of each key and outcome."""
    condition = _in_part(cube, wanted, part)
    return connection.execute(
        f"SELECT {column}, outcome, sum(cells.total) FROM cuts JOIN cells ON cut = id "  # noqa: S608
        f"WHERE {condition.sql} GROUP BY 1, 2",
        condition.values,
    )


def read(
    connection: sqlite3.Connection,
    cube: int,
    wanted: Wanted,
    part: Part,
    *,
    column: str = "''",
    keys: Sequence[str] | None = None,
) -> Iterator[Cell]:
    """The cells of a part.

    Args:
        connection: The log.
        cube: The number of the cube.
        wanted: Of which records; its times do not count here.
        part: Of which time.
        column: What is the key of a cell.
        keys: Only with one of these.
    """
    condition = _in_part(cube, wanted, part)
    if keys is not None:
        condition.add(f"{column} IN ({', '.join('?' * len(keys))})", *keys)
    rows = connection.execute(
        f"SELECT action, outcome, {column}, start, cells.total, spent_ms, most_ms, attempts, times "  # noqa: S608
        f"FROM cuts JOIN cells ON cut = id WHERE {condition.sql}",
        condition.values,
    )
    return map(Cell._make, rows)


def _in_part(cube: int, wanted: Wanted, part: Part) -> Condition:
    condition = _of_cuts(cube, wanted)
    if not part.grain_s:
        condition.add("grain = ?", ALWAYS)
    else:
        length = part.grain_s * SECOND_US
        condition.add(
            "grain = ? AND start >= ? AND start < ?",
            part.grain_s, part.begin_us // length, part.end_us // length,
        )  # fmt: skip
    return condition


def _of_cuts(cube: int, wanted: Wanted) -> Condition:
    condition = words_condition(wanted, CUBES[cube].words)
    condition.add("cube = ?", cube)
    return condition
