"""Sign a body by a scheme: the headers to send beside it."""

from __future__ import annotations

import base64
import secrets as random_source
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.keys import key_of, mac, written
from cognitui.callbacks.schemes.scheme import (
    BODY,
    ID,
    SECRET,
    SECRET_BASE64,
    SIGNATURE,
    TIMESTAMP,
    KeyForm,
    StaticHeader,
)

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
    from cognitui.callbacks.sign import Secret

Headers = tuple[tuple[str, str], ...]


def new_delivery_id() -> str:
    """A new name for a delivery; all its attempts share it."""
    return f"msg_{random_source.token_hex(12)}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a signature may cover beside the body.

    Attributes:
        timestamp_ms: When the attempt is made, in ms since 1970.
        delivery_id: Which delivery it belongs to.
    """

    timestamp_ms: int
    delivery_id: str = field(default_factory=new_delivery_id)


def sign_with(scheme: Scheme, body: bytes, secret: Secret, stamp: Stamp) -> Headers:
    """The headers of a scheme for exactly these bytes.

    Args:
        scheme: How to sign.
        body: The body as it goes over the wire, byte for byte.
        secret: What the webhook was registered with.
        stamp: The time and the delivery's id.

    Raises:
        UsageError: The secret is empty, or not what the scheme can read.
    """
    headers: list[tuple[str, str]] = []
    for part in scheme.parts:
        if isinstance(part, StaticHeader):
            key = key_of(secret, KeyForm.LITERAL)
            headers.append((part.header, static_value(part, key)))
            continue
        if part.id_header:
            headers.append((part.id_header, stamp.delivery_id))
        if part.timestamp_header:
            headers.append((part.timestamp_header, timestamp_text(part, stamp)))
        headers.append((part.header, signature_value(part, body, secret, stamp)))
    return tuple(headers)


def signature_value(part: SignedHeaders, body: bytes, secret: Secret, stamp: Stamp) -> str:
    """What the signature's header says.

    Raises:
        UsageError: The secret cannot be used.
    """
    at = timestamp_text(part, stamp)
    content = signed_content(part, body, at.encode("ascii"), stamp.delivery_id.encode("utf-8"))
    digest = mac(content, key_of(secret, part.key), part.algorithm)
    return part.value.replace(TIMESTAMP, at).replace(SIGNATURE, written(digest, part.encoding))


def timestamp_text(part: SignedHeaders, stamp: Stamp) -> str:
    """The moment in the unit of these headers."""
    return str(stamp.timestamp_ms // part.unit.in_ms)


def signed_content(part: SignedHeaders, body: bytes, timestamp: bytes, delivery_id: bytes) -> bytes:
    """The bytes that are signed: ``signs`` with the values in place."""
    before, _, after = part.signs.partition(BODY)

    def filled(text: str) -> bytes:
        # Both values are put in at once: one of them may look like a placeholder.
        return b"".join(
            {TIMESTAMP: timestamp, ID: delivery_id}.get(piece, piece.encode("utf-8"))
            for piece in _pieces(text)
        )

    return filled(before) + body + filled(after)


def static_value(part: StaticHeader, key: bytes) -> str:
    """What a header says that is the same each time."""
    coded = base64.b64encode(key).decode("ascii")
    text = key.decode("utf-8", "surrogateescape")
    return part.value.replace(SECRET_BASE64, coded).replace(SECRET, text)


def _pieces(text: str) -> list[str]:
    for name in (TIMESTAMP, ID):
        before, found, after = text.partition(name)
        if found:
            return [*_pieces(before), name, *_pieces(after)]
    return [text]
