from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from .support import SECRET, eventually

if TYPE_CHECKING:
    from cognitui.sandbox.ledger import Delivery

    from .conftest import Start
    from .support import Api


@pytest.fixture
def api(start: Start) -> Api:
    """A tenant without webhooks of its own, whose engine does not wait long."""
    return start(webhooks=0, retry_delay_s=0.01)


def settle(api: Api) -> list[Delivery]:
    eventually(lambda: all(each.state != "pending" for each in api.sandbox.tenant.deliveries))
    return api.sandbox.tenant.deliveries


def delivered(api: Api, url: str, *, timeout: int = 1000, retries: int = 2) -> Delivery:
    """What becomes of one callback to a URL."""
    webhook = api.webhook(url=url, delivery={"timeout": timeout, "retries": retries})
    api.register(webhook).raise_for_status()
    assert api.fire().status_code == 202
    (delivery,) = settle(api)
    return delivery


def test_a_callback_is_signed_as_the_protocol_says(api: Api) -> None:
    delivery = delivered(api, f"{api.hooks}/orders")
    assert delivery.state == "delivered"
    (received,) = api.sandbox.tenant.endpoint_received
    body = json.loads(received.body)
    assert received.body == json.dumps(body, separators=(",", ":")).encode()
    assert body == {
        "skillId": api.info.skill_id,
        "trigger": "ON_MESSAGE",
        "timestamp": delivery.attempts[0].timestamp,
        "sessionId": "sess_sandbox",
        "message": {"text": "Hello", "type": "text"},
    }
    signature = hmac.new(SECRET.encode(), received.body, hashlib.sha256).hexdigest()
    assert received.headers["x-cognigy-signature"] == f"sha256={signature}"
    assert received.headers["x-cognigy-timestamp"] == str(body["timestamp"])
    assert received.headers["content-type"] == "application/json"
    assert delivery.attempts[0].body_sha256 == hashlib.sha256(received.body).hexdigest()


def test_the_receiver_verifies_what_the_engine_sends(api: Api) -> None:
    webhook = api.webhook(auth={"type": "hmac_sha256", "secret": api.info.webhook_secret})
    api.register(webhook, testConnectivity=True).raise_for_status()
    api.fire(text="Grüße 👋", sessionId="sess_1").raise_for_status()
    (delivery,) = settle(api)
    assert (delivery.state, delivery.attempts[0].status) == ("delivered", 200)
    (received,) = api.sandbox.tenant.endpoint_received
    assert received.verified is True
    assert "Grüße 👋".encode() in received.body


def test_the_strict_hook_verifies_with_the_secrets_that_point_to_it(api: Api) -> None:
    assert delivered(api, f"{api.hooks}/strict").state == "delivered"


def test_only_webhooks_that_wait_for_it_are_called(api: Api) -> None:
    other = api.everything(f"/bots/{api.info.bot_id}/skills")[1]["id"]
    wanted = api.register(api.webhook()).json()["id"]
    api.register(api.webhook(enabled=False))
    api.register(api.webhook(skillId=other))
    api.register(api.webhook(triggers=[{"event": "ON_FALLBACK"}]))
    answer = api.fire()
    assert answer.json() == {"deliveries": ["dl_0001"]}
    assert [each.webhook_id for each in settle(api)] == [wanted]
    assert api.fire("ON_INTENT_MATCH").json() == {"deliveries": []}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_some_failures_are_tried_again(api: Api, status: int) -> None:
    delivery = delivered(api, f"{api.root}/endpoints/status/{status}")
    assert delivery.state == "exhausted"
    assert [attempt.status for attempt in delivery.attempts] == [status] * 3
    assert [attempt.number for attempt in delivery.attempts] == [1, 2, 3]


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_others_are_not(api: Api, status: int) -> None:
    delivery = delivered(api, f"{api.root}/endpoints/status/{status}")
    assert delivery.state == "rejected"
    assert [attempt.status for attempt in delivery.attempts] == [status]


def test_each_attempt_is_signed_afresh(api: Api) -> None:
    delivered(api, f"{api.hooks}/failing")
    received = api.sandbox.tenant.endpoint_received
    stamps = [int(one.headers["x-cognigy-timestamp"]) for one in received]
    assert stamps == sorted(set(stamps))
    for one, stamp in zip(received, stamps, strict=True):
        assert json.loads(one.body)["timestamp"] == stamp
        signature = hmac.new(SECRET.encode(), one.body, hashlib.sha256).hexdigest()
        assert one.headers["x-cognigy-signature"] == f"sha256={signature}"


