"""How a burst stands at one moment. Nothing in it changes, so it may cross threads."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class BurstState(StrEnum):
    """Whether a burst runs, or how it ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    """Every callback was sent and came to an end."""
    STOPPED = "stopped"
    """It was told to stop before that."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds, within one per cent; the longest is exact. All are 0 while none has ended."""

    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of the timeline.

    Attributes:
        at_s: When it begins, in seconds from the burst's begin.
        seconds: How long it is; its part so far for the last one.
        sent: How many callbacks were sent in it.
        ok: How many were delivered in it.
        failed: How many failed in it.
        p50: Of the answers that came in it, in milliseconds.
        p95: The same.
    """

    at_s: float
    seconds: float
    sent: int
    ok: int
    failed: int
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class BurstSnapshot:
    """How a burst stands.

    Attributes:
        state: Whether it runs, or how it ended.
        count: How many callbacks were asked for.
        sent: How many were begun.
        ok: How many were delivered: a 2xx.
        failed: How many were not.
        cancelled: How many were under way when it was stopped.
        in_flight: How many are under way now.
        statuses: How many answers had each HTTP status.
        failures: How many failed in each way: ``http_500``, ``timeout``, ``connect_failed``, ….
        latency: From when a callback was due, where a rate is kept, else from when it was sent, to
            the last byte of its answer; of everything that was answered, whatever the status.
        rate_now: How many end in a second at the moment.
        elapsed_s: Seconds since it began.
        eta_s: Seconds until it will have ended; ``None`` when that cannot be told.
        behind_s: How far the oldest callback that is due and not sent has fallen behind.
        timeline: What happened when; at most 120 steps, which grow longer with the burst.
        bars: The distribution of the times of all answers: from ms, to ms, how many.
    """

    state: BurstState
    count: int
    sent: int = 0
    ok: int = 0
    failed: int = 0
    cancelled: int = 0
    in_flight: int = 0
    statuses: Mapping[int, int] = field(default_factory=dict)
    failures: Mapping[str, int] = field(default_factory=dict)
    latency: Latency = Latency()
    rate_now: float = 0.0
    elapsed_s: float = 0.0
    eta_s: float | None = None
    behind_s: float = 0.0
    timeline: tuple[Step, ...] = ()
    bars: tuple[tuple[float, float, int], ...] = ()

    @property
    def ended(self) -> int:
        """How many came to an end, one way or the other."""
        return self.ok + self.failed

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state is not BurstState.RUNNING

    @property
    def is_stopped(self) -> bool:
        """Whether it was told to stop before its end."""
        return self.state is BurstState.STOPPED

    @property
    def all_delivered(self) -> bool:
        """Whether every callback that was asked for was delivered."""
        return self.ok == self.count

    @property
    def rate(self) -> float:
        """How many ended in a second, from the begin until now."""
        return self.ended / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def reason(self) -> str:
        """How it stands, in one line of plain words."""
        done = f"{self.ok:,} of {self.count:,} delivered"
        if self.is_stopped:
            left = self.count - self.sent
            return f"Stopped: {done}, {self.failed:,} failed, {left:,} not sent."
        if self.state is BurstState.RUNNING:
            return f"{done}, {self.failed:,} failed."
        return f"{done} in {self.elapsed_s:.1f} s, {self.rate:,.0f} a second."
