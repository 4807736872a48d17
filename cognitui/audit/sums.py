"""Whether what is added up beside the records is what they say.

No MAC is over the sums: they can be made anew from the records. But filters and the panel answer
from them, so a log is whole only when they are right. Each record is compared with its facts while
the walk passes it, and the sums with all facts at the end, at one moment.
"""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from contextlib import contextmanager
from struct import calcsize, unpack
from typing import TYPE_CHECKING, Any

from cognitui.audit.cubes import CUBES, CUT_WORDS, HOUR_S, by_hour
from cognitui.audit.errors import is_no_text
from cognitui.audit.rollups import ATTEMPTS, NONSENSE, SPAN_BITS, WORDS, at_us
from cognitui.audit.transaction import transaction
from cognitui.histogram import bucket

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Self

    from cognitui.audit.cubes import Cube, Sum

_OPERATION_ID = 3
_GROUPS_AT_A_TIME = 5000

_SAME_WORDS = " AND ".join(f"kinds.{name} IS records.{name}" for name in WORDS)
_DIFFERENT = f"""
    SELECT records.id FROM records
    LEFT JOIN facts ON facts.id = records.id
    LEFT JOIN kinds ON kinds.id = facts.kind
    LEFT JOIN notes ON notes.id = facts.note
    WHERE records.id > ? AND records.id <= ? AND NOT (
        {_SAME_WORDS} AND facts.at IS {at_us("records.at")}
        AND facts.latency_ms IS records.latency_ms AND facts.attempts IS {ATTEMPTS}
        AND ifnull(notes.text, '') IS records.detail
        AND facts.operation_id IS records.operation_id
    ) LIMIT 1
"""  # noqa: S608  # own names

_TOTALS = "SELECT kind, count(*) AS found FROM facts GROUP BY kind"
_SPANS = (
    f"SELECT id >> {SPAN_BITS} AS span, min(at) AS first, max(at) AS last "  # noqa: S608
    "FROM facts GROUP BY span"
)
_FACTS_DIFFER = """
    SELECT (SELECT count(*) FROM facts)
    <> (SELECT count(*) FROM records WHERE id <= :upto) + (SELECT count(*) FROM gone)
"""
_TOTALS_DIFFER = f"""
    SELECT EXISTS (
        SELECT 1 FROM kinds LEFT JOIN ({_TOTALS}) ON kind = kinds.id
        WHERE total IS NOT ifnull(found, 0)
    )
"""  # noqa: S608  # own names
_SPANS_DIFFER = f"""
    SELECT EXISTS (
        SELECT 1 FROM ({_SPANS}) LEFT JOIN spans ON spans.id = span
        WHERE (first >= earliest AND last <= latest) IS NOT TRUE
    )
"""  # noqa: S608  # own names
_WRONG_OF_ALL = (
    ("facts", _FACTS_DIFFER),
    ("rolled", "SELECT :upto > ifnull(max(id), 0) FROM records"),
    ("gone", "SELECT EXISTS (SELECT 1 FROM gone WHERE id IN (SELECT id FROM records))"),
    ("gone", "SELECT EXISTS (SELECT 1 FROM gone WHERE id NOT IN (SELECT id FROM facts))"),
    ("kinds", _TOTALS_DIFFER),
    ("kinds", "SELECT (SELECT count(*) FROM facts) <> (SELECT total(total) FROM kinds)"),
    ("spans", _SPANS_DIFFER),
)
"""The tables, and what is true where they are not what the others say."""


