"""A tenant that means harm, or somebody on the way to it, gets nothing out of the client."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.breaker import CircuitBreaker
from cognitui.cognigy.errors import ApiError, BadRequest, ServerError, StatusError, UnexpectedStatus
from cognitui.cognigy.retry import RetryPolicy
from tests.support.servers import Request, reply, serving, tenant

if TYPE_CHECKING:
    from tests.support.clock import FakeClock
    from tests.support.fixtures import Connect

ONCE = RetryPolicy(max_attempts=1)
ROUNDS = 400


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain words", "plain words"),
        ("\x1b[2J\x1b[31mred\x07", "[2J [31mred"),
        ("one\r\ntwo\tthree", "one two three"),
        ("\x9b31m c1 \x85", "31m c1"),
        ("\u202eesrever\u202c", "esrever"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("line\u2028paragraph\u2029", "line paragraph"),
        ("half \ud800 a letter", "half   a letter"),
        ("x" * 400, "x" * 300 + "…"),
        ("[bold]markup[/]", "[bold]markup[/]"),
        ("ünïcödé 漢字 🙂", "ünïcödé 漢字 🙂"),
        ("\x00", ""),
    ],
    ids=ascii,
)
async def test_the_tenants_words_are_made_harmless(said: str, shown: str, connect: Connect) -> None:
    error = {"message": said, "field": f"{said[:20]}"}
    async with serving(tenant(lambda _: reply(400, {"error": error}))) as server:
        with pytest.raises(BadRequest) as caught:
            await connect(f"{server.origin}/api/v1").status("bot")
    assert caught.value.tenant_message == shown
    everything = f"{caught.value} {caught.value.hint} {caught.value.field}"
    assert everything.isprintable()
    assert everything.encode()


async def test_cookies_are_neither_kept_nor_sent(connect: Connect) -> None:
    cookies = [
        "Set-Cookie: session=stolen; Path=/",
        "Set-Cookie: everywhere=1; Domain=.0.0.1; Max-Age=99999999",
        "Set-Cookie: " + "x" * 5000 + "=1",
        "Set-Cookie: =;;;=\xff\xfe; Expires=Zun, 99 Foo 99999 99:99:99 GMT",
        "Set-Cookie2: old=1; Version=9999999999999999999999",
    ]
    answer = reply(200, {"status": "ok"}, *cookies)
    async with serving(tenant(lambda _: answer)) as server:
        client = connect(f"{server.origin}/api/v1")
        for _ in range(3):
            await client.status("bot")
    assert not any("cookie" in request.headers for request in server.requests)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/", "/api/v1/bots", "//evil.example/x"])
async def test_no_redirect_is_followed(status: int, path: str, connect: Connect) -> None:
    async with serving(lambda _: reply(200, {})) as foreign:
        location = f"Location: {foreign.origin}{path}"
        async with serving(tenant(lambda _: reply(status, b"", location))) as server:
            with pytest.raises(UnexpectedStatus, match="that was not followed"):
                await connect(f"{server.origin}/api/v1").status("bot")
    assert foreign.requests == []
    assert server.asked("GET", "/api/v1/bots/bot/status") == 1


async def test_a_redirected_token_exchange_gives_nothing_away(connect: Connect) -> None:
    async with serving(lambda _: reply(200, {})) as foreign:
        location = f"Location: {foreign.origin}/auth/token"
        async with serving(lambda _: reply(307, b"", location)) as server:
            with pytest.raises(UnexpectedStatus):
                await connect(f"{server.origin}/api/v1").authenticate()
    assert foreign.requests == []


async def test_the_proxy_of_the_environment_is_not_used(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(lambda _: reply(200, {})) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        async with serving(tenant(lambda _: reply(200, {}))) as server:
            await connect(f"{server.origin}/api/v1").status("bot")
    assert proxy.requests == []
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://[::1",
        "http://\xff\xfe",
        "http://a:99999999999/",
        "//",
        "\x01",
        "http://x y/",
        "é:",
    ],
    ids=ascii,
)
async def test_a_location_that_cannot_be_read_is_only_a_redirect(
    location: str, connect: Connect
) -> None:
    answer = reply(302, b"", f"Location: {location}")
    async with serving(tenant(lambda _: answer)) as server:
        with pytest.raises(ApiError):
            await connect(f"{server.origin}/api/v1", policy=ONCE).status("bot")


async def test_garbled_answers_raise_nothing_but_our_own_errors(
    connect: Connect, clock: FakeClock
) -> None:
    """Whatever comes over the socket, a caller has one tree of errors to catch."""
    chance = random.Random(20260517)
    whole = reply(
        200,
        {"status": "healthy", "engineVersion": "4.2"},
        "Content-Type: application/json",
        "Set-Cookie: a=b",
        "Location: /x",
        "Retry-After: 1",
    )

    def garble(_: Request) -> bytes:
        data = bytearray(whole)
        for _turn in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at : at + chance.randint(1, 20)]
            elif kind == 2:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 9)))
            else:
                data[9:12] = str(chance.randint(100, 999)).encode()
            data = data or bytearray(b"?")
        return bytes(data)

    outcomes = {"answers": 0, "errors": 0}
    async with serving(tenant(garble)) as server:
        client = connect(
            f"{server.origin}/api/v1",
            policy=ONCE,
            timeouts=Timeouts(connect=1, read=0.5, total=1),
            breaker=CircuitBreaker(threshold=10 * ROUNDS, clock=clock),
        )
        for _ in range(ROUNDS):
            clock.advance(3600)
            try:
                await client.status("bot")
                outcomes["answers"] += 1
            except ApiError:
                outcomes["errors"] += 1
    assert min(outcomes.values()) > ROUNDS / 20
    assert sum(outcomes.values()) == ROUNDS


async def test_an_answer_of_many_headers_is_refused(connect: Connect) -> None:
    answer = reply(200, {}, *(f"X-{number}: {'y' * 100}" for number in range(2000)))
    async with serving(tenant(lambda _: answer)) as server:
        with pytest.raises(ApiError):
            await connect(f"{server.origin}/api/v1", policy=ONCE).status("bot")


async def test_a_deeply_nested_answer_is_refused(connect: Connect) -> None:
    nested = b'{"status":"ok","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    async with serving(tenant(lambda _: reply(200, nested))) as server:
        with pytest.raises(ApiError):
            await connect(f"{server.origin}/api/v1", policy=ONCE).status("bot")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500])
async def test_an_error_body_of_megabytes_costs_little(status: int, connect: Connect) -> None:
    body = b'{"error":{"message":"' + b"m" * 1_000_000 + b'"}}'
    async with serving(tenant(lambda _: reply(status, body))) as server:
        with pytest.raises(StatusError) as caught:
            await connect(f"{server.origin}/api/v1", policy=ONCE).status("bot")
    assert len(str(caught.value)) < 500


async def test_words_that_look_like_a_limit_or_a_scope_are_only_words(connect: Connect) -> None:
    said = {"error": {"message": "bot:read 999999999999999/7 webhook:manage", "code": 7}}
    async with serving(tenant(lambda _: reply(500, said))) as server:
        with pytest.raises(ServerError, match="The tenant failed with 500"):
            await connect(f"{server.origin}/api/v1", policy=ONCE).status("bot")
