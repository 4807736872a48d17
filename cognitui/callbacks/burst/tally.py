"""Counts what comes of a burst's callbacks, in bounded memory. Lives in the burst's own thread."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState, Latency, Step
from cognitui.histogram import Histogram

if TYPE_CHECKING:
    from cognitui.callbacks.burst.plan import BurstPlan

MAX_STEPS = 120
_RATE_OVER_S = 1.0
_MAX_BARS = 16
_SUCCESS = range(200, 300)


@dataclass(slots=True)
class _Stretch:
    """What happened in one step of the timeline."""

    sent: int = 0
    ok: int = 0
    failed: int = 0
    times: Histogram = field(default_factory=Histogram)

    def merge(self, other: _Stretch) -> None:
        self.sent += other.sent
        self.ok += other.ok
        self.failed += other.failed
        self.times.merge(other.times)


class Tally:
    """What came of the callbacks so far.

    Args:
        plan: What the burst is to do.
        began: When it began, by the clock that every other moment here is told by, in seconds.
            No moment is earlier than the one before.
    """

    def __init__(self, plan: BurstPlan, began: float) -> None:
        self.cancelled = 0
        self.behind_s = 0.0
        self._plan = plan
        self._began = began
        self._statuses: dict[int, int] = {}
        self._failures: dict[str, int] = {}
        self._total = _Stretch()
        self._timeline: list[_Stretch] = [_Stretch()]
        self._step_s = 1.0
        # What came since the last look belongs to the last step, and is added up at the next look.
        self._fresh = _Stretch()
        self._step_ends = began + self._step_s
        self._recent: deque[tuple[float, int]] = deque([(began, 0)])

    def begin(self, now: float) -> None:
        """Count a callback that is being sent."""
        if now >= self._step_ends:
            self._next_step(now)
        self._fresh.sent += 1

    def answer(self, status: int, now: float, took_s: float) -> None:
        """Count one that was answered."""
        if now >= self._step_ends:
            self._next_step(now)
        fresh = self._fresh
        self._statuses[status] = self._statuses.get(status, 0) + 1
        fresh.times.add(took_s)
        if status in _SUCCESS:
            fresh.ok += 1
        else:
            self._fail(f"http_{status}")

    def failure(self, kind: str, now: float) -> None:
        """Count one that got no answer."""
        if now >= self._step_ends:
            self._next_step(now)
        self._fail(kind)

    def snapshot(self, state: BurstState, now: float) -> BurstSnapshot:
        """How it stands now."""
        self._add_up()
        total = self._total
        ended = total.ok + total.failed
        rate_now = self._rate_now(now, ended)
        p50, p90, p95, p99 = total.times.percentiles(0.5, 0.9, 0.95, 0.99)
        elapsed_s = max(0.0, now - self._began)
        return BurstSnapshot(
            state=state,
            count=self._plan.count,
            sent=total.sent,
            ok=total.ok,
            failed=total.failed,
            cancelled=self.cancelled,
            in_flight=total.sent - ended - self.cancelled,
            statuses=MappingProxyType(dict(sorted(self._statuses.items()))),
            failures=MappingProxyType(dict(sorted(self._failures.items()))),
            latency=Latency(
                p50 * 1000, p90 * 1000, p95 * 1000, p99 * 1000, total.times.most_s * 1000
            ),
            rate_now=rate_now,
            elapsed_s=elapsed_s,
            eta_s=self._eta_s(state, ended, elapsed_s, rate_now),
            behind_s=self.behind_s,
            timeline=self._steps(elapsed_s),
            bars=tuple(
                (from_s * 1000, to_s * 1000, count)
                for from_s, to_s, count in total.times.bars(_MAX_BARS)
            ),
        )

    def _fail(self, kind: str) -> None:
        self._fresh.failed += 1
        self._failures[kind] = self._failures.get(kind, 0) + 1

    def _add_up(self) -> None:
        self._total.merge(self._fresh)
        self._timeline[-1].merge(self._fresh)
        self._fresh = _Stretch()

    def _next_step(self, now: float) -> None:
        self._add_up()
        while (index := int((now - self._began) / self._step_s)) >= MAX_STEPS:
            self._halve()
        while len(self._timeline) <= index:
            self._timeline.append(_Stretch())
        self._step_ends = self._began + (index + 1) * self._step_s

    def _halve(self) -> None:
        """Make every step twice as long."""
        pairs = self._timeline[::2]
        for first, second in zip(pairs, self._timeline[1::2], strict=False):
            first.merge(second)
        self._timeline = pairs
        self._step_s *= 2

    def _steps(self, elapsed_s: float) -> tuple[Step, ...]:
        steps = []
        for index, stretch in enumerate(self._timeline):
            at_s = index * self._step_s
            p50, p95 = stretch.times.percentiles(0.5, 0.95)
            seconds = min(self._step_s, max(0.0, elapsed_s - at_s))
            steps.append(
                Step(
                    at_s, seconds, stretch.sent, stretch.ok, stretch.failed, p50 * 1000, p95 * 1000
                )
            )
        return tuple(steps)

    def _rate_now(self, now: float, ended: int) -> float:
        recent = self._recent
        recent.append((now, ended))
        # One that is older than the window stays, so that the window is always full.
        while len(recent) > 2 and now - recent[1][0] >= _RATE_OVER_S:  # noqa: PLR2004
            recent.popleft()
        then, before = recent[0]
        return (ended - before) / (now - then) if now > then else 0.0

    def _eta_s(
        self, state: BurstState, ended: int, elapsed_s: float, rate_now: float
    ) -> float | None:
        if state is not BurstState.RUNNING:
            return 0.0
        if rate_now <= 0:
            return None
        by_pace = (self._plan.count - ended) / rate_now
        return max(by_pace, self._plan.least_s - elapsed_s)
