"""How work in the background leaves the way to the person."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

SPARE_REQUESTS = 10
"""What is left of the key's minute for the person, who may want to do something meanwhile."""
BUSY_S = 0.5
"""So long after a key or a click its person counts as busy: the next one is likely to follow."""
APART_S = 0.005


class GivingWay:
    """Keeps beginnings apart while somebody is busy, so that keys are answered between them.

    Where endpoints answer at once a sweep would take the whole processor; where they are far away
    they begin no faster than this anyhow.

    Args:
        idle_s: For how many seconds nobody has done anything; ``None`` where nobody is there.
    """

    def __init__(self, idle_s: Callable[[], float] | None) -> None:
        self._idle_s = idle_s
        self._last = 0.0

    def wait_s(self) -> float:
        """Seconds until the next may begin."""
        if self._idle_s is None or self._idle_s() >= BUSY_S:
            return 0.0
        return max(0.0, self._last + APART_S - time.monotonic())

    def begins(self) -> None:
        """One begins right now."""
        self._last = time.monotonic()


async def first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of them is over; the others are cancelled."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
