"""A clock for tests: waiting costs nothing, and nobody wakes before somebody who is due earlier."""

from __future__ import annotations

import asyncio
from bisect import insort
from datetime import UTC, datetime, timedelta

START = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
# Turns of the event loop that everybody else gets before time passes.
TURNS = 5


class FakeClock:
    """Implements `cognitui.clock.Clock`. Time passes only when all who sleep have let others run.

    Attributes:
        slept: Every duration that was asked for, in order.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._now = 0.0
        self._due: list[float] = []

    def now(self) -> datetime:
        return START + timedelta(seconds=self._now)

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        due = self._now + seconds
        insort(self._due, due)
        try:
            while self._now < due:
                for _ in range(TURNS):
                    await asyncio.sleep(0)
                if self._due[0] == due:
                    self._now = max(self._now, due)
        finally:
            self._due.remove(due)

    def advance(self, seconds: float) -> None:
        """Let time pass at once."""
        self._now += seconds
