"""Read what a request's headers say by a scheme, without trusting any of it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from cognitui.callbacks.schemes.scheme import SIGNATURE, TIMESTAMP, Encoding, Unit
from cognitui.callbacks.verdict import Freshness, SignatureVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.schemes.scheme import Algorithm, SignedHeaders

HeaderList: TypeAlias = "Sequence[tuple[bytes | str, bytes | str]]"
"""Headers as they arrived, repeated ones repeated."""

MAX_SIGNATURES = 16
MAX_ID = 256
DIGEST_BYTES = {"sha256": 32, "sha1": 20, "sha512": 64}
_ID = re.compile(rb"[!-\-/-~]{1,%d}" % MAX_ID)
"""Visible ASCII without a dot, which would move the border between what is signed."""


@dataclass(frozen=True, slots=True)
class SignatureRead:
    """What the headers say, once they are well-formed.

    Attributes:
        digests: The signatures, decoded; several while a secret is being exchanged.
        timestamp: The digits; empty when there is no timestamp, or it is malformed.
        delivery_id: Empty when there is none.
    """

    digests: tuple[bytes, ...]
    timestamp: bytes
    delivery_id: bytes


@dataclass(frozen=True, slots=True)
class Window:
    """When it is, and how far from now is fresh; both in milliseconds."""

    now_ms: int
    tolerance_ms: int

    def place(self, at_ms: int) -> Freshness:
        """Where a moment lies."""
        if self.now_ms - at_ms > self.tolerance_ms:
            return Freshness.STALE
        return Freshness.FUTURE if at_ms - self.now_ms > self.tolerance_ms else Freshness.FRESH


def grouped(headers: HeaderList) -> dict[str, list[bytes]]:
    """The values of each header, by its name in lower case."""
    found: dict[str, list[bytes]] = {}
    for name, value in headers:
        key = name.decode("latin-1") if isinstance(name, bytes) else name
        raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
        found.setdefault(key.lower(), []).append(raw)
    return found


def read_signature(
    part: SignedHeaders, found: dict[str, list[bytes]]
) -> tuple[SignatureVerdict, SignatureRead | None, tuple[str, ...]]:
    """What the signature's header holds, or what is wrong with it, and hints about that."""
    values = found.get(part.header.lower(), [])
    if not values:
        return SignatureVerdict.MISSING, None, ()
    if len(values) > 1:
        return SignatureVerdict.MALFORMED, None, (f"{part.header} is there more than once",)
    delivery_id = b""
    if part.id_header:
        ids = found.get(part.id_header.lower(), [])
        if len(ids) != 1 or not _ID.fullmatch(ids[0]):
            return SignatureVerdict.MALFORMED, None, (f"{part.id_header} has no single id in it",)
        delivery_id = ids[0]
    texts = values[0].split(part.separator.encode()) if part.separator else [values[0]]
    pattern = _pattern(part)
    matches = [match for match in map(pattern.fullmatch, texts[:MAX_SIGNATURES]) if match]
    digests = tuple(
        digest
        for match in matches
        if (digest := _decoded(part.encoding, part.algorithm, match["signature"])) is not None
    )
    if not digests:
        return SignatureVerdict.MALFORMED, None, ()
    if TIMESTAMP in part.value:
        timestamp = matches[0]["timestamp"]
    else:
        stamps = found.get(part.timestamp_header.lower(), [])
        timestamp = stamps[0] if len(stamps) == 1 else b""
    return SignatureVerdict.INVALID, SignatureRead(digests, timestamp, delivery_id), ()


def _pattern(part: SignedHeaders) -> re.Pattern[bytes]:
    text = re.escape(part.value)
    text = text.replace(re.escape(TIMESTAMP), r"(?P<timestamp>[0-9]{1,20})", 1)
    text = text.replace(re.escape(SIGNATURE), r"(?P<signature>[0-9A-Za-z+/=]{1,200})", 1)
    return re.compile(text.encode("utf-8"))


def _decoded(encoding: Encoding, algorithm: Algorithm, text: bytes) -> bytes | None:
    try:
        if encoding is Encoding.HEX:
            digest = binascii.unhexlify(text)
        else:
            digest = base64.b64decode(text, validate=True)
            if base64.b64encode(digest) != text:
                return None  # several texts for one signature would be several replays
    except (binascii.Error, ValueError):
        return None
    return digest if len(digest) == DIGEST_BYTES[algorithm] else None


def read_freshness(
    part: SignedHeaders, found: dict[str, list[bytes]], read: SignatureRead | None, window: Window
) -> tuple[Freshness, tuple[str, ...], int | None]:
    """Where the timestamp lies, hints about it, and its age in ms where it has one."""
    if not part.has_timestamp:
        return Freshness.UNTIMED, (), None
    if TIMESTAMP in part.value:
        values = [read.timestamp] if read is not None else []
    else:
        values = found.get(part.timestamp_header.lower(), [])
    if not values:
        return Freshness.MISSING, (), None
    if len(values) > 1:
        return Freshness.MALFORMED, (f"{part.timestamp_header} is there more than once",), None
    if not re.fullmatch(rb"[0-9]{%d}" % part.unit.digits, values[0]):
        return Freshness.MALFORMED, _unit_hints(part.unit, values[0]), None
    at_ms = int(values[0]) * part.unit.in_ms
    return window.place(at_ms), (), window.now_ms - at_ms


def _unit_hints(unit: Unit, value: bytes) -> tuple[str, ...]:
    other = Unit.S if unit is Unit.MS else Unit.MS
    if not re.fullmatch(rb"[0-9]{%d}" % other.digits, value):
        return ()
    names = {Unit.S: "seconds", Unit.MS: "milliseconds"}
    return (f"the timestamp looks like {names[other]}; it should be {names[unit]}",)
