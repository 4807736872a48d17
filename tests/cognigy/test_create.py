"""Creating, changing and deleting: what is repeated, what never is, and what a lost answer means."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from cognitui.cognigy.answer import Timeouts
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    ConnectFailed,
    CreateUnconfirmed,
    InvalidAnswer,
    NotFound,
    ServerError,
    TimedOut,
    UnexpectedStatus,
)
from cognitui.cognigy.models import TriggerEvent, Webhook
from cognitui.cognigy.operation import traced
from cognitui.errors import UsageError
from tests.support.servers import reply, serving, tenant
from tests.support.tenants import SIGNING_SECRET, asked, webhook_for

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect

QUICK = Timeouts(connect=1, read=0.2, total=1)


async def test_created_as_described(sandbox: Sandbox, client: CognigyClient) -> None:
    webhook = webhook_for(
        sandbox,
        triggers=[
            {"event": "ON_SKILL_START", "payload_template": {"text": "{{message.text}} ü"}},
            {"event": "ON_MESSAGE"},
        ],
        timeout_ms=500,
        retry_count=0,
    )
    created = await client.create_webhook(sandbox.info.bot_id, webhook)
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)[-1]
    assert (held.id, held.secret) == (created.id, SIGNING_SECRET)
    assert (held.timeout_ms, held.retries) == (500, 0)
    assert held.triggers[0]["payload_template"] == {"text": "{{message.text}} ü"}
    assert created == await client.webhook(sandbox.info.bot_id, created.id)
    assert created.auth.secret is None


@pytest.mark.parametrize(
    ("fault", "reason", "holds"),
    [
        ("lost-answer", AnswerLost, True),
        ("cut", AnswerLost, True),
        ("slow:seconds=1", TimedOut, True),
        ("hang", TimedOut, False),
        ("500", ServerError, False),
        ("502", ServerError, False),
        ("content-type", InvalidAnswer, False),
        ("huge:bytes=9000000", InvalidAnswer, False),
    ],
)
async def test_a_create_without_a_usable_answer_is_reported_and_never_repeated(
    fault: str, reason: type[ApiError], holds: bool, sandbox: Sandbox, connect: Connect
) -> None:
    client = connect(sandbox, timeouts=QUICK)
    kind, _, options = fault.partition(":")
    sandbox.inject(f"{kind}:method=POST,path=bots/*/webhooks" + (options and f",{options}"))
    with pytest.raises(CreateUnconfirmed) as caught:
        await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    error = caught.value
    assert type(error.reason) is reason
    assert "nobody knows whether it took effect" in error.message
    assert error.hint == "It was not repeated. Look at the bot's webhooks before you try again."
    assert asked(sandbox, "POST", "/webhooks") == 1
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 37 + holds


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"ID":"x"}', b"\xff\xfe"], ids=repr)
async def test_a_created_without_an_id_is_unconfirmed(body: bytes, connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(201, body))) as server:
        webhook = Webhook.model_validate(
            {
                "skill_id": "s",
                "endpoint_url": "https://hooks.example.com",
                "triggers": [{"event": TriggerEvent.ON_MESSAGE}],
                "secret_key": SIGNING_SECRET,
            }
        )
        with pytest.raises(CreateUnconfirmed):
            await connect(f"{server.origin}/api/v1").create_webhook("bot", webhook)
    assert server.asked("POST", "/api/v1/bots/bot/webhooks") == 1


async def test_a_create_that_was_refused_before_anything_happened_is_sent_again(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    """429 and 401 say that nothing was done."""
    await client.authenticate()
    sandbox.revoke_tokens()
    sandbox.inject("429:method=POST,times=1,after=1")
    await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    posts = [r.status for r in sandbox.tenant.requests if r.path.endswith("/webhooks")]
    assert posts == [401, 429, 201]
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 38


async def test_a_create_is_not_redirected(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("redirect:method=POST")
    with pytest.raises(UnexpectedStatus, match="redirects"):
        await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    assert asked(sandbox, "POST", "/webhooks") == 1
    assert not [r for r in sandbox.tenant.requests if "elsewhere" in r.path]


async def test_a_create_that_never_left_is_tried_again(sandbox: Sandbox, connect: Connect) -> None:
    client = connect(sandbox)
    await client.authenticate()
    sandbox.stop()
    engine = client._pipeline._engine
    await engine.aclose()
    engine._is_closed = False  # only its connections are to be gone
    with traced() as trace, pytest.raises(ConnectFailed):
        await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox))
    assert [attempt.error for attempt in trace.attempts] == ["connect_failed"] * 4


async def test_a_text_that_is_no_text_reaches_the_tenant_and_is_refused_there(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    """JSON can write half a character, and so can a file that somebody made."""
    half = [{"event": "ON_MESSAGE", "payload_template": {"text": "\ud800"}}]
    with pytest.raises(ApiError, match="not UTF-8"):
        await client.create_webhook(sandbox.info.bot_id, webhook_for(sandbox, triggers=half))


async def test_only_what_changes_is_sent(sandbox: Sandbox, client: CognigyClient) -> None:
    bot_id = sandbox.info.bot_id
    before = sandbox.tenant.webhooks(bot_id)[0]
    after = await client.update_webhook(bot_id, before.id, WebhookChange(enabled=False))
    held = sandbox.tenant.webhooks(bot_id)[0]
    assert not after.enabled
    assert (held.url, held.secret, held.triggers) == (before.url, before.secret, before.triggers)
    secret = SecretStr("another secret of more than 32 characters")
    await client.update_webhook(bot_id, before.id, WebhookChange(secret_key=secret, timeout_ms=600))
    held = sandbox.tenant.webhooks(bot_id)[0]
    assert (held.secret, held.timeout_ms) == (secret.get_secret_value(), 600)
    assert held.retries == before.retries


@pytest.mark.parametrize("fault", ["lost-answer", "503", "cut"])
async def test_a_change_may_be_repeated(
    fault: str, sandbox: Sandbox, client: CognigyClient
) -> None:
    webhook = sandbox.tenant.webhooks(sandbox.info.bot_id)[0]
    sandbox.inject(f"{fault}:method=PATCH,times=1")
    change = WebhookChange(timeout_ms=777)
    after = await client.update_webhook(sandbox.info.bot_id, webhook.id, change)
    assert after.delivery.timeout == 777
    assert asked(sandbox, "PATCH", webhook.id) == 2


async def test_gone_after_a_lost_answer_counts_as_deleted(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    webhook = sandbox.tenant.webhooks(sandbox.info.bot_id)[0]
    sandbox.inject("lost-answer:method=DELETE,times=1")
    await client.delete_webhook(sandbox.info.bot_id, webhook.id)
    assert webhook not in sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert asked(sandbox, "DELETE", webhook.id) == 2


@pytest.mark.parametrize("fault", [None, "429:method=DELETE,times=1"])
async def test_what_was_never_there_does_not_count_as_deleted(
    fault: str | None, sandbox: Sandbox, client: CognigyClient
) -> None:
    if fault:
        sandbox.inject(fault)
    with pytest.raises(NotFound):
        await client.delete_webhook(sandbox.info.bot_id, "wh_none")


@pytest.mark.parametrize("bad", ["", " ", ".", "..", "x" * 201, "a\nb", "a\x1b[31m", "\ud800"])
async def test_an_id_that_cannot_be_one_is_not_sent(
    bad: str, sandbox: Sandbox, client: CognigyClient
) -> None:
    with pytest.raises(UsageError, match="1 to 200 visible characters"):
        await client.create_webhook(bad, webhook_for(sandbox))
    with pytest.raises(UsageError):
        client.webhooks(bad)
    with pytest.raises(UsageError):
        await client.skill(sandbox.info.bot_id, bad)
    assert sandbox.tenant.requests == []


@pytest.mark.parametrize("odd", ["a/b", "../../admin", "a?b#c", "ü x", "%2e%2e"])
async def test_an_odd_id_is_one_segment_of_the_path(odd: str, connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(200, {"id": "s"}))) as server:
        await connect(f"{server.origin}/api/v1").skill("bot", odd)
    segments = server.requests[-1].target.split("/")
    assert [unquote(segment) for segment in segments] == [
        "", "api", "v1", "bots", "bot", "skills", odd,
    ]  # fmt: skip
