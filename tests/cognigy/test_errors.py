"""Every way to fail has its own error, with a sentence that says what and a hint that says what now."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from pydantic import SecretStr

from cognitui.cognigy import errors
from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import Credentials
from cognitui.cognigy.engine import MAX_ANSWER_BYTES
from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    BadRequest,
    ClientClosed,
    ConnectFailed,
    Forbidden,
    InvalidAnswer,
    LimitReached,
    NotFound,
    NotSupported,
    RateLimited,
    ServerError,
    StatusError,
    TimedOut,
    TlsFailed,
    Unauthorized,
    UnexpectedStatus,
)
from cognitui.cognigy.models import Webhook
from cognitui.cognigy.retry import RetryPolicy
from cognitui.errors import ErrorKind
from tests.support.listening import listening
from tests.support.servers import HANG, Request, reply, serving, tenant
from tests.support.tenants import asked, credentials_of, webhook_for

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect, Start

ONCE = RetryPolicy(max_attempts=1)
QUICK = Timeouts(connect=0.5, read=0.2, total=0.6)


async def failure_of(client: CognigyClient, bot_id: str = "bot") -> ApiError:
    with pytest.raises(ApiError) as caught:
        await client.status(bot_id)
    error = caught.value
    assert error.message
    assert error.message.isprintable()
    assert error.as_dict()["code"] == type(error).code
    return error


async def test_400_names_the_field(sandbox: Sandbox, client: CognigyClient) -> None:
    webhook = webhook_for(sandbox, skill_id="skill_of_another_bot")
    with pytest.raises(BadRequest) as caught:
        await client.create_webhook(sandbox.info.bot_id, webhook)
    error = caught.value
    assert (error.status, error.field, error.kind) == (400, "webhook.skillId", ErrorKind.REFUSED)
    assert error.message.startswith("The tenant refused the request in webhook.skillId: ")
    assert "there is no skill skill_of_another_bot in bot bot_12345" in error.message
    assert error.hint == "Correct webhook.skillId and send it again."


async def test_400_for_an_endpoint_that_the_tenant_cannot_reach(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    hooks = sandbox.info.webhook_url.rsplit("/", 1)[0]
    webhook = webhook_for(sandbox, endpoint_url=f"{hooks}/hooks/missing")
    with pytest.raises(BadRequest, match="connectivity test failed") as caught:
        await client.create_webhook(sandbox.info.bot_id, webhook)
    assert caught.value.field == "webhook.url"


async def test_401_says_what_to_check(sandbox: Sandbox, connect: Connect) -> None:
    good = credentials_of(sandbox)
    bad = Credentials(good.api_key, SecretStr("cs_wrong"))
    error = await failure_of(connect(sandbox, bad))
    assert type(error) is Unauthorized
    assert error.kind is ErrorKind.UNREACHABLE
    assert error.message == (
        "The tenant did not accept the key or the secret. "
        "The tenant says: The API key or its secret is wrong."
    )
    assert "Check both for this tenant" in error.hint
    assert asked(sandbox, "POST", "/auth/token") == 1


@pytest.mark.parametrize(
    ("key", "scope"),
    [("no-webhook-manage", "webhook:manage"), ("read-only", "bot:write")],
)
async def test_403_names_the_scope(
    key: str, scope: str, sandbox: Sandbox, connect: Connect
) -> None:
    client = connect(sandbox, credentials_of(sandbox, key))
    with pytest.raises(Forbidden) as caught:
        await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    error = caught.value
    assert (error.scope, error.status) == (scope, 403)
    assert error.message.startswith(f"The key lacks the scope {scope}, which POST /bots/")
    assert error.hint.startswith(f"Let the tenant's administrator add {scope} to the key")


async def test_403_without_a_word_names_the_scope_that_the_call_needs(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("403")
    with pytest.raises(Forbidden, match="bot:read"):
        await client.status(sandbox.info.bot_id)
    with pytest.raises(Forbidden, match="webhook:manage"):
        await client.delete_webhook(sandbox.info.bot_id, "wh")


async def test_404(sandbox: Sandbox, client: CognigyClient) -> None:
    with pytest.raises(NotFound) as caught:
        await client.skill(sandbox.info.bot_id, "skill_0")
    error = caught.value
    assert error.message == (
        "The tenant knows nothing at /bots/bot_12345/skills/skill_0. "
        "The tenant says: There is no skill skill_0 in bot bot_12345."
    )
    assert "Check the id and the bot it belongs to" in error.hint


async def test_the_limit_of_a_bot(start: Start, connect: Connect) -> None:
    sandbox = start(webhooks=5, webhook_limit=5)
    with pytest.raises(LimitReached) as caught:
        await connect(sandbox).create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    assert caught.value.message == "The bot cannot take another webhook (5/5)."
    assert caught.value.hint.startswith("Delete a webhook that is no longer needed")


async def test_429(sandbox: Sandbox, connect: Connect) -> None:
    sandbox.inject("429:seconds=7")
    error = await failure_of(connect(sandbox, policy=ONCE))
    assert isinstance(error, RateLimited)
    assert (error.retry_after_s, error.status) == (7, 429)
    assert error.message == "The key's requests of this minute are used up; try again in 7 s."
    assert error.hint


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599])
async def test_5xx(status: int, sandbox: Sandbox, connect: Connect) -> None:
    sandbox.inject(str(status))
    error = await failure_of(connect(sandbox, policy=ONCE))
    assert isinstance(error, ServerError)
    assert error.status == status
    assert error.message.startswith(f"The tenant failed with {status} at GET /bots/bot/status.")
    assert "look at the bot's status" in error.hint


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        ("hang", TimedOut, "127.0.0.1 took the request, but nothing was heard for 0.2 s."),
        ("slow:seconds=1", TimedOut, "127.0.0.1 took the request, but nothing was heard"),
        ("cut", AnswerLost, "The connection to 127.0.0.1 ended before the answer was complete"),
        ("lost-answer", AnswerLost, "The connection to 127.0.0.1 ended before the answer"),
        ("content-type", InvalidAnswer, "was answered with a web page instead of JSON."),
        ("redirect", UnexpectedStatus, "elsewhere; that was not followed."),
        ("huge:bytes=9000000", InvalidAnswer, "The answer is longer than 8 MiB"),
    ],
)
async def test_no_usable_answer(
    fault: str, kind: type[ApiError], words: str, sandbox: Sandbox, connect: Connect
) -> None:
    sandbox.inject(f"{fault}{',' if ':' in fault else ':'}path=bots/*/status")
    error = await failure_of(connect(sandbox, policy=ONCE, timeouts=QUICK), sandbox.info.bot_id)
    assert type(error) is kind
    assert words in error.message
    assert error.message.endswith(".")
    assert error.kind is ErrorKind.UNREACHABLE


async def test_an_answer_that_never_ends_is_cut_off(connect: Connect) -> None:
    """Each piece comes in time, the whole does not."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1\r\n \r\n")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(drip) as port:
        client = connect(f"http://127.0.0.1:{port}", policy=ONCE, timeouts=QUICK)
        error = await failure_of(client)
    assert type(error) is TimedOut
    assert "no whole answer within 0.6 s" in error.message


