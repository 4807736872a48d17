"""The signature of a callback, made and checked: HMAC-SHA256 of the raw body, in hex."""

from __future__ import annotations

import hashlib
import hmac

SIGNATURE = "X-Cognigy-Signature"
TIMESTAMP = "X-Cognigy-Timestamp"


def signature_of(body: bytes, secret: str) -> str:
    """The value of the signature header."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def signed_headers(body: bytes, secret: str, timestamp: int) -> list[tuple[str, str]]:
    """The headers of a callback."""
    return [
        ("Content-Type", "application/json"),
        (SIGNATURE, signature_of(body, secret)),
        (TIMESTAMP, str(timestamp)),
    ]


def is_signed(body: bytes, secret: str, header: str) -> bool:
    """Whether a signature header fits a body."""
    return hmac.compare_digest(header.encode(), signature_of(body, secret).encode())
