"""Which bytes a secret stands for, and the digests made with them."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.scheme import Encoding, KeyForm
from cognitui.callbacks.sign import secret_bytes
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Algorithm
    from cognitui.callbacks.sign import Secret

WHSEC = b"whsec_"


def key_of(secret: Secret, form: KeyForm) -> bytes:
    """The bytes of a secret, as a scheme reads it.

    Raises:
        UsageError: The secret is empty, or not base64 where it has to be.
    """
    key = secret_bytes(secret)
    if form is KeyForm.WHSEC:
        try:
            key = base64.b64decode(key.removeprefix(WHSEC), validate=True)
        except binascii.Error:
            raise UsageError(
                "This scheme reads the secret as base64, and it is not.",
                hint="Standard Webhooks secrets look like whsec_ and 32 characters or more of "
                "base64. A secret that is plain text belongs to the cognigy scheme.",
                field="secret",
            ) from None
    if not key:
        raise UsageError(
            "The secret is empty.",
            hint="Enter the secret that the webhook was registered with.",
            field="secret",
        )
    return key


def mac(content: bytes, key: bytes, algorithm: Algorithm) -> bytes:
    """The bytes that a signature writes down."""
    return hmac.digest(key, content, str(algorithm))


def written(digest: bytes, encoding: Encoding) -> str:
    """A digest as the header says it: lowercase hex, or base64 with its padding."""
    if encoding is Encoding.HEX:
        return digest.hex()
    return base64.b64encode(digest).decode("ascii")
