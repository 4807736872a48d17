"""The vault: tenants' keys in one encrypted file that a passphrase opens."""

from __future__ import annotations

import hmac
import json
import os
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.errors import UsageError, did_you_mean
from cognitui.tenants import files
from cognitui.tenants.errors import (
    CredentialsNotFound,
    VaultError,
    VaultExists,
    VaultLocked,
    VaultMissing,
    WrongPassphrase,
)
from cognitui.tenants.vault_file import (
    KEY_BYTES,
    Argon2idParameters,
    ScryptParameters,
    Sealed,
    SecretBytes,
    VaultDocument,
    additional_data,
    canonical,
    damaged,
    decode,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Kdf = Argon2idParameters | ScryptParameters

MIN_PASSPHRASE = 8
_NONCE_BYTES = 12
_MAC_LABEL = b"cognitui vault 1: whole file"
_NO_MAC = "0" * 64


class Vault:
    """One vault file. Opening it costs 0.15 s and 64 MiB on purpose: call it from a thread.

    The data key stays in memory from `unlock` to `lock`; keys are decrypted when they are asked
    for. The file is read anew each time, so that several consoles may share it.

    Args:
        path: The file; it need not exist.
        new_kdf: Makes the key derivation of a new vault; Argon2id, or Scrypt where there is none.
    """

    def __init__(self, path: Path, *, new_kdf: Callable[[], Kdf] | None = None) -> None:
        self.path = path
        self._new_kdf = new_kdf or Argon2idParameters
        self._key: SecretBytes | None = None

    def __repr__(self) -> str:
        return f"Vault({str(self.path)!r}, is_unlocked={self.is_unlocked})"

    @property
    def exists(self) -> bool:
        """Whether there is a file."""
        return self.path.exists()

    @property
    def is_unlocked(self) -> bool:
        """Whether keys can be had without the passphrase."""
        return self._key is not None

    def create(self, passphrase: SecretStr) -> None:
        """Create an empty vault, and leave it open.

        Raises:
            UsageError: The passphrase is too short.
            VaultExists: There is one already.
            NotStored: It could not be written.
        """
        if len(passphrase.get_secret_value()) < MIN_PASSPHRASE:
            raise UsageError(
                f"The passphrase needs {MIN_PASSPHRASE} characters or more.",
                hint="Several words are easier to remember than signs.",
                field="passphrase",
            )
        kdf, wrapping = self._first_key(passphrase)
        key = SecretBytes(os.urandom(KEY_BYTES))
        wrapped = _seal(wrapping, key, additional_data(kdf, "data key"))
        with files.exclusive(self.path):
            if self.exists:
                raise VaultExists(
                    f"There is a vault at {self.path} already.",
                    hint="Unlock it, or move it away to begin anew.",
                )
            document = VaultDocument(
                kdf=kdf, wrapped_key=wrapped, credentials={}, mac=_NO_MAC, checksum=_NO_MAC
            )
            self._write(document, key)
        self._key = key

    def unlock(self, passphrase: SecretStr) -> None:
        """Open the vault.

        Raises:
            VaultMissing: There is none.
            WrongPassphrase: This is not its passphrase.
            VaultDamaged: The file is not as we wrote it.
        """
        document = self._read()
        wrapping = _derived(document.kdf, passphrase)
        if wrapping is None:
            raise VaultError(
                f"This installation cannot open the vault: it lacks {document.kdf.name} or memory.",
                hint="Install the cryptography package from PyPI rather than the system's.",
            )
        key = _open(wrapping, document.wrapped_key, additional_data(document.kdf, "data key"))
        if key is None:
            raise WrongPassphrase(
                "The passphrase does not open the vault.",
                hint="Try again. Without it the keys have to be entered anew.",
                field="passphrase",
            )
        if not _is_authentic(document, key):
            raise damaged(self.path)
        self._key = key

    def lock(self) -> None:
        """Forget the data key."""
        self._key = None

    def names(self) -> list[str]:
        """The profiles whose keys are in it, in order; they are no secret.

        Raises:
            VaultDamaged: The file is not as we wrote it.
        """
        return sorted(self._read().credentials) if self.exists else []

    def get(self, name: str) -> Credentials:
        """The key and secret of a profile.

        Raises:
            VaultMissing: There is no vault.
            VaultLocked: It is locked.
            CredentialsNotFound: It holds none of that name.
            VaultDamaged: The file is not as we wrote it.
        """
        key, document = self._unlocked()
        sealed = document.credentials.get(name)
        if sealed is None:
            raise CredentialsNotFound(
                f"The vault holds no key for {name!r}.",
                hint=did_you_mean(name, document.credentials)
                or "Edit the tenant and enter its key and secret.",
            )
        opened = _open(key, sealed, additional_data(document.kdf, "credentials", name))
        credentials = None if opened is None else _credentials(opened)
        if credentials is None:
            raise damaged(self.path)
        return credentials

    def put(self, name: str, credentials: Credentials) -> None:
        """Store the key and secret of a profile, over what was there for it.

        Raises:
            VaultMissing: There is no vault.
            VaultLocked: It is locked.
            VaultDamaged: The file is not as we wrote it; nothing was stored.
            NotStored: It could not be written; the old file is whole.
        """
        with files.exclusive(self.path):
            key, document = self._unlocked()
            data = additional_data(document.kdf, "credentials", name)
            entry = {name: _seal(key, _encoded(credentials), data)}
            changed = {"credentials": document.credentials | entry}
            self._write(document.model_copy(update=changed), key)

    def forget(self, name: str) -> bool:
        """Remove the key and secret of a profile, and say whether there was one.

        Raises:
            VaultLocked: It is locked, and there is one.
            VaultDamaged: The file is not as we wrote it; nothing was removed.
            NotStored: It could not be written; the old file is whole.
        """
        if name not in self.names():
            return False
        with files.exclusive(self.path):
            key, document = self._unlocked()
            rest = {other: entry for other, entry in document.credentials.items() if other != name}
            self._write(document.model_copy(update={"credentials": rest}), key)
        return True

    def _first_key(self, passphrase: SecretStr) -> tuple[Kdf, SecretBytes]:
        kdf = self._new_kdf()
        key = _derived(kdf, passphrase)
        if key is None:
            # Some distributions build cryptography without Argon2id.
            kdf = ScryptParameters()
            key = kdf.derive(passphrase)
        return kdf, key

    def _unlocked(self) -> tuple[SecretBytes, VaultDocument]:
        document = self._read()
        if self._key is None:
            raise VaultLocked(
                "The vault is locked.",
                hint="Unlock it with its passphrase, or set COGNITUI_VAULT_PASSPHRASE.",
            )
        if not _is_authentic(document, self._key):
            raise damaged(self.path)
        return self._key, document

    def _read(self) -> VaultDocument:
        try:
            content = files.read(self.path)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise VaultError(
                f"The vault {self.path} cannot be read: {reason}.",
                hint="Check who owns the file and its directory.",
            ) from None
        except ValueError:
            raise damaged(self.path) from None
        if content is None:
            raise VaultMissing(
                f"There is no vault at {self.path}.",
                hint="Add a tenant and let its key be remembered; that creates one.",
            )
        return decode(self.path, content)

    def _write(self, document: VaultDocument, key: SecretBytes) -> None:
        sealed = document.model_copy(update={"mac": _mac(document, key)})
        files.replace(self.path, sealed.encode())


def _derived(kdf: Kdf, passphrase: SecretStr) -> SecretBytes | None:
    """The passphrase's key, or ``None`` where this installation cannot compute it."""
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        return kdf.derive(passphrase)
    except (UnsupportedAlgorithm, MemoryError):
        return None


def _seal(key: SecretBytes, plain: SecretBytes, data: bytes) -> Sealed:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key.raw).encrypt(nonce, plain.raw, data)
    return Sealed(nonce=nonce.hex(), sealed=sealed.hex())


