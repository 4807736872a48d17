"""The bots API v1, as an async client.

::

    async with CognigyClient("https://acme.cognigy.ai/api/v1", credentials) as client:
        async for webhook in client.webhooks("bot_12345"):
            print(webhook.id, webhook.url)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Self
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, SecretStr

from cognitui.cognigy.answers import parse
from cognitui.cognigy.errors import InvalidAnswer
from cognitui.cognigy.models import (
    MAX_RETRIES,
    MAX_TIMEOUT_MS,
    MIN_SECRET_LENGTH,
    MIN_TIMEOUT_MS,
    Bot,
    BotStatus,
    RegisteredWebhook,
    Skill,
    Trigger,
    Webhook,
)
from cognitui.cognigy.operation import Operation
from cognitui.cognigy.origin import parse_base_url
from cognitui.cognigy.pages import Pages
from cognitui.cognigy.pipeline import Pipeline, unconfirmed
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from cognitui.cognigy.breaker import BreakerState
    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.limiter import SlidingWindowLimiter

READ, MANAGE = "bot:read", "webhook:manage"
MAX_ID = 200


class WebhookChange(BaseModel):
    """What to change of a registered webhook; what is ``None`` stays as it is."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    skill_id: Annotated[str, Field(min_length=1)] | None = None
    endpoint_url: HttpUrl | None = None
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)] | None = None
    secret_key: Annotated[SecretStr, Field(min_length=MIN_SECRET_LENGTH)] | None = None
    timeout_ms: Annotated[int, Field(ge=MIN_TIMEOUT_MS, le=MAX_TIMEOUT_MS)] | None = None
    retry_count: Annotated[int, Field(ge=0, le=MAX_RETRIES)] | None = None
    enabled: bool | None = None

    def to_wire(self) -> dict[str, Any]:
        """The changed parts under their wire names; the secret in clear, for sending only."""
        wire: dict[str, Any] = {}
        if self.skill_id is not None:
            wire["skillId"] = self.skill_id
        if self.endpoint_url is not None:
            wire["url"] = str(self.endpoint_url)
        if self.triggers is not None:
            wire["triggers"] = [trigger.model_dump(mode="json") for trigger in self.triggers]
        if self.secret_key is not None:
            wire["auth"] = {"type": "hmac_sha256", "secret": self.secret_key.get_secret_value()}
        delivery = {"timeout": self.timeout_ms, "retries": self.retry_count}
        if given := {name: value for name, value in delivery.items() if value is not None}:
            wire["delivery"] = given
        if self.enabled is not None:
            wire["enabled"] = self.enabled
        return wire


