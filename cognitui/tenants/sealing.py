"""Sealing and opening what the vault holds; what authenticates its file as a whole."""

from __future__ import annotations

import hmac
import json
import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.errors import VaultError
from cognitui.tenants.vault_file import Sealed, SecretBytes, canonical

if TYPE_CHECKING:
    from cognitui.tenants.vault_file import Argon2idParameters, ScryptParameters, VaultDocument

    Kdf = Argon2idParameters | ScryptParameters

_NONCE_BYTES = 12
_MAC_LABEL = b"cognitui vault 1: whole file"


def derived(kdf: Kdf, passphrase: SecretStr) -> SecretBytes | None:
    """The passphrase's key, or ``None`` where this installation cannot compute it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return kdf.derive(passphrase)
    except (UnsupportedAlgorithm, MemoryError):
        return None


def seal(key: SecretBytes, plain: SecretBytes, data: bytes) -> Sealed:
    """Encrypt with AES-256-GCM; ``data`` has to be the same when it is opened."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key.raw).encrypt(nonce, plain.raw, data)
    return Sealed(nonce=nonce.hex(), sealed=sealed.hex())


def opened(key: SecretBytes, box: Sealed, data: bytes) -> SecretBytes | None:
    """What was sealed, or ``None`` when it was sealed otherwise."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, sealed = bytes.fromhex(box.nonce), bytes.fromhex(box.sealed)
    try:
        return SecretBytes(AESGCM(key.raw).decrypt(nonce, sealed, data))
    except InvalidTag:
        return None


def mac_of(document: VaultDocument, key: SecretBytes) -> str:
    """The MAC of a document under the data key, in hex."""
    # A key of its own for each use: the data key encrypts, what is derived from it authenticates.
    mac_key = hmac.digest(key.raw, _MAC_LABEL, "sha256")
    return hmac.digest(mac_key, document.authenticated(), "sha256").hex()


def is_authentic(document: VaultDocument, key: SecretBytes) -> bool:
    """Whether nobody without the data key changed the document."""
    return hmac.compare_digest(mac_of(document, key), document.mac)


def encoded(credentials: Credentials) -> SecretBytes:
    """Credentials as they are sealed."""
    return SecretBytes(
        canonical(
            {
                "api_key": credentials.api_key.get_secret_value(),
                "api_secret": credentials.api_secret.get_secret_value(),
            }
        )
    )


def decoded(plain: SecretBytes) -> Credentials | None:
    """The credentials in what was sealed, or ``None`` when there are none in it."""
    try:
        found = json.loads(plain.raw)
        return Credentials(SecretStr(found["api_key"]), SecretStr(found["api_secret"]))
    except (ValueError, KeyError, TypeError):
        return None


def wrapping_of(document: VaultDocument, passphrase: SecretStr) -> SecretBytes:
    """The key that the passphrase is, for what this document's data key is sealed with."""
    key = derived(document.kdf, passphrase)
    if key is None:
        raise VaultError(
            f"This installation cannot open the vault: it lacks {document.kdf.name} or memory.",
            hint="Install the cryptography package from PyPI rather than the system's.",
        )
    return key


def wrapped(document: VaultDocument, wrapping: SecretBytes, key: SecretBytes) -> VaultDocument:
    """The document with its data key sealed anew."""
    sealed = seal(wrapping, key, document.key_data())
    return document.model_copy(update={"wrapped_key": sealed})
