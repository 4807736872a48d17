"""Verify a callback by a scheme: total over whatever bytes arrive."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.keys import key_of, mac
from cognitui.callbacks.schemes.reading import (
    DIGEST_BYTES,
    Window,
    grouped,
    read_freshness,
    read_signature,
)
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.schemes.scheme import (
    SIGNATURE,
    TIMESTAMP,
    Encoding,
    KeyForm,
    StaticHeader,
    headers_of,
)
from cognitui.callbacks.schemes.signing import signed_content, static_value
from cognitui.callbacks.verdict import Freshness, SignatureVerdict, Verdict, Words
from cognitui.callbacks.verify import DEFAULT_TOLERANCE_MS, verify
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.replay import ReplayCache
    from cognitui.callbacks.schemes.reading import HeaderList
    from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
    from cognitui.callbacks.sign import Secret


def judge(
    scheme: Scheme,
    body: bytes,
    headers: HeaderList,
    *,
    secrets: Sequence[Secret],
    now_ms: int,
    tolerance_ms: int = DEFAULT_TOLERANCE_MS,
    replay: ReplayCache | None = None,
) -> Verdict:
    """Judge a callback by its raw body and its headers. Never raises for what has arrived.

    Args:
        scheme: How it has to be signed. Of several parts the first counts that the request has any
            header of, so that a weaker one cannot stand in for a broken stronger one.
        body: The bytes of the body as received.
        headers: All headers; names in any case.
        secrets: The current secret, and while it is being exchanged also the previous one.
        now_ms: Now, in ms since 1970.
        tolerance_ms: How far the timestamp may lie from now, to either side, in milliseconds.
        replay: The memory of accepted callbacks; ``None`` leaves replays unchecked.
    """
    found = grouped(headers)
    part, *others = scheme.parts
    if others:
        parts = scheme.parts
        present = (one for one in parts if any(name.lower() in found for name in headers_of(one)))
        part = next(present, part)
    if isinstance(part, StaticHeader):
        return _judge_static(part, found, secrets)
    if part == COGNIGY.parts[0]:
        return verify(
            body,
            found.get(part.header.lower()),
            found.get(part.timestamp_header.lower()),
            secrets=secrets,
            now_ms=now_ms,
            tolerance_ms=tolerance_ms,
            replay=replay,
        )
    against = _Against(secrets, Window(now_ms, tolerance_ms), replay)
    return _judge_signed(part, body, found, against)


# A header that says the secret itself


def _judge_static(
    part: StaticHeader, found: dict[str, list[bytes]], secrets: Sequence[Secret]
) -> Verdict:
    values = found.get(part.header.lower(), [])
    words = Words(part.header, "", f"{part.value} with the secret in it", 0)
    if not values:
        return Verdict(SignatureVerdict.MISSING, Freshness.UNTIMED, words=words)
    if len(values) > 1:
        hints = (f"the {part.header} header is there more than once",)
        return Verdict(SignatureVerdict.MALFORMED, Freshness.UNTIMED, words=words, hints=hints)
    matched: int | None = None
    for index, secret in enumerate(secrets):
        try:
            expected = static_value(part, key_of(secret, KeyForm.LITERAL)).encode(
                "utf-8", "surrogateescape"
            )
        except UsageError:
            continue
        if hmac.compare_digest(expected, values[0]) and matched is None:
            matched = index
    signature = SignatureVerdict.INVALID if matched is None else SignatureVerdict.VALID
    return Verdict(signature, Freshness.UNTIMED, matched_secret=matched, words=words)


# Signed headers


@dataclass(frozen=True, slots=True)
class _Against:
    """What a callback is judged against."""

    secrets: Sequence[Secret]
    window: Window
    replay: ReplayCache | None


def _judge_signed(
    part: SignedHeaders, body: bytes, found: dict[str, list[bytes]], against: _Against
) -> Verdict:
    signature, read, hints = read_signature(part, found)
    stamped, stamp_hints, age_ms = read_freshness(part, found, read, against.window)
    matched: int | None = None
    claimed = b""
    if read is not None:
        content = signed_content(part, body, read.timestamp, read.delivery_id)
        matched, claimed = _match(part, content, read.digests, against.secrets)
        signature = SignatureVerdict.INVALID if matched is None else SignatureVerdict.VALID
        if matched is None:
            hints += _key_hints(part, against.secrets)
    verdict = Verdict(
        signature=signature,
        freshness=stamped,
        matched_secret=matched,
        age_ms=age_ms,
        hints=hints + stamp_hints,
        covers_timestamp=part.covers_timestamp,
        delivery_id=read.delivery_id.decode("ascii") if read and read.delivery_id else None,
        words=_words(part),
    )
    if against.replay is None or signature is not SignatureVerdict.VALID or read is None:
        return verdict
    key = read.delivery_id if part.covers_id else claimed
    window = against.window
    seen = against.replay.observe(
        key,
        now_ms=window.now_ms,
        keep_ms=2 * window.tolerance_ms,
        remember=verdict.accepted,
    )
    return replace(
        verdict, replay=seen.replay, seen_count=seen.count, first_seen_ms=seen.first_seen_ms
    )


def _words(part: SignedHeaders) -> Words:
    size = DIGEST_BYTES[part.algorithm]
    coded = f"{2 * size} hex digits" if part.encoding is Encoding.HEX else "base64"
    form = part.value.replace(TIMESTAMP, "…").replace(SIGNATURE, "…")
    return Words(
        part.header, part.timestamp_header or part.header, f"{form} with {coded}", part.unit.digits
    )


def _match(
    part: SignedHeaders, content: bytes, digests: tuple[bytes, ...], secrets: Sequence[Secret]
) -> tuple[int | None, bytes]:
    matched, claimed = None, digests[0]
    for index, secret in enumerate(secrets):
        try:
            expected = mac(content, key_of(secret, part.key), part.algorithm)
        except UsageError:
            continue
        # All are compared, so that the time taken does not tell which of them matched.
        for digest in digests:
            if hmac.compare_digest(expected, digest) and matched is None:
                matched, claimed = index, digest
    return matched, claimed


def _key_hints(part: SignedHeaders, secrets: Sequence[Secret]) -> tuple[str, ...]:
    if not secrets:
        return ("there is no secret to verify with",)
    hints = []
    for secret in secrets:
        try:
            key_of(secret, part.key)
        except UsageError as error:
            hints.append(error.message[0].lower() + error.message[1:].rstrip("."))
    return tuple(dict.fromkeys(hints))