def test_a_failure_that_passes_ends_in_delivery(api: Api) -> None:
    api.sandbox.inject("503:path=endpoints/*,times=1")
    delivery = delivered(api, f"{api.hooks}/orders")
    assert delivery.state == "delivered"
    assert [attempt.status for attempt in delivery.attempts] == [503, 204]


def test_the_timeout_of_the_webhook_is_kept(api: Api) -> None:
    delivery = delivered(api, f"{api.root}/endpoints/slow/3000", timeout=500, retries=1)
    assert delivery.state == "exhausted"
    assert [attempt.error for attempt in delivery.attempts] == [
        "timeout: no answer within 0.5 s"
    ] * 2
    assert all(500 <= attempt.duration_ms < 1500 for attempt in delivery.attempts)


def test_without_retries_there_is_one_attempt(api: Api) -> None:
    delivery = delivered(api, "http://127.0.0.1:9/", retries=0)
    assert delivery.state == "exhausted"
    assert [attempt.error for attempt in delivery.attempts] == [
        "connect: the connection was refused"
    ]


@pytest.mark.parametrize("fault", ["lost-answer", "cut:bytes=0"])
def test_an_answer_that_breaks_off_is_tried_again(api: Api, fault: str) -> None:
    api.sandbox.inject(f"{fault}{',' if ':' in fault else ':'}path=endpoints/*,times=1")
    delivery = delivered(api, f"{api.root}/endpoints/receiver")
    assert delivery.attempts[0].error is not None
    assert delivery.attempts[0].error.startswith("protocol: ")
    assert delivery.attempts[1].status == 401


def test_a_huge_answer_is_not_read_to_its_end(api: Api) -> None:
    api.sandbox.inject("huge:path=endpoints/*,bytes=1000000000")
    delivery = delivered(api, f"{api.hooks}/orders")
    assert delivery.state == "delivered"
    assert delivery.attempts[0].duration_ms < 1000


@pytest.mark.parametrize(
    "url", ["nonsense", "http://", "ftp://x/", "http://127.0.0.1/ü", "http://[::1/"]
)
def test_a_url_that_was_never_checked_fails_without_harm(api: Api, url: str) -> None:
    api.register(api.webhook(url=url), validateFormat=False).raise_for_status()
    api.fire().raise_for_status()
    (delivery,) = settle(api)
    assert delivery.state == "rejected"
    assert delivery.attempts[0].error == "url: the URL cannot be used"


def test_a_template_is_laid_over_the_standard_body(api: Api) -> None:
    template: dict[str, Any] = {
        "message": {"body": "{{message.text}}", "kind": "{{ message.type }}"},
        "at": "{{timestamp}}",
        "note": "{{trigger}} in {{skillId}} at {{timestamp}}",
        "list": ["{{sessionId}}", 1, None, {"deep": "{{trigger}}"}],
    }
    triggers = [{"event": "ON_MESSAGE", "payload_template": template}]
    api.register(api.webhook(url=f"{api.hooks}/orders", triggers=triggers)).raise_for_status()
    api.fire(text="{{trigger}}").raise_for_status()
    (delivery,) = settle(api)
    stamp = delivery.attempts[0].timestamp
    skill = api.info.skill_id
    (received,) = api.sandbox.tenant.endpoint_received
    assert json.loads(received.body) == {
        "skillId": skill,
        "trigger": "ON_MESSAGE",
        "timestamp": stamp,
        "sessionId": "sess_sandbox",
        "message": {"body": "{{trigger}}", "kind": "text"},
        "at": stamp,
        "note": f"ON_MESSAGE in {skill} at {stamp}",
        "list": ["sess_sandbox", 1, None, {"deep": "ON_MESSAGE"}],
    }


def test_deliveries_are_listed(api: Api) -> None:
    delivered(api, f"{api.hooks}/orders")
    (listed,) = api.control("GET", "deliveries").json()["items"]
    assert listed["state"] == "delivered"
    assert listed["event"] == "ON_MESSAGE"
    assert listed["attempts"][0]["status"] == 204
    assert SECRET not in str(listed)


def test_the_webhooks_it_starts_with_are_called_too(start: Start) -> None:
    api = start()
    answer = api.fire("ON_SKILL_START")
    assert answer.json()["deliveries"]
    assert {each.state for each in settle(api)} == {"delivered"}
