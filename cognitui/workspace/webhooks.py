"""What is done to webhooks, each action with its audit record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.records import Action, Outcome, snapshot
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.webhooks.outcome import Outcome as StepOutcome
from cognitui.webhooks.preflight import Preflight, Question, Step
from cognitui.webhooks.register import RegistrationResult, register

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.cognigy.models import RegisteredWebhook, Webhook
    from cognitui.webhooks.endpoint import EndpointReport
    from cognitui.workspace.workspace import Workspace


class WebhookActions:
    """Preflight, register, change, enable, disable and delete, for the chosen bot."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def preflight(self, question: Question) -> AsyncIterator[Step]:
        """Find out whether a registration or a change would go well; nothing is changed."""
        async for step in Preflight(self._workspace.client, question).steps():
            yield step

    async def register(
        self, webhook: Webhook, *, skip_preflight: bool = False
    ) -> AsyncIterator[Step | RegistrationResult]:
        """Preflight, then register. Yields each step as it ends, and the result last.

        When a step fails the webhook is not registered, and there is no result.

        Raises:
            ReadOnly: Nothing may be changed at the tenant.
        """
        workspace = self._workspace
        workspace.require_writing()
        # Taken now: whoever switches tenant or bot meanwhile must not redirect the registration.
        client, bot_id, tenant = workspace.client, workspace.bot_id, workspace.tenant_name
        preflight = self._preflight(webhook)
        passed = True
        if not skip_preflight:
            async for step in preflight.steps():
                passed = passed and step.outcome is not StepOutcome.FAIL
                yield step
        if not passed:
            return
        async with workspace.trail.recorded(
            Action.WEBHOOK_REGISTER,
            tenant=tenant,
            bot_id=bot_id,
            skill_id=webhook.skill_id,
            endpoint=str(webhook.endpoint_url),
        ) as entry:
            result = await register(client, bot_id, webhook, preflight.known_ids)
            entry.latency_ms = result.latency_ms
            if result.webhook is not None:
                entry.webhook_id = result.webhook.id
                entry.after = snapshot(webhook)
            elif result.error is not None:
                unknown = result.outcome.value == "unconfirmed"
                entry.fail(result.error, Outcome.UNCONFIRMED if unknown else Outcome.FAILED)
                entry.after = snapshot(webhook) if unknown else None
        if result.webhook is not None:
            workspace.callbacks.remember_secret(result.webhook.id, webhook.secret_key)
            same_bot = workspace.bot is not None and workspace.bot.id == bot_id
            if same_bot and workspace.webhooks_used is not None:
                workspace.webhooks_used += 1
        yield result

    async def update(self, before: RegisteredWebhook, change: WebhookChange) -> RegisteredWebhook:
        """Change a webhook.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        self._workspace.require_writing()
        action = Action.WEBHOOK_UPDATE
        if change == WebhookChange(enabled=change.enabled):
            action = Action.WEBHOOK_ENABLE if change.enabled else Action.WEBHOOK_DISABLE
        workspace = self._workspace
        async with workspace.trail.recorded(
            action,
            tenant=workspace.tenant_name,
            bot_id=workspace.bot_id,
            webhook_id=before.id,
            skill_id=before.skill_id,
            endpoint=before.url,
            before=snapshot(before),
        ) as entry:
            after = await workspace.client.update_webhook(workspace.bot_id, before.id, change)
            entry.after = snapshot(after)
        if change.secret_key is not None:
            workspace.callbacks.remember_secret(before.id, change.secret_key)
        return after

    async def check(self, webhook: RegisteredWebhook) -> EndpointReport:
        """Find out whether a webhook's endpoint can be reached; no callback is sent."""
        # Loads the HTTP and TLS machinery, which no first frame needs.
        from cognitui.webhooks.endpoint import check_endpoint

        return await check_endpoint(webhook.url)

    async def set_enabled(self, webhook: RegisteredWebhook, *, enabled: bool) -> RegisteredWebhook:
        """Let the tenant call a webhook, or stop it from doing so.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        return await self.update(webhook, WebhookChange(enabled=enabled))

    async def delete(self, webhook: RegisteredWebhook) -> None:
        """Delete a webhook; its configuration stays in the audit log.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        workspace = self._workspace
        workspace.require_writing()
        async with workspace.trail.recorded(
            Action.WEBHOOK_DELETE,
            tenant=workspace.tenant_name,
            bot_id=workspace.bot_id,
            webhook_id=webhook.id,
            skill_id=webhook.skill_id,
            endpoint=webhook.url,
            before=snapshot(webhook),
        ):
            await workspace.client.delete_webhook(workspace.bot_id, webhook.id)
        if workspace.webhooks_used:
            workspace.webhooks_used -= 1

    def _preflight(self, webhook: Webhook) -> Preflight:
        question = Question(
            bot_id=self._workspace.bot_id,
            skill_id=webhook.skill_id,
            endpoint_url=str(webhook.endpoint_url),
            events=[trigger.event for trigger in webhook.triggers],
        )
        return Preflight(self._workspace.client, question)
