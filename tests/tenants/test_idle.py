from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cognitui.tenants.idle import Idle


class Clocks:
    """Two clocks that are set one by one, as happens to a machine that sleeps."""

    def __init__(self) -> None:
        self.wall, self.seconds = datetime(2026, 1, 31, tzinfo=UTC), 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def test_the_longer_of_the_two_clocks_counts() -> None:
    clocks = Clocks()
    idle = Idle(clocks)
    assert idle.seconds == 0
    clocks.seconds += 5
    assert idle.seconds == 5
    clocks.wall += timedelta(hours=8)  # the machine slept: the other clock stood still
    assert idle.seconds == 8 * 3600
    idle.touch()
    assert idle.seconds == 0
    clocks.wall -= timedelta(days=1)  # somebody set it back
    clocks.seconds += 7
    assert idle.seconds == 7