async def test_a_huge_answer_is_not_read_to_its_end(connect: Connect) -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while sent < 1_000_000_000:
            writer.write(b" " * 65536)
            await writer.drain()
            sent += 65536

    async with listening(flood) as port:
        client = connect(f"http://127.0.0.1:{port}", policy=ONCE)
        error = await failure_of(client)
        await client.aclose()
    assert "the rest was not read" in error.message
    assert sent < 4 * MAX_ANSWER_BYTES


async def test_nobody_there(sandbox: Sandbox, connect: Connect) -> None:
    client = connect(sandbox, policy=ONCE)
    sandbox.stop()
    error = await failure_of(client)
    assert type(error) is ConnectFailed
    assert error.message.startswith("Nothing answers at 127.0.0.1:")
    assert "Check the base URL" in error.hint


async def test_a_client_that_is_closed_makes_no_attempt_more(connect: Connect) -> None:
    """What is under way is cut off, and what would be tried again opens nothing anew."""
    asked = asyncio.Event()

    def answer(_: Request) -> bytes:
        asked.set()
        return HANG

    async with serving(tenant(answer)) as server:
        client = connect(f"{server.origin}/api/v1")
        calls = [asyncio.ensure_future(client.status("bot")) for _ in range(3)]
        await asked.wait()
        before = len(server.requests)
        await client.aclose()
        ended = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(error) for error in ended} == {ClientClosed}
        assert len(server.requests) <= before + 2
        with pytest.raises(ClientClosed):
            await client.status("bot")


async def test_no_such_host(connect: Connect) -> None:
    client = connect("https://nobody.invalid/api/v1", policy=ONCE)
    error = await failure_of(client)
    assert type(error) is ConnectFailed
    assert error.message == "There is no host called nobody.invalid."


async def test_a_certificate_that_nobody_signed(connect: Connect) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    async with serving(lambda _: reply(200), context) as server:
        error = await failure_of(connect(f"{server.origin}/api/v1"))
    assert type(error) is TlsFailed
    assert error.message == f"The certificate of 127.0.0.1:{server.port} was not accepted."
    assert error.hint == "Check the host name and whether the certificate has expired."
    assert server.requests == []


async def test_a_tenant_that_does_not_speak_tls(connect: Connect) -> None:
    async def plain(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(400))

    async with listening(plain) as port:
        error = await failure_of(connect(f"https://127.0.0.1:{port}/api/v1", policy=ONCE))
    assert type(error) is TlsFailed
    assert error.message == f"No secure connection to 127.0.0.1:{port} came about."
    assert error.hint == "Is it the right port, and does the tenant speak https there?"


