"""A registration whose answer was lost is looked up, never sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cognitui.cognigy.errors import BadRequest, CircuitOpen, ConnectFailed, CreateUnconfirmed
from cognitui.webhooks.preflight import Preflight, Question
from cognitui.webhooks.register import RegistrationOutcome, RegistrationResult, register
from tests.support.servers import Request, reply, serving, tenant
from tests.support.tenants import asked, webhook_for

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect

Outcome = RegistrationOutcome


def known_to(sandbox: Sandbox) -> frozenset[str]:
    return frozenset(webhook.id for webhook in sandbox.tenant.webhooks(sandbox.info.bot_id))


async def registered(
    sandbox: Sandbox, client: CognigyClient, known: frozenset[str] | None, **changes: Any
) -> RegistrationResult:
    webhook = webhook_for(sandbox, **changes)
    return await register(client, sandbox.info.bot_id, webhook, known)


async def test_registered(sandbox: Sandbox, client: CognigyClient) -> None:
    result = await registered(sandbox, client, known_to(sandbox))
    assert (result.outcome, result.is_registered, result.error) == (Outcome.REGISTERED, True, None)
    assert result.webhook is not None
    assert sandbox.tenant.webhooks(sandbox.info.bot_id)[-1].id == result.webhook.id
    assert result.latency_ms > 0


@pytest.mark.parametrize("fault", ["lost-answer", "cut"])
async def test_a_lost_answer_is_confirmed_by_the_list_and_the_post_is_not_repeated(
    fault: str, sandbox: Sandbox, client: CognigyClient
) -> None:
    known = known_to(sandbox)
    sandbox.inject(f"{fault}:method=POST,path=bots/*/webhooks")
    result = await registered(sandbox, client, known)
    assert result.outcome is Outcome.CONFIRMED_BY_LIST
    assert result.webhook is not None
    (new,) = known_to(sandbox) - known
    assert result.webhook.id == new
    assert asked(sandbox, "POST", "/webhooks") == 1


@pytest.mark.parametrize("fault", ["500", "content-type"])
async def test_what_the_list_does_not_show_stays_unconfirmed(
    fault: str, sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject(f"{fault}:method=POST,path=bots/*/webhooks")
    result = await registered(sandbox, client, known_to(sandbox))
    assert (result.outcome, result.webhook) == (Outcome.UNCONFIRMED, None)
    assert isinstance(result.error, CreateUnconfirmed)
    assert asked(sandbox, "POST", "/webhooks") == 1


async def test_an_older_webhook_that_looks_the_same_is_not_taken_for_the_new_one(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    await registered(sandbox, client, known_to(sandbox))
    sandbox.inject("500:method=POST,path=bots/*/webhooks")
    result = await registered(sandbox, client, known_to(sandbox))
    assert result.outcome is Outcome.UNCONFIRMED


async def test_without_knowing_the_older_ones_nothing_is_confirmed(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    await registered(sandbox, client, None)
    sandbox.inject("500:method=POST,path=bots/*/webhooks")
    result = await registered(sandbox, client, None)
    assert (result.outcome, result.webhook) == (Outcome.UNCONFIRMED, None)


async def test_a_list_that_fails_confirms_nothing(sandbox: Sandbox, client: CognigyClient) -> None:
    known = known_to(sandbox)
    sandbox.inject("lost-answer:method=POST,path=bots/*/webhooks")
    sandbox.inject("403:method=GET")
    result = await registered(sandbox, client, known)
    assert result.outcome is Outcome.UNCONFIRMED
    assert isinstance(result.error, CreateUnconfirmed)


async def test_another_skill_or_endpoint_is_not_ours(sandbox: Sandbox, connect: Connect) -> None:
    """Somebody else registered something at the same moment."""
    webhook = webhook_for(sandbox)
    others = [
        {"id": "w1", "skillId": "other", "url": str(webhook.endpoint_url)},
        {"id": "w2", "skillId": webhook.skill_id, "url": "https://other.example/"},
    ]

    def handle(request: Request) -> bytes:
        return reply(500) if request.method == "POST" else reply(200, {"items": others})

    async with serving(tenant(handle)) as server:
        client = connect(f"{server.origin}/api/v1")
        result = await register(client, "bot", webhook, frozenset())
    assert result.outcome is Outcome.UNCONFIRMED
    assert server.asked("POST", "/api/v1/bots/bot/webhooks") == 1


async def test_a_no_is_a_refusal(sandbox: Sandbox, client: CognigyClient) -> None:
    result = await registered(sandbox, client, known_to(sandbox), skill_id="skill_0")
    assert result.outcome is Outcome.REFUSED
    assert isinstance(result.error, BadRequest)
    assert not result.is_registered
    assert asked(sandbox, "GET", "/webhooks") == 0


async def test_what_was_never_sent_is_a_refusal(sandbox: Sandbox, connect: Connect) -> None:
    client = connect(sandbox)
    known = known_to(sandbox)
    sandbox.stop()
    outcomes = [await registered(sandbox, client, known) for _ in range(2)]
    assert {result.outcome for result in outcomes} == {Outcome.REFUSED}
    assert [type(result.error) for result in outcomes] == [ConnectFailed, CircuitOpen]


async def test_the_preflight_knows_what_was_there_before(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    info = sandbox.info
    question = Question(info.bot_id, info.skill_id, info.webhook_url, ["ON_MESSAGE"])
    preflight = Preflight(client, question)
    assert len([step async for step in preflight.steps()]) == 4
    sandbox.inject("lost-answer:method=POST,path=bots/*/webhooks")
    result = await registered(sandbox, client, preflight.known_ids)
    assert result.outcome is Outcome.CONFIRMED_BY_LIST
