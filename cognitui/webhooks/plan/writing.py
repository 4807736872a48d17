"""Writes a bot's webhooks as a file, the same bytes for the same webhooks, so that it fits git."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.audit.records import safe_url
from cognitui.callbacks.display import safe_json, safe_text
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import parse_template
from cognitui.cognigy.models import MIN_SECRET_LENGTH, TriggerEvent, Webhook
from cognitui.webhooks.problems import explain
from cognitui.webhooks.toml import toml_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cognitui.cognigy.models import RegisteredTrigger, RegisteredWebhook

MAX_SLUG = 40
_HEAD = """\
# Webhooks as code: `cognitui webhooks plan` tells what differs from this file, and `cognitui
# webhooks apply` makes it so. A secret is taken from the variable that is named; while that is not
# set the tenant keeps the one it has.
"""
_EVENTS = [str(event) for event in TriggerEvent]


def reason_against(webhook: RegisteredWebhook) -> str:
    """Why a file cannot describe a registered webhook; empty when it can.

    Such a webhook is left alone, whatever else is done.
    """
    if webhook.auth.type != "hmac_sha256":
        return "its callbacks are signed in another way"
    try:
        for trigger in webhook.triggers:
            if trigger.payload_template is not None:
                parse_template(safe_json(trigger.payload_template))
        Webhook.model_validate(
            {
                "skill_id": webhook.skill_id,
                "endpoint_url": webhook.url,
                "triggers": [_plain(trigger) for trigger in webhook.triggers],
                "secret_key": "0" * MIN_SECRET_LENGTH,
                "timeout_ms": webhook.delivery.timeout,
                "retry_count": webhook.delivery.retries,
            }
        )
    except ValidationError as error:
        return next(iter(explain(error).values())).removesuffix(".")
    except (TemplateError, RecursionError, ValueError):
        return "a template of it cannot be written"
    return ""


def write_file(
    base_url: str, bot_id: str, webhooks: Iterable[RegisteredWebhook], skills: Mapping[str, str]
) -> str:
    """The file. Secrets are placeholders: a tenant does not tell them.

    Args:
        base_url: The tenant's API.
        bot_id: The bot.
        webhooks: In any order.
        skills: Names by id, as far as they are known.
    """
    parts = [f"{_HEAD}base_url = {toml_value(base_url)}\nbot = {toml_value(bot_id)}\n"]
    names: set[str] = set()
    for webhook in sorted(webhooks, key=lambda each: (each.url, each.skill_id, each.id)):
        if reason := reason_against(webhook):
            url = safe_text(safe_url(webhook.url), 200)
            shown = f"{safe_text(webhook.id, 80)}, {url}"
            parts.append(f"# Left out, and left alone: {shown}: {safe_text(reason)}.\n")
            continue
        skill_name = skills.get(webhook.skill_id, "")
        name = _name(webhook, skill_name, names)
        names.add(name)
        parts.append(_entry(webhook, name, skill_name))
    return "\n".join(parts)


def _entry(webhook: RegisteredWebhook, name: str, skill_name: str) -> str:
    variable = "WEBHOOK_SECRET_" + re.sub("[^A-Z0-9]+", "_", name.upper()).strip("_")
    fields: dict[str, Any] = {
        "name": name,
        "id": webhook.id,
        "skill_id": webhook.skill_id,
        "skill_name": skill_name,
        "endpoint_url": webhook.url,
        "secret": {"env": variable},
        "timeout_ms": webhook.delivery.timeout,
        "retry_count": webhook.delivery.retries,
        "enabled": webhook.enabled,
    }
    lines = ["[[webhook]]"]
    lines += [f"{key} = {toml_value(value)}" for key, value in fields.items() if value != ""]
    for trigger in sorted(webhook.triggers, key=_place):
        lines += ["", "[[webhook.triggers]]", f"event = {toml_value(trigger.event)}"]
        if trigger.payload_template is not None:
            lines.append(f"payload_template = {_template(trigger.payload_template)}")
    return "\n".join(lines) + "\n"


def _template(template: dict[str, Any]) -> str:
    try:
        return toml_value(template)
    except ValueError:
        # A null, or half of a character: JSON can say it, so it goes in as a text.
        return toml_value(safe_json(template, indent=None))


def _name(webhook: RegisteredWebhook, skill_name: str, taken: set[str]) -> str:
    """A name that stays the same whatever else is registered."""
    parts = [_slug(skill_name or webhook.skill_id), _slug(webhook.id)]
    name = "-".join(part for part in parts if part) or "webhook"
    number = 2
    unique = name
    while unique in taken:
        unique, number = f"{name}-{number}", number + 1
    return unique


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub("[^a-z0-9_]+", "-", plain.lower()).strip("-_")[:MAX_SLUG]


def _plain(trigger: RegisteredTrigger) -> dict[str, Any]:
    return {"event": trigger.event, "payload_template": trigger.payload_template}


def _place(trigger: RegisteredTrigger) -> int:
    return _EVENTS.index(trigger.event)