class CognigyClient:
    """One tenant, seen with one key. Use it as an async context manager, and keep it open.

    Args:
        base_url: The API's base, such as ``https://acme.cognigy.ai/api/v1``.
        credentials: The key and the secret.
        webhook_limit: Webhooks that one bot may hold.
        requests_per_minute: Requests that one key may make in any minute.
        limiter: Keeps them, and may be shared by clients that use the same key.
        pipeline: Built from the above unless given.

    Raises:
        UsageError: The base URL cannot be one.

    Every method raises `ApiError`, and nothing else, when the tenant does not do what was asked.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        *,
        webhook_limit: int = 50,
        requests_per_minute: int = 100,
        limiter: SlidingWindowLimiter | None = None,
        pipeline: Pipeline | None = None,
    ) -> None:
        self.base_url = parse_base_url(base_url)
        self.webhook_limit = webhook_limit
        self.requests_per_minute = requests_per_minute
        self._pipeline = pipeline or Pipeline(
            self.base_url, credentials, requests_per_minute=requests_per_minute, limiter=limiter
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pipeline.aclose()

    @property
    def requests_left(self) -> int:
        """Requests that may be sent right now, as far as this client knows."""
        return self._pipeline.limiter.remaining

    @property
    def is_answering(self) -> bool | None:
        """Whether the last request was answered at all; ``None`` before the first."""
        return self._pipeline.is_answering

    @property
    def changes_in_s(self) -> float | None:
        """Seconds until `requests_left` or `breaker_state` changes by itself, if it does."""
        limiter, breaker = self._pipeline.limiter.changes_in_s, self._pipeline.breaker.retry_after_s
        due = [seconds for seconds in (limiter, breaker or None) if seconds is not None]
        return min(due, default=None)

    def on_attempt(self, listener: Callable[[], None]) -> None:
        """Be called when a request leaves and when it has ended."""
        self._pipeline.on_attempt = listener

    @property
    def breaker_state(self) -> BreakerState:
        """Whether calls go through."""
        return self._pipeline.breaker.state

    async def wait_for_room(self, spare: int) -> None:
        """Wait until more than ``spare`` requests are left, so that others may overtake."""
        await self._pipeline.limiter.wait_for_room(spare)

    async def authenticate(self) -> None:
        """Show that the tenant can be reached and accepts the key."""
        await self._pipeline.authenticate()

    def bots(self) -> Pages[Bot]:
        """The tenant's bots. A tenant that cannot list them raises `NotFound` or `NotSupported`."""
        return Pages(self._pipeline, "/bots", Bot, None)

    def skills(self, bot_id: str) -> Pages[Skill]:
        """The bot's skills."""
        return Pages(self._pipeline, f"/bots/{_segment(bot_id)}/skills", Skill, bot_id)

    def webhooks(self, bot_id: str) -> Pages[RegisteredWebhook]:
        """The bot's webhooks."""
        path = f"/bots/{_segment(bot_id)}/webhooks"
        return Pages(self._pipeline, path, RegisteredWebhook, bot_id)

    async def status(self, bot_id: str) -> BotStatus:
        """How the bot's engine is."""
        operation = self._operation("GET", bot_id, "status", scope=READ)
        return parse(BotStatus, await self._pipeline.run(operation), operation)

    async def skill(self, bot_id: str, skill_id: str) -> Skill:
        """One skill; `NotFound` when the bot has no such skill."""
        operation = self._operation("GET", bot_id, "skills", skill_id, scope=READ)
        return parse(Skill, await self._pipeline.run(operation), operation)

    async def webhook(self, bot_id: str, webhook_id: str) -> RegisteredWebhook:
        """One webhook."""
        operation = self._operation("GET", bot_id, "webhooks", webhook_id, scope=READ)
        return parse(RegisteredWebhook, await self._pipeline.run(operation), operation)

    async def create_webhook(self, bot_id: str, webhook: Webhook) -> RegisteredWebhook:
        """Register a webhook, in one request that the tenant carries out whole or not at all.

        Raises:
            CreateUnconfirmed: It was sent and nobody knows what came of it. It is never repeated.
        """
        operation = self._operation(
            "POST",
            bot_id,
            "webhooks",
            scope=MANAGE,
            body=webhook.to_registration,
            repeatable=False,
            secrets=(webhook.secret_key,),
        )
        answer = await self._pipeline.run(operation)
        try:
            return parse(RegisteredWebhook, answer, operation)
        except InvalidAnswer as error:
            raise unconfirmed(operation, error) from None

    async def update_webhook(
        self, bot_id: str, webhook_id: str, change: WebhookChange
    ) -> RegisteredWebhook:
        """Change some parts of a webhook. Doing it twice does no more, so it may be repeated."""
        secret = () if change.secret_key is None else (change.secret_key,)
        operation = self._operation(
            "PATCH",
            bot_id,
            "webhooks",
            webhook_id,
            scope=MANAGE,
            body=lambda: {"webhook": change.to_wire()},
            secrets=secret,
        )
        return parse(RegisteredWebhook, await self._pipeline.run(operation), operation)

    async def delete_webhook(self, bot_id: str, webhook_id: str) -> None:
        """Delete a webhook; one that is gone after a lost answer counts as deleted."""
        operation = self._operation("DELETE", bot_id, "webhooks", webhook_id, scope=MANAGE)
        await self._pipeline.run(operation)

    def _operation(
        self,
        method: str,
        bot_id: str,
        *segments: str,
        scope: str,
        body: Callable[[], dict[str, Any]] | None = None,
        repeatable: bool = True,
        secrets: tuple[SecretStr, ...] = (),
    ) -> Operation:
        path = "/".join(["/bots", _segment(bot_id), *map(_segment, segments)])
        return Operation(
            method,
            self.base_url + path,
            path,
            scope=scope,
            body=body,
            bot_id=bot_id,
            repeatable=repeatable,
            secrets=secrets,
        )


def _segment(text: str) -> str:
    """An id as part of a path, where it cannot reach another path.

    Raises:
        UsageError: It cannot be an id.
    """
    if not text.strip() or len(text) > MAX_ID or text in {".", ".."} or not text.isprintable():
        raise UsageError("An id is 1 to 200 visible characters.", field="id")
    return quote(text, safe="")
