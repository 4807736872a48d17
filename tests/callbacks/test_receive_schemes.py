"""The receiver and each scheme, over real connections."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.received import Forwarded
from cognitui.callbacks.rotation import KnownSecret, SecretRing
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, JAMBONZ, KEY, READY, STANDARD
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import TriggerEvent

from .wire import OTHER, SECRET, WHSEC, post, post_raw, split_answer

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.receive import Receiver
    from cognitui.callbacks.schemes.scheme import Scheme


def fresh(scheme: Scheme = COGNIGY, secret: str = WHSEC, tracked: bool = False) -> Callback:
    return compose(
        event=TriggerEvent.ON_MESSAGE,
        skill_id="skill_1",
        secret=secret,
        scheme=scheme,
        tracked=tracked,
    )


@pytest.mark.parametrize("scheme", READY.values(), ids=READY.keys())
@pytest.mark.parametrize("tracked", [False, True])
def test_every_scheme_is_accepted_and_a_forgery_is_not(
    receiver: Receiver, scheme: Scheme, tracked: bool
) -> None:
    receiver.set_scheme(scheme)
    receiver.set_secrets([WHSEC])
    one = fresh(scheme, tracked=tracked)
    assert post(receiver, one)[0] == 200
    forged = fresh(scheme, "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")
    assert post(receiver, forged)[0] == 401
    assert receiver.scheme is scheme
    accepted, refused = receiver.received
    assert accepted.scheme_id == scheme.id
    assert accepted.secret is not None
    assert accepted.secret.fingerprint == fingerprint(SecretStr(WHSEC))
    assert refused.secret is None
    assert refused.verdict.signature is SignatureVerdict.INVALID
    if tracked:
        assert accepted.delivery_id == one.delivery_id
        assert accepted.sent_at_ms == one.timestamp_ms


def test_the_headers_of_the_scheme_are_kept_as_they_came(receiver: Receiver) -> None:
    receiver.set_scheme(STANDARD)
    receiver.set_secrets([WHSEC])
    one = fresh(STANDARD)
    head = (*one.headers, ("X-Other", "hidden"), ("Accept", "*/*"))
    assert split_answer(post_raw(receiver, head, one.body))[0] == 200
    (received,) = receiver.received
    wanted = {name.lower().encode(): value.encode() for name, value in one.headers}
    assert dict(received.raw_headers) == wanted | {b"accept": b"*/*"}
    assert dict(received.headers)["webhook-id"] == one.delivery_id == received.delivery_id
    assert received.other_headers == ("x-other", "connection")


def test_headers_of_another_scheme_stay_names(receiver: Receiver) -> None:
    one = fresh(STANDARD)
    assert post(receiver, one)[0] == 401
    (received,) = receiver.received
    assert {"webhook-id", "webhook-signature"} <= set(received.other_headers)
    assert "webhook-signature" not in dict(received.headers)


@pytest.mark.parametrize(("scheme", "header"), [(BASIC, "authorization"), (KEY, "x-api-key")])
def test_a_header_that_says_the_secret_is_masked(
    receiver: Receiver, scheme: Scheme, header: str
) -> None:
    receiver.set_scheme(scheme)
    receiver.set_secrets([SECRET])
    one = fresh(scheme, SECRET)
    assert post(receiver, one)[0] == 200
    (received,) = receiver.received
    sent = next(value for name, value in one.headers if name.lower() == header)
    mask = fingerprint(SecretStr(sent))
    assert dict(received.headers)[header] == mask
    assert dict(received.raw_headers)[header.encode()] == mask.encode()
    for text in (repr(received), repr(received.headers), repr(received.raw_headers)):
        assert sent not in text
        assert SECRET not in text


def test_a_secret_in_a_header_of_no_scheme_is_not_kept(receiver: Receiver) -> None:
    one = fresh(COGNIGY, SECRET)
    head = (*one.headers, ("Authorization", f"Bearer {OTHER}"), ("Cookie", OTHER))
    assert split_answer(post_raw(receiver, head, one.body))[0] == 200
    (received,) = receiver.received
    assert OTHER not in f"{received.headers}{received.raw_headers}"
    assert {"authorization", "cookie"} <= set(received.other_headers)


def test_the_scheme_changes_while_it_runs(receiver: Receiver) -> None:
    receiver.set_secrets([WHSEC])
    assert post(receiver, fresh(JAMBONZ))[0] == 401
    receiver.set_scheme(JAMBONZ)
    assert post(receiver, fresh(JAMBONZ))[0] == 200
    assert post(receiver, fresh(COGNIGY))[0] == 401
    receiver.set_secrets([OTHER])
    assert receiver.scheme is JAMBONZ
    assert post(receiver, fresh(JAMBONZ, OTHER))[0] == 200


def test_a_replay_under_the_same_id_is_seen(receiver: Receiver) -> None:
    receiver.set_scheme(STANDARD)
    receiver.set_secrets([WHSEC])
    stamp = Stamp(unix_ms(SYSTEM_CLOCK.now()))
    for body in (b"{}", b'{"n":1}'):
        split_answer(post_raw(receiver, sign_with(STANDARD, body, WHSEC, stamp), body))
    first, second = receiver.received
    assert (first.verdict.replay, second.verdict.replay) == (Replay.NEW, Replay.SEEN)


def test_an_old_timestamp_is_told_in_each_unit(receiver: Receiver) -> None:
    receiver.set_scheme(STANDARD)
    receiver.set_secrets([WHSEC])
    at = unix_ms(SYSTEM_CLOCK.now()) - 3_600_000
    post(receiver, compose_raw(b"{}", secret=WHSEC, scheme=STANDARD, timestamp_ms=at))
    (received,) = receiver.received
    assert received.verdict.freshness is Freshness.STALE
    assert received.sent_at_ms == at // 1000 * 1000


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"sentAt": "2026-05-17T12:00:00.250Z"}, 1779019200250),
        ({"sentAt": "2026-05-17T14:00:00+02:00"}, 1779019200000),
        ({"sentAt": "2026-05-17T12:00:00"}, 1779019200000),
        ({"sentAt": 1779019200001, "timestamp": 1779019200002}, 1779019200001),
        ({"sentAt": "soon", "timestamp": 1779019200002}, 1779019200002),
        ({"sentAt": "9" * 10_000, "timestamp": 1779019200002}, 1779019200002),
        ({"sentAt": True}, 1779019200009),
        ({"sentAt": "0001-01-01T00:00:00+23:59"}, 1779019200009),
        ({"deliveryId": ["x"]}, 1779019200009),
    ],
)
def test_when_it_was_sent(receiver: Receiver, fields: dict[str, object], expected: int) -> None:
    body = json.dumps(fields).encode()
    post(receiver, compose_raw(body, secret=SECRET, timestamp_ms=1779019200009))
    (received,) = receiver.received
    assert received.sent_at_ms == expected
    assert received.delivery_id is None


def test_both_secrets_of_a_rotation_are_accepted_until_its_end(receiver: Receiver) -> None:
    now = SYSTEM_CLOCK.now()
    ring = SecretRing(SecretStr(SECRET)).rotate(SecretStr(OTHER), now=now)
    receiver.set_secrets(ring.secrets("wh_1"))
    assert [post(receiver, fresh(COGNIGY, each))[0] for each in (OTHER, SECRET)] == [200, 200]
    current, previous = (received.secret for received in receiver.received)
    assert current is not None
    assert previous is not None
    assert current.words == f"{fingerprint(SecretStr(OTHER))} (wh_1: current)"
    until = datetime.fromtimestamp(ring.until_ms / 1000, UTC)
    assert abs(until - now - timedelta(hours=24)) < timedelta(seconds=1)
    assert previous.words == (
        f"{fingerprint(SecretStr(SECRET))} (wh_1: previous, until {until:%Y-%m-%d %H:%M} UTC)"
    )


def test_a_secret_whose_time_has_run_out_is_not_tried(receiver: Receiver) -> None:
    now_ms = unix_ms(SYSTEM_CLOCK.now())
    ended = KnownSecret(SECRET, "previous", now_ms - 1)
    receiver.set_secrets([ended, KnownSecret(OTHER, "current")])
    assert post(receiver, fresh(COGNIGY, SECRET))[0] == 401
    assert post(receiver, fresh(COGNIGY, OTHER))[0] == 200
    matched = receiver.received[1].secret
    assert matched is not None
    assert matched.label == "current"
    receiver.set_secrets([ended])
    assert post(receiver, fresh(COGNIGY, SECRET))[0] == 401
    assert receiver.received[2].verdict.hints == ("there is no secret to verify with",)


def test_what_happens_later_is_noted_and_told(receiver: Receiver) -> None:
    changed: list[tuple[int, Forwarded | None]] = []
    leave = receiver.follow(lambda received: changed.append((received.number, received.forwarded)))
    for _ in range(3):
        post(receiver, fresh(COGNIGY, SECRET))
    outcome = Forwarded(200, 1.0)
    receiver._inbox.note(2, outcome)
    receiver._inbox.note(9, outcome)
    assert [each.forwarded for each in receiver.received] == [None, outcome, None]
    receiver.clear()
    receiver._inbox.note(2, outcome)
    leave()
    post(receiver, fresh(COGNIGY, SECRET))
    receiver._inbox.note(4, outcome)
    assert changed == [(2, outcome)]
    assert receiver.received[0].forwarded == outcome
