"""One token for everybody: fetched once, renewed early, exchanged again when it was revoked."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.cognigy.auth import EARLY_S, LATEST_S, TokenSource
from cognitui.cognigy.errors import (
    CircuitOpen,
    InvalidAnswer,
    ServerError,
    TransportError,
    Unauthorized,
)
from cognitui.cognigy.models import Token
from tests.support.servers import Request, reply, serving, tenant, token_reply
from tests.support.tenants import API_KEY, API_SECRET, asked

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.clock import FakeClock
    from tests.support.fixtures import Connect, Start

CALLERS = 1000


async def status_for_all(client: CognigyClient, bot_id: str, callers: int) -> None:
    answers = await asyncio.gather(*(client.status(bot_id) for _ in range(callers)))
    assert len(answers) == callers


async def test_a_thousand_cold_callers_cause_one_token_call(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    await status_for_all(client, sandbox.info.bot_id, CALLERS)
    assert asked(sandbox, "POST", "/auth/token") == 1
    assert asked(sandbox, "GET", "/status") == CALLERS


async def test_a_revoked_token_causes_one_refresh(sandbox: Sandbox, client: CognigyClient) -> None:
    await client.authenticate()
    sandbox.revoke_tokens()
    await status_for_all(client, sandbox.info.bot_id, 200)
    assert asked(sandbox, "POST", "/auth/token") == 2


async def test_the_exchange_is_the_tutorials(connect: Connect) -> None:
    async with serving(lambda _: token_reply()) as server:
        await connect(f"{server.origin}/api/v1").authenticate()
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/api/v1/auth/token")
    assert request.body == b'{"grant_type":"client_credentials"}'
    assert request.headers["content-type"] == "application/json"
    scheme, _, pair = request.headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(pair).decode()) == ("Basic", f"{API_KEY}:{API_SECRET}")


async def test_a_401_is_tried_once_more_with_a_new_token_and_never_again(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("401")
    with pytest.raises(Unauthorized):
        await client.status(sandbox.info.bot_id)
    assert asked(sandbox, "GET", "/status") == 2
    assert asked(sandbox, "POST", "/auth/token") == 2


async def test_a_token_that_ends_early_is_exchanged_unseen(start: Start, connect: Connect) -> None:
    sandbox = start(token_lifetime_s=0.05)
    client = connect(sandbox)  # its clock stands still, so it believes the token to be fresh
    await client.status(sandbox.info.bot_id)
    await asyncio.sleep(0.06)
    await client.status(sandbox.info.bot_id)
    assert asked(sandbox, "POST", "/auth/token") == 2


async def test_a_failing_exchange_is_not_multiplied_by_its_callers(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("503:path=auth/token")
    outcomes = await asyncio.gather(
        *(client.status(sandbox.info.bot_id) for _ in range(CALLERS)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {ServerError, CircuitOpen}
    # The breaker opens after five failures, whoever asks.
    assert asked(sandbox, "POST", "/auth/token") == 5
    assert asked(sandbox, "GET", "/status") == 0


async def test_a_wrong_secret_is_asked_about_once(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("401:path=auth/token")
    with pytest.raises(Unauthorized):
        await client.authenticate()
    assert asked(sandbox, "POST", "/auth/token") == 1


async def test_a_thousand_callers_with_a_wrong_key_ask_once(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("401:path=auth/token")
    calls = [client.status(sandbox.info.bot_id) for _ in range(1000)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unauthorized}
    assert asked(sandbox, "POST", "/auth/token") == 1


@pytest.mark.parametrize(
    "token",
    ["", "two words", "line\r\nX-Injected: yes", "tökèn", "\ud800", 7, None],
    ids=repr,
)
async def test_a_token_that_cannot_be_a_header_is_refused(token: object, connect: Connect) -> None:
    async with serving(lambda _: reply(200, {"access_token": token})) as server:
        with pytest.raises(InvalidAnswer):
            await connect(f"{server.origin}/api/v1").status("bot")
    assert len(server.requests) == 1


async def test_other_fields_of_the_answer_are_not_kept() -> None:
    token = Token.model_validate_json('{"access_token":"a","refresh_token":"keep me secret"}')
    assert "keep me secret" not in f"{token!r} {token.model_dump()}"


class Exchange:
    """A token endpoint that is asked by method call: it counts, and can be made to wait or fail."""

    def __init__(self, clock: FakeClock, *, life: float = 3600.0) -> None:
        self.clock = clock
        self.life = life
        self.calls = 0
        self.takes_s = 0.0
        self.error: Exception | None = None

    async def __call__(self) -> Token:
        self.calls += 1
        number = self.calls
        if self.takes_s:
            await self.clock.sleep(self.takes_s)
        await asyncio.sleep(0)
        if self.error is not None:
            raise self.error
        return Token(access_token=SecretStr(f"token-{number}"), expires_in=self.life)


@pytest.fixture
def exchange(clock: FakeClock) -> Exchange:
    return Exchange(clock)


@pytest.fixture
def tokens(exchange: Exchange, clock: FakeClock) -> TokenSource:
    return TokenSource(exchange, clock)


async def value(tokens: TokenSource) -> str:
    return (await tokens.get()).get_secret_value()


async def settle() -> None:
    """Let whatever runs in the background come to its end."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_token_is_kept_until_shortly_before_its_end(
    tokens: TokenSource, exchange: Exchange, clock: FakeClock
) -> None:
    for _ in range(10):
        assert await value(tokens) == "token-1"
        clock.advance((3600 - EARLY_S - 1) / 10)
    await settle()
    assert exchange.calls == 1


