"""Whose turn it is: many at once, but only a few of one host."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

T = TypeVar("T")

PER_HOST = 4
"""Checks that one host is asked for at once."""


class Turns(Generic[T]):
    """A queue that passes over those whose host is busy.

    A host that hangs with all of its webhooks holds up these, and nobody else.

    Args:
        per_host: How many of one host may be under way.
    """

    def __init__(self, per_host: int = PER_HOST) -> None:
        self._per_host = per_host
        self._waiting: dict[Hashable, deque[T]] = {}
        self._busy: dict[Hashable, int] = {}
        # Hosts that have somebody waiting and may be asked; each is in it once.
        self._free: deque[Hashable] = deque()
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def put(self, host: Hashable, item: T) -> None:
        """Let something wait for its turn."""
        waiting = self._waiting.setdefault(host, deque())
        waiting.append(item)
        self._number += 1
        if len(waiting) == 1 and self._busy.get(host, 0) < self._per_host:
            self._free.append(host)

    def take(self) -> tuple[Hashable, T] | None:
        """The next whose host is not busy, and the host; `done` is to be told of it later."""
        if not self._free:
            return None
        host = self._free.popleft()
        waiting = self._waiting[host]
        item = waiting.popleft()
        self._number -= 1
        self._busy[host] = self._busy.get(host, 0) + 1
        if not waiting:
            del self._waiting[host]
        elif self._busy[host] < self._per_host:
            self._free.append(host)
        return host, item

    def done(self, host: Hashable) -> None:
        """One of this host is not under way any more."""
        was = self._busy.pop(host)
        if was > 1:
            self._busy[host] = was - 1
        # It was full, so it was not among the free ones.
        if was == self._per_host and host in self._waiting:
            self._free.append(host)
