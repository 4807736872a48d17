"""Deliveries for endpoints: honest ones, and all that must not get in."""

from __future__ import annotations

import base64
import gzip
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders, StaticHeader
from cognitui.callbacks.schemes.signing import Stamp, sign_with

from .support import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

WHSEC = f"whsec_{base64.b64encode(b'0123456789abcdef01234567').decode()}"
OTHER = f"whsec_{base64.b64encode(b'another_secret_0123456789').decode()}"
JSON = ("Content-Type", "application/json")
TOO_OLD_MS = 301_000
TOO_LONG = 3 * 1024 * 1024


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Delivery:
    """What is sent."""

    headers: tuple[tuple[str, str | bytes], ...]
    body: bytes
    content: tuple[tuple[str, str | bytes], ...] = (JSON,)

    @property
    def all_headers(self) -> list[tuple[str, str | bytes]]:
        return [*self.content, *self.headers]


@dataclass(frozen=True)
class Signer:
    """Signs by a scheme, rightly or not."""

    scheme: Scheme

    @property
    def secret(self) -> str:
        """One that the scheme can read."""
        is_base64 = any(getattr(part, "key", "") == "whsec" for part in self.scheme.parts)
        return WHSEC if is_base64 else SECRET

    @property
    def part(self) -> SignedHeaders | StaticHeader:
        """The one that counts."""
        return self.scheme.parts[0]

    @property
    def is_signed(self) -> bool:
        return self.scheme.is_signed

    @property
    def timestamp_header(self) -> str:
        return getattr(self.part, "timestamp_header", "")

    def body(self, at_ms: int | None = None) -> bytes:
        """As a tenant composes it; other JSON writers would write it otherwise."""
        at_ms = now_ms() if at_ms is None else at_ms
        return json.dumps({"skillId": "skill_1", "timestamp": at_ms, "n": 1.0, "é": "ü"}).encode()

    def sign(
        self, body: bytes | None = None, *, at_ms: int | None = None, secret: str = ""
    ) -> Delivery:
        at_ms = now_ms() if at_ms is None else at_ms
        body = self.body(at_ms) if body is None else body
        headers = sign_with(self.scheme, body, secret or self.secret, Stamp(at_ms))
        return Delivery(headers, body)

    def changed(
        self, header: str, change: Callable[[str], str | bytes], delivery: Delivery | None = None
    ) -> Delivery:
        """An honest delivery with another value in a header."""
        delivery = delivery or self.sign()
        headers = tuple(
            (name, change(str(value)) if name == header else value)
            for name, value in delivery.headers
        )
        return replace(delivery, headers=headers)

    def signature(self, change: Callable[[str], str | bytes]) -> Delivery:
        return self.changed(self.part.header, change)


Case = tuple[str, "Callable[[Signer], Delivery]"]


def _body(signer: Signer, change: Callable[[bytes], bytes]) -> Delivery:
    delivery = signer.sign()
    return replace(delivery, body=change(delivery.body))


def _written_again(body: bytes) -> bytes:
    return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()


def _without(signer: Signer, header: str) -> Delivery:
    delivery = signer.sign()
    kept = tuple((name, value) for name, value in delivery.headers if name != header)
    return replace(delivery, headers=kept)


def _twice(signer: Signer, header: str) -> Delivery:
    delivery = signer.sign()
    again = tuple((name, value) for name, value in delivery.headers if name == header)
    return replace(delivery, headers=delivery.headers + again)


def _beside(signer: Signer, *, before: bool) -> Delivery:
    genuine, forgery = signer.sign(), signer.sign(secret=OTHER)
    other = tuple(pair for pair in forgery.headers if pair[0] == signer.part.header)
    both = other + genuine.headers if before else genuine.headers + other
    return replace(genuine, headers=both)


def _other_unit(text: str) -> str:
    return text[:10] if len(text) == 13 else f"{text}000"


def _made_fresh(signer: Signer) -> Delivery:
    old = signer.sign(at_ms=now_ms() - 3_600_000)
    digits = 13 if getattr(signer.part, "unit", "ms") == "ms" else 10
    return signer.changed(signer.timestamp_header, lambda _: str(now_ms())[:digits], old)


def _packed(signer: Signer) -> Delivery:
    delivery = signer.sign()
    return replace(
        delivery,
        body=gzip.compress(delivery.body),
        content=(JSON, ("Content-Encoding", "gzip")),
        headers=delivery.headers if signer.is_signed else (),
    )


def _with_newline(signer: Signer) -> Delivery:
    at_ms = now_ms()
    return signer.sign(signer.body(at_ms) + b"\n", at_ms=at_ms)


