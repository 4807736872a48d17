from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.callbacks.replay import ReplayCache
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.callbacks.verify import DEFAULT_TOLERANCE_MS, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET = "super_secret_hmac_key_minimum_32_chars_long"
NOW = 1_795_467_214_085
BODY = json.dumps({"skillId": "skill_1", "timestamp": NOW}).encode()
HEX = sign(BODY, SECRET).removeprefix("sha256=")

# A header as anything could put it there.
headers = st.none() | st.binary() | st.text(st.characters(exclude_categories=()))
near_headers = st.builds(
    lambda head, digits, tail: head + digits + tail,
    st.sampled_from([b"sha256=", b"SHA256=", b"sha256", b"", b"sha256= ", b"\xff"]),
    st.binary(min_size=64, max_size=64).map(bytes.hex).map(str.encode) | st.just(HEX.encode()),
    st.sampled_from([b"", b"0", b"\n", b" ", b",sha256=00", b"\x00", b"\xc3\xa9"]),
)


def check(
    signature: bytes | str | Sequence[bytes | str] | None = f"sha256={HEX}",
    timestamp: bytes | str | Sequence[bytes | str] | None = str(NOW),
    *,
    body: bytes = BODY,
    secrets: Sequence[SecretStr | str | bytes] = (SECRET,),
    now_ms: int = NOW,
    replay: ReplayCache | None = None,
) -> Verdict:
    return verify(body, signature, timestamp, secrets=secrets, now_ms=now_ms, replay=replay)


def test_an_honest_callback_is_accepted() -> None:
    verdict = check(replay=ReplayCache())
    assert verdict.accepted
    assert verdict == Verdict(
        signature=SignatureVerdict.VALID,
        freshness=Freshness.FRESH,
        replay=Replay.NEW,
        timestamp_matches_body=True,
        seen_count=1,
        matched_secret=0,
        age_ms=0,
    )
    assert verdict.timestamp_authenticated
    assert verdict.reason == "valid, fresh and not seen before"


def test_without_a_memory_replay_is_unchecked_and_says_so() -> None:
    verdict = check()
    assert verdict.accepted
    assert verdict.replay is Replay.UNCHECKED
    assert "not checked" in verdict.reason


SIGNATURES: list[tuple[bytes | str | list[bytes | str] | None, SignatureVerdict, str]] = [
    (f"sha256={HEX}", SignatureVerdict.VALID, ""),
    (f"sha256={HEX}".encode(), SignatureVerdict.VALID, ""),
    ([f"sha256={HEX}"], SignatureVerdict.VALID, ""),
    (f"sha256={HEX.upper()}", SignatureVerdict.VALID, "uppercase"),
    ("sha256=" + "0" * 64, SignatureVerdict.INVALID, ""),
    (None, SignatureVerdict.MISSING, ""),
    ([], SignatureVerdict.MISSING, ""),
    ("", SignatureVerdict.MALFORMED, "does not begin with sha256="),
    (HEX, SignatureVerdict.MALFORMED, "does not begin with sha256="),
    (f"sha512={HEX}", SignatureVerdict.MALFORMED, "another algorithm"),
    (f"SHA256={HEX}", SignatureVerdict.MALFORMED, "another algorithm"),
    (f"sha256={HEX[:32]}", SignatureVerdict.MALFORMED, "32 hex digits instead of 64"),
    (f"sha256={HEX}00", SignatureVerdict.MALFORMED, "66 hex digits instead of 64"),
    (f"sha256={HEX[:-1]}g", SignatureVerdict.MALFORMED, "something else than hex"),
    (f"sha256={HEX}\n", SignatureVerdict.MALFORMED, "whitespace"),
    (f" sha256={HEX}", SignatureVerdict.MALFORMED, "whitespace"),
    (f"sha256={HEX},sha256={HEX}", SignatureVerdict.MALFORMED, "several"),
    ([f"sha256={HEX}", f"sha256={HEX}"], SignatureVerdict.MALFORMED, "more than once"),
    ("sha256=" + "\u0660" * 64, SignatureVerdict.MALFORMED, "something else than hex"),
    ("sha256=", SignatureVerdict.MALFORMED, "something else than hex"),
]


