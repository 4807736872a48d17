"""The world a sandbox starts with: believable, and the same for the same seed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.sandbox.state import EVENTS, ApiKey, Bot, Skill, Tenant, Webhook, draw, iso

if TYPE_CHECKING:
    from cognitui.sandbox.config import SandboxConfig, SandboxInfo

DEFAULT_BOT_ID = "bot_12345"
DEFAULT_SKILL_ID = "skill_67890"
BOT_READ, BOT_WRITE, WEBHOOK_MANAGE = "bot:read", "bot:write", "webhook:manage"
BIRTHDAY = datetime(2026, 1, 12, 8, 30, tzinfo=UTC)

_KEYS = {
    "full": (BOT_READ, BOT_WRITE, WEBHOOK_MANAGE),
    "read-only": (BOT_READ,),
    "no-webhook-manage": (BOT_READ, BOT_WRITE),
}

_SHOP = (
    "Order status",
    "Billing",
    "Returns",
    "Delivery address",
    "Product search",
    "Store finder",
    "Warranty",
    "Complaints",
    "Password reset",
    "Newsletter",
    "Loyalty points",
    "Gift cards",
    "Human handover",
    "Small talk",
)
_SALES = (
    "Product advice",
    "Price quote",
    "Compare models",
    "Availability",
    "Trade-in",
    "Financing",
    "Book a demo",
    "Contact request",
    "Discount codes",
    "Human handover",
    "Small talk",
)
_STAFF = (
    "Leave request",
    "Sick note",
    "Payslip",
    "Travel expenses",
    "Working hours",
    "Onboarding",
    "Parental leave",
    "Benefits",
    "Small talk",
)
_SERVICE_DESK = (
    "Open a ticket",
    "Ticket status",
    "Password reset",
    "VPN access",
    "Order hardware",
    "Software request",
    "Printer trouble",
    "Report phishing",
    "Mobile devices",
    "Outages",
    "Human handover",
    "Small talk",
)
_ANY = ("Greeting", "Frequent questions", "Feedback", "Opening hours", "Human handover")


class _Plan(NamedTuple):
    """How one bot differs from the others; no number of webhooks means what was asked for."""

    name: str
    description: str
    skills: tuple[str, ...]
    webhooks: int | None
    status: str = "healthy"
    engine: str = "4.92.0"
    triggers: tuple[str, ...] = EVENTS
    issues: tuple[str, ...] = ()


_PLANS = (
    _Plan("Support Bot", "Answers customers of the web shop", _SHOP, None),
    _Plan(
        "Sales Assistant",
        "Helps visitors to choose; runs on an engine that is due for an update",
        _SALES,
        50,
        engine="4.61.2",
        triggers=EVENTS[:3],
    ),
    _Plan(
        "HR Helper",
        "Answers employees about leave and payroll",
        _STAFF,
        0,
        status="degraded",
        issues=("Two of three workers do not answer; callbacks are late.",),
    ),
    _Plan("IT Service Desk", "Opens tickets and resets passwords", _SERVICE_DESK, 49),
    _Plan("Booking Bot", "Books tables and rooms", _ANY, 12),
    _Plan(
        "Logistics Bot",
        "Tells drivers where to go",
        _ANY,
        21,
        status="unhealthy",
        issues=("The engine is locked by a migration.",),
    ),
)

# Where these webhooks of a bot point instead of to a healthy endpoint, so that looking at the
# health of all of them shows every verdict.
_ILL = {
    3: "missing",
    7: "failing",
    11: "closed",
    15: "slow",
    19: "maintenance",
    23: "gone",
    27: "head-unfriendly",
    31: "moved",
    34: "strict",
}
_EVENT_SETS = ((0,), (0, 2), (2,), (1,), (0, 1), (3,), (4,), (2, 4), (3, 2))
# Every so many-th webhook has a payload template, or is switched off.
_TEMPLATED, _SWITCHED_OFF = 5, 9
_TIMEOUTS = (3000, 3000, 2000, 5000, 1000)
_TEMPLATE: dict[str, Any] = {
    "channel": "webchat",
    "conversation": {"id": "{{sessionId}}", "skill": "{{skillId}}"},
    "text": "{{message.text}}",
}


def make_keys(seed: int) -> dict[str, ApiKey]:
    """The tenant's API keys by name: one may do all, the others lack scopes."""
    return {
        name: ApiKey(
            id=name,
            key=f"ck_{draw(seed, 'key', name)[:20]}",
            secret=f"cs_{draw(seed, 'secret', name)[:40]}",
            scopes=frozenset(scopes),
        )
        for name, scopes in _KEYS.items()
    }


