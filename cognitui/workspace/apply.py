"""Carries out a plan, one step after another, and stops at the first that fails."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.operation import new_operation_id
from cognitui.errors import CognituiError, ProgramFailed, UsageError
from cognitui.webhooks.register import RegistrationOutcome
from cognitui.workspace.pending import Pending

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.cognigy.models import RegisteredWebhook, Webhook
    from cognitui.webhooks.plan.secrets import Secrets
    from cognitui.webhooks.plan.steps import Plan, PlanStep
    from cognitui.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class StepDone:
    """What came of one step.

    Attributes:
        webhook_id: Empty while a new one has none.
        error: Why it failed; ``None`` when it did not.
    """

    step: PlanStep
    webhook_id: str
    error: CognituiError | None = None


@dataclass(slots=True)
class _Note:
    """What is noted of a registration.

    Attributes:
        is_open: Whether its end is still not known.
    """

    is_open: bool = True


class Apply:
    """A plan that is being carried out. Iterate over `run` once.

    Each step is an action as the console does it, with its audit record. The first that fails ends
    it: those after it are not begun. To run the whole again is safe, since what is done already is
    found to be so.

    Attributes:
        done: The steps that went well, in order.
        failed: The one that did not.
    """

    def __init__(self, workspace: Workspace, plan: Plan, secrets: Secrets) -> None:
        self._workspace = workspace
        self._client = workspace.client
        self._plan = plan
        self._secrets = secrets
        self._is_here()
        self._known_ids = {
            *(webhook_id for _, webhook_id in plan.unchanged),
            *(webhook.id for webhook in plan.left_alone),
            *(step.before.id for step in plan.steps if step.before is not None),
        }
        self.done: list[StepDone] = []
        self.failed: StepDone | None = None

    @property
    def remaining(self) -> tuple[PlanStep, ...]:
        """The steps that were not begun."""
        begun = len(self.done) + (self.failed is not None)
        return self._plan.steps[begun:]

    async def run(self) -> AsyncIterator[StepDone]:
        """Do it, and tell what came of each step as it ends; the last may have failed."""
        for step in self._plan.steps:
            webhook_id = step.before.id if step.before is not None else ""
            try:
                self._is_here()
                webhook_id = await self._do(step)
            except CognituiError as error:
                self.failed = StepDone(step, webhook_id, error)
                yield self.failed
                return
            self.done.append(StepDone(step, webhook_id))
            yield self.done[-1]

    async def _do(self, step: PlanStep) -> str:
        actions, detail = self._workspace.webhooks, f"Applied from {self._plan.where}."
        bot_id = self._plan.bot_id
        if step.before is None:
            return await self._create(step, detail)
        if step.wanted is None:
            await actions.delete(step.before, bot_id=bot_id)
        else:
            await actions.update(step.before, step.change(), detail=detail, bot_id=bot_id)
        return step.before.id

    async def _create(self, step: PlanStep, detail: str) -> str:
        webhook = await self._register(step, detail)
        self._known_ids.add(webhook.id)
        wanted = step.wanted
        if wanted is not None and wanted.described.enabled is False and webhook.enabled:
            off = WebhookChange(enabled=False)
            await self._workspace.webhooks.update(
                webhook, off, detail=detail, bot_id=self._plan.bot_id
            )
        return webhook.id

    async def _register(self, step: PlanStep, detail: str) -> RegisteredWebhook:
        workspace, secret = self._workspace, step.secret
        if secret is None:
            source = step.generates
            if source is None:
                raise UsageError(f"{step.name!r} has no secret.", field="secret")
            secret = self._secrets.make(source)
        webhook = step.webhook(secret)
        # First, so that nothing is noted as under way while it waits for the key's minute.
        await self._client.wait_for_room(0)
        async with self._noted(webhook) as note:
            result = await workspace.webhooks.create(
                webhook, known_ids=frozenset(self._known_ids), detail=detail
            )
            note.is_open = result.outcome is RegistrationOutcome.UNCONFIRMED
        if result.webhook is None:
            raise result.error or ProgramFailed("A registration ended without a result.")
        return result.webhook

    @asynccontextmanager
    async def _noted(self, webhook: Webhook) -> AsyncIterator[_Note]:
        """Note that a registration is under way, as long as it is or its end is not known."""
        workspace, operation, note = self._workspace, new_operation_id(), _Note()
        pending = workspace.plans.pending

        def put() -> None:
            now = workspace.clock.now().timestamp()
            where = (self._client.base_url, self._plan.bot_id)
            what = (webhook.skill_id, str(webhook.endpoint_url))
            pending.put(operation, Pending(*where, *what, now, tuple(sorted(self._known_ids))))

        async def keep() -> None:
            while True:
                await asyncio.sleep(1)
                put()

        put()
        keeper = asyncio.ensure_future(keep())
        try:
            yield note
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)
        if not note.is_open:
            pending.remove(operation)

    def _is_here(self) -> None:
        """Whoever switched tenant or bot meanwhile must not redirect what is left."""
        workspace = self._workspace
        if not workspace.has_open(self._client) or workspace.recorded_bot != self._plan.bot_id:
            raise UsageError("Another tenant or bot was opened, or this one closed.")
