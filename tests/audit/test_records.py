from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import SecretStr

from cognitui.audit.records import UNUSABLE_URL, new_operation_id, safe_url, snapshot
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import RegisteredWebhook, Webhook

from .support import SECRET, record


def webhook(**changes: object) -> Webhook:
    return Webhook.model_validate(
        {
            "skill_id": "skill_1",
            "endpoint_url": "https://hooks.example/in",
            "triggers": [{"event": "ON_MESSAGE", "payload_template": {"text": "{{text}}"}}],
            "secret_key": SECRET,
        }
        | changes
    )


def registered(**changes: object) -> RegisteredWebhook:
    return RegisteredWebhook.model_validate(
        {
            "id": "wh_1",
            "skillId": "skill_1",
            "url": "https://hooks.example/in",
            "triggers": [{"event": "ON_MESSAGE", "payload_template": {"text": "{{text}}"}}],
            "auth": {"type": "hmac_sha256"},
            "delivery": {"timeout": 3000, "retries": 3},
        }
        | changes
    )


def test_a_snapshot_shows_the_secret_by_its_fingerprint_only() -> None:
    taken = snapshot(webhook())
    assert SECRET not in json.dumps(taken)
    assert taken["secret_fingerprint"] == fingerprint(SecretStr(SECRET))


def test_a_secret_that_a_tenant_echoes_is_not_kept_either() -> None:
    taken = snapshot(registered(auth={"type": "hmac_sha256", "secret": SECRET}, extra=SECRET))
    assert SECRET not in json.dumps(taken)
    assert taken["secret_fingerprint"] == fingerprint(SecretStr(SECRET))


def test_what_was_sent_and_what_came_back_can_be_compared_line_by_line() -> None:
    sent, held = snapshot(webhook()), snapshot(registered())
    assert held.pop("id") == "wh_1"
    assert held.pop("enabled") is True
    assert held.pop("secret_fingerprint") is None
    assert sent.pop("secret_fingerprint") is not None
    assert sent == held


TOKEN = fingerprint(SecretStr("t0ken"))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("", ""),
        ("https://h.example/in", "https://h.example/in"),
        ("https://h.example:8443/in?token=t0ken", f"https://h.example:8443/in?token={TOKEN}"),
        ("https://h.example/in?a=&b=t0ken", f"https://h.example/in?a=&b={TOKEN}"),
        ("https://h.example/in?t0ken", f"https://h.example/in?{TOKEN}"),
        ("https://h.example/in#t0ken", "https://h.example/in"),
        ("https://user:t0ken@h.example/in", "https://h.example/in"),
        ("https://h.example:8443", "https://h.example:8443"),
        ("//h.example/in", "//h.example/in"),
        # What cannot be taken apart may have a secret anywhere.
        ("https://[broken/in?token=t0ken", UNUSABLE_URL),
        ("http://u:t0ken@[bad/x?t=y", UNUSABLE_URL),
        ("user:t0ken@h.example/in", UNUSABLE_URL),
        ("token=t0ken", UNUSABLE_URL),
        ("t0ken", UNUSABLE_URL),
        ("https:user:t0ken@h.example/in", UNUSABLE_URL),
        ("https:///t0ken", UNUSABLE_URL),
        ("https://user:t0k/en@h.example/in", UNUSABLE_URL),
        ("https://user:t0k?en@h.example/in", UNUSABLE_URL),
        ("https://user:t0k#en@h.example/in", UNUSABLE_URL),
    ],
)
def test_a_url_is_stored_without_what_may_be_secret(url: str, safe: str) -> None:
    assert safe_url(url) == safe
    assert safe_url(safe) == safe
    assert record(endpoint=url).endpoint == safe


def test_times_are_kept_in_utc() -> None:
    east = datetime(2026, 1, 31, 14, 0, tzinfo=timezone(timedelta(hours=2)))
    taken = record(at=east).at
    assert taken == east
    assert taken.tzinfo is UTC


@pytest.mark.parametrize(
    "wrong",
    [
        {"at": datetime(2026, 1, 31)},  # noqa: DTZ001
        {"monotonic": math.inf},
        {"latency_ms": math.nan},
    ],
)
def test_times_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        record(**wrong)


def test_operation_ids_differ() -> None:
    assert len({new_operation_id() for _ in range(1000)}) == 1000
