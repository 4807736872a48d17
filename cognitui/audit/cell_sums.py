"""Whether the cells of the sums are what the facts say: read at one moment, compared afterwards."""

from __future__ import annotations

import gc
import math
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from struct import calcsize, unpack
from typing import TYPE_CHECKING, Any

from cognitui.audit.cubes import CUBES, CUT_WORDS, HOUR_S, by_hour
from cognitui.histogram import bucket

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from typing import Self

    from cognitui.audit.cubes import Sum

_GROUPS_AT_A_TIME = 5000
_WORDS = ", ".join(CUT_WORDS)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Facts and cells of one moment.

    Attributes:
        hours: What the facts are of each kind in each hour.
        kinds: The words of each kind.
        cuts: The number of each cut, by cube and words.
        cells: The cells, by cube and grain; those of no cut are under a cube that is none.
    """

    hours: list[tuple[tuple[int, int], Sum]]
    kinds: dict[int, list[str]]
    cuts: dict[tuple[Any, ...], int]
    cells: dict[tuple[int | None, int], list[tuple[Any, ...]]]

    def is_right(self, go_on: Callable[[], None]) -> bool:
        """Whether there are the cells that the facts make, and no others.

        Args:
            go_on: Called now and then; may raise to end it.

        Raises:
            LookupError: There is no kind or no cut of a fact.
            TypeError: A cell holds what is no number.
        """
        with _no_garbage():
            return self._is_right(go_on)

    def _is_right(self, go_on: Callable[[], None]) -> bool:
        hours = [(*key, _Group.of(one)) for key, one in self.hours]
        compared = 0
        for number, cube in enumerate(CUBES):
            cuts = self._cuts_of(number)
            groups = [(cuts[kind], hour, group) for kind, hour, group in hours]
            before_s = HOUR_S
            for grain_s in cube.grains_s:
                expected = _merged(groups, before_s, grain_s, go_on)
                groups = [(*key, group) for key, group in expected.items()]
                before_s = grain_s
                for cut, start, *cell in self.cells.get((number, grain_s), ()):
                    group = expected.pop((cut, start), None)
                    if group is None or not group.is_stored_as(cell):
                        return False
                    compared += 1
                if expected:
                    return False
        return compared == sum(map(len, self.cells.values()))

    def _cuts_of(self, number: int) -> dict[int, int]:
        """The cut of each kind in a cube; a kind of which all records are gone may have none."""
        kept = [name in CUBES[number].words for name in CUT_WORDS]
        found = {}
        for kind, words in self.kinds.items():
            cut = (word if keep else "" for word, keep in zip(words, kept, strict=True))
            key = (number, *cut)
            if key in self.cuts:
                found[kind] = self.cuts[key]
        return found


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for no garbage while a million small things are made that are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def read_snapshot(connection: sqlite3.Connection) -> Snapshot:
    """Read what is compared. Call it in a transaction.

    Raises:
        sqlite3.Error: The file cannot be read.
    """
    with _no_garbage():
        return _read_snapshot(connection)


def _read_snapshot(connection: sqlite3.Connection) -> Snapshot:
    kinds = connection.execute(f"SELECT id, {_WORDS} FROM kinds")  # noqa: S608  # own names
    cuts = connection.execute(f"SELECT id, cube, {_WORDS} FROM cuts")  # noqa: S608
    cells: defaultdict[tuple[int | None, int], list[tuple[Any, ...]]] = defaultdict(list)
    for cube, grain_s, *cell in connection.execute(
        "SELECT cube, grain, cut, start, total, timed, spent_ms, most_ms, attempts, times "
        "FROM cells LEFT JOIN cuts ON cut = id"
    ):
        cells[cube, grain_s].append(tuple(cell))
    return Snapshot(
        by_hour(connection),
        {kind: words for kind, *words in kinds},
        {tuple(words): cut for cut, *words in cuts},
        dict(cells),
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
        times = one.times_ms
        if len(times) == 1:  # as most are in a log of many webhooks
            group.spent_ms = group.most_ms = times[0]
            group.counts = {one.buckets[0]: 1}
        else:
            group.spent_ms, group.most_ms = sum(times), max(times, default=0.0)
            group.counts = Counter(one.buckets)
        return group

    def copy(self) -> _Group:
        """Another one that says the same."""
        group = _Group()
        group.total, group.attempts = self.total, self.attempts
        group.spent_ms, group.most_ms = self.spent_ms, self.most_ms
        group.counts = dict(self.counts)
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
    own: set[tuple[int, int]] = set()
    for place, (cut, start, one) in enumerate(groups, 1):
        key = cut, start * from_s // to_s if to_s else 0
        group = found.get(key)
        if group is None:
            found[key] = one
        else:
            if key not in own:  # it is one of the shorter cells, which stay as they are
                own.add(key)
                group = found[key] = group.copy()
            group.merge(one)
        if place % _GROUPS_AT_A_TIME == 0:
            go_on()
    return found
