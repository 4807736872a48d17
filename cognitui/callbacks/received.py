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

    from cognitui.callbacks.answers import AnswerStep
    from cognitui.callbacks.rotation import SecretMatch
    from cognitui.callbacks.verdict import Verdict
    from cognitui.cognigy.models import TriggerEvent

MAX_RECEIVED = 1000
MAX_RECEIVED_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Forwarded:
    """What became of a callback that was handed on to another program.

    Attributes:
        status: What that program answered; ``None`` when it did not.
        ms: Milliseconds that it took.
        error: Why there was no answer, as a sentence; ``None`` when there was one.
    """

    status: int | None
    ms: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """One POST that arrived. All of it is a stranger's: show it with `display.safe_text`.

    Attributes:
        number: From 1, in the order of arrival.
        at: When its body was complete, in UTC.
        headers: Those headers that are safe and useful to show, each cut to 300 characters; of one
            that says a secret only the fingerprint.
        other_headers: The names of the other headers.
        body: The raw bytes.
        body_sha256: Their digest, in hex.
        verdict: What was found out about it.
        event: The event that the body names, if it is one that we know. It is not proven to be
            true unless the verdict's signature is valid; the same holds for ``skill_id``.
        skill_id: The skill that the body names.
        status: The HTTP status it was answered with; 0 when the connection was ended instead.
        raw_headers: The same headers as they came, whole, so that the callback can be judged again
            or sent again; of one that says a secret only the fingerprint.
        scheme_id: The scheme it was judged by.
        delivery_id: The delivery it belongs to, by its header or its body; ``None`` for none.
        sent_at_ms: When it was sent, by its body or its timestamp header, in ms since 1970.
        secret: Which secret verified it; ``None`` when none did.
        told: The step of the plan that it was answered by; ``None`` for the ordinary answer.
        forwarded: What became of it where it was handed on; ``None`` when it was not, or not yet.
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
    raw_headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    scheme_id: str = "cognigy"
    delivery_id: str | None = None
    sent_at_ms: int | None = None
    secret: SecretMatch | None = None
    told: AnswerStep | None = None
    forwarded: Forwarded | None = None

    @property
    def weight(self) -> int:
        """How many bytes of a stranger's are kept with it."""
        return len(self.body) + sum(len(value) for _, value in self.raw_headers)


class Inbox:
    """The last callbacks that arrived, bounded in count and size. Safe to use from any thread."""

    def __init__(self) -> None:
        self._items: deque[Received] = deque()
        self._weights: deque[int] = deque()
        self._size = 0
        self._count = 0
        self._subscribers: dict[object, Callable[[Received], object]] = {}
        self._followers: dict[object, Callable[[Received], object]] = {}
        self._lock = threading.Lock()

    def next_number(self) -> int:
        """The number of the one that is added next. It is used up by this."""
        with self._lock:
            self._count += 1
            return self._count

    def add(self, received: Received) -> Received:
        """Keep it under its number, or the next one, and drop the oldest that no longer fit."""
        numbered = received if received.number else replace(received, number=self.next_number())
        weight = numbered.weight
        with self._lock:
            self._items.append(numbered)
            self._weights.append(weight)
            self._size += weight
            while len(self._items) > MAX_RECEIVED or self._size > MAX_RECEIVED_BYTES:
                self._items.popleft()
                self._size -= self._weights.popleft()
        return numbered

    def snapshot(self) -> tuple[Received, ...]:
        """All that is kept, the newest last."""
        with self._lock:
            return tuple(self._items)

    def clear(self) -> None:
        """Drop all that is kept; numbers go on."""
        with self._lock:
            self._items.clear()
            self._weights.clear()
            self._size = 0

    def note(self, number: int, forwarded: Forwarded) -> None:
        """Write down what became of one where it was handed on, if it is still kept."""
        with self._lock:
            # Numbers are consecutive, so the first one tells where each of them stands.
            index = number - self._items[0].number if self._items else -1
            if not 0 <= index < len(self._items):
                return
            changed = replace(self._items[index], forwarded=forwarded)
            self._items[index] = changed
        self._tell(self._followers, changed)

    def subscribe(self, subscriber: Callable[[Received], object]) -> Callable[[], None]:
        """Have every later one handed to the subscriber; call the result to end that."""
        return self._join(self._subscribers, subscriber)

    def follow(self, follower: Callable[[Received], object]) -> Callable[[], None]:
        """Have every one handed to the follower that is changed after it arrived."""
        return self._join(self._followers, follower)

    def announce(self, received: Received) -> None:
        """Hand it to the subscribers; one that raises is logged and does not trouble the others."""
        self._tell(self._subscribers, received)

    def _join(
        self,
        party: dict[object, Callable[[Received], object]],
        listener: Callable[[Received], object],
    ) -> Callable[[], None]:
        key = object()
        with self._lock:
            party[key] = listener

        def leave() -> None:
            with self._lock:
                party.pop(key, None)

        return leave

    def _tell(self, party: dict[object, Callable[[Received], object]], received: Received) -> None:
        with self._lock:
            listeners = tuple(party.values())
        for listener in listeners:
            try:
                listener(received)
            except Exception as error:
                logger = get_logger()
                logger.exception("subscriber_failed", error_type=type(error).__name__)