def make_webhook_secret(seed: int) -> str:
    """The secret that the sandbox's own receiver verifies with."""
    return f"whs_{draw(seed, 'receiver')[:44]}"


def make_tenant(
    config: SandboxConfig, info: SandboxInfo, keys: dict[str, ApiKey], *, closed_url: str
) -> Tenant:
    """A tenant full of bots.

    Args:
        config: How many of what.
        info: Where it will be reachable; its own endpoints are what the webhooks point to.
        keys: The API keys.
        closed_url: The start of a URL on which nobody listens.
    """
    tenant = Tenant(config, info)
    tenant.keys = keys
    endpoints = info.webhook_url.rsplit("/", 1)[0]
    for seq in range(config.bots):
        bot = _make_bot(config, seq)
        tenant.bots[bot.id] = bot
        planned = _plan(seq).webhooks
        count = config.webhooks if planned is None else min(planned, config.webhook_limit)
        for index in range(count):
            webhook = _make_webhook(tenant, bot, index, f"{endpoints}/hooks", closed_url)
            bot.webhooks[webhook.id] = webhook
    return tenant


def _plan(seq: int) -> _Plan:
    if seq < len(_PLANS):
        return _PLANS[seq]
    return _Plan(f"Bot {seq + 1}", "One of many", _ANY, seq)


def _make_bot(config: SandboxConfig, seq: int) -> Bot:
    plan = _plan(seq)
    number = 10_000 + int(draw(config.seed, "bot", seq)[:6], 16) % 90_000
    bot = Bot(
        seq=seq,
        id=f"bot_{number}" if seq else DEFAULT_BOT_ID,
        name=plan.name,
        description=plan.description,
        status=plan.status,
        engine_version=plan.engine,
        triggers=plan.triggers,
        created_at=iso(BIRTHDAY + timedelta(days=9 * seq)),
        issues=plan.issues,
    )
    for index, skill_name in enumerate(plan.skills):
        skill = _make_skill(config.seed, seq, index, skill_name)
        bot.skills[skill.id] = skill
    return bot


def _make_skill(seed: int, bot_seq: int, index: int, name: str) -> Skill:
    number = 100_000 + 1000 * bot_seq + 10 * index + int(draw(seed, "skill", index)[:2], 16) % 10
    is_default = bot_seq == 0 and index == 0
    skill_id = DEFAULT_SKILL_ID if is_default else f"skill_{number}"
    return Skill(seq=index, id=skill_id, name=name)


def _make_webhook(tenant: Tenant, bot: Bot, index: int, hooks: str, closed_url: str) -> Webhook:
    skill = list(bot.skills.values())[index % len(bot.skills)]
    seq, webhook_id = tenant.next_webhook_id()
    ill = _ILL.get(index)
    path = ill or skill.name.lower().replace(" ", "-")
    events = [EVENTS[number] for number in _EVENT_SETS[index % len(_EVENT_SETS)]]
    runnable = [event for event in events if event in bot.triggers] or [bot.triggers[0]]
    return Webhook(
        seq=seq,
        id=webhook_id,
        skill_id=skill.id,
        url=f"{closed_url}/hooks/{skill.id}" if ill == "closed" else f"{hooks}/{path}",
        triggers=tuple(
            {
                "event": event,
                "payload_template": _TEMPLATE if index % _TEMPLATED == _TEMPLATED - 1 else None,
            }
            for event in runnable
        ),
        secret=draw(tenant.config.seed, "signing", webhook_id)[:44],
        timeout_ms=500 if ill == "slow" else _TIMEOUTS[index % len(_TIMEOUTS)],
        retries=index % 4,
        enabled=index % _SWITCHED_OFF != _SWITCHED_OFF - 1,
        created_at=iso(BIRTHDAY + timedelta(days=bot.seq, hours=31 * index, minutes=7 * index)),
    )
