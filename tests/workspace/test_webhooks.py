"""What is done to webhooks leaves one record each, whatever came of it, and no secret in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.errors import ApiError, Forbidden, NotFound
from cognitui.cognigy.models import RegisteredWebhook
from cognitui.errors import UsageError
from cognitui.webhooks.preflight import Step, StepName
from cognitui.webhooks.register import RegistrationOutcome
from tests.support.tenants import SIGNING_SECRET, asked, webhook_for

from .support import connect, first_webhook, records, registered, until

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.sandbox import Sandbox
    from cognitui.workspace import Workspace

POST = "method=POST,path=bots/*/webhooks"
OTHER_SECRET = "another signing secret, long enough"


def everything_in(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())


async def only_record(workspace: Workspace) -> AuditRecord:
    (record,) = await records(workspace)
    assert record.operation_id.startswith("op_")
    assert (record.tenant, record.bot_id) == ("acme", "bot_12345")
    return record


async def test_registered(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook = webhook_for(sandbox)
    steps, result = await registered(workspace, webhook)
    assert {step.name for step in steps} == set(StepName)
    assert result is not None
    assert result.webhook is not None
    record = await only_record(workspace)
    assert (record.action, record.outcome) == (Action.WEBHOOK_REGISTER, Outcome.OK)
    assert (record.webhook_id, record.skill_id) == (result.webhook.id, webhook.skill_id)
    assert record.endpoint == sandbox.info.webhook_url
    assert record.latency_ms == result.latency_ms
    assert [(a.number, a.status, a.error) for a in record.attempts] == [(1, 201, None)]
    assert record.before is None
    assert record.after is not None
    assert record.after["secret_fingerprint"] == fingerprint(SecretStr(SIGNING_SECRET))


async def test_each_attempt_is_evidence(workspace: Workspace, sandbox: Sandbox) -> None:
    sandbox.inject(f"429:{POST},times=1,seconds=0")
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.is_registered
    record = await only_record(workspace)
    assert [(a.number, a.status, a.error) for a in record.attempts] == [
        (1, 429, "rate_limited"),
        (2, 201, None),
    ]


@pytest.mark.parametrize("key", ["read-only", "no-webhook-manage"])
async def test_refused(alone: Workspace, sandbox: Sandbox, key: str) -> None:
    await connect(alone, sandbox, key)
    _, result = await registered(alone, webhook_for(sandbox))
    assert result is not None
    assert isinstance(result.error, Forbidden)
    record = await only_record(alone)
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "forbidden")
    assert record.detail == result.error.message
    assert (record.webhook_id, record.after) == ("", None)
    assert [a.status for a in record.attempts] == [403]


@pytest.mark.parametrize("fault", ["503", "content-type"])
async def test_unconfirmed(workspace: Workspace, sandbox: Sandbox, fault: str) -> None:
    sandbox.inject(f"{fault}:{POST}")
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.outcome is RegistrationOutcome.UNCONFIRMED
    record = await only_record(workspace)
    assert (record.outcome, record.error_code) == (Outcome.UNCONFIRMED, "create_unconfirmed")
    assert record.after is not None
    assert record.after["endpoint_url"] == sandbox.info.webhook_url
    assert asked(sandbox, "POST", "/webhooks") == 1


async def test_confirmed_by_the_list(workspace: Workspace, sandbox: Sandbox) -> None:
    sandbox.inject(f"lost-answer:{POST}")
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.outcome is RegistrationOutcome.CONFIRMED_BY_LIST
    assert result.webhook is not None
    record = await only_record(workspace)
    assert (record.outcome, record.webhook_id) == (Outcome.OK, result.webhook.id)
    assert record.attempts[0].status is None
    assert record.attempts[0].error == "answer_lost"


async def test_a_failed_preflight_registers_and_records_nothing(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    steps, result = await registered(workspace, webhook_for(sandbox, skill_id="skill_0"))
    assert (len(steps), result) == (4, None)
    assert asked(sandbox, "POST", "/webhooks") == 0
    assert await records(workspace) == []


async def test_without_preflight_nothing_else_is_asked(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    steps, result = await registered(workspace, webhook_for(sandbox), skip_preflight=True)
    assert steps == []
    assert result is not None
    assert result.is_registered
    assert asked(sandbox, "GET", "/webhooks") == 0


async def test_who_stops_listening_to_the_preflight_registers_nothing(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    events = workspace.webhooks.register(webhook_for(sandbox))
    assert isinstance(await anext(events), Step)
    await events.aclose()  # type: ignore[attr-defined]
    assert asked(sandbox, "POST", "/webhooks") == 0
    assert await records(workspace) == []


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelled_during_the_request(
    workspace: Workspace, sandbox: Sandbox, times: int
) -> None:
    sandbox.inject(f"hang:{POST}")
    registering = asyncio.create_task(registered(workspace, webhook_for(sandbox)))
    await until(lambda: asked(sandbox, "POST", "/webhooks") == 1)
    for _ in range(times):
        registering.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await registering
    record = await only_record(workspace)
    assert (record.outcome, record.error_code) == (Outcome.CANCELLED, "cancelled")
    assert record.endpoint == sandbox.info.webhook_url
    assert "may have taken effect" in record.detail


async def test_without_a_bot_nothing_is_asked(alone: Workspace, sandbox: Sandbox) -> None:
    await connect(alone, sandbox)
    alone.bot = None
    with pytest.raises(UsageError, match="No bot is chosen"):
        await registered(alone, webhook_for(sandbox))
    assert await records(alone) == []


async def test_two_registrations_are_two_operations(workspace: Workspace, sandbox: Sandbox) -> None:
    await asyncio.gather(*(registered(workspace, webhook_for(sandbox)) for _ in range(2)))
    first, second = await records(workspace)
    assert first.operation_id != second.operation_id
    assert [len(first.attempts), len(second.attempts)] == [1, 1]


async def test_updated(workspace: Workspace) -> None:
    before = await first_webhook(workspace)
    change = WebhookChange(timeout_ms=750, secret_key=SecretStr(OTHER_SECRET))
    after = await workspace.webhooks.update(before, change)
    assert after.delivery.timeout == 750
    record = await only_record(workspace)
    assert (record.action, record.outcome) == (Action.WEBHOOK_UPDATE, Outcome.OK)
    assert (record.webhook_id, record.skill_id) == (before.id, before.skill_id)
    assert (record.before or {})["timeout_ms"] == before.delivery.timeout
    assert (record.after or {})["timeout_ms"] == 750
    assert [a.status for a in record.attempts] == [200]
    assert workspace.callbacks.secret_of(before.id) == SecretStr(OTHER_SECRET)


@pytest.mark.parametrize(
    ("enabled", "action"), [(False, Action.WEBHOOK_DISABLE), (True, Action.WEBHOOK_ENABLE)]
)
async def test_switched(
    workspace: Workspace, sandbox: Sandbox, enabled: bool, action: Action
) -> None:
    webhook = await first_webhook(workspace)
    after = await workspace.webhooks.set_enabled(webhook, enabled=enabled)
    assert after.enabled is enabled
    assert sandbox.tenant.webhooks(sandbox.info.bot_id)[0].enabled is enabled
    record = await only_record(workspace)
    assert record.action is action
    assert [(record.before or {})["enabled"], (record.after or {})["enabled"]] == [True, enabled]


async def test_deleted(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.delete(webhook)
    assert webhook.id not in sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    record = await only_record(workspace)
    assert (record.action, record.outcome) == (Action.WEBHOOK_DELETE, Outcome.OK)
    assert (record.before or {})["id"] == webhook.id
    assert record.after is None


@pytest.mark.parametrize("action", [Action.WEBHOOK_UPDATE, Action.WEBHOOK_DELETE])
@pytest.mark.parametrize(
    ("fault", "code"), [("403", "forbidden"), ("503", "server_error"), ("", "not_found")]
)
async def test_a_change_that_fails_is_raised_and_recorded(
    workspace: Workspace, sandbox: Sandbox, action: Action, fault: str, code: str
) -> None:
    webhook = await first_webhook(workspace)
    if fault:
        sandbox.inject(fault)
    else:
        webhook = RegisteredWebhook(id="wh_none", url=webhook.url)
    doing: Awaitable[object] = (
        workspace.webhooks.delete(webhook)
        if action is Action.WEBHOOK_DELETE
        else workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    )
    with pytest.raises(ApiError) as caught:
        await doing
    assert caught.value.code == code
    record = await only_record(workspace)
    assert (record.action, record.outcome) == (action, Outcome.FAILED)
    assert (record.error_code, record.detail) == (code, caught.value.message)
    assert record.before is not None
    assert record.after is None
    assert record.attempts
    assert workspace.status.webhooks_used == 37


async def test_no_secret_is_on_record(
    workspace: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    url = f"{sandbox.info.webhook_url}?token=a-token-in-a-query"
    _, result = await registered(workspace, webhook_for(sandbox, endpoint_url=url))
    assert result is not None
    assert result.webhook is not None
    echoed: dict[str, Any] = {**result.webhook.model_dump(), "auth": {"secret": SIGNING_SECRET}}
    webhook = RegisteredWebhook.model_validate(echoed)
    assert webhook.auth.secret is not None
    await workspace.webhooks.update(webhook, WebhookChange(secret_key=SecretStr(OTHER_SECRET)))
    with pytest.raises(NotFound):
        await workspace.webhooks.delete(webhook.model_copy(update={"id": "wh_none"}))
    content = everything_in(tmp_path)
    for secret in (SIGNING_SECRET, OTHER_SECRET, "a-token-in-a-query", sandbox.info.api_secret):
        assert secret.encode() not in content