class Sums:
    """Compares what is added up with the records, while and after a walk along these.

    Attributes:
        wrong: The table in which something else was found; ``None`` while nothing was.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._are_there = _has_sums(connection)
        self.wrong: str | None = None

    def pass_by(self, after: int, rows: list[Any]) -> None:
        """Look at the facts of some records, in the transaction that read these."""
        if self.wrong or not self._are_there or not rows:
            return
        with self._nonsense_in("rolled"):
            self._pass_by(after, rows)

    def _pass_by(self, after: int, rows: list[Any]) -> None:
        found = self._connection.execute("SELECT upto, letters FROM rolled WHERE NOT stale")
        state = found.fetchone()
        if state is None:
            return
        upto, letters = state
        last = min(rows[-1][0], upto)
        if self._connection.execute(_DIFFERENT, (after, last)).fetchone():
            self.wrong = "facts"
        used = {str(row[_OPERATION_ID]).lower() for row in rows if row[0] <= last}
        if not set("".join(used)) <= set(letters):
            self.wrong = "rolled"

    def compare_all(self, go_on: Callable[[], None]) -> None:
        """Look at all sums, once every record was found good.

        Args:
            go_on: Called now and then; may raise to end it.

        Raises:
            sqlite3.Error: The file cannot be read.
        """
        if self.wrong or not self._are_there:
            return
        with self._nonsense_in("cells"), transaction(self._connection, "DEFERRED"):
            self.wrong = self._compare_all(go_on)

    @contextmanager
    def _nonsense_in(self, table: str) -> Iterator[None]:
        """What nobody can compare was changed."""
        try:
            yield
        except NONSENSE:
            self.wrong = table
        except sqlite3.OperationalError as error:
            if not is_no_text(error):
                raise
            self.wrong = table

    def _compare_all(self, go_on: Callable[[], None]) -> str | None:
        state = self._connection.execute("SELECT upto, stale FROM rolled").fetchall()
        if len(state) != 1:
            return "rolled"
        upto, is_stale = state[0]
        if is_stale:  # before the next question all is added up anew
            return None
        for name, question in _WRONG_OF_ALL:
            values = {"upto": upto} if ":upto" in question else {}
            if self._connection.execute(question, values).fetchone()[0]:
                return name
        return None if self._are_cells_right(go_on) else "cells"

    def _are_cells_right(self, go_on: Callable[[], None]) -> bool:
        hours = [(*key, _Group.of(one)) for key, one in by_hour(self._connection)]
        kinds = {
            kind: words
            for kind, *words in self._connection.execute(
                f"SELECT id, {', '.join(CUT_WORDS)} FROM kinds"  # noqa: S608  # own names
            )
        }
        compared = 0
        for number, cube in enumerate(CUBES):
            cuts = self._cuts(number, cube, kinds)
            groups = [(cuts[kind], hour, group) for kind, hour, group in hours]
            before_s = HOUR_S
            for grain_s in cube.grains_s:
                expected = _merged(groups, before_s, grain_s, go_on)
                groups = [(*key, group) for key, group in expected.items()]
                before_s = grain_s
                for cut, start, *cell in self._cells(number, grain_s):
                    group = expected.pop((cut, start), None)
                    if group is None or not group.is_stored_as(cell):
                        return False
                    compared += 1
                if expected:
                    return False
        return bool(
            self._connection.execute("SELECT count(*) FROM cells").fetchone()[0] == compared
        )

    def _cuts(self, number: int, cube: Cube, kinds: dict[int, list[str]]) -> dict[int, int]:
        known = {
            tuple(words): cut
            for cut, *words in self._connection.execute(
                f"SELECT id, {', '.join(CUT_WORDS)} FROM cuts WHERE cube = ?",  # noqa: S608
                (number,),
            )
        }
        kept = [name in cube.words for name in CUT_WORDS]
        found = {}
        for kind, words in kinds.items():
            key = tuple(word if keep else "" for word, keep in zip(words, kept, strict=True))
            if key in known:  # a kind of which all records are gone may have none
                found[kind] = known[key]
        return found

    def _cells(self, number: int, grain_s: int) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(
            "SELECT cut, start, total, timed, spent_ms, most_ms, attempts, times "
            "FROM cuts CROSS JOIN cells ON cut = id AND grain = ? WHERE cube = ?",
            (grain_s, number),
        )


class _Group:
    """What facts say of one cell."""

    __slots__ = ("attempts", "counts", "most_ms", "spent_ms", "total")

    def __init__(self) -> None:
        self.total = self.attempts = 0
        self.spent_ms = self.most_ms = 0.0
        self.counts: dict[int, int] = {}

    @classmethod
    def of(cls, one: Sum) -> Self:
        """What the facts of one kind say in one hour."""
        group = cls()
        group.total, group.attempts = one.total, one.attempts
        group.spent_ms, group.most_ms = sum(one.times_ms), max(one.times_ms, default=0.0)
        group.counts = Counter(one.buckets)
        return group

    def merge(self, other: _Group) -> None:
        self.total += other.total
        self.attempts += other.attempts
        self.spent_ms += other.spent_ms
        self.most_ms = max(self.most_ms, other.most_ms)
        counts = self.counts
        for index, count in other.counts.items():
            counts[index] = counts.get(index, 0) + count

    def is_stored_as(self, cell: Sequence[Any]) -> bool:
        """Whether a cell says so.

        Sums of fractions depend on their order, and where a record has left the log the longest
        time is known by its bucket only.
        """
        total, timed, spent_ms, most_ms, attempts, times = cell
        return (
            (total, attempts, timed) == (self.total, self.attempts, sum(self.counts.values()))
            and math.isclose(spent_ms, self.spent_ms, rel_tol=1e-9, abs_tol=0.01)
            and self._has_most(most_ms)
            and self._has_counts(times)
        )

    def _has_most(self, most_ms: float) -> bool:
        return math.isclose(most_ms, self.most_ms, rel_tol=1e-9) or (
            bucket(most_ms / 1000) == bucket(self.most_ms / 1000)
        )

    def _has_counts(self, packed: bytes) -> bool:
        size = len(self.counts)
        if len(packed) != calcsize(f"<{size}H{size}I"):
            return False
        found = unpack(f"<{size}H{size}I", packed)  # as `Histogram.packed` packs them
        return dict(zip(found[:size], found[size:], strict=True)) == self.counts


def _merged(
    groups: list[tuple[int, int, _Group]], from_s: int, to_s: int, go_on: Callable[[], None]
) -> dict[tuple[int, int], _Group]:
    """What longer cells hold, by cut and start."""
    found: dict[tuple[int, int], _Group] = {}
    for place, (cut, start, one) in enumerate(groups, 1):
        key = cut, start * from_s // to_s if to_s else 0
        group = found.get(key)
        if group is None:
            group = found[key] = _Group()
        group.merge(one)
        if place % _GROUPS_AT_A_TIME == 0:
            go_on()
    return found


def _has_sums(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'rolled'")
    return found.fetchone() is not None
