"""Whether nobody has done anything for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognitui.clock import Clock


class Idle:
    """How long ago somebody last did something; begins with now.

    The monotonic clock stands still while a machine sleeps, and the wall clock can be set back. The
    longer of the two counts: at worst somebody is asked for a passphrase too early.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since, self._since_wall = clock.monotonic(), clock.now()

    def touch(self) -> None:
        """Somebody did something right now."""
        self._since, self._since_wall = self._clock.monotonic(), self._clock.now()

    @property
    def seconds(self) -> float:
        """For how long nobody has done anything."""
        wall_s = (self._clock.now() - self._since_wall).total_seconds()
        return max(self._clock.monotonic() - self._since, wall_s)
