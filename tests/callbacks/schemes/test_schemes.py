from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.replay import ReplayCache
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import (
    BASIC,
    COGNIGY,
    JAMBONZ,
    KEY,
    READY,
    STANDARD,
    TRANSITIONAL,
    scheme_of,
)
from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
from cognitui.callbacks.schemes.signing import Headers, Stamp, sign_with
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.errors import UsageError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(b"another key of thirty-two bytes!").decode()
NOW = 1_795_467_214_085
BODY = b'{"skillId": "skill_1", "text": "\xc3\xa9"}'
STAMP = Stamp(NOW, "msg_0123")
ALL = list(READY.values())
SIGNED = [scheme for scheme in ALL if scheme.is_signed]
by_id = pytest.mark.parametrize("scheme", ALL, ids=lambda scheme: scheme.id)
signed_by_id = pytest.mark.parametrize("scheme", SIGNED, ids=lambda scheme: scheme.id)


def check(
    scheme: Scheme,
    headers: Headers | None = None,
    *,
    body: bytes = BODY,
    secrets: tuple[str, ...] = (SECRET,),
    now_ms: int = NOW,
    replay: ReplayCache | None = None,
) -> Verdict:
    sent = sign_with(scheme, BODY, SECRET, STAMP) if headers is None else headers
    return judge(scheme, body, sent, secrets=secrets, now_ms=now_ms, replay=replay)


def changed(headers: Headers, name: str, value: str) -> Headers:
    return tuple((n, value if n.lower() == name.lower() else v) for n, v in headers)


def without(headers: Headers, name: str) -> Headers:
    return tuple((n, v) for n, v in headers if n.lower() != name.lower())


def test_the_vector_of_the_standard_webhooks_specification() -> None:
    stamp = Stamp(1_614_265_330_000, "msg_p5jXN8AQM9LWM0D4loKWxJek")
    assert dict(sign_with(STANDARD, b'{"test": 2432232314}', SECRET, stamp)) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@by_id
def test_what_a_scheme_signs_it_accepts(scheme: Scheme) -> None:
    verdict = check(scheme)
    assert verdict.accepted, verdict.reason
    assert verdict.matched_secret == 0
    assert {name for name, _ in sign_with(scheme, BODY, SECRET, STAMP)} == set(scheme.headers)


@by_id
def test_another_secret_is_refused_and_the_previous_one_is_found(scheme: Scheme) -> None:
    assert check(scheme, secrets=(OTHER,)).signature is SignatureVerdict.INVALID
    assert check(scheme, secrets=(OTHER, SECRET)).matched_secret == 1
    assert not check(scheme, secrets=()).accepted


@signed_by_id
def test_another_body_is_refused(scheme: Scheme) -> None:
    for body in (BODY + b"\n", BODY[:-1], b"", BODY.replace(b" ", b"")):
        assert check(scheme, body=body).signature is SignatureVerdict.INVALID


@by_id
def test_without_its_header_it_is_missing(scheme: Scheme) -> None:
    verdict = check(scheme, ())
    assert verdict.signature is SignatureVerdict.MISSING
    first = scheme.parts[0]
    assert f"there is no {first.header} header" in verdict.reason


def test_headers_may_be_bytes_and_in_any_case() -> None:
    headers = [
        (name.upper().encode(), value.encode())
        for name, value in sign_with(STANDARD, BODY, SECRET, STAMP)
    ]
    assert judge(STANDARD, BODY, headers, secrets=[SECRET], now_ms=NOW).accepted


