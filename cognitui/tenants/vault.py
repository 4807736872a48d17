"""The vault: tenants' keys in one encrypted file that a passphrase opens."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

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
from cognitui.tenants.sealing import (
    decoded,
    derived,
    encoded,
    is_authentic,
    mac_of,
    opened,
    seal,
    wrapped,
    wrapping_of,
)
from cognitui.tenants.vault_file import (
    KEY_BYTES,
    VERSION,
    Argon2idParameters,
    ScryptParameters,
    SecretBytes,
    VaultDocument,
    damaged,
    decode,
    new_id,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pydantic import SecretStr

    from cognitui.cognigy.credentials import Credentials

    Kdf = Argon2idParameters | ScryptParameters

MIN_PASSPHRASE = 8


class UnlockKey(NamedTuple):
    """What opens a vault in place of its passphrase.

    Attributes:
        vault: Which vault; see `Vault.identity`.
        key: The passphrase's key.
    """

    vault: str
    key: SecretBytes


class Vault:
    """One vault file. Opening it costs 0.15 s and 64 MiB on purpose: call it from a thread.

    The data key stays in memory from `unlock` to `lock`; keys are decrypted when they are asked
    for. The file is read anew each time, so that several consoles may share it. A new passphrase
    leaves the data key as it is, so consoles that have the vault open keep it open.

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
        check_passphrase(passphrase)
        kdf, wrapping = self._new_wrapping(passphrase)
        key = SecretBytes(os.urandom(KEY_BYTES))
        document = VaultDocument.empty(kdf)
        with files.exclusive(self.path):
            if self.exists:
                raise VaultExists(
                    f"There is a vault at {self.path} already.",
                    hint="Unlock it, or move it away to begin anew.",
                )
            self._write(wrapped(document, wrapping, key), key)
        self._key = key

    def unlock(self, passphrase: SecretStr) -> None:
        """Open the vault.

        Raises:
            VaultMissing: There is none.
            WrongPassphrase: This is not its passphrase.
            VaultDamaged: The file is not as we wrote it.
        """
        document = self._read()
        self._key = self._data_key(document, wrapping_of(document, passphrase))

    def unlock_key(self, passphrase: SecretStr) -> UnlockKey:
        """What opens this vault without the passphrase, until the passphrase is changed.

        Raises:
            VaultMissing: There is none.
            WrongPassphrase: This is not its passphrase.
            VaultDamaged: The file is not as we wrote it.
        """
        document = self._read()
        wrapping = wrapping_of(document, passphrase)
        self._data_key(document, wrapping)
        return UnlockKey(document.identity, wrapping)

    @property
    def identity(self) -> str:
        """What tells this vault from others, wherever the file lies; no secret.

        Raises:
            VaultMissing: There is none.
            VaultDamaged: The file is not as we wrote it.
        """
        return self._read().identity

    def unlock_with(self, key: SecretBytes) -> None:
        """Open the vault with its unlock key.

        Raises:
            VaultMissing: There is none.
            WrongPassphrase: This key is of another passphrase.
            VaultDamaged: The file is not as we wrote it.
        """
        self._key = self._data_key(self._read(), key)

    def change_passphrase(self, old: SecretStr, new: SecretStr) -> None:
        """Seal the data key with another passphrase; the credentials are left as they are.

        The key derivation begins anew, with what is best here and a salt of its own. Consoles that
        have the vault open keep it open. The vault ends as open or locked as it was.

        It does not help against somebody who knows the old passphrase and has a copy of the old
        file: the data key is the same. Then the keys have to be replaced at the tenants.

        Raises:
            UsageError: The new passphrase is too short.
            VaultMissing: There is no vault.
            WrongPassphrase: The old one is not its passphrase.
            VaultDamaged: The file is not as we wrote it; nothing was changed.
            NotStored: It could not be written; the old file is whole.
        """
        check_passphrase(new)
        before = self._read()
        wrapping = wrapping_of(before, old)
        self._data_key(before, wrapping)
        kdf, new_wrapping = self._new_wrapping(new)
        with files.exclusive(self.path):
            # Others may have stored a key meanwhile; if one changed the passphrase, it is wrong.
            document = self._read()
            key = self._data_key(document, wrapping)
            changed = self._of_this_version(document, key).model_copy(update={"kdf": kdf})
            self._write(wrapped(changed, new_wrapping, key), key)

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
        plain = opened(key, sealed, document.entry_data(name))
        credentials = None if plain is None else decoded(plain)
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
            entry = {name: seal(key, encoded(credentials), document.entry_data(name))}
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

    def _data_key(self, document: VaultDocument, wrapping: SecretBytes) -> SecretBytes:
        key = opened(wrapping, document.wrapped_key, document.key_data())
        if key is None:
            raise WrongPassphrase(
                "The passphrase does not open the vault.",
                hint="Try again. Without it the keys have to be entered anew.",
                field="passphrase",
            )
        if not is_authentic(document, key):
            raise damaged(self.path)
        return key

    def _of_this_version(self, document: VaultDocument, key: SecretBytes) -> VaultDocument:
        """The document itself, or what becomes of one of version 1: its entries are sealed anew."""
        if document.id is not None:
            return document
        changed = document.model_copy(update={"version": VERSION, "id": new_id()})
        entries = {}
        for name, sealed in document.credentials.items():
            plain = opened(key, sealed, document.entry_data(name))
            if plain is None:
                raise damaged(self.path)
            entries[name] = seal(key, plain, changed.entry_data(name))
        return changed.model_copy(update={"credentials": entries})

    def _new_wrapping(self, passphrase: SecretStr) -> tuple[Kdf, SecretBytes]:
        kdf = self._new_kdf()
        key = derived(kdf, passphrase)
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
        if not is_authentic(document, self._key):
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
        sealed = document.model_copy(update={"mac": mac_of(document, key)})
        files.replace(self.path, sealed.encode())


def check_passphrase(passphrase: SecretStr) -> None:
    """Make sure that a passphrase is long enough for a vault.

    Raises:
        UsageError: It is too short.
    """
    if len(passphrase.get_secret_value()) < MIN_PASSPHRASE:
        raise UsageError(
            f"The passphrase needs {MIN_PASSPHRASE} characters or more.",
            hint="Several words are easier to remember than signs.",
            field="passphrase",
        )
