"""One open workspace: a tenant at a time, its client, the audit log and the receiver."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from cognitui.audit.actor import actor
from cognitui.audit.place import places_of
from cognitui.audit.store import AuditLog
from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.bots_v1 import CognigyClient
from cognitui.cognigy.breaker import BreakerState
from cognitui.cognigy.errors import ApiError, NotFound, NotSupported, TimedOut
from cognitui.cognigy.limiter import SlidingWindowLimiter
from cognitui.cognigy.models import Bot, BotStatus, RegisteredWebhook
from cognitui.cognigy.origin import Origin
from cognitui.errors import ReadOnly, UsageError
from cognitui.workspace.callbacks import CallbackActions
from cognitui.workspace.catalogue import Catalogue
from cognitui.workspace.health import HealthActions
from cognitui.workspace.lab import LabActions
from cognitui.workspace.reports import ReportActions
from cognitui.workspace.status import ConnectionState, TenantStatus
from cognitui.workspace.telemetry import otlp_export
from cognitui.workspace.tenants import TenantActions
from cognitui.workspace.trail import Trail
from cognitui.workspace.undo import UndoActions
from cognitui.workspace.webhooks import WebhookActions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from cognitui.audit.records import Action
    from cognitui.cognigy.credentials import Credentials
    from cognitui.settings import Settings
    from cognitui.tenants.profiles import Profile
    from cognitui.workspace.plans import PlanActions
    from cognitui.workspace.trail import Entry

HEALTH_AGE_S = 60.0
"""A bot's health is asked for again when somebody looks and it is older than this."""


