"""What became of a callback that was sent, attempt by attempt, and the words for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from cognitui.callbacks.timings import Timings

MAX_RETRY_AFTER_S = 60.0
BACKOFF_BASE_S = 0.5
BACKOFF_CAP_S = 10.0


class DeliveryStatus(StrEnum):
    """How a delivery ended."""

    DELIVERED = "delivered"
    """The endpoint took the callback: a 2xx."""
    REJECTED = "rejected"
    """The endpoint answered with a no that another attempt would not change."""
    EXHAUSTED = "exhausted"
    """Every attempt failed in a way that another might not have."""
    CANCELLED = "cancelled"
    """The sender was closed before the delivery came to an end."""
    BLOCKED = "blocked"
    """Nothing was sent: the endpoint's certificate was not accepted, or its address is refused."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request and what came of it.

    Attributes:
        number: From 1, within its delivery.
        started_at: When it began, in UTC.
        ms: Milliseconds from its begin to the end of the answer.
        status: The HTTP status; ``None`` when there was no answer.
        error_code: A stable word for what failed; ``None`` when it went well.
        error: The same as a sentence; ``None`` likewise.
        response_headers: Those headers of the answer that are safe and useful to show.
        response_excerpt: The begin of the answer's body, raw: show it with `display.safe_text`.
        body_sha256: The digest of the bytes that were sent, in hex.
        timings: Where the time went.
    """

    number: int
    started_at: datetime
    ms: float
    status: int | None
    error_code: str | None
    error: str | None
    response_headers: tuple[tuple[str, str], ...]
    response_excerpt: bytes = field(repr=False)
    body_sha256: str
    timings: Timings | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one callback.

    Attributes:
        status: How it ended.
        attempts: Every attempt, in order; empty only when it was cancelled before the first.
        ms: Milliseconds altogether, the waits between attempts included.
        operation_id: Links it with the log and the audit records.
    """

    status: DeliveryStatus
    attempts: tuple[Attempt, ...]
    ms: float
    operation_id: str

    @property
    def is_delivered(self) -> bool:
        """Whether the endpoint took the callback."""
        return self.status is DeliveryStatus.DELIVERED

    @property
    def reason(self) -> str:
        """How it ended, in one line of plain words."""
        return describe_delivery(self)


def describe_delivery(delivery: Delivery) -> str:
    """One line of plain words for a delivery."""
    if delivery.status is DeliveryStatus.CANCELLED:
        return f"Cancelled after {_attempts(len(delivery.attempts))}."
    last = delivery.attempts[-1]
    if delivery.status is DeliveryStatus.DELIVERED:
        return f"Delivered in {_attempts(last.number)}: {last.status} after {last.ms:.0f} ms."
    if delivery.status is DeliveryStatus.EXHAUSTED:
        return f"Not delivered in {_attempts(last.number)}. Last: {last.error}"
    return last.error or "Not delivered."


def describe_status(status: int) -> str | None:
    """What an endpoint's status means for a callback; ``None`` for 2xx, which means success."""
    if status in _SUCCESS:
        return None
    told = _STATUS_WORDS.get(status)
    if told is None:
        told = next(words for least, words in _STATUS_RANGES if status >= least)
    return f"{status}: {told}."


_STATUS_WORDS = {
    400: "the endpoint could not read the callback; it may expect other fields",
    401: "the endpoint did not accept the signature, or wants another authentication; "
    "compare the secrets on both sides",
    403: "the endpoint did not accept the signature or the sender; compare the secrets, and look "
    "for a firewall or an allow-list of addresses",
    404: "there is nothing at this path; check the URL",
    405: "the endpoint does not take POST at this path; check the URL",
    408: "the endpoint gave up waiting for the request",
    410: "the endpoint says it is gone for good; the webhook should be removed",
    413: "the body is longer than the endpoint takes",
    415: "the endpoint does not take application/json",
    421: "the endpoint does not answer for this host name",
    422: "the endpoint read the callback but does not accept its fields",
    425: "the endpoint does not want the request this early",
    429: "the endpoint receives more callbacks than it takes",
    502: "a proxy in front of the endpoint got no answer from it",
    503: "the endpoint is overloaded or down for the moment",
    504: "a proxy in front of the endpoint waited too long for it",
}
_STATUS_RANGES = (
    (600, "this is no HTTP status"),
    (500, "the endpoint failed while it worked on the callback"),
    (400, "the endpoint refused the callback"),
    (300, "the endpoint redirects, and callbacks are not redirected; register the final URL"),
    (0, "the endpoint did not answer with a final status"),
)
_SUCCESS = range(200, 300)
_RETRYABLE = frozenset({408, 425, 429, *range(500, 600)})


def is_retryable(status: int) -> bool:
    """Whether the same callback may succeed later: 408, 425, 429 and 5xx."""
    return status in _RETRYABLE


def delay_after(
    attempt: int, *, retry_after_s: float | None, uniform: Callable[[], float]
) -> float | None:
    """Seconds to wait before the next attempt; ``None`` when the endpoint wants us away for long.

    Exponential with full jitter: drawn from 0 to 0.5 s, then from 0 to 1 s, 2 s … 10 s. Never
    before the endpoint's own time.

    Args:
        attempt: The number of the attempt that failed, from 1.
        retry_after_s: What the endpoint asked for in ``Retry-After``, in seconds.
        uniform: Draws from 0 to 1.
    """
    jittered: float = min(BACKOFF_CAP_S, BACKOFF_BASE_S * 2 ** (attempt - 1)) * uniform()
    if retry_after_s is None:
        return jittered
    return None if retry_after_s > MAX_RETRY_AFTER_S else retry_after_s + jittered


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"
