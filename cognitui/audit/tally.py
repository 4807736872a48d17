"""Adding up how operations went, from single records and from what was added up before."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.histogram import Histogram, bars_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Measured:
    """How some operations went. Times are milliseconds; ``None`` where nothing was timed.

    Operations that were called off on this side do not count.

    Attributes:
        success_rate: From 0 to 1; one whose answer got lost is no success.
        attempts: How many requests they took.
        p50_ms: By nearest rank; within one per cent when `is_exact` is false.
        is_exact: Whether the percentiles come from the times themselves.
    """

    total: int = 0
    succeeded: int = 0
    success_rate: float | None = None
    avg_ms: float | None = None
    p50_ms: float | None = None
    p90_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    attempts: int = 0
    most_ms: float | None = None
    is_exact: bool = True


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """The nearest-rank percentile of values in ascending order; ``None`` when there are none."""
    if not ordered:
        return None
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


@dataclass(slots=True)
class Tally:
    """What is added up: counts, the times themselves, and the histogram of times added up before.

    Attributes:
        times_ms: Of the operations that are looked at one by one.
        rolled: Of the others.
        rolled_ms: The sum of those.
    """

    total: int = 0
    succeeded: int = 0
    attempts: int = 0
    times_ms: list[float] = field(default_factory=list)
    rolled: Histogram = field(default_factory=Histogram)
    rolled_ms: float = 0.0

    def merge(self, other: Tally) -> None:
        """Add all that another has."""
        self.total += other.total
        self.succeeded += other.succeeded
        self.attempts += other.attempts
        self.times_ms += other.times_ms
        self.rolled_ms += other.rolled_ms
        if other.rolled.count:
            self.rolled.merge(other.rolled)

    @property
    def histogram(self) -> Histogram:
        """All times."""
        found = Histogram()
        found.merge(self.rolled)
        found.add_all(ms / _MS for ms in self.times_ms)
        return found

    def bars(self, most: int) -> list[tuple[float, float, int]]:
        """How the times lie: at most so many steps, each from, to, in milliseconds, how many."""
        if self.rolled.count:
            found = self.histogram.bars(most)
        else:
            self.times_ms.sort()
            found = bars_of([ms / _MS for ms in self.times_ms], most)
        return [(low * _MS, high * _MS, count) for low, high, count in found]

    def percentiles(self, *percents: float) -> tuple[float | None, ...]:
        """The percentiles of the times, in milliseconds.

        Args:
            percents: From 0 to 100, in ascending order.
        """
        if not self.rolled.count:
            # In its place: what is merged from sorted parts is sorted sooner.
            self.times_ms.sort()
            return tuple(percentile(self.times_ms, percent) for percent in percents)
        shares = (percent / 100 for percent in percents)
        return tuple(found * _MS for found in self.histogram.percentiles(*shares))

    def measured(self) -> Measured:
        """The numbers to show."""
        timed = len(self.times_ms) + self.rolled.count
        spent = self.rolled_ms + math.fsum(self.times_ms)
        p50, p90, p95, p99 = self.percentiles(50, 90, 95, 99)
        return Measured(
            self.total,
            self.succeeded,
            self.succeeded / self.total if self.total else None,
            spent / timed if timed else None,
            p50,
            p90,
            p95,
            p99,
            attempts=self.attempts,
            most_ms=max(self.rolled.most_s * _MS, *self.times_ms, 0.0) if timed else None,
            is_exact=not self.rolled.count,
        )
