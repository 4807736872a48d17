from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cognitui.callbacks.delivery import (
    Attempt,
    Delivery,
    DeliveryStatus,
    delay_after,
    describe_status,
    is_retryable,
)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_needs_no_words(status: int) -> None:
    assert describe_status(status) is None
    assert not is_retryable(status)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "final status"),
        (101, "final status"),
        (301, "register the final URL"),
        (400, "could not read"),
        (401, "did not accept the signature"),
        (403, "allow-list"),
        (404, "nothing at this path"),
        (405, "does not take POST"),
        (410, "gone for good"),
        (413, "longer than"),
        (418, "refused the callback"),
        (429, "more callbacks than it takes"),
        (500, "failed while it worked"),
        (503, "overloaded or down"),
        (799, "no HTTP status"),
    ],
)
def test_every_other_status_has_words(status: int, words: str) -> None:
    told = describe_status(status)
    assert told is not None
    assert told.startswith(f"{status}: ")
    assert words in told


@pytest.mark.parametrize(
    ("status", "retryable"),
    [
        (301, False),
        (400, False),
        (401, False),
        (404, False),
        (408, True),
        (409, False),
        (410, False),
        (425, True),
        (429, True),
        (500, True),
        (501, True),
        (504, True),
        (599, True),
        (600, False),
    ],
)
def test_what_is_worth_another_attempt(status: int, retryable: bool) -> None:
    assert is_retryable(status) is retryable


@pytest.mark.parametrize(
    ("attempt", "retry_after_s", "drawn", "expected"),
    [
        (1, None, 1.0, 0.5),
        (2, None, 1.0, 1.0),
        (3, None, 0.5, 1.0),
        (9, None, 1.0, 10.0),
        (9, None, 0.0, 0.0),
        (1, 7.0, 0.0, 7.0),
        (1, 7.0, 1.0, 7.5),
        (1, 60.0, 0.0, 60.0),
        (1, 61.0, 0.0, None),
    ],
)
def test_delays(
    attempt: int, retry_after_s: float | None, drawn: float, expected: float | None
) -> None:
    delay = delay_after(attempt, retry_after_s=retry_after_s, uniform=lambda: drawn)
    assert delay == expected


def attempt(number: int, status: int | None, error: str | None) -> Attempt:
    return Attempt(
        number=number,
        started_at=datetime(2026, 5, 17, tzinfo=UTC),
        ms=41.4,
        status=status,
        error_code=error and "some_code",
        error=error,
        response_headers=(),
        response_excerpt=b"\x1b[31m",
        body_sha256="",
    )


@pytest.mark.parametrize(
    ("status", "attempts", "words"),
    [
        ("delivered", [attempt(1, 200, None)], "Delivered in 1 attempt: 200 after 41 ms."),
        ("rejected", [attempt(1, 404, "404: no.")], "404: no."),
        (
            "exhausted",
            [attempt(1, None, "Gone."), attempt(2, None, "Nothing answers.")],
            "Not delivered in 2 attempts. Last: Nothing answers.",
        ),
        ("cancelled", [], "Cancelled after 0 attempts."),
        ("blocked", [attempt(1, None, "Not trusted.")], "Not trusted."),
    ],
)
def test_reasons(status: str, attempts: list[Attempt], words: str) -> None:
    delivery = Delivery(DeliveryStatus(status), tuple(attempts), 50.0, "op_1")
    assert delivery.reason == words
    assert delivery.is_delivered is (status == "delivered")
    assert "\x1b" not in repr(delivery)
