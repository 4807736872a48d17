"""From the receiver's thread to the event loop: one by one when few arrive, together when many."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.callbacks.received import Received

MOMENT_S = 0.05
"""How long others are waited for after one was handed on."""
FLOOD, FLOOD_MOMENT_S = 50, 0.25
"""After as many at once the wait is longer: nobody follows them one by one any more."""


class Arrivals:
    """Hands what arrives to the event loop: the first at once, then at most twenty times a second.

    Of a flood it does so four times a second: thousands of calls would keep the loop from all else.

    Args:
        take: Called on the loop with what has arrived, oldest first.
    """

    def __init__(self, take: Callable[[Sequence[Received]], None]) -> None:
        self._take = take
        self._waiting: list[Received] = []
        self._lock = threading.Lock()
        self._is_asked = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last_s = 0.0
        self._last_count = 0

    def begin(self) -> None:
        """Hand on to the loop that runs now."""
        self._loop = asyncio.get_running_loop()

    def put(self, received: Received) -> None:
        """One has arrived. Called in any thread."""
        with self._lock:
            self._waiting.append(received)
            if self._is_asked or self._loop is None:
                return
            self._is_asked = True
            loop = self._loop
        loop.call_soon_threadsafe(self._hand_on)

    def flush(self) -> None:
        """Hand on what waits. Called on the loop."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            self._is_asked = False
        self._last_count = len(waiting)
        if waiting:
            self._last_s = asyncio.get_running_loop().time()
            self._take(waiting)

    def _hand_on(self) -> None:
        loop = asyncio.get_running_loop()
        moment_s = FLOOD_MOMENT_S if self._last_count >= FLOOD else MOMENT_S
        wait_s = self._last_s + moment_s - loop.time()
        if wait_s > 0:
            loop.call_later(wait_s, self.flush)
        else:
            self.flush()
