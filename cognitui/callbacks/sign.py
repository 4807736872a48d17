"""The ``cognigy`` scheme: ``sha256=`` and the hex HMAC-SHA256 of the raw body.

The timestamp header is not part of what is signed; `verify` says so in each verdict.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from typing import TypeAlias

from pydantic import SecretStr

from cognitui.errors import UsageError

SIGNATURE_HEADER = "X-Cognigy-Signature"
TIMESTAMP_HEADER = "X-Cognigy-Timestamp"
SIGNATURE_PREFIX = "sha256="
SECRET_BYTES = 32

Secret: TypeAlias = SecretStr | str | bytes
"""A signing secret; text is its literal UTF-8, whatever it looks like."""


def sign(body: bytes, secret: Secret) -> str:
    """The value of ``X-Cognigy-Signature`` for exactly these bytes, in lowercase hex.

    Args:
        body: The body as it goes over the wire, byte for byte.
        secret: What the webhook was registered with.

    Raises:
        UsageError: The secret is empty.
    """
    key = secret_bytes(secret)
    if not key:
        raise UsageError(
            "The secret is empty.",
            hint="Enter the secret that the webhook was registered with.",
            field="secret",
        )
    return SIGNATURE_PREFIX + digest(body, key).hex()


def generate_secret() -> SecretStr:
    """A new random secret: 32 bytes as 44 characters of base64."""
    return SecretStr(base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii"))


def digest(body: bytes, key: bytes) -> bytes:
    """The 32 bytes that the hex digits of a signature stand for."""
    return hmac.digest(key, body, "sha256")


def secret_bytes(secret: Secret) -> bytes:
    """The key that a secret stands for. It is the secret in clear: for computing only."""
    if isinstance(secret, bytes):
        return secret
    text = secret.get_secret_value() if isinstance(secret, SecretStr) else secret
    # A terminal may hand over undecodable bytes as lone surrogates; signing must not raise on them.
    return text.encode("utf-8", "surrogatepass")
