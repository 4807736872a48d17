"""Which webhooks a sweep goes over, and finding them at their tenants."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.cognigy.models import TriggerEvent
from cognitui.cognigy.origin import Origin
from cognitui.errors import CognituiError, UsageError
from cognitui.webhooks.health.check import WebhookRef
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.workspace.pace import SPARE_REQUESTS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.tenants.profiles import Profile
    from cognitui.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scope:
    """Which webhooks are meant.

    Attributes:
        tenant: Those of this tenant; empty for all tenants whose keys are at hand.
        bot_id: Those of this bot; empty for all bots.
        webhook_ids: Only these; empty for all.
    """

    tenant: str = ""
    bot_id: str = ""
    webhook_ids: frozenset[str] = frozenset()

    @classmethod
    def everything(cls) -> Scope:
        """All tenants whose keys are at hand."""
        return cls()

    @classmethod
    def tenant_of(cls, workspace: Workspace) -> Scope:
        """All bots of the open tenant.

        Raises:
            UsageError: None is open.
        """
        assert workspace.client
        return cls(workspace.tenant_name)

    @classmethod
    def bot_of(cls, workspace: Workspace) -> Scope:
        """The chosen bot.

        Raises:
            UsageError: None is chosen.
        """
        return cls(workspace.tenant_name, workspace.bot_id)

    @property
    def key(self) -> str:
        """The same text for the same scope."""
        return "/".join([self.tenant, self.bot_id, ",".join(sorted(self.webhook_ids))])

    def has(self, ref: WebhookRef) -> bool:
        """Whether a webhook is meant."""
        return (
            self.tenant in ("", ref.tenant)
            and self.bot_id in ("", ref.bot_id)
            and (not self.webhook_ids or ref.webhook_id in self.webhook_ids)
        )


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook that is to be checked: as much of it as that takes, as there may be thousands.

    Attributes:
        ref: Which webhook.
        url: The endpoint as it is registered; not to be shown.
        is_enabled: Whether the tenant calls it.
        timeout_ms: How long the tenant waits for its answer.
        skill_id: The skill that a ping names.
        event: The event that a ping is of: one that it listens to, where we know any.
    """

    ref: WebhookRef
    url: str
    is_enabled: bool
    timeout_ms: int
    skill_id: str
    event: TriggerEvent

    @classmethod
    def of(cls, ref: WebhookRef, webhook: RegisteredWebhook) -> Target:
        """A webhook as its tenant tells it."""
        known = set(TriggerEvent)
        events = [trigger.event for trigger in webhook.triggers if trigger.event in known]
        return cls(
            ref,
            webhook.url,
            webhook.enabled,
            webhook.delivery.timeout,
            webhook.skill_id,
            TriggerEvent(events[0]) if events else TriggerEvent.ON_MESSAGE,
        )

    @property
    def host(self) -> str:
        """What is asked politely: host and port; empty when the URL cannot be used."""
        try:
            origin = Origin.of(self.url)
        except ValueError:
            return ""
        return f"{origin.host}:{origin.port}"


@dataclass(frozen=True, slots=True)
class Trouble:
    """What could not be listed.

    Attributes:
        bot_id: The bot; empty when it is the tenant itself.
        error: Why.
    """

    tenant: str
    bot_id: str
    error: CognituiError


@dataclass(slots=True)
class Finder:
    """Finds the webhooks of a scope.

    Attributes:
        troubles: What could not be listed.
        left_out: Tenants whose keys are not at hand.
    """

    workspace: Workspace
    scope: Scope
    troubles: list[Trouble] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _waiting: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for a key's minute to go by."""
        return self._waiting > 0

    async def targets(self) -> AsyncIterator[list[Target]]:
        """The webhooks of one bot after the other, as the tenants tell them.

        All tenants are asked at once. What cannot be listed is noted and left out; it does not end
        the others.

        Raises:
            UsageError: There is no such tenant.
        """
        found: asyncio.Queue[list[Target] | None] = asyncio.Queue()
        async with AsyncExitStack() as stack:
            tenants = await self._tenants(stack)
            asking = [
                asyncio.ensure_future(self._of_tenant(client, profile, found))
                for client, profile in tenants
            ]
            try:
                ended = 0
                while ended < len(asking):
                    targets = await found.get()
                    if targets is None:
                        ended += 1
                    else:
                        yield targets
                await asyncio.gather(*asking)  # raises what should not have happened
            finally:
                for task in asking:
                    task.cancel()
                await asyncio.gather(*asking, return_exceptions=True)

    async def _of_tenant(
        self, client: CognigyClient, profile: Profile, found: asyncio.Queue[list[Target] | None]
    ) -> None:
        """Put the webhooks of a tenant, bot by bot, and ``None`` in the end."""
        try:
            for bot_id in await self._bots(client, profile):
                try:
                    await found.put(await self._of_bot(client, profile.name, bot_id))
                except CognituiError as error:
                    self.troubles.append(Trouble(profile.name, bot_id, error))
        except CognituiError as error:
            self.troubles.append(Trouble(profile.name, "", error))
        finally:
            found.put_nowait(None)

    async def _of_bot(self, client: CognigyClient, tenant: str, bot_id: str) -> list[Target]:
        await self._room(client)
        listed = [
            Target.of(WebhookRef(tenant, bot_id, webhook.id), webhook)
            async for webhook in client.webhooks(bot_id)
        ]
        with suppress(HealthLogError):  # it is only told of some that are no more
            ids = [target.ref.webhook_id for target in listed]
            await self.workspace.health.list_only(tenant, bot_id, ids)
        return [target for target in listed if self.scope.has(target.ref)]

    async def _bots(self, client: CognigyClient, profile: Profile) -> list[str]:
        if self.scope.bot_id:
            return [self.scope.bot_id]
        await self._room(client)
        try:
            return [bot.id for bot in await client.bots().all()]
        except (NotFound, NotSupported):
            bot = self.workspace.bot if self.workspace.has_open(client) else None
            known = bot.id if bot is not None else profile.bot_id
            if not known:
                raise
            return [known]

    async def _room(self, client: CognigyClient) -> None:
        """Leave the person some of what the key may do in a minute."""
        if client.requests_left > SPARE_REQUESTS:
            return
        self._waiting += 1
        try:
            await client.wait_for_room(SPARE_REQUESTS)
        finally:
            self._waiting -= 1

    async def _tenants(self, stack: AsyncExitStack) -> list[tuple[CognigyClient, Profile]]:
        workspace, wanted = self.workspace, self.scope.tenant
        if workspace.profile is not None and wanted == workspace.profile.name:
            return [(workspace.client, workspace.profile)]
        found = []
        entries = await asyncio.to_thread(workspace.tenants.entries)
        profiles = [entry.profile for entry in entries if wanted in ("", entry.profile.name)]
        if not profiles:
            raise UsageError(f"There is no tenant {wanted}." if wanted else "No tenant is known.")
        for profile in profiles:
            if workspace.profile is not None and profile.name == workspace.profile.name:
                found.append((workspace.client, workspace.profile))
            elif (client := await self._other(profile)) is not None:
                found.append((await stack.enter_async_context(client), profile))
        return found

    async def _other(self, profile: Profile) -> CognigyClient | None:
        """A client for a tenant that is not the open one; ``None`` without its key."""
        tenants = self.workspace.tenants
        try:
            if not await tenants.is_at_hand(profile.name):
                self.left_out.append(profile.name)
                return None
            return self.workspace.build_client(profile, tenants.credentials(profile.name))
        except CognituiError as error:
            self.troubles.append(Trouble(profile.name, "", error))
            return None
