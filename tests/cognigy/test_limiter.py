"""Never more requests in any sliding minute than the key may make, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitui.cognigy.errors import ConnectFailed, RateLimited
from cognitui.cognigy.limiter import SlidingWindowLimiter, WaitTooLongError
from cognitui.cognigy.retry import RetryPolicy
from tests.support.clock import FakeClock
from tests.support.servers import Request, reply, serving, tenant, token_reply
from tests.support.tenants import asked, most_in_window

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect, Start

MINUTE = 60.0


async def test_never_more_than_a_hundred_requests_in_any_minute(
    connect: Connect, clock: FakeClock
) -> None:
    arrived: list[float] = []

    def handle(request: Request) -> bytes:
        arrived.append(clock.monotonic())
        if request.path.endswith("/auth/token"):
            return token_reply(expires_in=50)  # so that renewals compete for places too
        return reply(200, {"status": "healthy"})

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1", requests_per_minute=100)
        await asyncio.gather(*(client.status("bot") for _ in range(350)))
    assert len(arrived) > 350
    assert most_in_window(arrived, MINUTE) <= 100
    # Nor is it slower than it has to be: the last of four windows has begun, no fifth.
    assert 3 * MINUTE <= arrived[-1] < 4 * MINUTE


async def test_the_tenants_own_count_is_never_exceeded(start: Start, connect: Connect) -> None:
    """The sandbox counts with the machine's clock, as a tenant would; it refuses nothing."""
    sandbox = start(requests_per_minute=20, rate_window_s=0.4)
    client = connect(sandbox)
    client._pipeline.limiter = SlidingWindowLimiter(20, window_s=0.4)
    await asyncio.gather(*(client.status(sandbox.info.bot_id) for _ in range(70)))
    assert asked(sandbox, "GET", "/status") == 70
    assert {request.status for request in sandbox.tenant.requests} == {200}


async def test_after_a_429_nobody_sends_before_retry_after(
    connect: Connect, clock: FakeClock
) -> None:
    arrived: list[float] = []
    refused: list[float] = []

    def handle(_: Request) -> bytes:
        arrived.append(clock.monotonic())
        if len(arrived) == 30:
            refused.append(clock.monotonic())
            return reply(429, b"", "Retry-After: 17")
        return reply(200, {"status": "healthy"})

    async with serving(tenant(handle)) as server:
        client = connect(f"{server.origin}/api/v1")
        await asyncio.gather(*(client.status("bot") for _ in range(100)))
    (at,) = refused
    assert len(arrived) == 101
    # Those already on their way when the answer came could not know; the gate lets eight through.
    before = [moment for moment in arrived if moment < at + 17]
    assert len(before) <= 30 + 8
    assert min(moment for moment in arrived[38:]) >= at + 17


async def test_a_retry_after_longer_than_patience_is_told_at_once(
    sandbox: Sandbox, connect: Connect, clock: FakeClock
) -> None:
    client = connect(sandbox)
    sandbox.inject("429:seconds=600,times=1")
    for _ in range(3):
        with pytest.raises(RateLimited) as caught:
            await client.status(sandbox.info.bot_id)
        assert caught.value.retry_after_s == pytest.approx(600)
    assert asked(sandbox, "GET", "/status") == 1
    assert client.requests_left == 0
    clock.advance(601)
    await client.status(sandbox.info.bot_id)


def due(limiter: SlidingWindowLimiter) -> float:
    seconds = limiter.changes_in_s
    assert seconds is not None
    return seconds


def answers(client: CognigyClient) -> bool | None:
    return client.is_answering


