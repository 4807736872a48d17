"""Files and registered webhooks, made for tests."""

from __future__ import annotations

from typing import Any

from cognitui.cognigy.models import RegisteredWebhook
from cognitui.webhooks.plan.described import Described, SecretSource, WebhookFile
from cognitui.webhooks.plan.matching import Bound
from cognitui.webhooks.plan.reading import parse_file

URL = "https://hooks.example.com/a"
ENTRY = """
[[webhook]]
name = "orders"
skill_id = "skill_1"
endpoint_url = "https://hooks.example.com/a"
triggers = [{event = "ON_MESSAGE"}]
"""


def parsed(text: str) -> WebhookFile:
    return parse_file(text.encode(), "w.toml")


def described(name: str = "one", **changes: Any) -> Described:
    fields: dict[str, Any] = {
        "name": name,
        "webhook_id": "",
        "skill_id": "skill_1",
        "skill_name": "",
        "endpoint_url": URL,
        "templates": {"ON_MESSAGE": None},
        "secret": SecretSource(env="ONE_SECRET"),
        "timeout_ms": 3000,
        "retry_count": 3,
        "enabled": None,
    }
    return Described(**{**fields, **changes})


def bound(name: str = "one", **changes: Any) -> Bound:
    one = described(name, **changes)
    return Bound(one, one.skill_id, one.skill_name)


def registered(webhook_id: str = "wh_1", *events: str, **changes: Any) -> RegisteredWebhook:
    fields: dict[str, Any] = {
        "id": webhook_id,
        "skillId": "skill_1",
        "url": URL,
        "triggers": [{"event": event} for event in events or ("ON_MESSAGE",)],
        "delivery": {"timeout": 3000, "retries": 3},
    }
    return RegisteredWebhook.model_validate({**fields, **changes})
