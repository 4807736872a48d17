"""What goes over the wire is the tutorial's, to the letter."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr, ValidationError

from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import Credentials, fingerprint
from cognitui.cognigy.models import BotStatus, RegisteredWebhook, TriggerEvent, Webhook
from tests.support.servers import reply, serving, tenant

if TYPE_CHECKING:
    from tests.support.fixtures import Connect

SECRET_KEY = "super_secret_hmac_key_minimum_32_chars_long"

# The arguments of the tutorial's WebhookPayload, and what its to_cognigy_format and register make
# of them.
TUTORIAL: dict[str, Any] = {
    "skill_id": "skill_67890",
    "endpoint_url": "https://your-external-endpoint.com/cognigy/callback",
    "triggers": [{"event": "ON_SKILL_START"}, {"event": "ON_MESSAGE"}],
    "secret_key": SECRET_KEY,
    "timeout_ms": 3000,
    "retry_count": 3,
}
TUTORIAL_BODY = {
    "webhook": {
        "skillId": "skill_67890",
        "url": "https://your-external-endpoint.com/cognigy/callback",
        "triggers": [
            {"event": "ON_SKILL_START", "payload_template": None},
            {"event": "ON_MESSAGE", "payload_template": None},
        ],
        "auth": {"type": "hmac_sha256", "secret": SECRET_KEY},
        "delivery": {"timeout": 3000, "retries": 3},
    },
    "testConnectivity": True,
    "validateFormat": True,
}


def test_the_body_is_the_tutorials() -> None:
    assert Webhook.model_validate(TUTORIAL).to_registration() == TUTORIAL_BODY


async def test_the_request_is_the_tutorials(connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(201, {"id": "wh_1"}))) as server:
        client = connect(f"{server.origin}/api/v1")
        await client.create_webhook("bot_12345", Webhook.model_validate(TUTORIAL))
    request = server.requests[-1]
    assert (request.method, request.target) == ("POST", "/api/v1/bots/bot_12345/webhooks")
    assert json.loads(request.body) == TUTORIAL_BODY
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"


def test_the_defaults_are_the_tutorials() -> None:
    required = {k: v for k, v in TUTORIAL.items() if k not in {"timeout_ms", "retry_count"}}
    assert Webhook.model_validate(required) == Webhook.model_validate(TUTORIAL)


def test_the_events_are_the_tutorials() -> None:
    assert set(TriggerEvent) == {
        "ON_SKILL_START", "ON_SKILL_END", "ON_MESSAGE", "ON_INTENT_MATCH", "ON_FALLBACK",
    }  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"skill_id": ""},
        {"skill_id": "a b"},
        {"skill_id": "a/b"},
        {"skill_id": "a?b"},
        {"skill_id": "x" * 201},
        {"endpoint_url": "ftp://a.example"},
        {"endpoint_url": "a.example/hook"},
        {"endpoint_url": "https://user:pw@a.example"},
        {"endpoint_url": "https://user@a.example"},
        {"endpoint_url": ""},
        {"triggers": []},
        {"triggers": [{"event": "ON_WEEKEND"}]},
        {"triggers": [{"event": "ON_MESSAGE"}, {"event": "ON_MESSAGE"}]},
        {"triggers": [{"event": "ON_MESSAGE", "payload_template": "text"}]},
        {"triggers": [{"event": "ON_MESSAGE", "more": 1}]},
        {"secret_key": "x" * 31},
        {"secret_key": "x" * 1025},
        {"timeout_ms": 499},
        {"timeout_ms": 10_001},
        {"timeout_ms": 3.5},
        {"retry_count": -1},
        {"retry_count": 6},
        {"skillId": "camel case belongs on the wire"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_what_is_invalid_is_never_sent(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Webhook.model_validate({**TUTORIAL, **change})
    assert SECRET_KEY not in str(caught.value)
    assert "pw@" not in str(caught.value)


@pytest.mark.parametrize(
    "edge",
    [
        {"timeout_ms": 500, "retry_count": 0},
        {"timeout_ms": 10_000, "retry_count": 5},
        {"secret_key": "x" * 32},
        {"secret_key": "x" * 1024},
        {"endpoint_url": "http://127.0.0.1:8080/hook?a=1"},
    ],
    ids=lambda change: str(change)[:40],
)
def test_the_edges_are_valid(edge: dict[str, Any]) -> None:
    assert Webhook.model_validate({**TUTORIAL, **edge}).to_wire()


@pytest.mark.parametrize(
    ("change", "wire"),
    [
        ({}, {}),
        ({"enabled": False}, {"enabled": False}),
        ({"skill_id": "s"}, {"skillId": "s"}),
        ({"endpoint_url": "https://a.example/x"}, {"url": "https://a.example/x"}),
        ({"timeout_ms": 700}, {"delivery": {"timeout": 700}}),
        ({"retry_count": 0}, {"delivery": {"retries": 0}}),
        (
            {"triggers": [{"event": "ON_FALLBACK"}]},
            {"triggers": [{"event": "ON_FALLBACK", "payload_template": None}]},
        ),
        ({"secret_key": SECRET_KEY}, {"auth": {"type": "hmac_sha256", "secret": SECRET_KEY}}),
    ],
    ids=str,
)
def test_a_change_names_only_what_changes(change: dict[str, Any], wire: dict[str, Any]) -> None:
    assert WebhookChange.model_validate(change).to_wire() == wire


def test_answers_may_have_more_fields_and_fewer() -> None:
    webhook = RegisteredWebhook.model_validate({"id": "w", "createdAt": "2026-01-01"})
    assert (webhook.enabled, webhook.delivery.timeout, webhook.triggers) == (True, 3000, ())
    assert webhook.model_dump()["createdAt"] == "2026-01-01"
    newer = {"id": "w", "triggers": [{"event": "ON_TELEPATHY"}]}
    assert RegisteredWebhook.model_validate(newer).triggers[0].event == "ON_TELEPATHY"


def test_a_secret_in_an_answer_is_not_shown_again() -> None:
    auth = {"type": "hmac_sha256", "secret": SECRET_KEY}
    webhook = RegisteredWebhook.model_validate({"id": "w", "auth": auth})
    assert SECRET_KEY not in f"{webhook!r} {webhook} {webhook.model_dump()}"
    assert SECRET_KEY not in webhook.model_dump_json()


@pytest.mark.parametrize(
    ("body", "healthy", "triggers"),
    [
        ({"status": "healthy", "supportedTriggers": ["ON_MESSAGE"]}, True, ("ON_MESSAGE",)),
        ({"status": "OK", "triggers": []}, True, ()),
        ({"status": "degraded"}, False, None),
        ({}, False, None),
    ],
)
def test_status(body: dict[str, Any], healthy: bool, triggers: tuple[str, ...] | None) -> None:
    status = BotStatus.model_validate(body)
    assert (status.is_healthy, status.triggers) == (healthy, triggers)


def test_fingerprints_tell_secrets_apart_unseen() -> None:
    credentials = Credentials(SecretStr("key"), SecretStr("secret"))
    assert credentials.fingerprint == "sha256:2c70e12b"
    assert fingerprint(SecretStr("key2")) != credentials.fingerprint
    assert fingerprint(SecretStr("\ud800")).startswith("sha256:")
    assert "key'" not in repr(credentials)
