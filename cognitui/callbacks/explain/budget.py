"""How much work a search may do, so that a hostile body cannot keep it busy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_TRIES = 40_000
MAX_BYTES = 384 * 1024 * 1024
MAX_WRITTEN = 64 * 1024 * 1024
MAX_KEPT = 48 * 1024 * 1024


class OutOfBudget(Exception):
    """The work that was allowed is done, or nobody waits for it any more."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a search.

    Attributes:
        tries: How many signatures are computed at most.
        work_bytes: How many bytes are hashed at most.
        written_bytes: How much JSON is written anew at most, in bytes and what they cost.
        kept_bytes: How many bytes of variants of the body are held in memory at most.
    """

    tries: int = MAX_TRIES
    work_bytes: int = MAX_BYTES
    written_bytes: int = MAX_WRITTEN
    kept_bytes: int = MAX_KEPT


class Budget:
    """Counts the work and ends it.

    Args:
        limits: What is allowed.
        stop: Asked now and then; the search ends when it says true.
    """

    def __init__(self, limits: Limits, stop: Callable[[], bool] | None = None) -> None:
        self._limits = limits
        self._stop = stop
        self._bytes = 0
        self._written = 0
        self.tries = 0
        self.was_hit = False

    def spend_try(self, size: int) -> None:
        """Take note of one signature over so many bytes.

        Raises:
            OutOfBudget: It is not allowed any more.
        """
        self.tries += 1
        self.spend(size)

    def spend(self, size: int) -> None:
        """Take note of work on so many bytes.

        Raises:
            OutOfBudget: It is not allowed any more.
        """
        self._bytes += size
        if self.tries > self._limits.tries or self._bytes > self._limits.work_bytes:
            self.was_hit = True
            raise OutOfBudget
        if self._stop is not None and self._stop():
            self.was_hit = True
            raise OutOfBudget

    def may_write(self, cost: int) -> bool:
        """Whether JSON of this cost may be written anew; says that the bound was hit otherwise."""
        self._written += cost
        if self._written <= self._limits.written_bytes:
            return True
        self.was_hit = True
        return False

    def may_keep(self, size: int) -> bool:
        """Whether so many bytes of variants may be held; says that the bound was hit otherwise."""
        if size <= self._limits.kept_bytes:
            return True
        self.was_hit = True
        return False