class Workspace:
    """Everything a console or a command can do. Use it as an async context manager.

    Attributes:
        tenants: Profiles, the vault, and switching between tenants.
        webhooks: Preflight, register, change, delete.
        undo: Taking back a change or a deletion.
        callbacks: Compose, send, and the receiver.
        lab: Probing an endpoint, and loading one.
        health: Checking webhooks, and what earlier checks found.
        reports: The audit log, its report and metrics, and the monitor.
        catalogue: What is loaded of the tenant's bots, skills and webhooks.
        on_change: Called when what `status` tells may have changed, except by time alone: then
            `changes_in_s` knows when.
    """

    def __init__(self, settings: Settings, *, clock: Clock = SYSTEM_CLOCK) -> None:
        self.settings = settings
        self.clock = clock
        self.profile: Profile | None = None
        self.connection = ConnectionState.NONE
        self.problem: ApiError | None = None
        self.bot: Bot | None = None
        self.bot_status: BotStatus | None = None
        self.webhooks_used: int | None = None
        self.on_change: Callable[[], None] | None = None
        self._health_asked_at = float("-inf")
        self._client: CognigyClient | None = None
        self._log: AuditLog | None = None
        self._trail: Trail | None = None
        self._limiters: dict[tuple[str, str, int], SlidingWindowLimiter] = {}
        self._stack = AsyncExitStack()
        self.tenants = TenantActions(self)
        self.webhooks = WebhookActions(self)
        self.undo = UndoActions(self)
        self.callbacks = CallbackActions(self)
        self.lab = LabActions(self)
        self.health = HealthActions(self)
        self.reports = ReportActions(self)
        self.catalogue = Catalogue(self)

    async def __aenter__(self) -> Self:
        export = otlp_export(self.settings)  # what cannot be used is told before anything is open
        self._log = await AuditLog.at(places_of(self.settings))
        self._stack.push_async_callback(self._log.close)
        self._trail = Trail(self._log, self.clock, actor(self.settings.environment.actor))
        if export is not None:
            self._trail.observers.append(export.observe)
            self._stack.push_async_callback(export.aclose)
        self._stack.push_async_callback(self._trail.aclose)
        self._stack.push_async_callback(self.callbacks.aclose)
        self._stack.push_async_callback(self.health.aclose)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.disconnect()
        await self._stack.aclose()

    @property
    def client(self) -> CognigyClient:
        """The connected tenant's client.

        Raises:
            UsageError: No tenant is open.
        """
        if self._client is None:
            raise UsageError(
                "No tenant is open.",
                hint="Choose one under Tenants, or set COGNITUI_BASE_URL, COGNITUI_API_KEY and "
                "COGNITUI_API_SECRET.",
            )
        return self._client

    @cached_property
    def plans(self) -> PlanActions:
        """Webhooks as code: export, plan and apply."""
        from cognitui.workspace.plans import PlanActions

        return PlanActions(self)

    def has_open(self, client: CognigyClient) -> bool:
        """Whether this client's tenant is still the one that is open."""
        return client is self._client

    @property
    def log(self) -> AuditLog:
        """The audit log."""
        if self._log is None:
            raise RuntimeError("the workspace is not open")
        return self._log

    @property
    def trail(self) -> Trail:
        """What writes into the audit log."""
        if self._trail is None:
            raise RuntimeError("the workspace is not open")
        return self._trail

    @property
    def tenant_name(self) -> str:
        """The open tenant's name; empty when none is."""
        return self.profile.name if self.profile else ""

    @property
    def recorded_bot(self) -> str:
        """The chosen bot as records name it: empty where none is chosen."""
        return self.bot.id if self.bot else ""

    def recorded_to(
        self, action: Action, url: str, **known: Any
    ) -> AbstractAsyncContextManager[Entry]:
        """Record what is sent to an endpoint inside the block, with the tenant and bot of now.

        Args:
            action: What is done.
            url: The endpoint; its query is left out.
            known: What else the record says; see `Entry`.
        """
        return self.trail.recorded(
            action,
            tenant=self.tenant_name,
            bot_id=self.recorded_bot,
            endpoint=url.split("?", maxsplit=1)[0],
            **known,
        )

    @property
    def bot_id(self) -> str:
        """The chosen bot.

        Raises:
            UsageError: None is chosen.
        """
        if self.bot is None:
            raise UsageError(
                "No bot is chosen.",
                hint="Choose one under Browse, or give --bot or COGNITUI_BOT_ID.",
            )
        return self.bot.id

    @property
    def is_read_only(self) -> bool:
        """Whether nothing may be changed at the tenant or sent to an endpoint."""
        return self.settings.config.read_only

    def require_writing(self) -> None:
        """Make sure that things may be changed at the tenant, and sent to an endpoint.

        Raises:
            ReadOnly: They may not; says who decided so.
        """
        if self.is_read_only:
            raise ReadOnly(self.settings.config.place("read_only"))

    @property
    def status(self) -> TenantStatus:
        """What the header tells right now; costs nothing."""
        client, bot = self._client, self.bot
        if self.profile is None or client is None:
            return TenantStatus(connection=self.connection, is_read_only=self.is_read_only)
        return TenantStatus(
            tenant=self.profile.name,
            connection=self._heard(client),
            problem=self.problem.message if self.problem else "",
            bot_name=(bot.name or bot.id) if bot else "",
            bot_status=self.bot_status.status if self.bot_status else "",
            bot_is_healthy=self.bot_status.is_healthy if self.bot_status else None,
            webhooks_used=self.webhooks_used,
            webhook_limit=client.webhook_limit,
            requests_left=client.requests_left,
            requests_per_minute=client.requests_per_minute,
            breaker=client.breaker_state,
            is_read_only=self.is_read_only,
            is_production=self.profile.is_production,
            colour=str(self.profile.colour),
        )

    @property
    def changes_in_s(self) -> float | None:
        """Seconds until `status` changes by time alone; ``None`` when it will not."""
        return self._client.changes_in_s if self._client is not None else None

    async def connect(
        self, profile: Profile, credentials: Credentials, *, patience_s: float | None = None
    ) -> None:
        """Open a tenant and show that it lets us in; the one before is closed.

        Args:
            profile: Where it is.
            credentials: Its key.
            patience_s: When to give up, in seconds; without it after all retries.

        Raises:
            ApiError: It cannot be reached or does not accept the key. It stays open all the same,
                so that a tenant that is down can be worked with once it is back; so it does when
                the wait is cancelled.
            UsageError: The base URL cannot be one.
        """
        await self.disconnect()
        self._client = client = self.build_client(profile, credentials)
        client.on_attempt(self._changed)
        self.profile = profile
        if profile.bot_id:
            self.bot = Bot(id=profile.bot_id)
        self._set_connection(ConnectionState.CONNECTING)
        try:
            await _within(client.authenticate(), patience_s, profile.base_url)
        except ApiError as error:
            self._set_connection(ConnectionState.FAILED, error)
            raise
        except asyncio.CancelledError:
            if self._client is client:  # else another tenant is being opened already
                self._set_connection(ConnectionState.FAILED)
            raise
        self._set_connection(ConnectionState.CONNECTED)

    def profile_changed(self, profile: Profile) -> None:
        """A profile was changed: where it is the open tenant's, its mark holds from now on.

        Its base URL and its limits hold when it is opened again.
        """
        if self.profile is not None and self.profile.name == profile.name:
            told = {"colour": profile.colour, "is_production": profile.is_production}
            changed = self.profile.model_copy(update=told)
            if changed != self.profile:
                self.profile = changed
                self._changed()

    def build_client(self, profile: Profile, credentials: Credentials) -> CognigyClient:
        """A client for a tenant. What a key has used of its minute outlives each of them.

        Raises:
            UsageError: The base URL cannot be one.
        """
        return CognigyClient(
            profile.base_url,
            credentials,
            webhook_limit=profile.webhook_limit,
            requests_per_minute=profile.requests_per_minute,
            limiter=self.limiter_of(profile, credentials),
        )

    def limiter_of(self, profile: Profile, credentials: Credentials) -> SlidingWindowLimiter:
        """What counts the requests of a key, whoever makes them."""
        most = profile.requests_per_minute
        key = (profile.base_url, credentials.fingerprint, most)
        if key not in self._limiters:
            self._limiters[key] = SlidingWindowLimiter(most, clock=self.clock)
        return self._limiters[key]

    async def disconnect(self) -> None:
        """Close the tenant, if one is open."""
        client, self._client = self._client, None
        self.profile, self.bot, self.bot_status = None, None, None
        self.webhooks_used = None
        self.catalogue.clear()
        self._set_connection(ConnectionState.NONE)
        if client is not None:
            await client.aclose()

    def choose_bot(self, bot: Bot) -> None:
        """Work with this bot from now on."""
        if self.bot is None or self.bot.id != bot.id:
            self.bot_status, self.webhooks_used = None, None
        self.bot = bot
        self._changed()

    async def bots(self) -> list[Bot]:
        """The tenant's bots; the chosen one alone where the tenant cannot list them.

        Raises:
            ApiError: The tenant did not answer.
        """
        try:
            bots = await self.client.bots().all()
        except (NotFound, NotSupported):
            if self.bot is None:
                raise
            bots = [self.bot]
        self.tenant_answered()
        return bots

    def tenant_answered(self) -> None:
        """A failure to connect before is history."""
        self._set_connection(ConnectionState.CONNECTED)

    async def refresh_bot_status(self) -> BotStatus | None:
        """Ask how the chosen bot's engine is; ``None`` where the tenant does not tell.

        Raises:
            ApiError: The tenant did not answer.
        """
        self._health_asked_at = self.clock.monotonic()
        try:
            self.bot_status = await self.client.status(self.bot_id)
        except (NotFound, NotSupported):
            self.bot_status = None
        self._changed()
        return self.bot_status

    @property
    def is_health_old(self) -> bool:
        """Whether the bot's health is worth asking for again, and one request is cheap enough.

        It is for whoever looks at the header: never while the tenant does not answer, nor when less
        than half of the minute's requests are left for what a person wants.
        """
        client = self._client
        return (
            client is not None
            and self.bot is not None
            and self.bot_status is not None
            and self._heard(client) is ConnectionState.CONNECTED
            and client.breaker_state is BreakerState.CLOSED
            and client.requests_left * 2 >= client.requests_per_minute
            and self.clock.monotonic() - self._health_asked_at >= HEALTH_AGE_S
        )

    async def list_webhooks(self) -> list[RegisteredWebhook]:
        """The chosen bot's webhooks, all pages; their number is remembered for the header.

        Raises:
            ApiError: A page could not be had.
        """
        webhooks = await self.client.webhooks(self.bot_id).all()
        self.webhooks_used = len(webhooks)
        self._changed()
        return webhooks

    def _heard(self, client: CognigyClient) -> ConnectionState:
        """How we stand, given what became of the last request."""
        if self.connection is ConnectionState.CONNECTED and client.is_answering is False:
            return ConnectionState.LOST
        return self.connection

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _set_connection(self, state: ConnectionState, problem: ApiError | None = None) -> None:
        self.connection, self.problem = state, problem
        self._changed()


async def _within(work: Awaitable[None], seconds: float | None, base_url: str) -> None:
    """Wait so long for a tenant to let us in.

    Raises:
        TimedOut: It took longer.
    """
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        raise TimedOut(
            f"{Origin.of(base_url).host} did not answer within {seconds:g} s.",
            hint="Check the base URL, the network and the VPN, then try again.",
        ) from None
