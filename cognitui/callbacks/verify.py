"""Verify a callback: total over whatever bytes arrive, and silent about how near a forgery came."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from cognitui.callbacks.body import TIMESTAMP_DIGITS, timestamp_of
from cognitui.callbacks.sign import Secret, digest, secret_bytes
from cognitui.callbacks.verdict import Freshness, SignatureVerdict, Verdict

if TYPE_CHECKING:
    from cognitui.callbacks.replay import ReplayCache

DEFAULT_TOLERANCE_MS = 300_000
"""A callback is fresh for five minutes to either side of now."""

HeaderValue: TypeAlias = bytes | str | Sequence[bytes | str] | None
"""A header as it arrived: one value, every value where it was repeated, or ``None``."""

_SIGNATURE = re.compile(rb"sha256=([0-9a-fA-F]{64})")
_TIMESTAMP = re.compile(rb"[0-9]{%d}" % TIMESTAMP_DIGITS)
_SECONDS = re.compile(rb"[0-9]{10}")


@dataclass(frozen=True, slots=True)
class _SignatureFinding:
    verdict: SignatureVerdict
    digest: bytes = b""
    matched: int | None = None
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _TimestampFinding:
    freshness: Freshness
    timestamp_ms: int | None = None
    hints: tuple[str, ...] = ()


def verify(
    body: bytes,
    signature: HeaderValue,
    timestamp: HeaderValue,
    *,
    secrets: Sequence[Secret],
    now_ms: int,
    tolerance_ms: int = DEFAULT_TOLERANCE_MS,
    replay: ReplayCache | None = None,
) -> Verdict:
    """Judge a callback by its raw body and its two headers. Never raises for what has arrived.

    Args:
        body: The bytes of the body as received: not decoded, not decompressed, not re-serialised.
        signature: The value of ``X-Cognigy-Signature``; ``None`` when there is no such header.
        timestamp: The value of ``X-Cognigy-Timestamp``; ``None`` when there is no such header.
        secrets: The current secret, and while it is being exchanged also the previous one.
        now_ms: Now, in ms since 1970.
        tolerance_ms: How far the timestamp may lie from now, to either side, in milliseconds.
        replay: The memory of accepted callbacks; ``None`` leaves replays unchecked.

    Returns:
        A verdict whose ``accepted`` says whether to act on the callback. Answer the sender with a
        bare 401 when it is false: the reason helps a forger.
    """
    signed = _judge_signature(body, signature, secrets)
    stamped = _judge_timestamp(timestamp, now_ms, tolerance_ms)
    valid = signed.verdict is SignatureVerdict.VALID
    matches = _matches_body(body, stamped.timestamp_ms) if valid else None
    verdict = Verdict(
        signature=signed.verdict,
        freshness=stamped.freshness,
        timestamp_matches_body=matches,
        matched_secret=signed.matched,
        age_ms=None if stamped.timestamp_ms is None else now_ms - stamped.timestamp_ms,
        hints=signed.hints + stamped.hints,
    )
    if replay is None or not valid:
        return verdict
    # A callback from the far end of the window stays fresh for twice the tolerance.
    seen = replay.observe(
        signed.digest, now_ms=now_ms, keep_ms=2 * tolerance_ms, remember=verdict.accepted
    )
    return replace(
        verdict, replay=seen.replay, seen_count=seen.count, first_seen_ms=seen.first_seen_ms
    )


def _judge_signature(
    body: bytes, header: HeaderValue, secrets: Sequence[Secret]
) -> _SignatureFinding:
    values = _values(header)
    if not values:
        return _SignatureFinding(SignatureVerdict.MISSING)
    if len(values) > 1:
        return _SignatureFinding(
            SignatureVerdict.MALFORMED, hints=("the signature header is there more than once",)
        )
    parsed = _SIGNATURE.fullmatch(values[0])
    if parsed is None:
        return _SignatureFinding(SignatureVerdict.MALFORMED, hints=_signature_hints(values[0]))
    claimed = bytes.fromhex(parsed[1].decode("ascii"))
    matched = _matching_secret(body, claimed, secrets)
    if matched is None:
        return _SignatureFinding(SignatureVerdict.INVALID, claimed, hints=_secret_hints(secrets))
    hints = ("the signature is in uppercase; many receivers refuse that",)
    uppercase = parsed[1] != parsed[1].lower()
    return _SignatureFinding(SignatureVerdict.VALID, claimed, matched, hints if uppercase else ())


def _matching_secret(body: bytes, claimed: bytes, secrets: Sequence[Secret]) -> int | None:
    matched: int | None = None
    for index, secret in enumerate(secrets):
        key = secret_bytes(secret)
        # Every secret is tried, so that the time taken does not tell which of them matched; an
        # empty one would verify what anybody can sign.
        equal = hmac.compare_digest(digest(body, key), claimed)
        if equal and key and matched is None:
            matched = index
    return matched


def _judge_timestamp(header: HeaderValue, now_ms: int, tolerance_ms: int) -> _TimestampFinding:
    values = _values(header)
    if not values:
        return _TimestampFinding(Freshness.MISSING)
    if len(values) > 1:
        return _TimestampFinding(
            Freshness.MALFORMED, hints=("the timestamp header is there more than once",)
        )
    if not _TIMESTAMP.fullmatch(values[0]):
        seconds = _SECONDS.fullmatch(values[0]) is not None
        hint = "the timestamp looks like seconds; it should be milliseconds"
        return _TimestampFinding(Freshness.MALFORMED, hints=(hint,) if seconds else ())
    timestamp_ms = int(values[0])
    if now_ms - timestamp_ms > tolerance_ms:
        return _TimestampFinding(Freshness.STALE, timestamp_ms)
    if timestamp_ms - now_ms > tolerance_ms:
        return _TimestampFinding(Freshness.FUTURE, timestamp_ms)
    return _TimestampFinding(Freshness.FRESH, timestamp_ms)


def _matches_body(body: bytes, header_ms: int | None) -> bool | None:
    body_ms = timestamp_of(body)
    return None if header_ms is None or body_ms is None else header_ms == body_ms


def _values(header: HeaderValue) -> list[bytes]:
    if header is None:
        return []
    if isinstance(header, (bytes, str)):
        return [_as_bytes(header)]
    return [_as_bytes(value) for value in header]


def _as_bytes(value: bytes | str) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")


def _signature_hints(value: bytes) -> tuple[str, ...]:
    if value != value.strip():
        return ("the signature has whitespace around it",)
    if b"," in value:
        return ("the header seems to hold several signatures; send one",)
    algorithm, separator, digits = value.partition(b"=")
    if not separator:
        return ("the signature does not begin with sha256=",)
    if algorithm != b"sha256":
        return ("the signature names another algorithm than sha256",)
    if re.fullmatch(rb"[0-9a-fA-F]+", digits):
        return (f"the signature has {len(digits)} hex digits instead of 64",)
    return ("the signature holds something else than hex digits",)


def _secret_hints(secrets: Sequence[Secret]) -> tuple[str, ...]:
    if not secrets:
        return ("there is no secret to verify with",)
    keys = [secret_bytes(secret) for secret in secrets]
    hints = []
    if any(not key for key in keys):
        hints.append("an empty secret verifies nothing")
    if any(key != key.strip() for key in keys):
        hints.append("a secret begins or ends with whitespace; was it pasted with a line end?")
    return tuple(hints)
