"""What takes a while and is still under way, and the line that says so; needs no screen."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DELAY_S = 0.15
"""What is quicker than this is not worth a line."""

# Before so much is known, an estimate would only jump about.
_LEAST_DONE, _LEAST_S = 3, 2.0
_MINUTE_S = 60


@dataclass(eq=False, slots=True)
class Work:
    """Something that takes a while.

    Attributes:
        words: What it is, such as ``connecting to acme``.
        began: When, on the monotonic clock, in seconds.
        cancel: Stops it; ``None`` where it cannot be stopped.
        place: The place that it belongs to; empty when it is told everywhere.
        total: How many things there are to do; 0 when it is not counted.
        done: How many of them are done.
        limit_s: After how many seconds it gives up by itself; 0 when it does not.
    """

    words: str
    began: float
    cancel: Callable[[], object] | None = None
    place: str = ""
    total: int = 0
    done: int = 0
    limit_s: float = 0.0

    def advance(self, by: int = 1) -> None:
        """So many more are done; whoever draws looks at it by itself."""
        self.done += by

    def reword(self, words: str) -> None:
        """It has come to something else."""
        self.words = words


class UnderWay:
    """Everything that is under way.

    Attributes:
        on_change: Called when something has begun or ended.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock = clock
        self.on_change: Callable[[], None] | None = None
        self._works: list[Work] = []

    @contextmanager
    def work(
        self,
        words: str,
        *,
        cancel: Callable[[], object] | None = None,
        place: str = "",
        total: int = 0,
        limit_s: float = 0.0,
    ) -> Iterator[Work]:
        """Tell that this is under way while the block runs."""
        work = Work(words, self.clock(), cancel, place, total, limit_s=limit_s)
        self._works.append(work)
        self._changed()
        try:
            yield work
        finally:
            self._works.remove(work)
            self._changed()

    def has_any(self, place: str) -> bool:
        """Whether anything is under way that this place tells of, however short it may turn out."""
        return any(work.place in {"", place} for work in self._works)

    def latest(self, place: str) -> Work | None:
        """The newest work that a place should tell of now; ``None`` while there is none."""
        shown = self.clock() - DELAY_S
        for work in reversed(self._works):
            if work.place in {"", place} and work.began <= shown:
                return work
        return None

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()


def work_line(work: Work, now: float) -> str:
    """What is under way, for how long already, and for how long still.

    Args:
        work: It.
        now: On the monotonic clock, in seconds.
    """
    counted = f" {min(work.done, work.total):,} of {work.total:,}" if work.total else ""
    spent = now - work.began
    parts = [f"{spent:.0f} s"] if spent >= 1 else []
    left = seconds_left(work, spent)
    if left is not None:
        parts.append(f"about {about(left)} left")
    elif work.limit_s and parts:
        parts.append(f"gives up after {work.limit_s:.0f} s")
    times = ", ".join(parts)
    return f"◌ {work.words}{counted} … {times}".rstrip()


def seconds_left(work: Work, spent_s: float) -> float | None:
    """How long it will still take at the pace so far; ``None`` while that would be a guess."""
    if work.done < _LEAST_DONE or work.done >= work.total or spent_s < _LEAST_S:
        return None
    return spent_s / work.done * (work.total - work.done)


def about(seconds: float) -> str:
    """A time in round numbers, so that it does not change at every look."""
    if seconds < 10:  # noqa: PLR2004
        return f"{max(1, round(seconds))} s"
    if seconds < _MINUTE_S:
        return f"{5 * round(seconds / 5)} s"
    return f"{round(seconds / _MINUTE_S)} min"