async def test_renewal_begins_early_and_in_the_background(
    tokens: TokenSource, exchange: Exchange, clock: FakeClock
) -> None:
    await tokens.get()
    clock.advance(3600 - EARLY_S)
    assert await value(tokens) == "token-1"
    assert await value(tokens) == "token-1"
    await settle()
    assert await value(tokens) == "token-2"
    assert exchange.calls == 2


async def test_a_failed_early_renewal_disturbs_nobody_and_waits_a_little(
    tokens: TokenSource, exchange: Exchange, clock: FakeClock
) -> None:
    await tokens.get()
    clock.advance(3600 - EARLY_S)
    exchange.error = TransportError("down")
    for _ in range(3):
        assert await value(tokens) == "token-1"
        await settle()
    assert exchange.calls == 2
    exchange.error = None
    clock.advance(6)
    assert await value(tokens) == "token-1"
    await settle()
    assert await value(tokens) == "token-3"


async def test_shortly_before_the_end_callers_wait_for_the_renewal(
    tokens: TokenSource, exchange: Exchange, clock: FakeClock
) -> None:
    await tokens.get()
    clock.advance(3600 - LATEST_S)
    assert await value(tokens) == "token-2"
    clock.advance(3600 - LATEST_S)
    exchange.error = TransportError("down")
    with pytest.raises(TransportError):
        await tokens.get()


@pytest.mark.parametrize("life", [0.0, -5.0, float("nan"), 1.0, 40.0])
async def test_short_and_senseless_lives_do_not_stop_anybody(life: float, clock: FakeClock) -> None:
    exchange = Exchange(clock, life=life)
    tokens = TokenSource(exchange, clock)
    for _ in range(3):
        assert (await value(tokens)).startswith("token-")
        clock.advance(1)
    assert exchange.calls <= 4


async def test_an_endless_life_is_one(clock: FakeClock) -> None:
    exchange = Exchange(clock, life=float("inf"))
    tokens = TokenSource(exchange, clock)
    await tokens.get()
    clock.advance(10_000_000)
    assert await value(tokens) == "token-1"


@pytest.mark.parametrize("turns", range(12))
async def test_a_leader_cancelled_at_any_moment_takes_nothing_from_the_others(
    turns: int, tokens: TokenSource, exchange: Exchange
) -> None:
    exchange.takes_s = 3
    leader = asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    followers = [asyncio.create_task(tokens.get()) for _ in range(20)]
    for _ in range(turns):
        await asyncio.sleep(0)
    leader.cancel()
    got = await asyncio.gather(*followers)
    assert {token.get_secret_value() for token in got} == {"token-1"}
    assert exchange.calls == 1
    await asyncio.gather(leader, return_exceptions=True)


async def test_only_the_token_that_was_refused_is_forgotten(
    tokens: TokenSource, exchange: Exchange
) -> None:
    old = await tokens.get()
    tokens.invalidate(old)
    new = await tokens.get()
    tokens.invalidate(old)  # somebody whose answer came late
    assert await tokens.get() is new
    assert exchange.calls == 2


async def test_closing_stops_a_renewal(tokens: TokenSource, exchange: Exchange) -> None:
    exchange.takes_s = 1000
    waiting = asyncio.create_task(tokens.get())
    await asyncio.sleep(0)
    await tokens.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_expires_in_may_be_absent(connect: Connect) -> None:
    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return reply(200, {"access_token": "a-token"})
        assert request.headers["authorization"] == "Bearer a-token"
        return reply(200, {"status": "healthy"})

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1")
        await client.status("bot")
        await client.status("bot")
    assert server.asked("POST", "/api/v1/auth/token") == 1


async def test_every_request_says_what_the_tutorials_does(connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(200, {"status": "ok"}))) as server:
        await connect(f"{server.origin}/api/v1").status("bot_12345")
    headers = server.requests[-1].headers
    assert server.requests[-1].target == "/api/v1/bots/bot_12345/status"
    assert headers["authorization"] == "Bearer token-of-the-small-server"
    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
