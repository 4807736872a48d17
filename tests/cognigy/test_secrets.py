"""No key, secret or token in any error, its words, its traceback's locals, or the log."""

from __future__ import annotations

import base64
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.bots_v1 import CognigyClient, WebhookChange
from cognitui.cognigy.credentials import Credentials
from cognitui.cognigy.models import Webhook
from cognitui.cognigy.retry import RetryPolicy
from cognitui.errors import CognituiError
from tests.support.leaks import exposed
from tests.support.servers import HANG, Request, reply, serving, token_reply

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.support.fixtures import Connect

KEY = "ck-7f3a-the-key-of-the-tenant"
SECRET = "cs-91bc-the-secret-of-the-tenant"
SIGNING = "whs-55d0-the-signing-secret-of-a-webhook"
TOKEN = "tok-0e77-the-token-of-the-tenant"
PAIR = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
SECRETS = (KEY, SECRET, SIGNING, TOKEN, PAIR)

CREDENTIALS = Credentials(SecretStr(KEY), SecretStr(SECRET))
WEBHOOK = Webhook.model_validate(
    {
        "skill_id": "s",
        "endpoint_url": "https://hooks.example.com/x",
        "triggers": [{"event": "ON_MESSAGE"}],
        "secret_key": SIGNING,
    }
)
CALLS: dict[str, Callable[[CognigyClient], Awaitable[object]]] = {
    "authenticate": lambda client: client.authenticate(),
    "create": lambda client: client.create_webhook("bot", WEBHOOK),
    "update": lambda client: client.update_webhook(
        "bot", "w", WebhookChange(secret_key=SecretStr(SIGNING))
    ),
    "list": lambda client: client.webhooks("bot").all(),
    "create in no bot": lambda client: client.create_webhook("", WEBHOOK),
}
# What a tenant could do with all that it was sent, which is what it is given here.
ANSWERS: dict[str, Callable[[str], bytes]] = {
    "hang": lambda _: HANG,
    "cut": lambda echo: reply(200, {"echo": echo})[:-4],
    "closed": lambda _: b"HTTP/1.1 200 OK\r\n\r\n",
    "garbage": lambda echo: echo.encode(),
    "not json": lambda echo: reply(200, echo.encode()),
    "wrong shape": lambda echo: reply(200, {"items": {"e": echo}, "e": echo, "expires_in": echo}),
    "a list": lambda echo: reply(200, [echo]),
    "huge": lambda echo: reply(200, echo.encode() + b" " * 9_000_000),
}
STATUSES = ("302", "400", "401", "403", "404", "405", "409", "418", "429", "500")


def answer_to(request: Request, kind: str) -> bytes:
    """An answer that repeats what the request said in confidence."""
    scheme, _, proof = request.headers["authorization"].partition(" ")
    plain = base64.b64decode(proof).decode() if scheme == "Basic" else proof
    echo = f"You sent {scheme} {proof} ({plain}) {request.body.decode()}"
    if kind in ANSWERS:
        return ANSWERS[kind](echo)
    return reply(int(kind), {"error": {"message": echo, "field": echo}}, f"Location: {echo}")


def assert_harmless(text: str) -> None:
    found = [secret for secret in SECRETS if secret in text]
    lines = [line[:300] for line in text.splitlines() if any(secret in line for secret in found)]
    assert not found, lines


@pytest.mark.parametrize("answer", [*ANSWERS, *STATUSES])
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("where", ["at the token", "at the call"])
async def test_nowhere_in_an_error(
    call: str, answer: str, where: str, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token") and where == "at the call":
            return token_reply(TOKEN, refresh_token=SIGNING)
        return answer_to(request, answer)

    async with serving(handle) as server:
        client = connect(
            f"{server.origin}/api/v1",
            CREDENTIALS,
            policy=RetryPolicy(max_attempts=1),
            timeouts=Timeouts(connect=1, read=0.05, total=0.5),
        )
        if call == "authenticate" and where == "at the call":
            await CALLS[call](client)
            return
        with pytest.raises(CognituiError) as caught:
            await CALLS[call](client)
        assert_harmless(exposed(caught.value))
        assert_harmless(json.dumps(caught.value.as_dict()) + caught.value.hint)
        assert_harmless(f"{client!r} {vars(client)!r} {vars(client._pipeline)!r}")
    assert_harmless(caplog.text)
    assert_harmless("\n".join(str(vars(record)) for record in caplog.records))


async def test_an_echo_shows_where_the_secrets_were(connect: Connect) -> None:
    def handle(request: Request) -> bytes:
        if request.path.endswith("/auth/token"):
            return token_reply(TOKEN)
        return answer_to(request, "400")

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1", CREDENTIALS)
        with pytest.raises(CognituiError) as caught:
            await client.create_webhook("bot", WEBHOOK)
    assert "You sent Bearer [secret] ([secret]) {" in caught.value.message


async def test_nowhere_in_the_log_of_what_went_well(
    connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="cognitui")
    body = {"id": "w", "auth": {"secret": SIGNING}}

    def handle(request: Request) -> bytes:
        return token_reply(TOKEN) if request.path.endswith("/auth/token") else reply(201, body)

    async with serving(handle) as server:
        client = connect(f"{server.origin}/api/v1", CREDENTIALS)
        webhook = await client.create_webhook("bot", WEBHOOK)
    assert_harmless(caplog.text + repr(webhook) + webhook.model_dump_json())
    events: list[dict[str, Any]] = [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "cognitui"
    ]
    assert [event["path"] for event in events] == ["/auth/token", "/bots/bot/webhooks"]
    assert {event["status"] for event in events} == {200, 201}


async def test_a_key_that_is_no_text_reaches_the_tenant(connect: Connect) -> None:
    """An environment variable may hold bytes that are not UTF-8."""
    async with serving(lambda _: token_reply(TOKEN)) as server:
        odd = Credentials(SecretStr("k\udcff"), SecretStr("s"))
        await connect(f"{server.origin}/api/v1", odd).authenticate()
    assert len(server.requests) == 1