async def test_when_more_will_be_left_is_known(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(3, clock=clock)
    assert limiter.changes_in_s is None
    async with limiter.slot():
        assert limiter.changes_in_s is None  # only its end starts the minute
    clock.advance(20)
    async with limiter.slot():
        pass
    assert due(limiter) == pytest.approx(40, abs=0.01)
    clock.advance(due(limiter) - 0.0001)
    assert limiter.remaining == 1
    clock.advance(0.0002)
    assert limiter.remaining == 2
    assert due(limiter) == pytest.approx(20, abs=0.01)
    limiter.close_for(5)
    assert due(limiter) == pytest.approx(5)


async def test_whoever_shows_what_is_left_hears_of_every_attempt(
    sandbox: Sandbox, connect: Connect, clock: FakeClock
) -> None:
    client, left = connect(sandbox, requests_per_minute=10), []
    client.on_attempt(lambda: left.append(client.requests_left))
    assert answers(client) is None
    await client.status(sandbox.info.bot_id)
    assert left == [9, 9, 8, 8]  # the token's request, then ours; each as it leaves and ends
    assert answers(client)
    assert client.changes_in_s == pytest.approx(60, abs=0.01)
    sandbox.stop()
    with pytest.raises(ConnectFailed):
        await client.status(sandbox.info.bot_id)
    assert not answers(client)


async def test_what_is_left_can_be_seen(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(3, clock=clock)
    assert limiter.remaining == 3
    async with limiter.slot():
        assert limiter.remaining == 2
    assert limiter.remaining == 2
    clock.advance(60)
    assert limiter.remaining == 2  # a server that counts both ends of the window still sees it
    clock.advance(0.01)
    assert limiter.remaining == 3
    limiter.close_for(5)
    limiter.close_for(2)  # a shorter wish does not cut a longer one short
    assert limiter.remaining == 0
    assert limiter.closed_for_s == pytest.approx(5)


async def test_first_come_first_served(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(2, clock=clock)
    order: list[int] = []

    async def use(number: int) -> None:
        async with limiter.slot():
            order.append(number)

    await asyncio.gather(*(use(number) for number in range(9)))
    assert order == list(range(9))


async def test_a_request_under_way_keeps_its_place(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(1, clock=clock)
    entered = asyncio.Event()

    async def second() -> float:
        async with limiter.slot():
            entered.set()
            return clock.monotonic()

    async with limiter.slot():
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0)
        clock.advance(1000)
        await asyncio.sleep(0)
        assert not entered.is_set()
    assert await waiting > 1060


async def test_a_cancelled_waiter_frees_its_turn(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(1, clock=clock)
    holding = limiter.slot()
    await holding.__aenter__()
    waiters = [asyncio.create_task(limiter._acquire(float("inf"))) for _ in range(3)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    await holding.__aexit__(None, None, None)
    await waiters[1]
    assert not waiters[2].done()
    waiters[2].cancel()
    await asyncio.gather(*waiters, return_exceptions=True)


async def test_a_wait_known_to_be_too_long_is_not_begun(clock: FakeClock) -> None:
    limiter = SlidingWindowLimiter(1, clock=clock)
    async with limiter.slot():
        pass
    with pytest.raises(WaitTooLongError):
        async with limiter.slot(max_wait_s=59):
            pass
    assert clock.slept == []
    async with limiter.slot(max_wait_s=61):
        pass


async def test_a_full_window_is_told_as_rate_limited(connect: Connect, clock: FakeClock) -> None:
    async with serving(tenant(lambda _: reply(200, {}))) as server:
        client = connect(
            f"{server.origin}/api/v1", requests_per_minute=2, policy=RetryPolicy(deadline_s=10)
        )
        await client.status("bot")
        with pytest.raises(RateLimited, match="try again in 60 s"):
            await client.status("bot")
    assert len(server.requests) == 2


@settings(max_examples=150, deadline=None)
@given(
    limit=st.integers(1, 6),
    calls=st.lists(
        st.tuples(
            st.floats(0, 30),  # when it is made
            st.floats(0, 45),  # how long the request takes
            st.booleans(),  # whether the caller gives up halfway
        ),
        max_size=40,
    ),
    closed=st.lists(st.tuples(st.floats(0, 100), st.floats(0, 90)), max_size=2),
)
def test_no_sequence_of_calls_exceeds_any_window(
    limit: int,
    calls: list[tuple[float, float, bool]],
    closed: list[tuple[float, float]],
) -> None:
    asyncio.run(_check_windows(limit, calls, closed))


async def _check_windows(
    limit: int, calls: list[tuple[float, float, bool]], closed: list[tuple[float, float]]
) -> None:
    clock = FakeClock()
    limiter = SlidingWindowLimiter(limit, window_s=60, clock=clock)
    # A server may see a request at its beginning or at its end.
    begun: list[float] = []
    ended: list[float] = []
    shut: list[tuple[float, float]] = []

    async def call(at: float, takes: float) -> None:
        await clock.sleep(at)
        async with limiter.slot():
            begun.append(clock.monotonic())
            await clock.sleep(takes)
            ended.append(clock.monotonic())

    async def close(at: float, seconds: float) -> None:
        await clock.sleep(at)
        limiter.close_for(seconds)
        shut.append((clock.monotonic(), clock.monotonic() + seconds))

    tasks = [asyncio.create_task(call(at, takes)) for at, takes, _ in calls]
    closing = [asyncio.create_task(close(at, seconds)) for at, seconds in closed]
    for task, (at, takes, gives_up) in zip(tasks, calls, strict=True):
        if gives_up:
            asyncio.get_running_loop().call_soon(task.cancel)
            await clock.sleep((at + takes) / 100)
    await asyncio.gather(*tasks, *closing, return_exceptions=True)
    assert most_in_window(begun, 60) <= limit
    assert most_in_window(ended, 60) <= limit
    for start, end in shut:
        assert not [moment for moment in begun if start < moment < end - 1e-6]
