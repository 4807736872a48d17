"""Times in buckets that grow with the time, so that a million of them take no more room than ten.

The buckets of an HDR histogram: every power of two is cut into 64 equal parts.
"""

from __future__ import annotations

import math
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

WITHIN = 0.01
"""A percentile is off by at most this share of itself, or by a microsecond."""

_PARTS_BITS = 6
_PARTS = 1 << _PARTS_BITS
_LINEAR = 2 * _PARTS
_MOST_US = (1 << 37) - 1  # 38 hours
_PACKED = 2 + 4
BUCKETS = ((37 - _PARTS_BITS - 1) << _PARTS_BITS) + _LINEAR


@dataclass(slots=True)
class Histogram:
    """Counts times, and tells their percentiles within one per cent.

    Attributes:
        count: How many times were added.
        most_s: The longest of them, exactly.
    """

    count: int = 0
    most_s: float = 0.0
    _counts: dict[int, int] = field(default_factory=dict, repr=False)

    def add(self, seconds: float) -> None:
        """Count one time."""
        index = bucket(seconds)
        counts = self._counts
        counts[index] = counts.get(index, 0) + 1
        self.count += 1
        self.most_s = max(self.most_s, seconds)

    def add_all(self, times: Iterable[float]) -> None:
        """Count many times; quicker than one by one."""
        those = tuple(times)
        self.merge_counts(Counter(map(bucket, those)), max(those, default=0.0))

    def merge(self, other: Histogram) -> None:
        """Count all that another has counted."""
        for index, count in other._counts.items():
            self._counts[index] = self._counts.get(index, 0) + count
        self.count += other.count
        self.most_s = max(self.most_s, other.most_s)

    def merge_counts(self, counts: Mapping[int, int], most_s: float) -> None:
        """Count so many of each `bucket`, of which the longest took ``most_s``."""
        mine = self._counts
        for index, count in counts.items():
            mine[index] = mine.get(index, 0) + count
            self.count += count
        self.most_s = max(self.most_s, most_s)

    def take_out(self, counts: Mapping[int, int]) -> None:
        """Count so many of each `bucket` no more; they were counted before.

        Where the longest may have been among them, it is known within one per cent from then on.
        """
        mine = self._counts
        for index, count in counts.items():
            mine[index] -= count
            self.count -= count
            if not mine[index]:
                del mine[index]
        last = max(mine, default=-1)
        if last < bucket(self.most_s):
            self.most_s = _middle_s(last) if mine else 0.0

    def packed(self) -> bytes:
        """What was counted, in few bytes; the longest time is not in it."""
        indexes, counts = array("H", self._counts), array("I", self._counts.values())
        if sys.byteorder == "big":
            indexes.byteswap()
            counts.byteswap()
        return indexes.tobytes() + counts.tobytes()

    def merge_packed(self, packed: bytes, most_s: float) -> None:
        """Count all that another has packed, whose longest time is ``most_s``."""
        size = len(packed) // _PACKED
        indexes, counts = array("H"), array("I")
        indexes.frombytes(packed[: 2 * size])
        counts.frombytes(packed[2 * size :])
        if sys.byteorder == "big":
            indexes.byteswap()
            counts.byteswap()
        mine = self._counts
        for index, count in zip(indexes, counts, strict=True):
            mine[index] = mine.get(index, 0) + count
        self.count += sum(counts)
        self.most_s = max(self.most_s, most_s)

    def percentiles(self, *shares: float) -> tuple[float, ...]:
        """The times, in seconds, that these shares of all were no longer than.

        Args:
            shares: From 0 to 1, in ascending order; each gives 0.0 while nothing was counted.
        """
        found: list[float] = []
        wanted = [max(1, math.ceil(share * self.count)) for share in shares]
        seen = 0
        for index in sorted(self._counts):
            seen += self._counts[index]
            while len(found) < len(wanted) and wanted[len(found)] <= seen:
                # The last bucket has no end: of what is in it only the longest is known.
                middle_s = _middle_s(index) if index < BUCKETS - 1 else self.most_s
                found.append(min(middle_s, self.most_s))
        return tuple(found + [0.0] * (len(wanted) - len(found)))

    def bars(self, most: int) -> list[tuple[float, float, int]]:
        """The distribution for drawing: at most so many steps, each (from s, to s, count).

        The steps grow by a constant factor, as the buckets do; together they hold every time.
        """
        if not self._counts:
            return []
        first, last = min(self._counts), max(self._counts)
        starts = _starts(first, last, most)
        counts = [0] * len(starts)
        for index, count in self._counts.items():
            counts[(index - first) // starts.step] += count
        return _bars(starts, counts)


def bars_of(ordered: Sequence[float], most: int) -> list[tuple[float, float, int]]:
    """What `Histogram.bars` gives for times in ascending order, without counting each."""
    if not ordered:
        return []
    starts = _starts(bucket(ordered[0]), bucket(ordered[-1]), most)
    before = [bisect_left(ordered, _begin_us(start) / 1e6) for start in starts[1:]]
    counts = [end - begin for begin, end in pairwise([0, *before, len(ordered)])]
    return _bars(starts, counts)


def edges(shortest_s: float, longest_s: float, most: int) -> list[float]:
    """Where the bars of times between these two begin, in seconds, and where the last one ends."""
    starts = _starts(bucket(shortest_s), bucket(longest_s), most)
    return [_begin_us(start) / 1e6 for start in (*starts, starts[-1] + starts.step)]


def _starts(first: int, last: int, most: int) -> range:
    return range(first, last + 1, max(1, math.ceil((last - first + 1) / most)))


def _bars(starts: range, counts: list[int]) -> list[tuple[float, float, int]]:
    return [
        (_begin_us(start) / 1e6, _begin_us(start + starts.step) / 1e6, count)
        for start, count in zip(starts, counts, strict=True)
    ]


def bucket(seconds: float) -> int:
    """The number of the bucket that a time belongs to, below `BUCKETS`."""
    value = int(seconds * 1e6)
    if value < _LINEAR:
        return max(value, 0)
    value = min(value, _MOST_US)
    shift = value.bit_length() - _PARTS_BITS - 1
    return (shift << _PARTS_BITS) + (value >> shift)


def bucket_sql(seconds: str) -> str:
    """An SQL expression for the `bucket` of another, as PostgreSQL works it out.

    It is on people's servers: buckets that are numbered anew need a migration there.

    A logarithm that is rounded to the wrong side of a power of two makes no difference: the buckets
    are numbered without a gap.
    """
    value = f"least(greatest(trunc(({seconds}) * 1e6), 0), {_MOST_US})::bigint"
    shift = f"greatest(floor(ln(greatest({value}, 1)) / ln(2))::int - {_PARTS_BITS}, 0)"
    return (
        f"CASE WHEN {value} < {_LINEAR} THEN {value} "
        f"ELSE ({shift}::bigint << {_PARTS_BITS}) + ({value} >> {shift}) END"
    )


def _begin_us(index: int) -> int:
    if index < _LINEAR:
        return index
    shift = (index >> _PARTS_BITS) - 1
    return (index - (shift << _PARTS_BITS)) << shift


def _middle_s(index: int) -> float:
    return (_begin_us(index) + _begin_us(index + 1)) / 2e6
