from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.callbacks.body import MAX_BODY_BYTES
from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verify import verify
from cognitui.clock import unix_ms
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback

    from .support import FakeClock


def build(secret: str, clock: FakeClock, **changes: Any) -> Callback:
    wanted: dict[str, Any] = {
        "event": TriggerEvent.ON_MESSAGE,
        "skill_id": "skill_1",
        "session_id": "sess_1",
        "text": "Grüße",
    }
    return compose(secret=secret, clock=clock, **(wanted | changes))


def test_the_standard_body_is_compact_and_in_order(secret: str, clock: FakeClock) -> None:
    callback = build(secret, clock)
    ms = unix_ms(clock.now())
    expected = (
        f'{{"skillId":"skill_1","trigger":"ON_MESSAGE","timestamp":{ms},"sessionId":"sess_1",'
        '"message":{"text":"Grüße","type":"text"}}'
    )
    assert callback.body == expected.encode()
    assert callback.timestamp_ms == ms
    assert callback.event is TriggerEvent.ON_MESSAGE


def test_the_headers_are_those_of_the_tenant(secret: str, clock: FakeClock) -> None:
    callback = build(secret, clock)
    headers = dict(callback.headers)
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Cognigy-Signature"] == sign(callback.body, secret) == callback.signature
    assert headers["X-Cognigy-Timestamp"] == str(callback.timestamp_ms)
    assert re.fullmatch(r"cognitui/\S+", headers["User-Agent"])


@pytest.mark.parametrize("event", list(TriggerEvent))
def test_it_verifies(secret: str, clock: FakeClock, event: TriggerEvent) -> None:
    callback = build(secret, clock, event=event)
    verdict = verify(
        callback.body,
        callback.signature,
        str(callback.timestamp_ms),
        secrets=[secret],
        now_ms=unix_ms(clock.now()),
    )
    assert verdict.accepted
    assert verdict.timestamp_authenticated


def test_the_template_is_laid_over_the_standard_keys(secret: str, clock: FakeClock) -> None:
    template = {"channel": "web", "message": {"text": "{{message.text}}!"}, "at": "{{timestamp}}"}
    decoded = json.loads(build(secret, clock, template=template).body)
    assert decoded["channel"] == "web"
    assert decoded["message"] == {"text": "Grüße!"}
    assert decoded["at"] == decoded["timestamp"] == unix_ms(clock.now())
    assert list(decoded)[:5] == ["skillId", "trigger", "timestamp", "sessionId", "message"]


def test_conversations_differ_when_none_is_named(secret: str, clock: FakeClock) -> None:
    sessions = {
        json.loads(build(secret, clock, session_id=None).body)["sessionId"] for _ in range(5)
    }
    assert len(sessions) == 5


def test_a_refreshed_callback_has_a_new_time_and_signature(secret: str, clock: FakeClock) -> None:
    first = build(secret, clock, session_id=None)
    clock.advance(2.5)
    second = first.refreshed(clock)
    assert second.timestamp_ms == first.timestamp_ms + 2500
    assert second.signature == sign(second.body, secret) != first.signature
    before, after = json.loads(first.body), json.loads(second.body)
    assert before.pop("timestamp") != after.pop("timestamp")
    assert before == after


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"template": {"a": "{{nope}}"}}, TemplateError, "$.a"),
        ({"template": {"a": float("nan")}}, TemplateError, "$"),
        ({"template": {"a": object()}}, TemplateError, "$"),
        ({"text": "\ud800"}, UsageError, "text"),
        ({"text": "x" * MAX_BODY_BYTES}, UsageError, "body"),
        ({"secret": ""}, UsageError, "secret"),
    ],
)
def test_what_cannot_be_composed(
    secret: str, clock: FakeClock, changes: dict[str, Any], error: type[Exception], field: str
) -> None:
    wanted = {"secret": secret} | changes
    with pytest.raises(error) as caught:
        build(wanted.pop("secret"), clock, **wanted)
    assert getattr(caught.value, "field", None) == field


@pytest.mark.parametrize("body", [b"", b"\xff\x00", b"{}", b'{ "a" : 1.0 }\n', b"\xef\xbb\xbf{}"])
def test_raw_bytes_are_signed_as_they_are(secret: str, clock: FakeClock, body: bytes) -> None:
    callback = compose_raw(body, secret=secret, clock=clock)
    assert callback.body == body
    assert callback.signature == sign(body, secret)
    assert callback.timestamp_ms == unix_ms(clock.now())
    assert callback.event is None
    clock.advance(60)
    assert callback.refreshed(clock) is callback


def test_a_raw_body_tells_its_own_time_and_event(secret: str, clock: FakeClock) -> None:
    edited = build(secret, clock).body.replace(b":", b": ")
    clock.advance(30)
    callback = compose_raw(edited, secret=secret, clock=clock)
    assert callback.timestamp_ms == unix_ms(clock.now()) - 30_000
    assert callback.event is TriggerEvent.ON_MESSAGE
    chosen = compose_raw(
        edited, secret=secret, timestamp_ms=17, event=TriggerEvent.ON_FALLBACK, clock=clock
    )
    assert dict(chosen.headers)["X-Cognigy-Timestamp"] == "17"
    assert chosen.event is TriggerEvent.ON_FALLBACK


@pytest.mark.parametrize("value", ["[]", "null", "17", '"ON_NOTHING"', '{"a":1}'])
def test_a_raw_body_may_name_no_event_we_know(secret: str, value: str) -> None:
    assert compose_raw(f'{{"trigger":{value}}}'.encode(), secret=secret).event is None


def test_a_raw_body_has_a_limit(secret: str) -> None:
    with pytest.raises(UsageError, match="at most 1,048,576"):
        compose_raw(b"x" * (MAX_BODY_BYTES + 1), secret=secret)
