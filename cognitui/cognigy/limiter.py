"""A sliding-window limit on requests, kept for one API key."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cognitui.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


# A server that counts both ends of the window must not see one more, nor must rounding.
MARGIN_S = 0.001
# How soon to look again when no end of a wait is known.
LOOK_AGAIN_S = 0.05


class WaitTooLongError(Exception):
    """The gate stays closed for longer than the caller wants to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} s")
        self.seconds = seconds


class SlidingWindowLimiter:
    """At most ``limit`` requests in any window of ``window_s`` seconds, first come, first served.

    A request occupies its place from the moment it is let through until ``window_s`` after it
    *ended*. The server saw it somewhere in between, so its own count can never be higher than ours,
    whatever the network did to the timing.
    """

    def __init__(self, limit: int, window_s: float = 60.0, clock: Clock = SYSTEM_CLOCK) -> None:
        self.limit = limit
        self.window_s = window_s
        self._clock = clock
        self._in_flight = 0
        self._ended: deque[float] = deque()
        self._closed_until = float("-inf")
        self._turn = asyncio.Lock()
        self._released = asyncio.Event()

    @property
    def remaining(self) -> int:
        """Requests that may be sent right now."""
        if self.closed_for_s > 0:
            return 0
        self._forget_old()
        return max(0, self.limit - self._in_flight - len(self._ended))

    @property
    def changes_in_s(self) -> float | None:
        """Seconds until `remaining` rises by itself; ``None`` when only a request changes it."""
        closed = self.closed_for_s
        if closed > 0:
            return closed
        self._forget_old()
        if not self._ended:
            return None
        return max(MARGIN_S, self._ended[0] + self.window_s + MARGIN_S - self._clock.monotonic())

    @property
    def closed_for_s(self) -> float:
        """Seconds for which the tenant asked to be left alone; 0 when it did not."""
        return max(0.0, self._closed_until - self._clock.monotonic())

    def close_for(self, seconds: float) -> None:
        """Let nobody through for so long, because the tenant said ``Retry-After``."""
        self._closed_until = max(self._closed_until, self._clock.monotonic() + seconds)

    @asynccontextmanager
    async def slot(self, max_wait_s: float = float("inf")) -> AsyncIterator[None]:
        """Wait for a place in the window, and hold it while the request is under way.

        Raises:
            WaitTooLongError: The wait is known to be longer than ``max_wait_s``.
        """
        await self._acquire(max_wait_s)
        try:
            yield
        finally:
            self._in_flight -= 1
            self._ended.append(self._clock.monotonic())
            self._released.set()

    async def wait_for_room(self, spare: int) -> None:
        """Wait until more than ``spare`` requests may be sent: for work that others may overtake.

        No place is taken. Where the limit itself is no higher than that, one is enough.
        """
        spare = min(spare, self.limit - 1)
        while self.remaining <= spare:
            wait = self.closed_for_s or self._until_oldest_is_free_s() or LOOK_AGAIN_S
            await self._clock.sleep(wait)

    async def _acquire(self, max_wait_s: float) -> None:
        async with self._turn:
            while (wait := self._wait_s()) != 0:
                if wait is None:
                    self._released.clear()
                    await self._released.wait()
                elif wait > max_wait_s:
                    raise WaitTooLongError(wait)
                else:
                    await self._clock.sleep(wait)
            self._in_flight += 1

    def _wait_s(self) -> float | None:
        """Seconds until a place is free; ``None`` when that depends on a request under way."""
        closed = self.closed_for_s
        if closed > 0:
            return closed
        self._forget_old()
        if self._in_flight + len(self._ended) < self.limit:
            return 0
        return self._until_oldest_is_free_s()

    def _until_oldest_is_free_s(self) -> float | None:
        """Seconds until the oldest place is free; ``None`` while all are under way."""
        if not self._ended:
            return None
        free_at = self._ended[0] + self.window_s + MARGIN_S
        return max(MARGIN_S, free_at - self._clock.monotonic())

    def _forget_old(self) -> None:
        horizon = self._clock.monotonic() - self.window_s - MARGIN_S
        while self._ended and self._ended[0] <= horizon:
            self._ended.popleft()
