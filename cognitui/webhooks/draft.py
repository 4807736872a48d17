"""A webhook while it is being written: whatever was typed, and whether it can be sent.

The same models that the client sends decide what is valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, ValidationError

from cognitui.callbacks.display import safe_json
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import parse_template
from cognitui.callbacks.template_problem import TemplateProblem, find_problem
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT_MS,
    MIN_SECRET_LENGTH,
    RegisteredWebhook,
    Webhook,
)
from cognitui.webhooks.preflight import Question
from cognitui.webhooks.problems import explain

if TYPE_CHECKING:
    from collections.abc import Mapping


NO_SECRET = SecretStr("")
HIDDEN_SECRET = "•" * 8
MAX_DIGITS = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor.

    Attributes:
        triggers: The chosen events.
        templates: Per event, the template's JSON text; blank means none.
        secret_key: Empty while editing means that the tenant keeps the one it has.
        webhook_id: The registered webhook that this draft changes; ``None`` for a new one.
        home: The tenant and bot which that webhook belongs to, as ``tenant/bot``.
    """

    skill_id: str = ""
    endpoint_url: str = ""
    triggers: tuple[str, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    secret_key: SecretStr = NO_SECRET
    timeout_ms: str = str(DEFAULT_TIMEOUT_MS)
    retry_count: str = str(DEFAULT_RETRIES)
    webhook_id: str | None = None
    home: str = ""

    @classmethod
    def of(cls, webhook: RegisteredWebhook) -> Draft:
        """The draft that changes nothing of a registered webhook yet."""
        return cls(
            skill_id=webhook.skill_id,
            endpoint_url=webhook.url,
            triggers=tuple(trigger.event for trigger in webhook.triggers),
            templates={
                trigger.event: safe_json(trigger.payload_template)
                for trigger in webhook.triggers
                if trigger.payload_template is not None
            },
            timeout_ms=str(webhook.delivery.timeout),
            retry_count=str(webhook.delivery.retries),
            webhook_id=webhook.id,
        )

    @classmethod
    def copy_of(cls, webhook: RegisteredWebhook) -> Draft:
        """The draft of a new webhook like a registered one; it needs a secret of its own."""
        return cls.of(webhook).as_new()

    def as_new(self) -> Draft:
        """The same as a new webhook, without the secret, which no two should share."""
        return replace(self, webhook_id=None, home="", secret_key=NO_SECRET)

    def with_(self, **changes: Any) -> Draft:
        """The same draft with some parts exchanged."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft after the models have looked at it.

    Attributes:
        webhook: What would be registered; ``None`` while something is wrong, or when the draft
            changes a webhook whose secret stays.
        change: What would be sent for a draft of a registered webhook.
        problems: Field to sentence; per-event templates under ``templates.<EVENT>``.
        templates: Event to what is wrong with its template, and where; remarks are among them.
    """

    webhook: Webhook | None
    change: WebhookChange | None
    problems: Mapping[str, str]
    templates: Mapping[str, TemplateProblem] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether it can be sent as it stands."""
        return not self.problems


def check(draft: Draft) -> Checked:
    """Validate a draft with the models that are sent."""
    templates = _template_problems(draft)
    problems = {f"templates.{e}": p.sentence for e, p in templates.items() if p.blocks}
    data: dict[str, Any] = {
        "skill_id": draft.skill_id.strip(),
        "endpoint_url": draft.endpoint_url.strip(),
        "triggers": _triggers(draft),
        "timeout_ms": draft.timeout_ms.strip(),
        "retry_count": draft.retry_count.strip(),
        "secret_key": draft.secret_key,
    }
    keeps_secret = draft.webhook_id is not None and not draft.secret_key.get_secret_value()
    if keeps_secret:
        # Stands in for the one that the tenant keeps, so that the other fields can be checked.
        data["secret_key"] = SecretStr("0" * MIN_SECRET_LENGTH)
    webhook: Webhook | None = None
    try:
        webhook = Webhook.model_validate(data)
    except ValidationError as error:
        problems = {**explain(error), **problems}
    if problems or webhook is None:
        return Checked(None, None, problems, templates)
    if draft.webhook_id is None:
        return Checked(webhook, None, {}, templates)
    given = webhook.model_dump(exclude={"secret_key"} if keeps_secret else set())
    change = WebhookChange.model_validate(given)
    return Checked(None if keeps_secret else webhook, change, {}, templates)


def narrowed(change: WebhookChange, draft: Draft, before: Draft) -> WebhookChange:
    """Only what the person changed, so that everything else stays as the tenant has it.

    Args:
        change: What the whole draft says.
        draft: The draft.
        before: The draft that changes nothing.
    """
    given: dict[str, Any] = {}
    for name in ("skill_id", "endpoint_url", "timeout_ms", "retry_count"):
        if getattr(draft, name) != getattr(before, name):
            given[name] = getattr(change, name)
    if draft.triggers != before.triggers or dict(draft.templates) != dict(before.templates):
        given["triggers"] = change.triggers
    if change.secret_key is not None:
        given["secret_key"] = change.secret_key
    return WebhookChange(**given)


def rebased(draft: Draft, base: Draft, now: Draft) -> Draft:
    """What was typed, on top of what the webhook has become meanwhile.

    Args:
        draft: What was typed.
        base: What the webhook was when typing began.
        now: What it is.
    """
    names = ("skill_id", "endpoint_url", "triggers", "secret_key", "timeout_ms", "retry_count")
    taken = {
        name: getattr(now, name) for name in names if getattr(draft, name) == getattr(base, name)
    }
    templates = dict(draft.templates)
    for event in {*base.templates, *now.templates}:
        if draft.templates.get(event) == base.templates.get(event):
            templates[event] = now.templates.get(event, "")
    kept = {event: text for event, text in templates.items() if text.strip()}
    return draft.with_(**taken, templates=kept)


def question_of(draft: Draft, bot_id: str) -> Question:
    """What the preflight has to find out about a draft."""
    return Question(
        bot_id=bot_id,
        skill_id=draft.skill_id.strip(),
        endpoint_url=draft.endpoint_url.strip(),
        events=draft.triggers,
        is_new=draft.webhook_id is None,
        webhook_id=draft.webhook_id or "",
        looks_elsewhere=True,
    )


def preview(draft: Draft) -> str:
    """The body that would be sent, as indented JSON with the secret hidden.

    Written from the draft itself, so that it keeps up while something is still wrong.
    """
    body: dict[str, Any] = {"webhook": wire_of(draft)}
    if draft.webhook_id is None:
        body |= {"testConnectivity": True, "validateFormat": True}
    return safe_json(body)


def wire_of(draft: Draft) -> dict[str, Any]:
    """The webhook as it would be sent, with the secret hidden; without one that the tenant keeps.

    A template that cannot be read yet is left out.
    """
    wire: dict[str, Any] = {
        "skillId": draft.skill_id.strip(),
        "url": _normal_url(draft.endpoint_url.strip()),
        "triggers": _triggers(draft),
        "auth": {"type": "hmac_sha256", "secret": _hidden(draft)},
        "delivery": {
            "timeout": _number(draft.timeout_ms),
            "retries": _number(draft.retry_count),
        },
    }
    if draft.webhook_id is not None and not draft.secret_key.get_secret_value():
        del wire["auth"]
    return wire


def template_of(draft: Draft, event: str) -> dict[str, Any] | None:
    """The template of an event; ``None`` while there is none, or it cannot be read yet."""
    text = draft.templates.get(event, "").strip()
    if not text:
        return None
    try:
        return parse_template(text)
    except TemplateError:
        return None


def _triggers(draft: Draft) -> list[dict[str, Any]]:
    return [
        {"event": event, "payload_template": template_of(draft, event)} for event in draft.triggers
    ]


def _template_problems(draft: Draft) -> dict[str, TemplateProblem]:
    """What is wrong with the templates that would be sent."""
    found: dict[str, TemplateProblem] = {}
    for event in draft.triggers:
        text = draft.templates.get(event, "")
        if text.strip() and (problem := find_problem(text)) is not None:
            found[event] = problem
    return found


def _hidden(draft: Draft) -> str:
    if not draft.secret_key.get_secret_value():
        return ""
    return f"{HIDDEN_SECRET} {fingerprint(draft.secret_key)}"


def _normal_url(text: str) -> str:
    """The URL as the model would send it, or as typed while it is not one yet."""
    change = None
    try:
        change = WebhookChange.model_validate({"endpoint_url": text})
    except ValidationError:
        return text
    return str(change.endpoint_url)


def _number(text: str) -> int | str:
    digits = text.strip()
    return int(digits) if len(digits) < MAX_DIGITS and re.fullmatch("[0-9]+", digits) else text