HONEST: list[Case] = [
    ("as a tenant sends it", lambda s: s.sign()),
    ("nearly too old", lambda s: s.sign(at_ms=now_ms() - TOO_OLD_MS + 11_000)),
    ("nearly too new", lambda s: s.sign(at_ms=now_ms() + TOO_OLD_MS - 11_000)),
    ("empty body", lambda s: s.sign(b"")),
    ("a list", lambda s: s.sign(b"[1, 2]")),
    ("ends with a newline", _with_newline),
    ("numbers of any size", lambda s: s.sign(b'{"n": 12345678901234567890, "m": 1e400}')),
    ("a timestamp that is none", lambda s: s.sign(b'{"timestamp": "today"}')),
    ("a timestamp in seconds", lambda s: s.sign(b'{"timestamp": 1795467214}')),
    ("not UTF-8", lambda s: s.sign(b'{"text": "\xff\xfe"}')),
    ("zero bytes", lambda s: s.sign(b"\0\r\n\0")),
    ("no content type", lambda s: replace(s.sign(), content=())),
    ("as text", lambda s: replace(s.sign(), content=(("Content-Type", "text/plain"),))),
    (
        "as a form",
        lambda s: replace(
            s.sign(b"a=1&b=2"), content=(("Content-Type", "application/x-www-form-urlencoded"),)
        ),
    ),
]
FORGED: list[Case] = [
    ("no headers at all", lambda s: replace(s.sign(), headers=())),
    ("no signature", lambda s: _without(s, s.part.header)),
    ("empty signature", lambda s: s.signature(lambda _: "")),
    ("wrong secret", lambda s: s.sign(secret=OTHER)),
    ("truncated signature", lambda s: s.signature(lambda text: text[:-32])),
    ("one digit less", lambda s: s.signature(lambda text: text[:-1])),
    ("one digit more", lambda s: s.signature(lambda text: text + "0")),
    ("no prefix", lambda s: s.signature(lambda text: text[5:])),
    ("prefix alone", lambda s: s.signature(lambda text: text[:7])),
    ("not ASCII", lambda s: s.signature(lambda text: text.encode()[:-2] + b"\xff\xc3")),
    ("Greek", lambda s: s.signature(lambda text: text[:-2] + "αβ")),
    ("the header twice", lambda s: _twice(s, s.part.header)),
    ("a forged one before it", lambda s: _beside(s, before=True)),
    ("a forged one behind it", lambda s: _beside(s, before=False)),
]
FORGED_WHERE_SIGNED: list[Case] = [
    ("one byte changed", lambda s: _body(s, lambda body: body.replace(b"skill_1", b"skill_2"))),
    ("trailing newline", lambda s: _body(s, lambda body: body + b"\n")),
    ("last byte dropped", lambda s: _body(s, lambda body: body[:-1])),
    ("no body", lambda s: _body(s, lambda _: b"")),
    ("re-serialised", lambda s: _body(s, _written_again)),
    ("not UTF-8", lambda s: _body(s, lambda body: body + b"\xff\xfe")),
    ("a byte order mark", lambda s: _body(s, lambda body: b"\xef\xbb\xbf" + body)),
]
FORGED_WHERE_IT_HAS_A_TIME: list[Case] = [
    ("stale", lambda s: s.sign(at_ms=now_ms() - TOO_OLD_MS)),
    # A minute more: an endpoint on a busy machine looks at it seconds later.
    ("future", lambda s: s.sign(at_ms=now_ms() + TOO_OLD_MS + 60_000)),
    ("a year old", lambda s: s.sign(at_ms=now_ms() - 365 * 86_400_000)),
]
FORGED_WHERE_TIMED: list[Case] = [
    ("no timestamp", lambda s: _without(s, s.timestamp_header)),
    ("two timestamps", lambda s: _twice(s, s.timestamp_header)),
    ("the other unit", lambda s: s.changed(s.timestamp_header, _other_unit)),
    ("a sign", lambda s: s.changed(s.timestamp_header, lambda text: "+" + text[1:])),
    ("a fraction", lambda s: s.changed(s.timestamp_header, lambda text: text[:-2] + ".0")),
    ("Arabic digits", lambda s: s.changed(s.timestamp_header, lambda text: "\u0661" + text[1:])),
    ("a captured one made fresh", _made_fresh),
]
NOT_DECIDED: list[Case] = [
    ("uppercase", lambda s: s.signature(str.upper)),
    (
        "says that it is packed",
        lambda s: replace(s.sign(), content=(JSON, ("Content-Encoding", "gzip"))),
    ),
    (
        "signed as packed",
        lambda s: replace(
            s.sign(gzip.compress(s.body())), content=(JSON, ("Content-Encoding", "gzip"))
        ),
    ),
]
NOT_FOR_THE_HANDLER: list[Case] = [
    ("packed on the way", _packed),
    ("too long", lambda s: s.sign(b" " * TOO_LONG)),
]
"""Must not get in, but the framework may be the one that says so."""


def forged(signer: Signer) -> list[Case]:
    """All that must be answered with a bare 401."""
    cases = [*FORGED]
    if isinstance(signer.part, SignedHeaders):
        cases += FORGED_WHERE_SIGNED
        if signer.part.has_timestamp:
            cases += FORGED_WHERE_IT_HAS_A_TIME
        if signer.timestamp_header:
            cases += FORGED_WHERE_TIMED
    return cases