@pytest.mark.parametrize(
    ("status", "body", "kind", "words", "field"),
    [
        (400, {"error": {"message": "No.", "field": "url"}}, BadRequest, "in url: No.", "url"),
        (422, {"message": "No.", "details": [{"field": "a.b"}]}, BadRequest, "in a.b: No.", "a.b"),
        (400, {"error": "No."}, BadRequest, "The tenant refused the request: No.", None),
        (400, {"title": "No.", "status": 400}, BadRequest, "refused the request: No.", None),
        (400, {"detail": "No."}, BadRequest, "refused the request: No.", None),
        (401, {"error_description": "No."}, Unauthorized, "The tenant says: No.", None),
        (400, [], BadRequest, "with 400 and did not say why.", None),
        (400, {"error": []}, BadRequest, "did not say why.", None),
        (400, {"error": {"message": 7, "field": 7}}, BadRequest, "did not say why.", None),
        (409, b"", BadRequest, "with 409 and did not say why.", None),
        (400, b"\xff\xfe", BadRequest, "did not say why.", None),
        (400, b"[" * 60_000, BadRequest, "did not say why.", None),
        (400, b"1" * 9000, BadRequest, "did not say why.", None),
        (409, {"code": "LIMIT_EXCEEDED"}, LimitReached, "another webhook.", None),
        (405, b"", NotSupported, "This tenant does not offer GET /bots/bot/status.", None),
        (501, b"", NotSupported, "This tenant does not offer", None),
        (418, b"", UnexpectedStatus, "with 418, which this API does not speak of.", None),
        (304, b"", UnexpectedStatus, "redirects GET /bots/bot/status elsewhere", None),
        (503, b"<html>", ServerError, "The tenant failed with 503", None),
    ],
    ids=lambda value: str(value)[:30] if not isinstance(value, type) else value.__name__,
)
async def test_whatever_shape_the_tenants_no_has(  # noqa: PLR0917 - a table of five columns
    status: int, body: Any, kind: type[StatusError], words: str, field: str | None, connect: Connect
) -> None:
    async with serving(tenant(lambda _: reply(status, body))) as server:
        error = await failure_of(connect(f"{server.origin}/api/v1", policy=ONCE))
    assert type(error) is kind
    assert isinstance(error, StatusError)
    assert (error.status, error.field) == (status, field)
    assert words in error.message


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"", [], "is not valid JSON (0 bytes)."),
        (b"{", [], "is not valid JSON (1 bytes)."),
        (b"null", [], "does not have the expected shape: it is wrong."),
        (b'{"status": 7}', [], "does not have the expected shape: status is wrong."),
        (b"<p>", ["Content-Type: text/html; charset=utf-8"], "a web page instead of JSON."),
        (b"{}", ["Content-Encoding: gzip"], "compressed although that was not asked for."),
    ],
)
async def test_an_answer_that_cannot_be_read(
    body: bytes, headers: list[str], words: str, connect: Connect
) -> None:
    async with serving(tenant(lambda _: reply(200, body, *headers))) as server:
        error = await failure_of(connect(f"{server.origin}/api/v1"))
    assert type(error) is InvalidAnswer
    assert words in error.message
    assert server.asked("GET", "/api/v1/bots/bot/status") == 1


async def test_every_call_fails_with_an_api_error_and_nothing_else(connect: Connect) -> None:
    """A tenant that answers rubbish to everything, asked in every way there is."""
    webhook = Webhook.model_validate(
        {
            "skill_id": "s",
            "endpoint_url": "https://a.example",
            "triggers": [{"event": "ON_MESSAGE"}],
            "secret_key": "x" * 32,
        }
    )

    async def handle(request: Request) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\n\xff{}"

    async with serving(tenant(handle)) as server:
        client = connect(f"{server.origin}/api/v1", policy=ONCE)
        calls = [
            client.bots().all(),
            client.skills("b").all(),
            client.webhooks("b").all(),
            client.skill("b", "s"),
            client.status("b"),
            client.webhook("b", "w"),
            client.create_webhook("b", webhook),
            client.update_webhook("b", "w", WebhookChange(enabled=True)),
        ]
        for call in calls:
            with pytest.raises(ApiError):
                await call
        await client.delete_webhook("b", "w")  # a 2xx is all that it needs


def test_the_tree_is_the_one_in_the_docstring() -> None:
    drawn = {
        line.split("── ")[1].split()[0]
        for line in (errors.__doc__ or "").splitlines()
        if "── " in line
    }
    real = {name for name, thing in vars(errors).items() if _is_ours(thing, errors.__name__)}
    assert drawn == real
    codes = [vars(errors)[name].code for name in real]
    assert len(set(codes)) == len(codes)


def _is_ours(thing: object, module: str) -> bool:
    return isinstance(thing, type) and issubclass(thing, ApiError) and thing.__module__ == module
