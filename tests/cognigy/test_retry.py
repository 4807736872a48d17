"""When a failed attempt is worth another, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    BadRequest,
    CircuitOpen,
    ConnectFailed,
    CreateUnconfirmed,
    InvalidAnswer,
    NotFound,
    OriginRefused,
    RateLimited,
    ServerError,
    TimedOut,
    TlsFailed,
    Unauthorized,
)
from cognitui.cognigy.operation import traced
from cognitui.cognigy.retry import MAX_RETRY_AFTER_S, RetryPolicy, parse_retry_after
from tests.support.servers import Request, reply, serving, tenant
from tests.support.tenants import asked

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.clock import FakeClock
    from tests.support.fixtures import Connect

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("1", 1),
        ("  7 ", 7),
        ("007", 7),
        ("2.5", 2.5),
        ("3600", 3600),
        ("3601", MAX_RETRY_AFTER_S),
        ("999999999999", MAX_RETRY_AFTER_S),
        ("Sun, 17 May 2026 12:00:30 GMT", 30),
        ("Sun, 17 May 2026 14:00:30 +0200", 30),
        ("Sun, 17 May 2026 11:59:30 GMT", 0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_RETRY_AFTER_S),
        (None, None),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("+1", None),
        ("1e3", None),
        ("0x10", None),
        (".5", None),
        ("1.", None),
        ("1 2", None),
        ("5, 10", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("9" * 5000, None),
        ("Sun, 17 May 2026", None),
        ("Sun, 99 Foo 2026 12:00:00 GMT", None),
        ("Zun, 29 Sep", None),
        ("2026-05-17T12:00:30Z", None),
        ("\x00", None),
    ],
    ids=ascii,
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(
    st.one_of(st.text(), st.from_regex(r"[A-Z][a-z]{2}, \d{1,3} [A-Z][a-z]{2} \d+ [\d:+-]+ \w*"))
)
def test_no_header_breaks_it(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= MAX_RETRY_AFTER_S


@given(st.integers(0, 3600))
def test_a_date_and_its_seconds_are_the_same(seconds: int) -> None:
    date = format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)
    assert parse_retry_after(date, NOW) == parse_retry_after(str(seconds), NOW) == seconds


def limited(retry_after_s: float | None) -> RateLimited:
    return RateLimited("", retry_after_s=retry_after_s)


POLICY = RetryPolicy()


@pytest.mark.parametrize(
    ("error", "repeatable", "delay"),
    [
        (ServerError("", status=500), True, 1.0),
        (ServerError("", status=503), False, None),
        (AnswerLost(""), True, 1.0),
        (AnswerLost(""), False, None),
        (TimedOut(""), True, 1.0),
        (TimedOut(""), False, None),
        (ConnectFailed(""), True, 1.0),
        (ConnectFailed(""), False, 1.0),  # it never left
        (TlsFailed(""), True, None),
        (limited(5.0), True, 5.5),
        (limited(5.0), False, 5.5),
        (limited(0.0), True, 0.5),
        (limited(None), True, 0.5),
        (BadRequest("", status=400), True, None),
        (Unauthorized("", status=401), True, None),
        (NotFound("", status=404), True, None),
        (InvalidAnswer(""), True, None),
        (OriginRefused(""), True, None),
        (CircuitOpen("", retry_after_s=3), True, None),
        (CreateUnconfirmed("", reason=AnswerLost("")), False, None),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, ApiError) else str(value),
)
def test_what_is_tried_again(error: ApiError, repeatable: bool, delay: float | None) -> None:
    def half() -> float:
        return 0.5

    assert POLICY.delay_after(1, error, repeatable=repeatable, uniform=half) == delay
    assert POLICY.delay_after(4, error, repeatable=repeatable, uniform=half) is None


@pytest.mark.parametrize(
    ("attempt", "ceiling"), [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (5, 16.0), (6, 20.0), (50, 20)]
)
def test_the_wait_for_429_doubles_up_to_a_cap(attempt: int, ceiling: float) -> None:
    policy = RetryPolicy(max_attempts=99)
    for drawn in (0.0, 0.25, 1.0):
        draw = iter([drawn]).__next__
        delay = policy.delay_after(attempt, limited(None), repeatable=True, uniform=draw)
        assert delay == ceiling * drawn


@given(st.floats(0, 3600), st.floats(0, 1), st.integers(1, 3))
def test_never_before_the_tenants_own_time(wish: float, drawn: float, attempt: int) -> None:
    delay = POLICY.delay_after(attempt, limited(wish), repeatable=False, uniform=lambda: drawn)
    assert delay is not None
    assert wish <= delay <= wish + POLICY.backoff_base_s


async def test_429_without_a_time_waits_longer_each_time(
    connect: Connect, clock: FakeClock
) -> None:
    async with serving(tenant(lambda _: reply(429))) as server:
        client = connect(f"{server.origin}/api/v1", uniform=lambda: 0.5)
        with pytest.raises(RateLimited, match="try again in a minute"):
            await client.status("bot")
    assert clock.slept == [0.5, 1.0, 2.0]


async def test_429_with_a_time_waits_that_long_and_a_little(
    sandbox: Sandbox, connect: Connect, clock: FakeClock
) -> None:
    sandbox.inject("429:seconds=3,times=2")
    await connect(sandbox, uniform=lambda: 0.25).status(sandbox.info.bot_id)
    assert clock.slept == [3.25, 3.25]


async def test_5xx_waits_the_same_each_time(
    sandbox: Sandbox, client: CognigyClient, clock: FakeClock
) -> None:
    sandbox.inject("502:times=3")
    await client.status(sandbox.info.bot_id)
    assert clock.slept == [1.0, 1.0, 1.0]
    assert asked(sandbox, "GET", "/status") == 4


async def test_after_four_attempts_the_last_error_is_raised(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("503")
    with traced("op_1") as trace, pytest.raises(ServerError) as caught:
        await client.status(sandbox.info.bot_id)
    assert caught.value.status == 503
    attempts = [a for a in trace.attempts if a.method == "GET"]
    assert [(a.number, a.status, a.error) for a in attempts] == [
        (number, 503, "server_error") for number in (1, 2, 3, 4)
    ]
    assert all(a.ms >= 0 for a in attempts)
    assert (trace.operation_id, trace.attempts[0].path) == ("op_1", "/auth/token")


async def test_a_call_gives_up_before_its_deadline_would_pass(
    sandbox: Sandbox, connect: Connect, clock: FakeClock
) -> None:
    sandbox.inject("429:seconds=40")
    client = connect(sandbox, policy=RetryPolicy(deadline_s=100, max_attempts=50))
    with pytest.raises(RateLimited):
        await client.status(sandbox.info.bot_id)
    assert clock.monotonic() <= 100
    assert asked(sandbox, "GET", "/status") == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 422, 418, 301])
async def test_a_no_is_not_asked_for_again(status: int, connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(status))) as server:
        with pytest.raises(ApiError):
            await connect(f"{server.origin}/api/v1").status("bot")
    # A 401 may mean that the token ended early, so that one is asked for again.
    assert server.asked("GET", "/api/v1/bots/bot/status") == (2 if status == 401 else 1)


async def test_each_attempt_sends_the_same(connect: Connect) -> None:
    answers = [reply(503), reply(429, b"", "Retry-After: 1"), reply(200, {"id": "w"})]

    def handle(_: Request) -> bytes:
        return answers.pop(0)

    async with serving(tenant(handle)) as server:
        client = connect(f"{server.origin}/api/v1")
        await client.update_webhook("bot", "w", WebhookChange(retry_count=2))
    bodies = [request.body for request in server.requests if request.method == "PATCH"]
    assert bodies == [b'{"webhook":{"delivery":{"retries":2}}}'] * 3
