"""The key and secret of one tenant, and fingerprints that tell secrets apart unseen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import SecretStr

FINGERPRINT_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a tenant wants to see before it hands out a token."""

    api_key: SecretStr
    api_secret: SecretStr

    @property
    def fingerprint(self) -> str:
        """The key's fingerprint, safe to show and to store."""
        return fingerprint(self.api_key)


def fingerprint(secret: SecretStr) -> str:
    """``sha256:`` and the first eight hex digits of the secret's digest."""
    digest = hashlib.sha256(secret.get_secret_value().encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{digest[:FINGERPRINT_DIGITS]}"
