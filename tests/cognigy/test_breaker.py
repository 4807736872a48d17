"""A tenant that keeps failing is left alone; one harmless call finds out when it is back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cognitui.cognigy.breaker import BreakerState, CircuitBreaker
from cognitui.cognigy.errors import ApiError, CircuitOpen, NotFound, ServerError
from tests.support.servers import HANG, Request, reply, serving, tenant, token_reply
from tests.support.tenants import asked, webhook_for

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.clock import FakeClock
    from tests.support.fixtures import Connect

CALLERS = 1000


def state_of(breaker: CircuitBreaker | CognigyClient) -> BreakerState:
    return breaker.state if isinstance(breaker, CircuitBreaker) else breaker.breaker_state


async def open_the_circuit(client: CognigyClient, bot_id: str) -> None:
    """Ask until it opens; the tenant has to fail all the while."""
    while client.breaker_state is BreakerState.CLOSED:
        with pytest.raises(ApiError):
            await client.status(bot_id)


async def test_opens_after_five_failures_and_sends_nothing_while_open(
    sandbox: Sandbox, client: CognigyClient, clock: FakeClock
) -> None:
    sandbox.inject("500")
    bot_id = sandbox.info.bot_id
    await open_the_circuit(client, bot_id)
    assert asked(sandbox, "GET", "/status") == 5
    so_far = len(sandbox.tenant.requests)
    opened_at = clock.monotonic()
    while clock.monotonic() < opened_at + 28:
        with pytest.raises(CircuitOpen) as caught:
            await client.skill(bot_id, "any")
        assert 0 < caught.value.retry_after_s <= 30
        with pytest.raises(CircuitOpen):
            await client.create_webhook(bot_id, webhook_for(sandbox))
        clock.advance(3)
    assert len(sandbox.tenant.requests) == so_far


async def test_no_token_is_fetched_while_open(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("500")
    await open_the_circuit(client, sandbox.info.bot_id)
    client._pipeline.tokens.invalidate(await client._pipeline.tokens.get())
    with pytest.raises(CircuitOpen):
        await client.authenticate()
    assert asked(sandbox, "POST", "/auth/token") == 1


async def test_calls_made_before_it_opened_are_held_back_too(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("500")
    calls = [client.status(sandbox.info.bot_id) for _ in range(CALLERS)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {CircuitOpen}
    # Five open it; the others of the eight that may be under way at a time were sent before that.
    assert 5 <= asked(sandbox, "GET", "/status") <= 5 + 7


@pytest.mark.parametrize("is_back", [True, False])
async def test_half_open_a_thousand_callers_cause_one_probe(
    is_back: bool, sandbox: Sandbox, client: CognigyClient, clock: FakeClock
) -> None:
    sandbox.inject("500")
    bot_id = sandbox.info.bot_id
    await open_the_circuit(client, bot_id)
    if is_back:
        sandbox.clear_faults()
    clock.advance(31)
    assert state_of(client) is BreakerState.HALF_OPEN
    before = len(sandbox.tenant.requests)
    calls = [client.skill(bot_id, sandbox.info.skill_id) for _ in range(CALLERS)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    sent = sandbox.tenant.requests[before:]
    # The probe is the bot's status and comes first, whatever the callers want.
    assert (sent[0].method, sent[0].path) == ("GET", f"/api/v1/bots/{bot_id}/status")
    assert [request.path.endswith("/status") for request in sent].count(True) == 1
    if is_back:
        assert state_of(client) is BreakerState.CLOSED
        assert len(sent) == 1 + CALLERS
    else:
        assert state_of(client) is BreakerState.OPEN
        assert {type(outcome) for outcome in outcomes} == {CircuitOpen}
        assert len(sent) == 1


async def test_a_failed_probe_opens_it_for_as_long_again(
    sandbox: Sandbox, client: CognigyClient, clock: FakeClock
) -> None:
    sandbox.inject("500")
    await open_the_circuit(client, sandbox.info.bot_id)
    for probes in (1, 2, 3):
        clock.advance(31)
        for _ in range(4):
            with pytest.raises(CircuitOpen):
                await client.status(sandbox.info.bot_id)
            clock.advance(1)
        assert asked(sandbox, "GET", "/status") == 5 + probes


async def test_the_probe_stays_below_the_bots(connect: Connect, clock: FakeClock) -> None:
    """An id that looks like a path is one segment of the probe's path as well."""
    async with serving(tenant(lambda _: reply(500))) as server:
        client = connect(f"{server.origin}/api/v1")
        await open_the_circuit(client, "../../admin?x=")
        clock.advance(31)
        with pytest.raises(CircuitOpen):
            await client.status("../../admin?x=")
    assert {request.target for request in server.requests[1:]} == {
        "/api/v1/bots/..%2F..%2Fadmin%3Fx%3D/status"
    }


async def test_the_probe_is_the_list_of_bots_when_no_bot_was_named(
    connect: Connect, clock: FakeClock
) -> None:
    async with serving(tenant(lambda _: reply(500))) as server:
        client = connect(
            f"{server.origin}/api/v1", breaker=CircuitBreaker(threshold=1, clock=clock)
        )
        for _ in range(2):
            with pytest.raises(ApiError):
                await client.bots().all()
            clock.advance(31)
    assert server.asked("GET", "/api/v1/bots") == 2


