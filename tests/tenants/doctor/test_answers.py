"""What answers where the API should be, and what it says to a key: each set up on loopback."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor import Cause, CheckName, Report
from tests.support.listening import listening
from tests.support.servers import HANG, Request, reply, serving, token_reply

from .support import (
    BASIC,
    HTML,
    IMPATIENT_S,
    JSON,
    KEY,
    SECRET,
    TOKEN,
    examined,
    outcomes,
    pair,
    refusal,
    tenant,
)

if TYPE_CHECKING:
    from cognitui.cognigy.credentials import Credentials
    from tests.support.servers import Handler

N = CheckName
PAGE = b"<!doctype html><title>Acme \x1b[31m&amp; Sons</title><body>" + b"x" * 500
TEN = timedelta(minutes=10)


def with_scope(*scopes: str) -> Handler:
    return tenant(scopes=scopes)


def line(report: Report, name: CheckName) -> Any:
    return next(line for line in report.lines if line.name is name)


@pytest.mark.parametrize(
    ("handler", "cause", "status", "signs", "words"),
    [
        # The key lets us in, and something is to be put right.
        pytest.param(
            with_scope("bot:write", "webhook:manage"), Cause.NO_READ, 1, "✓✓✓✓–✓✓✗✓✓✓✓",
            "lacks the scope bot:read", id="no-bot-read",
        ),
        pytest.param(
            with_scope("bot:read", "bot:write"), Cause.NO_MANAGE, 1, "✓✓✓✓–✓✓✓✗✓✓✓",
            "lacks the scope webhook:manage", id="no-webhook-manage",
        ),
        pytest.param(
            with_scope("bot:read", "webhook:manage"), Cause.NO_WRITE, 1, "✓✓✓✓–✓✓✓–✗✓✓",
            "lacks the scope bot:write", id="no-bot-write",
        ),
        pytest.param(
            tenant(ahead=TEN), Cause.CLOCK, 1, "✓✓✓✓–✓✓✓✓✓✗✓", "behind the tenant's",
            id="clock-behind",
        ),
        pytest.param(
            tenant(ahead=-TEN), Cause.CLOCK, 1, "✓✓✓✓–✓✓✓✓✓✗✓", "ahead of the tenant's",
            id="clock-ahead",
        ),
        pytest.param(
            tenant(ahead=timedelta(minutes=2)), Cause.CLOCK, 1, "✓✓✓✓–✓✓✓✓✓!✓", "2 min",
            id="clock-a-little",
        ),
        pytest.param(
            tenant(headers=("X-RateLimit-Remaining: 0", "X-RateLimit-Limit: 100")),
            Cause.RATE, 1, "✓✓✓✓–✓✓✓✓✓✓!", "0 of 100 requests left", id="nothing-left",
        ),
        # It does not, whatever the key is.
        pytest.param(
            tenant(bent={"token": refusal(429, "Not so fast.", "Retry-After: 17")}),
            Cause.RATE, 3, "✓✓✓✓–✓✗–––✓✓", "try again in 17 s", id="429",
        ),
        pytest.param(
            tenant(bent={"knock": refusal(429, "Not so fast.", "Retry-After: 17")}),
            Cause.RATE, 3, "✓✓✓✓–✗––––––", "no more requests", id="429-without-key",
        ),
        pytest.param(
            tenant(bent={"token": refusal(403, "Not from there.")}),
            Cause.KEY_LOCKED, 3, "✓✓✓✓–✓✗–––✓✓", "Not from there", id="403-for-the-key",
        ),
        pytest.param(
            tenant(bent={"token": refusal(500, "Oh.")}),
            Cause.FAILING, 3, "✓✓✓✓–✓✗–––✓✓", "failed with 500", id="500-for-the-key",
        ),
        pytest.param(
            tenant(bent={"token": reply(200, {"hello": "world"}, JSON)}),
            Cause.NOT_THE_API, 3, "✓✓✓✓–✓✗–––✓✓", "expected shape", id="rubbish-for-the-key",
        ),
        pytest.param(
            tenant(bent={"token": reply(200, b"\x00\xff" * 50)}),
            Cause.NOT_THE_API, 3, "✓✓✓✓–✓✗–––✓✓", "not valid JSON", id="bytes-for-the-key",
        ),
        pytest.param(
            tenant(bent={"token": reply(403, PAGE, HTML)}),
            Cause.PROXY, 3, "✓✓✓✓–✓✗–––✓✓", "web page", id="firewall-for-the-key",
        ),
        pytest.param(
            tenant(bent={"token": reply(200, b'"' + b"x" * 9_000_000, JSON)}),
            Cause.NOT_THE_API, 3, "✓✓✓✓–✓✗–––✓✓", "longer than 8 MiB", id="huge-for-the-key",
        ),
        pytest.param(
            tenant(bent={"bots": refusal(503, "Down.")}),
            Cause.FAILING, 1, "✓✓✓✓–✓✓✗✓✓✓✓", "failed with 503", id="bots-fail",
        ),
        # It is not the API.
        pytest.param(
            lambda _: reply(200, PAGE, HTML), Cause.WEB_PAGE, 3, "✓✓✓✓–✗––––––",
            "titled “Acme [31m& Sons”", id="user-interface",
        ),
        pytest.param(
            lambda _: reply(502, PAGE, HTML, "Server: nginx"), Cause.PROXY, 3, "✓✓✓✓–✗––––––",
            "answered by nginx", id="proxy-502",
        ),
        pytest.param(
            lambda _: reply(401, PAGE, HTML), Cause.PROXY, 3, "✓✓✓✓–✗––––––",
            "gateway or firewall", id="gateway-401",
        ),
        pytest.param(
            lambda _: reply(407), Cause.PROXY, 3, "✓✓✓✓–✗––––––", "login of its own", id="407",
        ),
        pytest.param(
            lambda _: reply(302, b"", "Location: http://portal.example/login?secret=1"),
            Cause.PORTAL, 3, "✓✓✓✓–✗––––––", "http://portal.example/login (302)", id="portal",
        ),
        pytest.param(
            lambda _: reply(511, PAGE, HTML), Cause.PORTAL, 3, "✓✓✓✓–✗––––––", "login first",
            id="portal-511",
        ),
        pytest.param(
            lambda _: reply(302, b"", "Location: /login"), Cause.REDIRECT, 3, "✓✓✓✓–✗––––––",
            "redirects", id="redirect",
        ),
        pytest.param(
            lambda _: refusal(404, "Nothing here."), Cause.WRONG_PATH, 3, "✓✓✓✓–✗––––––",
            "the API is not at", id="wrong-path",
        ),
        pytest.param(
            lambda _: refusal(500, "Oh."), Cause.FAILING, 3, "✓✓✓✓–✗––––––", "The tenant fails",
            id="500",
        ),
        pytest.param(
            lambda _: reply(200, {"status": "up"}, JSON), Cause.NOT_THE_API, 3, "✓✓✓✓–✗––––––",
            "Something else answers", id="another-service",
        ),
        pytest.param(
            lambda _: reply(200, b"x" * 3_000_000), Cause.NOT_THE_API, 3, "✓✓✓✓–✗––––––",
            "Something else answers", id="huge",
        ),
        pytest.param(
            lambda _: b"SSH-2.0-OpenSSH_9.6\r\n\r\n", Cause.NOT_HTTP, 3, "✓✓✓✓–✗––––––",
            "not HTTP", id="ssh",
        ),
    ],
)  # fmt: skip
async def test_the_cause_is_named(
    handler: Handler, cause: Cause, status: int, signs: str, words: str
) -> None:
    async with serving(handler) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert (report.cause, report.status, outcomes(report)) == (cause, status, signs)
    assert report.first is not None
    assert words in report.first.summary
    assert report.first.hint


async def test_all_is_well() -> None:
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}/api/v1")
        assert outcomes(report) == "✓✓✓✓–✓✓✓✓✓✓✓"
    assert (report.cause, report.status, report.correction) == (Cause.NOTHING, 0, "")
    assert not any(line.hint for line in report.lines)
    changes = [r for r in server.requests if r.method not in ("GET", "POST")]
    assert [(r.method, r.body) for r in changes] == [("PATCH", b'{"webhook":{}}')]
    assert "does-not-exist" in changes[0].path


@pytest.mark.parametrize(
    ("credentials", "cause", "words"),
    [
        pytest.param(pair(secret="not-the-secret"), Cause.KEY, "does not accept", id="wrong"),
        pytest.param(pair(SECRET, KEY), Cause.KEY_SWAPPED, "the other way round", id="swapped"),
        pytest.param(pair(f" {KEY} "), Cause.KEY_FORM, "a space in the key", id="space"),
        pytest.param(pair(secret=f"{SECRET}\r\n"), Cause.KEY_FORM, "a line end", id="line-end"),
        pytest.param(pair(f'"{KEY}"'), Cause.KEY_FORM, "quotes around the key", id="quotes"),
        pytest.param(
            pair(secret=f"Bearer {SECRET}"), Cause.KEY_FORM, "the word Bearer", id="bearer"
        ),
        pytest.param(pair(f"\u200b{KEY}"), Cause.KEY_FORM, "an invisible", id="invisible"),
    ],
)
async def test_what_is_wrong_with_a_key(credentials: Credentials, cause: Cause, words: str) -> None:
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}/api/v1", credentials)
    assert (report.cause, report.status, outcomes(report)) == (cause, 3, "✓✓✓✓–✓✗–––✓✓")
    assert words in line(report, N.KEY).summary
    assert server.asked("POST", "/api/v1/auth/token") == 3  # without, with, and one more try


@pytest.mark.parametrize(
    ("credentials", "words"),
    [
        pytest.param(pair(key="f" * 64), "an endpoint's own key", id="endpoint-key"),
        pytest.param(
            pair("0f4e1f0a-7b77-4a44-9d5e-0d8b6f0b8a11"), "Voice Gateway", id="voice-gateway"
        ),
        pytest.param(pair("eyJhbGciOi.eyJzdWIiOi.c2ln"), "bearer token", id="token"),
        pytest.param(pair("https://acme.cognigy.ai"), "is an address", id="address"),
        pytest.param(pair(f"{KEY}:{SECRET}"), "in one", id="pair"),
        pytest.param(pair(BASIC), "in one", id="encoded-pair"),
        pytest.param(pair("same-text-twice", "same-text-twice"), "the same text", id="twice"),
        pytest.param(pair("abc"), "all of it copied", id="short"),
        pytest.param(pair("another-key-of-somebody"), "A key of another tenant", id="any"),
    ],
)
async def test_a_guess_at_what_a_wrong_key_is(credentials: Credentials, words: str) -> None:
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}/api/v1", credentials)
    assert report.cause is Cause.KEY
    assert words in line(report, N.KEY).hint
    for secret in (credentials.api_key, credentials.api_secret):
        if len(secret.get_secret_value()) > 3:
            assert secret.get_secret_value() not in report.as_text("acme")


async def test_what_the_tenant_echoes_is_not_shown() -> None:
    def echo(request: Request) -> bytes:
        return refusal(401, f"{KEY} {SECRET} \x1b[2J {request.headers['authorization']}")

    async with serving(tenant(bent={"token": echo})) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert report.cause is Cause.KEY
    assert "[secret]" in line(report, N.KEY).summary


async def test_rights_that_the_tenant_does_not_tell() -> None:
    bent = {"bots": refusal(404, "No list."), "change": refusal(405, "No.")}
    async with serving(tenant(bent=bent, tells_scopes=False)) as server:
        report = await examined(f"{server.origin}/api/v1")
        silent = await examined(f"{server.origin}/api/v1", is_read_only=True)
        assert outcomes(report) == "✓✓✓✓–✓✓–––✓✓"
        assert "takes a change" in line(report, N.WRITE).summary
        assert (report.cause, report.status) == (Cause.NOTHING, 0)
    assert "read-only" in line(silent, N.MANAGE).summary
    assert sum(r.method == "PATCH" for r in server.requests) == 1


async def test_without_a_key_it_ends_before_it() -> None:
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}/api/v1", None)
    assert outcomes(report) == "✓✓✓✓–✓––––✓–"
    assert (report.status, report.is_let_in) == (0, False)
    assert not any("authorization" in request.headers for request in server.requests)


@pytest.mark.parametrize("path", ["", "/openapi", "/new/v2.0", "/nowhere", "/api/v1/bots/b/skills"])
async def test_the_api_is_found_where_it_is(path: str) -> None:
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}{path}")
    assert (report.cause, report.status, report.is_let_in) == (Cause.URL, 1, True)
    assert report.correction == f"{server.origin}/api/v1"
    assert server.asked("GET", "/api/v1/bots") == 1


async def test_a_base_url_without_a_path_may_be_right() -> None:
    at_root = tenant()

    def shifted(request: Request) -> bytes:
        moved = Request(request.method, f"/api/v1{request.target}", request.headers, request.body)
        answer = at_root(moved)
        assert isinstance(answer, bytes)
        return answer

    async with serving(shifted) as server:
        report = await examined(server.origin)
    assert (report.cause, report.correction) == (Cause.NOTHING, "")


@pytest.mark.parametrize("path", ["/v2.0/users/me", "/new/v2.0/users/me"])
async def test_the_other_api(path: str) -> None:
    def rest(request: Request) -> bytes:
        if request.path == path:
            problem = {"type": "about:blank", "status": 401, "traceId": "api--1"}
            return reply(401, problem, "Content-Type: application/problem+json")
        return refusal(404, "Not Found")

    async with serving(rest) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert (report.cause, report.status) == (Cause.REST_V2, 3)
    assert path in line(report, N.API).summary
    assert not any("authorization" in request.headers for request in server.requests)


async def test_the_other_api_that_asks_everybody_who_they_are() -> None:
    """It says 401 at every path, so at that of our token endpoint too."""
    problem = {"title": "Unauthorized", "status": 401, "detail": "Who?", "traceId": "api--1"}
    async with serving(lambda _: reply(401, problem, JSON)) as server:
        report = await examined(server.origin)
    assert report.cause is Cause.REST_V2
    assert not any("authorization" in request.headers for request in server.requests)


async def test_a_tenant_that_gives_anybody_a_token() -> None:
    async with serving(tenant(bent={"knock": token_reply(TOKEN)})) as server:
        report = await examined(f"{server.origin}/api/v1")
    assert report.cause is Cause.NOTHING
    assert "to anybody" in line(report, N.API).summary


async def test_who_takes_the_connection_and_says_nothing() -> None:
    async with serving(lambda _: HANG) as server:
        report = await examined(f"{server.origin}/api/v1", timeout_s=IMPATIENT_S)
    assert (report.cause, report.status, outcomes(report)) == (
        Cause.NO_ANSWER, 3, "✓✓✓✓–✗––––––",
    )  # fmt: skip


@pytest.mark.parametrize("which", ["knock", "token", "bots"])
async def test_a_body_that_never_ends(which: str) -> None:
    handler = tenant()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.rstrip().split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = dict(line.lower().split(": ", 1) for line in lines)
        proof = next((li.split(": ", 1)[1] for li in lines if li.lower().startswith("authori")), "")
        headers |= {"authorization": proof} if proof else {}
        asked = "bots" if method == "GET" else "token" if proof else "knock"
        if asked != which:
            answer = handler(Request(method, target, headers, b""))
            assert isinstance(answer, bytes)
            writer.write(answer)
            await writer.drain()
            return
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(drip) as port:
        report = await examined(f"http://127.0.0.1:{port}/api/v1", timeout_s=IMPATIENT_S)
    assert report.cause is Cause.NO_ANSWER
    assert report.first is not None
    assert report.first.name is {"knock": N.API, "token": N.KEY, "bots": N.READ}[which]


@pytest.mark.parametrize("which", ["knock", "token", "bots", "change"])
async def test_whatever_answers_nothing_is_raised(which: str) -> None:
    """Heads and bodies from a bag of oddities, put together at random."""
    chance = random.Random(which)
    firsts = [b"HTTP/1.1 200 OK", b"HTTP/1.1 401 X", b"HTTP/1.0 204 X", b"HTTP/1.1 999 X",
              b"HTTP/1.1 302 X", b"HTTP/1.1 100 X", b"HTTP/2 200", b"\x16\x03\x01", b""]  # fmt: skip
    heads = [b"Content-Length: 5", b"Content-Length: -1", b"Transfer-Encoding: chunked",
             b"Content-Encoding: gzip", b"Location: http://[::1", b"Location: \xff\xfe",
             b"Date: the day after", b"Date: Thu, 99 Foo 99999 00:00:00 GMT", b"Retry-After: 1e999",
             b"X-RateLimit-Remaining: " + b"9" * 50, b"Content-Type: text/html",
             b"Content-Type: application/json", b"Set-Cookie: \xc3\xa4=1", b"Server: \x1b[31m",
             b"no colon"]  # fmt: skip
    bodies = [b"", b"[" * 5000, b'{"access_token":1}', b'{"access_token":"a\\u0000b"}',
              b'{"items":[{"id":{}},7,null]}', b'{"scope":{"a":1}}', b"\xff" * 99,
              b'{"error":{"message":"\\ud800\\u202e"}}', b"<html><title>\x9b", b"0\r\n\r\n"]  # fmt: skip

    def odd(_: Request) -> bytes:
        some = chance.sample(heads, chance.randrange(4))
        return b"\r\n".join([chance.choice(firsts), *some, b"", chance.choice(bodies)])

    async with serving(tenant(bent={which: odd})) as server:
        base_url = f"{server.origin}/api/v1"
        await asyncio.gather(*(examined(base_url, timeout_s=IMPATIENT_S) for _ in range(40)))


async def test_the_sandbox_is_well_and_counts_what_the_doctor_asks(sandbox: Any) -> None:
    info = sandbox.info
    report = await examined(info.base_url, pair(info.api_key, info.api_secret), bot_id=None)
    assert outcomes(report) == "✓✓✓✓–✓✓✓✓✓✓✓"
    assert "97 of 100 requests left" in line(report, N.RATE).summary
    assert len(sandbox.tenant.requests) == 4
    assert line(report, N.READ).outcome is Outcome.OK
