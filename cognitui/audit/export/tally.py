"""Counts records for the report, in room that does not grow with their number."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.audit.metrics import EfficiencyReport
from cognitui.audit.records import Action, Outcome
from cognitui.histogram import Histogram

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from cognitui.audit.records import AuditRecord

NEWEST = 200
"""How many records are kept for the table."""

MOST_STEPS = 72
LEAST_STEPS = 12
"""A few moments are drawn in the middle of so many."""

MOST_NAMES = 5000
"""Names beyond these, which nobody would read, are counted together."""

OTHERS = "(others)"
# Each is a multiple of the one before, so that steps can be joined to longer ones.
STEPS_S = (
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 7 * 86_400,
    28 * 86_400, 336 * 86_400, 3360 * 86_400, 33_600 * 86_400, 336_000 * 86_400,
)  # fmt: skip
BOUNDS_MS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""The distribution's bars, in steps of 1-2-5; a bound belongs to the bar above it."""


@dataclass(slots=True)
class Latencies:
    """Milliseconds in buckets that grow with them.

    Attributes:
        distribution: How many lie below the first of `BOUNDS_MS`, between each two, and above.
    """

    count: int = 0
    total_ms: float = 0.0
    distribution: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_MS) + 1))
    _times: Histogram = field(default_factory=Histogram, repr=False)

    def add(self, ms: float) -> None:
        """Count one."""
        self.count += 1
        self.total_ms += ms
        self.distribution[bisect_right(BOUNDS_MS, ms)] += 1
        self._times.add(ms / 1000)

    def merge(self, other: Latencies) -> None:
        """Count all that another has counted."""
        self.count += other.count
        self.total_ms += other.total_ms
        self.distribution = [
            a + b for a, b in zip(self.distribution, other.distribution, strict=True)
        ]
        self._times.merge(other._times)

    @property
    def mean_ms(self) -> float | None:
        """The mean; ``None`` when nothing was timed."""
        return self.total_ms / self.count if self.count else None

    @property
    def most_ms(self) -> float | None:
        """The longest; ``None`` when nothing was timed."""
        return self._times.most_s * 1000 if self.count else None

    def percentile(self, percent: float) -> float | None:
        """The nearest-rank percentile within one per cent; ``None`` when nothing was timed."""
        return self._times.percentiles(percent / 100)[0] * 1000 if self.count else None


@dataclass(slots=True)
class Group:
    """How some operations went.

    Attributes:
        total: Those that were not called off on this side.
        cancelled: Those that were.
    """

    total: int = 0
    ok: int = 0
    cancelled: int = 0
    latencies: Latencies = field(default_factory=Latencies)

    def add(self, record: AuditRecord) -> None:
        """Count one."""
        if record.outcome is Outcome.CANCELLED:
            self.cancelled += 1
            return
        self.total += 1
        self.ok += record.outcome is Outcome.OK
        if record.latency_ms is not None:
            self.latencies.add(record.latency_ms)

    def merge(self, other: Group) -> None:
        """Count all that another has counted."""
        self.total += other.total
        self.ok += other.ok
        self.cancelled += other.cancelled
        self.latencies.merge(other.latencies)

    @property
    def success_rate(self) -> float | None:
        """From 0 to 1; ``None`` for nothing."""
        return self.ok / self.total if self.total else None


class Groups:
    """Groups by name; the number of names is bounded."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._groups: dict[str, Group] = {}

    def add(self, name: str, record: AuditRecord) -> None:
        """Count one."""
        self._group(name).add(record)

    def merge(self, name: str, group: Group) -> None:
        """Count all that another group of that name has counted."""
        self._group(name).merge(group)

    def items(self) -> list[tuple[str, Group]]:
        """All of them, in the order in which they came."""
        return list(self._groups.items())

    def worst_first(self) -> list[tuple[str, Group]]:
        """Those that counted something, the lowest success rate first."""
        counted = [(name, group) for name, group in self._groups.items() if group.total]
        return sorted(counted, key=lambda one: (one[1].success_rate or 0.0, -one[1].total, one[0]))

    def _group(self, name: str) -> Group:
        if name not in self._groups and len(self._groups) >= self._most:
            name = OTHERS
        return self._groups.setdefault(name, Group())


class Timeline:
    """Groups by time, in steps that grow with the time that they cover."""

    def __init__(self) -> None:
        self._steps: dict[int, Groups] = {}
        self._level = 0

    @property
    def step_s(self) -> int:
        """How long a step is."""
        return STEPS_S[self._level]

    def add(self, name: str, record: AuditRecord) -> None:
        """Count one."""
        index = math.floor(record.at.timestamp() / self.step_s)
        self._steps.setdefault(index, Groups()).add(name, record)
        while max(self._steps) - min(self._steps) >= MOST_STEPS and self._level + 1 < len(STEPS_S):
            self._widen()

    def steps(self) -> list[tuple[float, dict[str, Group]]]:
        """When each step begins, in seconds since 1970, and what it has; empty ones included."""
        if not self._steps:
            return []
        first, last = min(self._steps), max(self._steps)
        around = max(LEAST_STEPS - (last - first + 1), 0)
        every = range(first - around // 2, last + around - around // 2 + 1)
        empty = Groups()
        return [(i * self.step_s, dict(self._steps.get(i, empty).items())) for i in every]

    def _widen(self) -> None:
        factor = STEPS_S[self._level + 1] // self.step_s
        self._level += 1
        before, self._steps = self._steps, {}
        for index, groups in before.items():
            joined = self._steps.setdefault(index // factor, Groups())
            for name, group in groups.items():
                joined.merge(name, group)


class Tally:
    """Everything that the report tells, counted from records newest first.

    Attributes:
        records: How many there were.
        newest: The first `NEWEST` of them.
        first_at: The earliest moment among them.
        last_at: The latest.
        errors: How often each error code occurred.
    """

    def __init__(self) -> None:
        self.records = 0
        self.newest: list[AuditRecord] = []
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self.actions = Groups()
        self.webhooks = Groups()
        self.timeline = Timeline()
        self.errors: Counter[str] = Counter()

    def add(self, records: Iterable[AuditRecord]) -> None:
        """Count the next ones."""
        for record in records:
            self._add(record)

    def _add(self, record: AuditRecord) -> None:
        self.records += 1
        if len(self.newest) < NEWEST:
            self.newest.append(record)
        at = record.at
        self.first_at = at if self.first_at is None else min(self.first_at, at)
        self.last_at = at if self.last_at is None else max(self.last_at, at)
        self.actions.add(record.action, record)
        self.timeline.add(record.action, record)
        if record.webhook_id:
            self.webhooks.add(record.webhook_id, record)
        if record.error_code:
            known = record.error_code in self.errors or len(self.errors) < MOST_NAMES
            self.errors[record.error_code if known else OTHERS] += 1

    def of(self, action: Action) -> Group:
        """How one kind of action went."""
        return dict(self.actions.items()).get(action, Group())

    @property
    def report(self) -> EfficiencyReport:
        """The tutorial's efficiency report over these records."""
        made = self.of(Action.WEBHOOK_REGISTER)
        return EfficiencyReport(made.latencies.mean_ms or 0.0, made.success_rate or 0.0, made.total)
