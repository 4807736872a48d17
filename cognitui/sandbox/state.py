"""The tenant in memory: bots, skills, webhooks, keys, tokens, and what has happened to them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.sandbox.ledger import Delivery, Ledger, Received, RequestRecord
from cognitui.sandbox.limiter import SlidingWindow

if TYPE_CHECKING:
    from cognitui.sandbox.config import SandboxConfig, SandboxInfo

EVENTS = ("ON_SKILL_START", "ON_SKILL_END", "ON_MESSAGE", "ON_INTENT_MATCH", "ON_FALLBACK")
REQUESTS_KEPT = 20_000
RECEIVED_KEPT = 500


def draw(seed: int, *parts: object) -> str:
    """Hex digits that look random and are the same for the same seed and parts."""
    text = ":".join(str(part) for part in (seed, *parts))
    return hashlib.sha256(text.encode()).hexdigest()


def iso(moment: datetime) -> str:
    """A moment as the API writes it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of the tenant and what it may do."""

    id: str
    key: str
    secret: str = field(repr=False)
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Skill:
    """Something a bot can do."""

    seq: int
    id: str
    name: str

    def as_wire(self) -> dict[str, Any]:
        """The skill as the API shows it."""
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registered webhook; changed by putting a changed copy in its place."""

    seq: int
    id: str
    skill_id: str
    url: str
    triggers: tuple[dict[str, Any], ...]
    secret: str = field(repr=False)
    timeout_ms: int
    retries: int
    enabled: bool
    created_at: str

    def as_wire(self) -> dict[str, Any]:
        """The webhook as the API shows it: never with its secret."""
        return {
            "id": self.id,
            "skillId": self.skill_id,
            "url": self.url,
            "triggers": [dict(trigger) for trigger in self.triggers],
            "auth": {"type": "hmac_sha256"},
            "delivery": {"timeout": self.timeout_ms, "retries": self.retries},
            "enabled": self.enabled,
            "createdAt": self.created_at,
        }


@dataclass(slots=True)
class Bot:
    """A bot, its skills and its webhooks.

    Attributes:
        status: How its engine says it is.
        triggers: The events its engine runs.
        issues: Why it is not well.
    """

    seq: int
    id: str
    name: str
    description: str
    status: str
    engine_version: str
    triggers: tuple[str, ...]
    created_at: str
    issues: tuple[str, ...] = ()
    skills: dict[str, Skill] = field(default_factory=dict)
    webhooks: dict[str, Webhook] = field(default_factory=dict)

    def as_wire(self) -> dict[str, Any]:
        """The bot as the API shows it."""
        return {
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "createdAt": self.created_at,
        }


class Tenant:
    """Everything the sandbox knows, readable from any thread."""

    def __init__(self, config: SandboxConfig, info: SandboxInfo) -> None:
        self.config = config
        self.info = info
        self.keys: dict[str, ApiKey] = {}
        self.bots: dict[str, Bot] = {}
        self.token_requests = 0
        self.request_log: Ledger[RequestRecord] = Ledger(REQUESTS_KEPT)
        self.delivery_log: Ledger[Delivery] = Ledger(RECEIVED_KEPT)
        self.monitor_log: Ledger[dict[str, Any]] = Ledger(RECEIVED_KEPT)
        self.endpoint_log: Ledger[Received] = Ledger(RECEIVED_KEPT)
        self._windows: dict[str, SlidingWindow] = {}
        self._last_seq = 0

    @property
    def requests(self) -> list[RequestRecord]:
        """Every request but those to the control routes, oldest first."""
        return self.request_log.listed()

    @property
    def deliveries(self) -> list[Delivery]:
        """What the engine sent, with its attempts."""
        return self.delivery_log.listed()

    @property
    def monitor_received(self) -> list[dict[str, Any]]:
        """What was sent to the monitor."""
        return self.monitor_log.listed()

    @property
    def endpoint_received(self) -> list[Received]:
        """What was posted to the sandbox's own endpoints."""
        return self.endpoint_log.listed()

    def webhooks(self, bot_id: str) -> list[Webhook]:
        """The webhooks of a bot in the order they were registered."""
        return list(self.bots[bot_id].webhooks.values())

    def window(self, key: ApiKey) -> SlidingWindow:
        """The limiter of a key."""
        if key.id not in self._windows:
            self._windows[key.id] = SlidingWindow(
                self.config.requests_per_minute, self.config.rate_window_s
            )
        return self._windows[key.id]

    def next_webhook_id(self) -> tuple[int, str]:
        """A place in the order of all webhooks, and an id that is not taken."""
        self._last_seq += 1
        taken = {webhook_id for bot in self.bots.values() for webhook_id in bot.webhooks}
        for turn in range(len(taken) + 1000):
            candidate = f"wh_{draw(self.config.seed, 'webhook', self._last_seq, turn)[:4]}"
            if candidate not in taken:
                return self._last_seq, candidate
        raise RuntimeError("no webhook id is left")