@pytest.mark.parametrize("scheme", [STANDARD, JAMBONZ, TRANSITIONAL], ids=lambda s: s.id)
def test_where_the_timestamp_is_signed_a_new_one_breaks_it(scheme: Scheme) -> None:
    year = 365 * 86_400_000
    old = check(scheme, now_ms=NOW + year)
    assert (old.signature, old.freshness) == (SignatureVerdict.VALID, Freshness.STALE)
    assert old.timestamp_authenticated
    seconds = str((NOW + year) // 1000)
    headers = sign_with(scheme, BODY, SECRET, STAMP)
    forged = tuple((n, v.replace(str(NOW // 1000), seconds)) for n, v in headers)
    verdict = check(scheme, forged, now_ms=NOW + year)
    assert (verdict.signature, verdict.freshness) == (SignatureVerdict.INVALID, Freshness.FRESH)


def test_where_it_is_not_the_scheme_says_so() -> None:
    assert "timestamp is not signed" in COGNIGY.warning
    assert "timestamp is not signed" in TRANSITIONAL.warning
    assert STANDARD.warning == ""
    assert JAMBONZ.warning == ""
    assert "nothing is signed" in BASIC.warning
    assert not check(COGNIGY).timestamp_authenticated


def test_the_id_is_signed_and_tells_replays() -> None:
    replay = ReplayCache()
    assert check(STANDARD, replay=replay).replay is Replay.NEW
    later = sign_with(STANDARD, BODY, SECRET, Stamp(NOW + 1000, "msg_0123"))
    assert check(STANDARD, later, replay=replay).replay is Replay.SEEN
    other = changed(sign_with(STANDARD, BODY, SECRET, STAMP), "webhook-id", "msg_0124")
    assert check(STANDARD, other).signature is SignatureVerdict.INVALID
    assert check(STANDARD).delivery_id == "msg_0123"


@pytest.mark.parametrize("delivery_id", ["", "a.b", "a b", "é", "x" * 257])
def test_an_id_that_could_move_the_border_is_refused(delivery_id: str) -> None:
    headers = changed(sign_with(STANDARD, BODY, SECRET, STAMP), "webhook-id", delivery_id)
    assert check(STANDARD, headers).signature is SignatureVerdict.MALFORMED


def test_one_of_several_signatures_is_enough() -> None:
    value = dict(sign_with(STANDARD, BODY, SECRET, STAMP))["webhook-signature"]
    headers = sign_with(STANDARD, BODY, OTHER, STAMP)
    both = changed(headers, "webhook-signature", f"v1a,xyz {headers[-1][1]} {value}")
    assert check(STANDARD, both).accepted
    neither = changed(headers, "webhook-signature", "v1a,xyz v2,abc")
    assert check(STANDARD, neither).signature is SignatureVerdict.MALFORMED


def test_a_part_that_is_there_but_broken_is_not_replaced_by_a_weaker_one() -> None:
    headers = changed(
        sign_with(TRANSITIONAL, BODY, SECRET, STAMP), "webhook-signature", "v1," + "A" * 43 + "="
    )
    assert check(TRANSITIONAL, headers).signature is SignatureVerdict.INVALID
    only = sign_with(COGNIGY, BODY, SECRET, STAMP)
    assert check(TRANSITIONAL, only).accepted


@pytest.mark.parametrize(
    ("scheme", "value", "freshness", "words"),
    [
        (STANDARD, str(NOW), Freshness.MALFORMED, "10 digits of seconds"),
        (STANDARD, "١٧٩٥٤٦٧٢١٤", Freshness.MALFORMED, "10 digits"),
        (STANDARD, "+179546721", Freshness.MALFORMED, "10 digits"),
        (COGNIGY, str(NOW // 1000), Freshness.MALFORMED, "13 digits of milliseconds"),
    ],
)
def test_a_timestamp_in_another_unit(
    scheme: Scheme, value: str, freshness: Freshness, words: str
) -> None:
    part = scheme.parts[0]
    assert isinstance(part, SignedHeaders)
    headers = changed(sign_with(scheme, BODY, SECRET, STAMP), part.timestamp_header, value)
    verdict = check(scheme, headers)
    assert verdict.freshness is freshness
    assert words in verdict.reason
    assert not verdict.accepted


def test_repeated_headers_are_refused() -> None:
    for scheme in SIGNED:
        headers = sign_with(scheme, BODY, SECRET, STAMP)
        assert not check(scheme, headers + headers).accepted
    for scheme in (BASIC, KEY):
        headers = sign_with(scheme, BODY, SECRET, STAMP)
        assert check(scheme, headers + headers).signature is SignatureVerdict.MALFORMED


def test_base64_has_one_spelling() -> None:
    headers = sign_with(STANDARD, BODY, SECRET, STAMP)
    value = headers[-1][1]
    # The last digit before the padding has two bits that mean nothing.
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    twin = value[:-2] + alphabet[alphabet.index(value[-2]) ^ 1] + "="
    assert check(STANDARD, changed(headers, "webhook-signature", twin)).signature is (
        SignatureVerdict.MALFORMED
    )


def test_a_secret_that_is_no_base64_is_told() -> None:
    with pytest.raises(UsageError, match="base64"):
        sign_with(STANDARD, BODY, "plain text!", STAMP)
    verdict = check(STANDARD, secrets=("plain text!",))
    assert not verdict.accepted
    assert any("base64" in hint for hint in verdict.hints)


def test_a_basic_header_is_what_others_make_of_it() -> None:
    [(name, value)] = sign_with(BASIC, BODY, "user:päss", STAMP)
    assert (name, base64.b64decode(value.removeprefix("Basic ")).decode()) == (
        "Authorization",
        "user:päss",
    )
    assert check(BASIC, body=b"anything").accepted
    assert "may be of any age" in check(BASIC).reason


def test_a_scheme_that_nobody_knows() -> None:
    with pytest.raises(UsageError, match="no scheme stripe"):
        scheme_of("stripe")
    assert scheme_of("mine", {"mine": JAMBONZ}) is JAMBONZ


names = st.sampled_from([name for scheme in ALL for name in scheme.headers]) | st.text(max_size=20)
values = st.binary(max_size=80) | st.text(max_size=80)


@given(st.sampled_from(ALL), st.binary(max_size=60), st.lists(st.tuples(names, values), max_size=6))
def test_whatever_arrives_is_judged_and_refused(
    scheme: Scheme, body: bytes, headers: list[tuple[str, bytes | str]]
) -> None:
    verdict = judge(scheme, body, headers, secrets=[SECRET], now_ms=NOW, replay=ReplayCache())
    assert not verdict.accepted
    assert verdict.reason
