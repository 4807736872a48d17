from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.compose import MASK, compose, compose_raw
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, KEY, READY, STANDARD, TRANSITIONAL
from cognitui.clock import unix_ms
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

from .support import SECRET
from .wire import WHSEC

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.schemes.scheme import Scheme

    from .support import FakeClock


def build(clock: FakeClock, scheme: Scheme = COGNIGY, *, tracked: bool = False) -> Callback:
    return compose(
        event=TriggerEvent.ON_MESSAGE,
        skill_id="skill_1",
        secret=WHSEC,
        scheme=scheme,
        tracked=tracked,
        clock=clock,
    )


@pytest.mark.parametrize("scheme", READY.values(), ids=READY.keys())
@pytest.mark.parametrize("raw", [False, True])
def test_it_verifies_by_its_scheme(clock: FakeClock, scheme: Scheme, raw: bool) -> None:
    one = build(clock, scheme)
    if raw:
        one = compose_raw(b"\xff any", secret=WHSEC, scheme=scheme, clock=clock)
    verdict = judge(scheme, one.body, one.headers, secrets=[WHSEC], now_ms=unix_ms(clock.now()))
    assert verdict.accepted
    assert one.scheme is scheme
    names = [name for name, _ in one.headers]
    assert set(names) == {"Content-Type", *scheme.headers, "User-Agent"}
    assert bool(one.signature) is scheme.is_signed


def test_an_untracked_body_stays_as_it_was(clock: FakeClock) -> None:
    one = build(clock)
    fields = ["skillId", "trigger", "timestamp", "sessionId", "message"]
    assert list(json.loads(one.body)) == fields
    assert [name for name, _ in one.headers] == [
        "Content-Type",
        "X-Cognigy-Signature",
        "X-Cognigy-Timestamp",
        "User-Agent",
    ]


def test_a_tracked_body_says_its_delivery_and_its_time(clock: FakeClock) -> None:
    one = build(clock, tracked=True)
    decoded = json.loads(one.body)
    assert list(decoded)[-2:] == ["deliveryId", "sentAt"]
    assert decoded["deliveryId"] == one.delivery_id
    assert re.fullmatch(r"msg_[0-9a-f]{24}", one.delivery_id)
    assert decoded["sentAt"] == "2026-05-17T12:00:00.000Z"


@pytest.mark.parametrize("scheme", [COGNIGY, STANDARD, TRANSITIONAL])
def test_a_further_attempt_is_the_same_delivery_at_another_time(
    clock: FakeClock, scheme: Scheme
) -> None:
    first = build(clock, scheme, tracked=True)
    clock.advance(1.5)
    second = first.refreshed(clock)
    assert second.delivery_id == first.delivery_id
    assert second.scheme is scheme
    assert second.timestamp_ms == first.timestamp_ms + 1500
    before, after = json.loads(first.body), json.loads(second.body)
    assert after["sentAt"] == "2026-05-17T12:00:01.500Z"
    assert {key for key in before if before[key] != after[key]} == {"timestamp", "sentAt"}
    assert second.signature != first.signature
    if scheme is not COGNIGY:
        assert dict(second.headers)["webhook-id"] == first.delivery_id
    verdict = judge(
        scheme, second.body, second.headers, secrets=[WHSEC], now_ms=unix_ms(clock.now())
    )
    assert verdict.accepted


def test_a_resent_one_stays_the_same(clock: FakeClock) -> None:
    one = build(clock, STANDARD, tracked=True).resend()
    clock.advance(60)
    assert one.refreshed(clock) is one


def test_a_template_may_not_fill_in_what_only_tracked_bodies_have(clock: FakeClock) -> None:
    one = compose(
        event=TriggerEvent.ON_MESSAGE,
        skill_id="s",
        secret=SECRET,
        template={"deliveryId": "mine", "extra": "{{timestamp}}"},
        tracked=True,
        clock=clock,
    )
    decoded = json.loads(one.body)
    assert decoded["deliveryId"] == "mine"
    assert decoded["extra"] == one.timestamp_ms


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"deliveryId":"order-17"}', "order-17"),
        (b'{"deliveryId":"with.dot"}', None),
        (b'{"deliveryId":"with space"}', None),
        (b'{"deliveryId":"\\r\\nX: y"}', None),
        (b'{"deliveryId":7}', None),
        (b"no json", None),
    ],
)
def test_raw_bytes_name_their_own_delivery(
    clock: FakeClock, body: bytes, expected: str | None
) -> None:
    one = compose_raw(body, secret=WHSEC, scheme=STANDARD, clock=clock)
    assert dict(one.headers)["webhook-id"] == one.delivery_id
    if expected is None:
        assert one.delivery_id.startswith("msg_")
    else:
        assert one.delivery_id == expected


@pytest.mark.parametrize("scheme", [BASIC, KEY])
def test_a_static_secret_is_never_shown(clock: FakeClock, scheme: Scheme) -> None:
    one = compose_raw(b"{}", secret=SECRET, scheme=scheme, clock=clock)
    assert SECRET not in repr(one)
    shown = f"{one.shown_headers!r}"
    assert SECRET not in shown
    assert base64.b64encode(SECRET.encode()).decode() not in shown
    assert MASK in shown
    assert [name for name, _ in one.shown_headers] == [name for name, _ in one.headers]


def test_what_is_signed_is_shown_as_it_is(clock: FakeClock) -> None:
    one = build(clock, STANDARD)
    assert one.shown_headers == one.headers


@pytest.mark.parametrize("secret", ["line\nend of thirty-two characters…", "\x00" * 32])
def test_a_secret_that_no_header_carries(clock: FakeClock, secret: str) -> None:
    with pytest.raises(UsageError) as caught:
        compose_raw(b"{}", secret=secret, scheme=KEY, clock=clock)
    assert caught.value.field == "secret"
    assert secret not in str(caught.value)


def test_a_secret_that_the_scheme_cannot_read(clock: FakeClock) -> None:
    with pytest.raises(UsageError) as caught:
        compose_raw(b"{}", secret="not base64!", scheme=STANDARD, clock=clock)
    assert caught.value.field == "secret"
