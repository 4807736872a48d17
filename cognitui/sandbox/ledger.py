"""What happened in the sandbox, kept in bounded lists for tests and for whoever looks on."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Ledger(Generic[T]):
    """A list that forgets its oldest entries, written by one thread and read by others."""

    def __init__(self, size: int) -> None:
        self._lock = threading.Lock()
        self._entries: deque[T] = deque(maxlen=size)

    def add(self, entry: T) -> None:
        """Write an entry down."""
        with self._lock:
            self._entries.append(entry)

    def listed(self) -> list[T]:
        """All that is remembered, oldest first."""
        with self._lock:
            return list(self._entries)


@dataclass(slots=True)
class RequestRecord:
    """A request that came in.

    Attributes:
        key_id: The name of the API key it came with; ``None`` when it had none that is known.
        status: ``None`` while it is being served, and for good if it was never answered.
        authorized: Whether it carried an ``Authorization`` header, right or wrong.
        faults: What was made to go wrong with it.
    """

    method: str
    path: str
    query: str
    host: str
    time: float
    authorized: bool
    key_id: str | None = None
    status: int | None = None
    faults: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of a delivery: an answer's status, or the error that stood in its place."""

    number: int
    timestamp: int
    duration_ms: float
    status: int | None = None
    error: str | None = None
    body_sha256: str = ""


@dataclass(slots=True)
class Delivery:
    """A callback on its way to one webhook.

    Attributes:
        state: ``pending``, ``delivered``, ``rejected`` (an answer that is not tried again),
            ``exhausted`` (all tries failed) or ``cancelled`` (the sandbox stopped).
    """

    id: str
    webhook_id: str
    bot_id: str
    skill_id: str
    event: str
    url: str
    session_id: str
    state: str = "pending"
    attempts: list[Attempt] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The delivery as JSON, with the wire's names."""
        return {
            "id": self.id,
            "webhookId": self.webhook_id,
            "botId": self.bot_id,
            "skillId": self.skill_id,
            "event": self.event,
            "url": self.url,
            "sessionId": self.session_id,
            "state": self.state,
            "attempts": [
                {
                    "number": attempt.number,
                    "timestamp": attempt.timestamp,
                    "durationMs": attempt.duration_ms,
                    "status": attempt.status,
                    "error": attempt.error,
                    "bodySha256": attempt.body_sha256,
                }
                for attempt in self.attempts
            ],
        }


@dataclass(frozen=True, slots=True)
class Received:
    """A request that reached one of the sandbox's own endpoints.

    Attributes:
        verified: Whether its signature was right; ``None`` where nobody looked.
        body: The raw bytes, at most as many as are worth keeping.
    """

    time: float
    path: str
    status: int
    verified: bool | None
    headers: dict[str, str]
    body: bytes
