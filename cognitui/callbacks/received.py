"""What the receiver has received, and who wants to hear of it."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cognitui.callbacks.verdict import Verdict
    from cognitui.cognigy.models import TriggerEvent

MAX_RECEIVED = 1000
MAX_RECEIVED_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One POST that arrived. All of it is a stranger's: show it with `display.safe_text`.

    Attributes:
        number: From 1, in the order of arrival.
        at: When its body was complete, in UTC.
        headers: Those headers that are safe and useful to show, each cut to 300 characters.
        other_headers: The names of the other headers.
        body: The raw bytes.
        body_sha256: Their digest, in hex.
        verdict: What was found out about it.
        event: The event that the body names, if it is one that we know. It is not proven to be
            true unless the verdict's signature is valid; the same holds for ``skill_id``.
        skill_id: The skill that the body names.
        status: The HTTP status it was answered with.
    """

    number: int
    at: datetime
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    other_headers: tuple[str, ...] = field(repr=False)
    body: bytes = field(repr=False)
    body_sha256: str
    verdict: Verdict
    event: TriggerEvent | None
    skill_id: str | None
    status: int


class Inbox:
    """The last callbacks that arrived, bounded in count and size. Safe to use from any thread."""

    def __init__(self) -> None:
        self._items: deque[Received] = deque()
        self._size = 0
        self._count = 0
        self._subscribers: dict[object, Callable[[Received], object]] = {}
        self._lock = threading.Lock()

    def add(self, received: Received) -> Received:
        """Keep it under the next number and drop the oldest that no longer fit."""
        with self._lock:
            self._count += 1
            numbered = replace(received, number=self._count)
            self._items.append(numbered)
            self._size += len(numbered.body)
            while len(self._items) > MAX_RECEIVED or self._size > MAX_RECEIVED_BYTES:
                self._size -= len(self._items.popleft().body)
        return numbered

    def snapshot(self) -> tuple[Received, ...]:
        """All that is kept, the newest last."""
        with self._lock:
            return tuple(self._items)

    def clear(self) -> None:
        """Drop all that is kept; numbers go on."""
        with self._lock:
            self._items.clear()
            self._size = 0

    def subscribe(self, subscriber: Callable[[Received], object]) -> Callable[[], None]:
        """Have every later one handed to the subscriber; call the result to end that."""
        key = object()
        with self._lock:
            self._subscribers[key] = subscriber

        def unsubscribe() -> None:
            with self._lock:
                self._subscribers.pop(key, None)

        return unsubscribe

    def announce(self, received: Received) -> None:
        """Hand it to the subscribers; one that raises is logged and does not trouble the others."""
        with self._lock:
            subscribers = tuple(self._subscribers.values())
        for subscriber in subscribers:
            try:
                subscriber(received)
            except Exception as error:
                logger = get_logger()
                logger.exception("subscriber_failed", error_type=type(error).__name__)