@pytest.mark.parametrize(
    ("status", "is_back"),
    [(200, True), (404, True), (403, True), (405, True), (429, False), (500, False), (503, False)],
)
async def test_what_counts_as_back(
    status: int, is_back: bool, connect: Connect, clock: FakeClock
) -> None:
    answers = [500, status]

    def handle(request: Request) -> bytes:
        status = answers.pop(0) if answers else 200
        return reply(status, {"id": "s"})

    async with serving(tenant(handle)) as server:
        breaker = CircuitBreaker(threshold=1, clock=clock)
        client = connect(f"{server.origin}/api/v1", breaker=breaker)
        with pytest.raises(CircuitOpen):
            await client.skill("bot", "s")  # the retry of the one failure meets the open circuit
        clock.advance(31)
        if is_back:
            assert (await client.skill("bot", "s")).id == "s"
        else:
            with pytest.raises(CircuitOpen):
                await client.skill("bot", "s")


@pytest.mark.parametrize(
    ("answer", "is_back"),
    [(reply(401), True), (reply(500), False), (reply(429), False), (reply(200, b"<p>"), False)],
    ids=["401", "500", "429", "a web page"],
)
async def test_a_probe_that_gets_no_token(
    answer: bytes, is_back: bool, connect: Connect, clock: FakeClock
) -> None:
    tokens = [token_reply()]

    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return tokens.pop() if tokens else answer
        return reply(500)

    async with serving(handle) as server:
        breaker = CircuitBreaker(threshold=1, clock=clock)
        client = connect(f"{server.origin}/api/v1", breaker=breaker)
        await open_the_circuit(client, "bot")
        clock.advance(4000)  # the token has ended too
        with pytest.raises(ApiError):
            await client.status("bot")
    assert (state_of(client) is BreakerState.CLOSED) == is_back
    assert server.asked("GET", "/api/v1/bots/bot/status") == 1


async def test_an_answer_between_failures_begins_the_count_anew(
    connect: Connect, clock: FakeClock
) -> None:
    answers = [500, 500, 500, 404, 500, 500, 500, 404]
    async with serving(tenant(lambda _: reply(answers.pop(0)))) as server:
        client = connect(f"{server.origin}/api/v1")
        for _ in range(2):
            with pytest.raises(NotFound):
                await client.status("bot")
        assert state_of(client) is BreakerState.CLOSED
    assert server.asked("GET", "/api/v1/bots/bot/status") == 8


async def test_a_caller_cancelled_during_the_trial_takes_nothing_from_the_others(
    sandbox: Sandbox, client: CognigyClient, clock: FakeClock
) -> None:
    bot_id = sandbox.info.bot_id
    sandbox.inject("500")
    await open_the_circuit(client, bot_id)
    sandbox.clear_faults()
    clock.advance(31)
    calls = [asyncio.create_task(client.bots().all()) for _ in range(5)]
    for _ in range(3):
        await asyncio.sleep(0)
    calls[0].cancel()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert all(isinstance(outcome, list) for outcome in outcomes[1:])


async def test_closing_the_client_stops_a_trial(connect: Connect, clock: FakeClock) -> None:
    failing = True
    asked_again = asyncio.Event()

    def handle(_: Request) -> bytes:
        if failing:
            return reply(500)
        asked_again.set()
        return HANG

    async with serving(tenant(handle)) as server:
        breaker = CircuitBreaker(threshold=1, clock=clock)
        client = connect(f"{server.origin}/api/v1", breaker=breaker)
        await open_the_circuit(client, "bot")
        failing = False
        clock.advance(31)
        call = asyncio.create_task(client.status("bot"))
        async with asyncio.timeout(2):
            await asked_again.wait()
        call.cancel()
        await client.aclose()
        await asyncio.gather(call, return_exceptions=True)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in others if "_run" in repr(task.get_coro())]


async def test_states_one_after_the_other(clock: FakeClock) -> None:
    breaker = CircuitBreaker(threshold=2, open_s=10, clock=clock)

    async def down() -> bool:
        return False

    async def up() -> bool:
        return True

    breaker.failed()
    assert state_of(breaker) is BreakerState.CLOSED
    breaker.failed()
    assert (state_of(breaker), breaker.retry_after_s) == (BreakerState.OPEN, 10)
    breaker.succeeded()  # a late answer closes nothing
    assert state_of(breaker) is BreakerState.OPEN
    clock.advance(10)
    assert state_of(breaker) is BreakerState.HALF_OPEN
    with pytest.raises(CircuitOpen):
        await breaker.permit(down)
    assert (state_of(breaker), breaker.retry_after_s) == (BreakerState.OPEN, 10)
    clock.advance(10)
    await breaker.permit(up)
    assert state_of(breaker) is BreakerState.CLOSED
    breaker.failed()
    assert state_of(breaker) is BreakerState.CLOSED  # the count began anew


async def test_a_trial_that_breaks_opens_the_circuit_again(clock: FakeClock) -> None:
    breaker = CircuitBreaker(threshold=1, open_s=10, clock=clock)
    breaker.failed()
    clock.advance(10)

    async def breaks() -> bool:
        raise ServerError("a mistake of ours", status=500)

    with pytest.raises(ServerError):
        await breaker.permit(breaks)
    assert state_of(breaker) is BreakerState.OPEN