@pytest.mark.parametrize(("header", "expected", "hint"), SIGNATURES)
def test_signatures(
    header: bytes | str | list[bytes | str] | None, expected: SignatureVerdict, hint: str
) -> None:
    verdict = check(header)
    assert verdict.signature is expected
    assert hint in " ".join(verdict.hints)
    assert bool(hint) == bool(verdict.hints)
    assert verdict.accepted == (expected is SignatureVerdict.VALID)


TIMESTAMPS: list[tuple[bytes | str | list[bytes | str] | None, Freshness, str]] = [
    (str(NOW), Freshness.FRESH, ""),
    (str(NOW - DEFAULT_TOLERANCE_MS), Freshness.FRESH, ""),
    (str(NOW - DEFAULT_TOLERANCE_MS - 1), Freshness.STALE, ""),
    (str(NOW + DEFAULT_TOLERANCE_MS), Freshness.FRESH, ""),
    (str(NOW + DEFAULT_TOLERANCE_MS + 1), Freshness.FUTURE, ""),
    ("0000000000000", Freshness.STALE, ""),
    ("9999999999999", Freshness.FUTURE, ""),
    (None, Freshness.MISSING, ""),
    (str(NOW // 1000), Freshness.MALFORMED, "looks like seconds"),
    ("", Freshness.MALFORMED, ""),
    (f"+{NOW}", Freshness.MALFORMED, ""),
    (f" {NOW}", Freshness.MALFORMED, ""),
    (f"{NOW}\n", Freshness.MALFORMED, ""),
    (f"{NOW}.0", Freshness.MALFORMED, ""),
    (f"-{str(NOW)[1:]}", Freshness.MALFORMED, ""),
    ("1_795_467_214", Freshness.MALFORMED, ""),
    ("\u0661" * 13, Freshness.MALFORMED, ""),
    ("nan", Freshness.MALFORMED, ""),
    ("9" * 5000, Freshness.MALFORMED, ""),
    ([str(NOW), str(NOW)], Freshness.MALFORMED, "more than once"),
]


@pytest.mark.parametrize(("header", "expected", "hint"), TIMESTAMPS)
def test_timestamps(
    header: bytes | str | list[bytes | str] | None, expected: Freshness, hint: str
) -> None:
    body = b"no timestamp in here"
    verdict = check(sign(body, SECRET), header, body=body)
    assert verdict.freshness is expected
    assert verdict.signature is SignatureVerdict.VALID
    assert hint in " ".join(verdict.hints)
    assert bool(hint) == bool(verdict.hints)
    assert verdict.accepted == (expected is Freshness.FRESH)
    assert not verdict.timestamp_authenticated


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (BODY, True),
        (json.dumps({"timestamp": NOW - 1}).encode(), False),
        (json.dumps({"timestamp": str(NOW)}).encode(), None),
        (json.dumps({"timestamp": float(NOW)}).encode(), None),
        (json.dumps({"timestamp": True}).encode(), None),
        (json.dumps({"timestamp": 17}).encode(), None),
        (json.dumps([NOW]).encode(), None),
        (b"{}", None),
        (b"", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
        (b'{"timestamp":' + b"9" * 100_000 + b"}", None),
    ],
)
def test_the_header_is_compared_with_the_signed_body(body: bytes, expected: bool | None) -> None:
    verdict = check(sign(body, SECRET), body=body)
    assert verdict.timestamp_matches_body is expected
    assert verdict.timestamp_authenticated is (expected is True)
    assert verdict.accepted is (expected is not False)


def test_a_captured_callback_with_a_newer_header_is_refused() -> None:
    later = NOW + 365 * 86_400_000
    verdict = check(timestamp=str(later), now_ms=later, replay=ReplayCache())
    assert verdict.signature is SignatureVerdict.VALID
    assert verdict.freshness is Freshness.FRESH
    assert not verdict.accepted
    assert verdict.reason == "the timestamp header is not the one inside the signed body"


def test_an_unsigned_bodys_own_timestamp_is_not_looked_at() -> None:
    assert check("sha256=" + "0" * 64).timestamp_matches_body is None


def test_every_secret_is_tried() -> None:
    others: list[SecretStr | str | bytes] = ["a" * 32, b"b" * 32, SecretStr(SECRET), SECRET]
    verdict = check(secrets=others)
    assert verdict.matched_secret == 2
    assert verdict.accepted


@pytest.mark.parametrize(
    ("secrets", "hint"),
    [
        ([], "no secret"),
        ([SECRET + "\n"], "whitespace"),
        (["", "x" * 32], "empty secret"),
        (["x" * 32], ""),
        (["\ud800"], ""),
    ],
)
def test_secrets_that_do_not_verify(secrets: list[str], hint: str) -> None:
    verdict = check(secrets=secrets)
    assert verdict.signature is SignatureVerdict.INVALID
    assert verdict.matched_secret is None
    assert hint in " ".join(verdict.hints)
    assert bool(hint) == bool(verdict.hints)


def test_an_empty_secret_verifies_nothing() -> None:
    import hmac

    forged = "sha256=" + hmac.digest(b"", BODY, "sha256").hex()
    assert not check(forged, secrets=["", b""]).accepted


@given(headers | near_headers, headers, st.binary(), st.lists(st.text() | st.binary(), max_size=3))
def test_it_is_total_and_arbitrary_bytes_never_pass(
    signature: bytes | str | None,
    timestamp: bytes | str | None,
    body: bytes,
    secrets: list[str | bytes],
) -> None:
    verdict = verify(body, signature, timestamp, secrets=secrets, now_ms=NOW, replay=ReplayCache(1))
    assert not verdict.accepted
    assert verdict.reason


@given(st.lists(st.binary() | st.text(st.characters(exclude_categories=())), max_size=3))
def test_it_is_total_over_repeated_headers(values: list[bytes | str]) -> None:
    assert not check(values, values).accepted


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(1, 255))
def test_any_changed_byte_is_refused(body: bytes, position: int, change: int) -> None:
    signature = sign(body, SECRET)
    assert check(signature, body=body).signature is SignatureVerdict.VALID
    changed = bytearray(body or b"\x00")
    changed[position % len(changed)] ^= change
    assert check(signature, body=bytes(changed)).signature is SignatureVerdict.INVALID
    assert check(signature, body=body + b"\n").signature is SignatureVerdict.INVALID


