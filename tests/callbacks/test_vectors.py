"""Public vectors: what others have computed verifies here, and what is not right does not."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from cognitui.callbacks.schemes.custom import scheme_from
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import COGNIGY, STANDARD
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verdict import SignatureVerdict, Verdict
from tests.callbacks.test_sign import RFC_4231

NOW = 1_795_467_214_085
FULL_BITS, HALF_BITS = 256, 128
WYCHEPROOF = Path(__file__).with_name("vectors") / "wycheproof_hmac_sha256.json"
BASE64 = scheme_from("vectors", {"header": "X-Mac", "value": "{signature}", "encoding": "base64"})
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
SPEC_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SPEC_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
SPEC_S = 1_614_265_330
SPEC_BODY = b'{"test": 2432232314}'
SPEC_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
SPEC_HEADERS = [
    ("webhook-id", SPEC_ID),
    ("webhook-timestamp", str(SPEC_S)),
    ("webhook-signature", SPEC_SIGNATURE),
]


def _vectors(bits: int, result: str) -> list[tuple[bytes, bytes, bytes]]:
    groups: list[dict[str, Any]] = json.loads(WYCHEPROOF.read_bytes())["testGroups"]
    return [
        (bytes.fromhex(test["key"]), bytes.fromhex(test["msg"]), bytes.fromhex(test["tag"]))
        for group in groups
        if group["tagSize"] == bits
        for test in group["tests"]
        if test["result"] == result
    ]


def _hex(key: bytes, body: bytes, tag: bytes) -> Verdict:
    headers = [("X-Cognigy-Signature", f"sha256={tag.hex()}"), ("X-Cognigy-Timestamp", str(NOW))]
    return judge(COGNIGY, body, headers, secrets=[key], now_ms=NOW)


def _base64(key: bytes, body: bytes, tag: bytes) -> Verdict:
    headers = [("X-Mac", base64.b64encode(tag))]
    return judge(BASE64, body, headers, secrets=[key], now_ms=NOW)


WAYS = pytest.mark.parametrize("way", [_hex, _base64])


@pytest.mark.parametrize(("key", "body", "expected"), RFC_4231)
@WAYS
def test_rfc_4231_verifies(way: Any, key: bytes, body: bytes, expected: str) -> None:
    tag = bytes.fromhex(expected)
    assert way(key, body, tag).accepted
    assert not way(key, body + b"\0", tag).accepted
    assert not way(key + b"\1", body, tag).accepted


@WAYS
def test_wycheproofs_valid_ones_verify(way: Any) -> None:
    vectors = _vectors(FULL_BITS, "valid")
    assert len(vectors) == 33
    for key, body, tag in vectors:
        assert way(key, body, tag).accepted
        assert sign(body, key) == f"sha256={tag.hex()}"


@WAYS
def test_wycheproofs_changed_ones_do_not(way: Any) -> None:
    vectors = _vectors(FULL_BITS, "invalid")
    assert len(vectors) == 54
    for key, body, tag in vectors:
        assert way(key, body, tag).signature is SignatureVerdict.INVALID


@WAYS
def test_a_right_beginning_is_too_short(way: Any) -> None:
    """A verifier that compares as many bytes as it was given would take these."""
    vectors = _vectors(HALF_BITS, "valid")
    assert len(vectors) == 33
    for key, body, tag in vectors:
        assert sign(body, key).startswith(f"sha256={tag.hex()}")
        assert way(key, body, tag).signature is SignatureVerdict.MALFORMED


@WAYS
def test_a_wrong_beginning_is_too_short_as_well(way: Any) -> None:
    vectors = _vectors(HALF_BITS, "invalid")
    assert len(vectors) == 54
    for key, body, tag in vectors:
        assert way(key, body, tag).signature is SignatureVerdict.MALFORMED


def test_the_standard_webhooks_vector_is_what_we_sign() -> None:
    stamp = Stamp(SPEC_S * 1000, SPEC_ID)
    assert list(sign_with(STANDARD, SPEC_BODY, SPEC_SECRET, stamp)) == SPEC_HEADERS


@pytest.mark.parametrize("secret", [SPEC_SECRET, SPEC_SECRET.removeprefix("whsec_")])
def test_the_standard_webhooks_vector_verifies(secret: str) -> None:
    verdict = judge(STANDARD, SPEC_BODY, SPEC_HEADERS, secrets=[secret], now_ms=SPEC_S * 1000)
    assert verdict.accepted
    assert verdict.timestamp_authenticated
    assert verdict.delivery_id == SPEC_ID


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJel"),
        ("webhook-timestamp", str(SPEC_S + 1)),
        ("webhook-signature", SPEC_SIGNATURE.replace("g0hM", "g0hN")),
        ("webhook-signature", SPEC_SIGNATURE.replace("v1,", "v1a,")),
        ("webhook-signature", SPEC_SIGNATURE.rstrip("=")),
    ],
)
def test_the_standard_webhooks_vector_with_a_change_does_not(header: str, value: str) -> None:
    headers = [(name, value if name == header else before) for name, before in SPEC_HEADERS]
    verdict = judge(STANDARD, SPEC_BODY, headers, secrets=[SPEC_SECRET], now_ms=SPEC_S * 1000)
    assert not verdict.accepted
