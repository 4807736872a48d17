"""What is done to webhooks, each action with its audit record."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, Outcome, snapshot
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.errors import ApiError, NotFound, NotSupported
from cognitui.network.outcome import Outcome as StepOutcome
from cognitui.webhooks.preflight import ALL_STEPS, Preflight, Question, Step
from cognitui.webhooks.register import RegistrationResult, register
from cognitui.workspace.bulk import Bulk, BulkAction

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import BotStatus, RegisteredWebhook, Webhook
    from cognitui.webhooks.endpoint_report import EndpointReport
    from cognitui.webhooks.preflight import StepName
    from cognitui.workspace.workspace import Workspace


MAX_KEPT = 200


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something is done: whoever switches tenant or bot meanwhile must not redirect it."""

    client: CognigyClient
    bot_id: str
    tenant: str


class WebhookActions:
    """Preflight, register, change, enable, disable and delete, for the chosen bot."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._kept: dict[str, RegisteredWebhook] = {}

    async def preflight(
        self,
        question: Question,
        *,
        only: Collection[StepName] = ALL_STEPS,
        status: BotStatus | None = None,
    ) -> AsyncIterator[Step]:
        """Find out whether a registration or a change would go well; nothing is changed.

        Args:
            question: What it is about.
            only: The steps that are wanted.
            status: What the engine said a moment ago, where it need not be asked again.
        """
        workspace = self._workspace
        preflight = Preflight(workspace.client, question, status)
        async for step in preflight.steps(only):
            is_here = workspace.bot is not None and workspace.bot.id == question.bot_id
            if is_here and preflight.status is not None:
                workspace.bot_status = preflight.status
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
        place = _Place(workspace.client, workspace.bot_id, workspace.tenant_name)
        preflight = self._preflight(webhook)
        passed = True
        if not skip_preflight:
            async for step in preflight.steps():
                passed = passed and step.outcome is not StepOutcome.FAIL
                yield step
        if not passed:
            return
        yield await self._register(place, webhook, preflight.known_ids, detail="")

    async def restore(self, webhook: Webhook, *, detail: str) -> RegistrationResult:
        """Register a webhook that was there before, without a preflight.

        Args:
            webhook: As it was.
            detail: Why, for the audit record.

        Raises:
            ReadOnly: Nothing may be changed at the tenant.
        """
        workspace = self._workspace
        workspace.require_writing()
        place = _Place(workspace.client, workspace.bot_id, workspace.tenant_name)
        known_ids: frozenset[str] | None = None
        # Without them a lost answer stays lost; that is no reason not to try.
        with suppress(ApiError):
            listed = await place.client.webhooks(place.bot_id).all()
            known_ids = frozenset(listed_one.id for listed_one in listed)
        return await self._register(place, webhook, known_ids, detail=detail)

    async def create(
        self, webhook: Webhook, *, known_ids: frozenset[str], detail: str = ""
    ) -> RegistrationResult:
        """Register a webhook without a preflight, for whoever had a look at the bot already.

        Args:
            webhook: What to register.
            known_ids: The webhooks that the bot holds: any other one like it is ours.
            detail: Why, for the audit record, where that is worth saying.

        Raises:
            ReadOnly: Nothing may be changed at the tenant.
        """
        workspace = self._workspace
        workspace.require_writing()
        place = _Place(workspace.client, workspace.bot_id, workspace.tenant_name)
        return await self._register(place, webhook, known_ids, detail=detail)

    async def _register(
        self, place: _Place, webhook: Webhook, known_ids: frozenset[str] | None, *, detail: str
    ) -> RegistrationResult:
        workspace = self._workspace
        async with workspace.trail.recorded(
            Action.WEBHOOK_REGISTER,
            tenant=place.tenant,
            bot_id=place.bot_id,
            skill_id=webhook.skill_id,
            endpoint=str(webhook.endpoint_url),
            detail=detail,
        ) as entry:
            result = await register(place.client, place.bot_id, webhook, known_ids)
            entry.latency_ms = result.latency_ms
            if result.webhook is not None:
                entry.webhook_id = result.webhook.id
                entry.after = snapshot(webhook)
            elif result.error is not None:
                unknown = result.outcome.value == "unconfirmed"
                entry.fail(result.error, Outcome.UNCONFIRMED if unknown else Outcome.FAILED)
                entry.after = snapshot(webhook) if unknown else None
        if result.webhook is not None:
            home = (workspace.tenant_name, place.bot_id)
            workspace.callbacks.remember_secret(result.webhook.id, webhook.secret_key, home)
            workspace.catalogue.put(place.bot_id, result.webhook)
            same_bot = workspace.bot is not None and workspace.bot.id == place.bot_id
            if same_bot and workspace.webhooks_used is not None:
                workspace.webhooks_used += 1
        return result

    async def find(self, webhook_id: str) -> RegisteredWebhook:
        """A webhook of the chosen bot: asked for by itself, else looked for in the list.

        Raises:
            NotFound: The bot has no such webhook.
            ApiError: The tenant does not tell.
        """
        workspace = self._workspace
        try:
            return await workspace.client.webhook(workspace.bot_id, webhook_id)
        except (NotFound, NotSupported) as error:
            # Either it does not exist or the tenant has no such call: the list knows.
            for webhook in await workspace.list_webhooks():
                if webhook.id == webhook_id:
                    return webhook
            if isinstance(error, NotFound):
                raise
            words = f"{workspace.bot_id} has no webhook {webhook_id}."
            raise NotFound(words, status=HTTPStatus.NOT_FOUND) from None

    async def update(
        self,
        before: RegisteredWebhook,
        change: WebhookChange,
        *,
        detail: str = "",
        bot_id: str = "",
    ) -> RegisteredWebhook:
        """Change a webhook of the chosen bot, or of the one named.

        Args:
            before: As it is.
            change: What to change.
            detail: Why, for the audit record, where that is worth saying.
            bot_id: Whose it is; empty for the chosen bot.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        self._workspace.require_writing()
        action = Action.WEBHOOK_UPDATE
        if change == WebhookChange(enabled=change.enabled):
            action = Action.WEBHOOK_ENABLE if change.enabled else Action.WEBHOOK_DISABLE
        workspace = self._workspace
        place = _Place(workspace.client, bot_id or workspace.bot_id, workspace.tenant_name)
        async with workspace.trail.recorded(
            action,
            tenant=place.tenant,
            bot_id=place.bot_id,
            webhook_id=before.id,
            skill_id=before.skill_id,
            endpoint=before.url,
            before=snapshot(before),
            detail=detail,
        ) as entry:
            home = (place.tenant, place.bot_id)
            known = workspace.callbacks.session_secret_of(before.id, home)
            if change.secret_key is not None and entry.before is not None:
                # Tenants tell no secret, so what is known of both is told here.
                entry.before["secret_fingerprint"] = fingerprint(known) if known else None
            after = await place.client.update_webhook(place.bot_id, before.id, change)
            entry.after = snapshot(after)
            if change.secret_key is not None:
                entry.after["secret_fingerprint"] = fingerprint(change.secret_key)
            held = before.auth.model_copy(update={"secret": known})
            self._keep(entry.operation_id, before.model_copy(update={"auth": held}))
        workspace.catalogue.put(place.bot_id, after)
        if change.secret_key is not None:
            workspace.callbacks.remember_secret(
                before.id, change.secret_key, (place.tenant, place.bot_id)
            )
        return after

    async def check(self, webhook: RegisteredWebhook, *, bot_id: str = "") -> EndpointReport:
        """Find out whether a webhook's endpoint can be reached; no callback is sent.

        Args:
            webhook: As it is.
            bot_id: Whose it is; empty for the chosen bot.
        """
        return await self._workspace.health.report(webhook, bot_id=bot_id)

    async def set_enabled(
        self, webhook: RegisteredWebhook, *, enabled: bool, bot_id: str = ""
    ) -> RegisteredWebhook:
        """Let the tenant call a webhook, or stop it from doing so.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        return await self.update(webhook, WebhookChange(enabled=enabled), bot_id=bot_id)

    def bulk(self, action: BulkAction, webhooks: Iterable[RegisteredWebhook]) -> Bulk:
        """One action on many webhooks of the chosen bot.

        Raises:
            UsageError: No tenant is open, or no bot is chosen.
            ReadOnly: It would change them, and nothing may be changed at the tenant.
        """
        return Bulk(self._workspace, action, webhooks)

    async def delete(self, webhook: RegisteredWebhook, *, bot_id: str = "") -> None:
        """Delete a webhook of the chosen bot, or of the one named.

        Its configuration stays in the audit log.

        Raises:
            ApiError: The tenant did not do it.
            ReadOnly: Nothing may be changed at the tenant.
        """
        workspace = self._workspace
        workspace.require_writing()
        place = _Place(workspace.client, bot_id or workspace.bot_id, workspace.tenant_name)
        async with workspace.trail.recorded(
            Action.WEBHOOK_DELETE,
            tenant=place.tenant,
            bot_id=place.bot_id,
            webhook_id=webhook.id,
            skill_id=webhook.skill_id,
            endpoint=webhook.url,
            before=snapshot(webhook),
        ) as entry:
            await place.client.delete_webhook(place.bot_id, webhook.id)
            self._keep(entry.operation_id, webhook)
        workspace.catalogue.remove(place.bot_id, webhook.id)
        is_chosen = workspace.bot is not None and workspace.bot.id == place.bot_id
        if workspace.webhooks_used and is_chosen:
            workspace.webhooks_used -= 1

    def before(self, operation_id: str) -> RegisteredWebhook | None:
        """What a webhook was before it was changed or deleted in this session.

        The audit log has no values of a query, since tokens travel in them.
        """
        return self._kept.get(operation_id)

    def _keep(self, operation_id: str, before: RegisteredWebhook) -> None:
        self._kept[operation_id] = before
        while len(self._kept) > MAX_KEPT:
            self._kept.pop(next(iter(self._kept)))

    def _preflight(self, webhook: Webhook) -> Preflight:
        question = Question(
            bot_id=self._workspace.bot_id,
            skill_id=webhook.skill_id,
            endpoint_url=str(webhook.endpoint_url),
            events=[trigger.event for trigger in webhook.triggers],
        )
        return Preflight(self._workspace.client, question)
