"""The limit on requests: a sliding window that is exact, not a bucket that lets bursts through."""

from __future__ import annotations

import math
import time
from collections import deque


class SlidingWindow:
    """At most so many requests in any window of so many seconds."""

    def __init__(self, limit: int, window_s: float) -> None:
        self._limit = limit
        self._window_s = window_s
        self._taken: deque[float] = deque()

    def take(self, now: float | None = None) -> int | None:
        """Take a place in the window.

        Returns:
            ``None`` when there was one, otherwise the whole seconds until there will be. A request
            that is turned away takes no place.
        """
        moment = time.monotonic() if now is None else now
        while self._taken and self._taken[0] <= moment - self._window_s:
            self._taken.popleft()
        if len(self._taken) < self._limit:
            self._taken.append(moment)
            return None
        return max(1, math.ceil(self._taken[0] + self._window_s - moment))