def _open(key: SecretBytes, box: Sealed, data: bytes) -> SecretBytes | None:
    """What was sealed, or ``None`` when it was sealed otherwise."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, sealed = bytes.fromhex(box.nonce), bytes.fromhex(box.sealed)
    try:
        return SecretBytes(AESGCM(key.raw).decrypt(nonce, sealed, data))
    except InvalidTag:
        return None


def _mac(document: VaultDocument, key: SecretBytes) -> str:
    # A key of its own for each use: the data key encrypts, what is derived from it authenticates.
    mac_key = hmac.digest(key.raw, _MAC_LABEL, "sha256")
    return hmac.digest(mac_key, document.authenticated(), "sha256").hex()


def _is_authentic(document: VaultDocument, key: SecretBytes) -> bool:
    return hmac.compare_digest(_mac(document, key), document.mac)


def _encoded(credentials: Credentials) -> SecretBytes:
    return SecretBytes(
        canonical(
            {
                "api_key": credentials.api_key.get_secret_value(),
                "api_secret": credentials.api_secret.get_secret_value(),
            }
        )
    )


def _credentials(plain: SecretBytes) -> Credentials | None:
    try:
        found = json.loads(plain.raw)
        return Credentials(SecretStr(found["api_key"]), SecretStr(found["api_secret"]))
    except (ValueError, KeyError, TypeError):
        return None
