"""What goes over the wire of the bots API v1, and comes back.

`Webhook` is what a person writes and the client sends: strict. The others are what a tenant
answers: lenient, with unknown fields kept so that they can be shown.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    JsonValue,
    SecretStr,
    field_serializer,
    field_validator,
)

from cognitui.cognigy.alike import shared

MIN_SECRET_LENGTH = 32
MIN_TIMEOUT_MS, DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS = 500, 3000, 10_000
DEFAULT_RETRIES, MAX_RETRIES = 3, 5


class TriggerEvent(StrEnum):
    """The engine events a webhook can be called for."""

    ON_SKILL_START = "ON_SKILL_START"
    ON_SKILL_END = "ON_SKILL_END"
    ON_MESSAGE = "ON_MESSAGE"
    ON_INTENT_MATCH = "ON_INTENT_MATCH"
    ON_FALLBACK = "ON_FALLBACK"


class Trigger(BaseModel):
    """One event, and the template of what its callback carries besides the standard fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: TriggerEvent
    payload_template: dict[str, JsonValue] | None = None


class Webhook(BaseModel):
    """A webhook as a person describes it; what is invalid here never reaches a tenant."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    skill_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s/?#]+$")]
    endpoint_url: HttpUrl
    triggers: Annotated[tuple[Trigger, ...], Field(min_length=1)]
    secret_key: Annotated[SecretStr, Field(min_length=MIN_SECRET_LENGTH, max_length=1024)]
    timeout_ms: Annotated[int, Field(ge=MIN_TIMEOUT_MS, le=MAX_TIMEOUT_MS)] = DEFAULT_TIMEOUT_MS
    retry_count: Annotated[int, Field(ge=0, le=MAX_RETRIES)] = DEFAULT_RETRIES

    @field_validator("endpoint_url")
    @classmethod
    def _without_credentials(cls, url: HttpUrl) -> HttpUrl:
        if url.username or url.password:
            raise ValueError("a user name or password in the URL would be shown in every list")
        return url

    @field_validator("triggers")
    @classmethod
    def _each_event_once(cls, triggers: tuple[Trigger, ...]) -> tuple[Trigger, ...]:
        events = [trigger.event for trigger in triggers]
        if len(set(events)) != len(events):
            raise ValueError("each event may be listed once")
        return triggers

    def to_wire(self) -> dict[str, Any]:
        """The webhook exactly as the tenant wants it, the secret in clear: for sending only."""
        return {
            "skillId": self.skill_id,
            "url": str(self.endpoint_url),
            "triggers": [trigger.model_dump(mode="json") for trigger in self.triggers],
            "auth": {"type": "hmac_sha256", "secret": self.secret_key.get_secret_value()},
            "delivery": {"timeout": self.timeout_ms, "retries": self.retry_count},
        }

    def to_registration(self) -> dict[str, Any]:
        """The whole body of the request that registers it."""
        return {"webhook": self.to_wire(), "testConnectivity": True, "validateFormat": True}


class _Answer(BaseModel):
    """What tenants answer: their unknown fields are kept, their missing ones have defaults."""

    model_config = ConfigDict(
        frozen=True, extra="allow", populate_by_name=True, hide_input_in_errors=True
    )


class Bot(_Answer):
    """A bot of the tenant."""

    id: str
    name: str = ""


class Skill(_Answer):
    """Something a bot can do; webhooks bind to one."""

    id: str
    name: str = ""


class BotStatus(_Answer):
    """How a bot's engine is, as it says itself.

    Attributes:
        status: The tenant's own word, such as ``healthy``.
        engine_version: Empty when the tenant does not tell.
        triggers: The events this engine runs; ``None`` when the tenant does not tell.
    """

    status: str = "unknown"
    engine_version: str = Field(default="", alias="engineVersion")
    triggers: tuple[str, ...] | None = Field(
        default=None, validation_alias=AliasChoices("supportedTriggers", "triggers")
    )

    @property
    def is_healthy(self) -> bool:
        """Whether the engine calls itself well."""
        return self.status.lower() in {"healthy", "ok", "up", "online"}


class RegisteredAuth(_Answer):
    """How callbacks are signed; tenants leave the secret out when they answer."""

    type: str = "hmac_sha256"
    secret: SecretStr | None = None


class RegisteredDelivery(_Answer):
    """How the tenant delivers."""

    timeout: int = DEFAULT_TIMEOUT_MS
    retries: int = DEFAULT_RETRIES


class RegisteredTrigger(_Answer):
    """One event of a registered webhook; its name may be newer than this program."""

    event: str
    payload_template: dict[str, Any] | None = None


class RegisteredWebhook(_Answer):
    """A webhook as the tenant holds it."""

    id: str
    skill_id: str = Field(default="", alias="skillId")
    url: str = ""
    triggers: tuple[RegisteredTrigger, ...] = ()
    auth: RegisteredAuth = RegisteredAuth()
    delivery: RegisteredDelivery = RegisteredDelivery()
    enabled: bool = True

    @field_validator("triggers")
    @classmethod
    def _alike_triggers(
        cls, triggers: tuple[RegisteredTrigger, ...]
    ) -> tuple[RegisteredTrigger, ...]:
        return tuple(shared(trigger) for trigger in triggers)

    @field_validator("auth")
    @classmethod
    def _alike_auth(cls, auth: RegisteredAuth) -> RegisteredAuth:
        return shared(auth)

    @field_validator("delivery")
    @classmethod
    def _alike_delivery(cls, delivery: RegisteredDelivery) -> RegisteredDelivery:
        return shared(delivery)

    @field_serializer("auth")
    def _auth_without_secret(self, auth: RegisteredAuth) -> dict[str, str]:
        return {"type": auth.type}


class Token(BaseModel):
    """What the token endpoint hands out; what else it hands out is not kept."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: SecretStr
    expires_in: float = 3600.0

    @field_validator("access_token")
    @classmethod
    def _fit_for_a_header(cls, token: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]+", token.get_secret_value()):
            raise ValueError("a token is made of visible ASCII characters")
        return token
