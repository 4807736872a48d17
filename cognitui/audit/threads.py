"""Long work on a file, in a thread of its own, that can be watched and called off."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Protocol, TypeVar

Progress = Callable[[int, int], None]
"""Told how many records were found good, and what number the last one should have."""

T_co = TypeVar("T_co", covariant=True)


class Stopped(Exception):
    """Whoever asked for the work does not want it any more."""


class Work(Protocol[T_co]):
    """What is done: it tells its progress and looks now and then whether it is still wanted."""

    def __call__(self, progress: Progress, stopped: threading.Event, /) -> T_co:
        """Do it."""


async def in_thread(work: Work[T_co], progress: Progress | None) -> T_co:
    """Do something in a thread; ``progress`` is told in the caller's.

    A caller that is cancelled does not wait for the end, which comes soon.
    """
    loop = asyncio.get_running_loop()
    stopped = threading.Event()

    def told(done: int, last: int) -> None:
        if progress is not None and not stopped.is_set():
            loop.call_soon_threadsafe(progress, done, last)

    try:
        return await asyncio.to_thread(work, told, stopped)
    finally:
        stopped.set()


def telling(
    progress: Progress | None, stopped: threading.Event | None, last: int
) -> Callable[[int], None]:
    """What work calls with what it has done so far; it raises `Stopped` when that is enough."""

    def told(done: int) -> None:
        if stopped is not None and stopped.is_set():
            raise Stopped
        if progress is not None:
            progress(done, last)

    return told
