"""What was done to a webhook is taken back from what the audit log kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.errors import CreateUnconfirmed, Forbidden, LimitReached
from cognitui.cognigy.models import Bot
from cognitui.workspace import Workspace
from cognitui.workspace.undo import SecretSource, UndoRefused
from tests.support.tenants import SIGNING_SECRET, asked, webhook_for

from .support import connect, first_webhook, records, registered

if TYPE_CHECKING:
    from cognitui.audit.records import AuditRecord
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

OTHER = SecretStr("another signing secret, long enough")


async def last(workspace: Workspace) -> AuditRecord:
    record = await workspace.undo.last()
    assert record is not None
    return record


def held(sandbox: Sandbox, webhook: RegisteredWebhook) -> dict[str, Any]:
    """The webhook as the tenant holds it, without what changes of itself."""
    found = sandbox.tenant.bots[sandbox.info.bot_id].webhooks[webhook.id]
    names = ("skill_id", "url", "triggers", "timeout_ms", "retries", "enabled", "secret")
    return {name: getattr(found, name) for name in names}


CHANGES = [
    WebhookChange(timeout_ms=750),
    WebhookChange(enabled=False),
    WebhookChange.model_validate({
        "endpoint_url": "https://other.example/x",
        "triggers": [{"event": "ON_FALLBACK", "payload_template": {"a": [1, "{{sessionId}}"]}}],
        "timeout_ms": 800,
        "retry_count": 0,
    }),
]  # fmt: skip


@pytest.mark.parametrize(
    "change", CHANGES, ids=lambda change: ",".join(sorted(change.model_fields_set))
)
async def test_a_change_is_taken_back(
    workspace: Workspace, sandbox: Sandbox, change: WebhookChange
) -> None:
    webhook = await first_webhook(workspace)
    before = held(sandbox, webhook)
    await workspace.webhooks.update(webhook, change)
    assert held(sandbox, webhook) != before
    done = await last(workspace)
    undone = await workspace.undo.undo(done)
    assert held(sandbox, webhook) == before
    assert undone.sentence == f"{webhook.id} is as it was before."
    first, second = await records(workspace)
    assert (first.operation_id, second.detail) == (
        done.operation_id,
        f"Undo of {done.operation_id}",
    )
    assert second.outcome is Outcome.OK
    assert second.operation_id != first.operation_id
    assert (second.before, second.after) == (first.after, first.before)


async def test_only_what_was_changed_is_sent(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    sent: list[dict[str, Any]] = []
    client = workspace.client
    update = client.update_webhook

    async def listen(bot_id: str, webhook_id: str, change: WebhookChange) -> RegisteredWebhook:
        sent.append(change.to_wire())
        return await update(bot_id, webhook_id, change)

    client.update_webhook = listen  # type: ignore[method-assign]
    await workspace.undo.undo(await last(workspace))
    assert sent == [{"delivery": {"timeout": webhook.delivery.timeout}}]


async def test_undo_goes_back_step_by_step(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook = await first_webhook(workspace)
    before = held(sandbox, webhook)
    for milliseconds in (700, 800):
        current = (await workspace.list_webhooks())[0]
        await workspace.webhooks.update(current, WebhookChange(timeout_ms=milliseconds))
    await workspace.webhooks.set_enabled((await workspace.list_webhooks())[0], enabled=False)
    for _ in range(3):
        await workspace.undo.undo(await last(workspace))
    assert held(sandbox, webhook) == before
    assert await workspace.undo.last() is None


async def test_a_webhook_that_has_changed_since_is_left_alone(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    change = WebhookChange(timeout_ms=900, retry_count=5)
    await workspace.client.update_webhook(workspace.bot_id, webhook.id, change)
    with pytest.raises(UndoRefused, match=r"has changed since: timeout and retries\."):
        await workspace.undo.undo(await last(workspace))
    assert held(sandbox, webhook)["timeout_ms"] == 900
    assert len(await records(workspace)) == 1


async def test_what_is_undone_is_not_undone_again(workspace: Workspace) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    record = await last(workspace)
    await workspace.undo.undo(record)
    with pytest.raises(UndoRefused, match="undone already"):
        await workspace.undo.undo(record)
    assert await workspace.undo.last() is None


async def test_an_undo_that_failed_can_be_tried_again(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    sandbox.inject("403:method=PATCH,times=1")
    with pytest.raises(Forbidden):
        await workspace.undo.undo(await last(workspace))
    assert (await records(workspace))[-1].outcome is Outcome.FAILED
    await workspace.undo.undo(await last(workspace))
    assert held(sandbox, webhook)["timeout_ms"] == webhook.delivery.timeout


async def test_a_webhook_that_is_gone_cannot_be_changed_back(workspace: Workspace) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(timeout_ms=750))
    await workspace.client.delete_webhook(workspace.bot_id, webhook.id)
    with pytest.raises(UndoRefused, match="is not at the tenant any more"):
        await workspace.undo.undo(await last(workspace))


# Secrets


async def test_a_secret_of_this_session_is_put_back_too(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.webhook is not None
    await workspace.webhooks.update(result.webhook, WebhookChange(secret_key=OTHER))
    undone = await workspace.undo.undo(await last(workspace))
    assert undone.secret is SecretSource.SESSION
    assert held(sandbox, result.webhook)["secret"] == SIGNING_SECRET
    assert workspace.callbacks.secret_of(result.webhook.id) == SecretStr(SIGNING_SECRET)


async def test_a_secret_that_nobody_knows_stays_the_new_one(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.update(webhook, WebhookChange(secret_key=OTHER, timeout_ms=750))
    undone = await workspace.undo.undo(await last(workspace))
    assert "Its secret stays the new one" in undone.sentence
    after = held(sandbox, webhook)
    assert (after["timeout_ms"], after["secret"]) == (
        webhook.delivery.timeout,
        OTHER.get_secret_value(),
    )


async def test_where_only_the_secret_was_replaced_the_old_one_has_to_be_typed(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    old = held(sandbox, webhook)["secret"]
    await workspace.webhooks.update(webhook, WebhookChange(secret_key=OTHER))
    with pytest.raises(UndoRefused, match="Only the secret") as caught:
        await workspace.undo.undo(await last(workspace))
    assert caught.value.field == "secret_key"
    undone = await workspace.undo.undo(await last(workspace), secret=SecretStr(old))
    assert undone.secret is SecretSource.TYPED
    assert held(sandbox, webhook)["secret"] == old


# Deletions


async def delete(workspace: Workspace, webhook: RegisteredWebhook) -> AuditRecord:
    await workspace.webhooks.delete(webhook)
    return await last(workspace)


async def test_a_deleted_webhook_is_registered_again_with_a_new_secret(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    before = held(sandbox, webhook)
    record = await delete(workspace, webhook)
    assert workspace.undo.needs_secret(record)
    used = workspace.webhooks_used
    undone = await workspace.undo.undo(record)
    assert undone.webhook.id != webhook.id
    assert undone.secret is SecretSource.NEW
    assert f"{webhook.id} is back as {undone.webhook.id}, with a new secret" in undone.sentence
    after = held(sandbox, undone.webhook)
    new = workspace.callbacks.secret_of(undone.webhook.id)
    assert new is not None
    assert after.pop("secret") == new.get_secret_value() != before.pop("secret")
    assert after == before
    assert workspace.webhooks_used == (used or 0) + 1
    again = (await records(workspace))[-1]
    assert (again.action, again.outcome) == (Action.WEBHOOK_REGISTER, Outcome.OK)
    assert again.detail == f"Undo of {record.operation_id}"
    assert new.get_secret_value() not in str(await records(workspace))


async def test_it_gets_the_secret_that_is_typed(workspace: Workspace, sandbox: Sandbox) -> None:
    record = await delete(workspace, await first_webhook(workspace))
    undone = await workspace.undo.undo(record, secret=OTHER)
    assert undone.secret is SecretSource.TYPED
    assert held(sandbox, undone.webhook)["secret"] == OTHER.get_secret_value()


async def test_it_gets_the_secret_that_this_session_knows(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.webhook is not None
    record = await delete(workspace, result.webhook)
    assert not workspace.undo.needs_secret(record)
    undone = await workspace.undo.undo(record)
    assert undone.secret is SecretSource.SESSION
    assert held(sandbox, undone.webhook)["secret"] == SIGNING_SECRET


async def test_one_that_was_off_is_off_again(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook = await first_webhook(workspace)
    webhook = await workspace.client.update_webhook(
        workspace.bot_id, webhook.id, WebhookChange(enabled=False)
    )
    undone = await workspace.undo.undo(await delete(workspace, webhook))
    assert held(sandbox, undone.webhook)["enabled"] is False
    assert await workspace.undo.last() is None


async def test_a_query_is_known_in_the_session_that_deleted_it_only(
    workspace: Workspace, sandbox: Sandbox, settings: Settings
) -> None:
    url = f"{sandbox.info.webhook_url}?token=a-token-in-a-query"
    kept = []
    for _ in range(2):
        _, result = await registered(workspace, webhook_for(sandbox, endpoint_url=url))
        assert result is not None
        assert result.webhook is not None
        kept.append(await delete(workspace, result.webhook))
    undone = await workspace.undo.undo(kept[0])
    assert undone.webhook.url == url
    async with Workspace(settings) as another:
        await connect(another, sandbox)
        with pytest.raises(UndoRefused, match="no values of a URL's query") as caught:
            await another.undo.undo(await last(another))
        assert caught.value.field == "endpoint_url"


async def test_another_session_takes_back_what_was_done_before(
    workspace: Workspace, sandbox: Sandbox, settings: Settings
) -> None:
    webhook = await first_webhook(workspace)
    before = held(sandbox, webhook)
    await workspace.webhooks.update(webhook, CHANGES[2])
    async with Workspace(settings) as another:
        await connect(another, sandbox)
        await another.undo.undo(await last(another))
    assert held(sandbox, webhook) == before


async def test_a_bot_that_is_full_again_cannot_take_it(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    full = next(bot for bot in await workspace.bots() if bot.name == "Sales Assistant")
    workspace.choose_bot(full)
    webhook = await first_webhook(workspace)
    record = await delete(workspace, webhook)
    another = webhook_for(sandbox, skill_id=webhook.skill_id)
    await workspace.client.create_webhook(full.id, another)
    with pytest.raises(LimitReached):
        await workspace.undo.undo(record)
    assert (await records(workspace))[-1].outcome is Outcome.FAILED


async def test_an_answer_that_is_lost_is_looked_up(workspace: Workspace, sandbox: Sandbox) -> None:
    record = await delete(workspace, await first_webhook(workspace))
    sandbox.inject("lost-answer:path=bots/*/webhooks,method=POST,times=1")
    undone = await workspace.undo.undo(record)
    assert undone.webhook.id == sandbox.tenant.webhooks(sandbox.info.bot_id)[-1].id
    assert asked(sandbox, "POST", "/webhooks") == 1


async def test_an_answer_that_stays_lost_is_told(workspace: Workspace, sandbox: Sandbox) -> None:
    record = await delete(workspace, await first_webhook(workspace))
    sandbox.inject("403:path=bots/*/webhooks,method=GET")
    sandbox.inject("503:path=bots/*/webhooks,method=POST")
    with pytest.raises(CreateUnconfirmed):
        await workspace.undo.undo(record)


# What cannot be undone


async def test_what_cannot_be_undone_says_why(workspace: Workspace, sandbox: Sandbox) -> None:
    await registered(workspace, webhook_for(sandbox))
    (registration,) = await records(workspace)
    assert "by deleting the webhook" in workspace.undo.reason_against(registration)
    webhook = await first_webhook(workspace)
    sandbox.inject("403:method=DELETE,times=1")
    with pytest.raises(Forbidden):
        await workspace.webhooks.delete(webhook)
    failed = (await records(workspace))[-1]
    assert "nothing to undo" in workspace.undo.reason_against(failed)
    assert await workspace.undo.last() is None
    record = await delete(workspace, webhook)
    workspace.choose_bot(Bot(id="bot_of_another"))
    assert await workspace.undo.last() is None
    with pytest.raises(UndoRefused, match="This happened at acme/bot_12345"):
        await workspace.undo.undo(record)


async def test_what_this_program_cannot_write_is_told(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhook = await first_webhook(workspace)
    newer = {"event": "ON_WEEKEND", "payload_template": None}
    stored = webhook.model_copy(update={"triggers": (webhook.triggers[0].model_validate(newer),)})
    record = await delete(workspace, stored)
    with pytest.raises(UndoRefused, match="cannot write the triggers"):
        await workspace.undo.undo(record)
    assert asked(sandbox, "POST", "/webhooks") == 0