@given(st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_any_changed_digit_is_refused(position: int, digit: str) -> None:
    changed = HEX[:position] + digit + HEX[position + 1 :]
    assert check(f"sha256={changed}").accepted == (changed == HEX)


@given(st.binary(), st.binary(min_size=1, max_size=200))
def test_what_was_signed_verifies(body: bytes, secret: bytes) -> None:
    verdict = verify(body, sign(body, secret), None, secrets=[secret], now_ms=NOW)
    assert verdict.signature is SignatureVerdict.VALID
    assert verdict.freshness is Freshness.MISSING


REASONS: list[tuple[Verdict, str]] = [
    (
        Verdict(SignatureVerdict.INVALID, Freshness.FRESH),
        "the signature does not match this body and secret",
    ),
    (
        Verdict(SignatureVerdict.MISSING, Freshness.MISSING),
        "there is no X-Cognigy-Signature header; there is no X-Cognigy-Timestamp header",
    ),
    (
        Verdict(SignatureVerdict.MALFORMED, Freshness.MALFORMED),
        (
            "the signature is not sha256= and 64 hex digits; "
            "the timestamp is not 13 digits of milliseconds"
        ),
    ),
    (
        Verdict(SignatureVerdict.VALID, Freshness.STALE, age_ms=360_000),
        "it is too old: 6 minutes",
    ),
    (Verdict(SignatureVerdict.VALID, Freshness.STALE, age_ms=9_000_000), "it is too old: 2 hours"),
    (
        Verdict(SignatureVerdict.VALID, Freshness.FUTURE, age_ms=-90_000),
        "its timestamp lies in the future: 90 seconds ahead",
    ),
    (
        Verdict(SignatureVerdict.VALID, Freshness.FUTURE, age_ms=-200_000_000),
        "its timestamp lies in the future: 2 days ahead",
    ),
    (
        Verdict(SignatureVerdict.VALID, Freshness.FRESH, Replay.SEEN, seen_count=3),
        "it was accepted before and has now arrived 3 times",
    ),
    (
        Verdict(SignatureVerdict.VALID, Freshness.FRESH, Replay.FULL),
        "the memory of accepted callbacks is full, so a replay cannot be ruled out",
    ),
]


@pytest.mark.parametrize(("verdict", "words"), REASONS)
def test_reasons(verdict: Verdict, words: str) -> None:
    assert verdict.reason == words
    assert not verdict.accepted
