"""The memory of accepted callbacks, so that none is accepted twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from cognitui.callbacks.verdict import Replay

MAX_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class Sighting:
    """What the memory knows about a callback.

    Attributes:
        replay: ``NEW``, ``SEEN``, or ``FULL`` when it could not be remembered.
        count: How often it has been looked up since it was accepted, the first time included.
        first_seen_ms: When it was accepted; ``None`` when only now.
    """

    replay: Replay
    count: int
    first_seen_ms: int | None


@dataclass(slots=True)
class _Entry:
    first_seen_ms: int
    expires_ms: int
    count: int = 1


class ReplayCache:
    """Remembers signatures for as long as their callbacks could still pass as fresh.

    Bounded in count and age. When it is full of callbacks that have not expired it refuses new ones
    instead of forgetting old ones: whoever could make it forget could replay. Safe to use from
    several threads.

    Args:
        max_entries: How many callbacks it remembers.
    """

    def __init__(self, max_entries: int = MAX_REMEMBERED) -> None:
        self._max_entries = max_entries
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    def observe(self, key: bytes, *, now_ms: int, keep_ms: int, remember: bool) -> Sighting:
        """Look a callback up and remember it, as one step that no other thread can come between.

        Args:
            key: The digest that the signature stands for, once it is known to be valid.
            now_ms: Now, in ms since 1970.
            keep_ms: For how long it is remembered, in milliseconds.
            remember: ``False`` to only look: what is refused for another reason must not make a
                later honest delivery look like a replay.
        """
        with self._lock:
            self._expire(now_ms)
            known = self._entries.get(key)
            if known is not None:
                known.count += 1
                return Sighting(Replay.SEEN, known.count, known.first_seen_ms)
            if remember and len(self._entries) >= self._max_entries:
                return Sighting(Replay.FULL, 0, None)
            if remember:
                self._entries[key] = _Entry(now_ms, now_ms + keep_ms)
            return Sighting(Replay.NEW, 1, None)

    def _expire(self, now_ms: int) -> None:
        # In the order of arrival; a clock that was set back only makes entries stay longer.
        while self._entries:
            oldest = next(iter(self._entries))
            if self._entries[oldest].expires_ms >= now_ms:
                return
            del self._entries[oldest]


class ReplayGlance(ReplayCache):
    """Looks callbacks up in another memory and remembers none.

    For a callback that the sender is told was not taken: its next attempt is no replay.
    """

    def __init__(self, memory: ReplayCache) -> None:
        super().__init__()
        self._memory = memory

    def __len__(self) -> int:
        return len(self._memory)

    def observe(self, key: bytes, *, now_ms: int, keep_ms: int, remember: bool) -> Sighting:
        """Look a callback up; ``remember`` is not heeded."""
        del remember
        return self._memory.observe(key, now_ms=now_ms, keep_ms=keep_ms, remember=False)
