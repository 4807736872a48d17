"""What is exported: a callback that was composed, one that arrived, or one that was kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.callbacks.capture import capture_of

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.callbacks.capture import Capture
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.delivery import Attempt
    from cognitui.callbacks.received import Received

DEFAULT_URL = "http://127.0.0.1:8000/callback"


class Format(StrEnum):
    """The forms there are."""

    CURL = "curl"
    HTTP = "http"
    HAR = "har"
    PYTEST = "pytest"


@dataclass(frozen=True, slots=True)
class Subject:
    """One request to export, and what became of it where that is known.

    Attributes:
        url: Where it goes.
        headers: Its headers; one that said a secret says only its fingerprint or a mask.
        body: Its exact bytes.
        scheme_id: How it was signed.
        at: When it was sent or received, in UTC.
        accepted: What the receiver here found; ``None`` when it was not asked.
        status: What it was answered with; 0 for no answer, ``None`` when that is not known.
        attempt: The attempt it was sent in, with its timings.
    """

    url: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    scheme_id: str
    at: datetime
    accepted: bool | None = None
    status: int | None = None
    attempt: Attempt | None = None


def of_capture(capture: Capture, url: str = DEFAULT_URL) -> Subject:
    """A callback that was kept."""
    return Subject(
        url,
        capture.headers,
        capture.body,
        capture.scheme_id,
        capture.received_at,
        capture.accepted,
        capture.status,
    )


def of_received(received: Received, url: str = DEFAULT_URL) -> Subject:
    """A callback that arrived here."""
    return of_capture(capture_of(received), url)


def of_callback(
    callback: Callback, url: str, at: datetime, attempt: Attempt | None = None
) -> Subject:
    """A callback that was composed; its secret header, where it has one, is masked."""
    return Subject(
        url,
        callback.shown_headers,
        callback.body,
        callback.scheme.id,
        at,
        status=attempt.status if attempt else None,
        attempt=attempt,
    )
