"""What can go wrong with profiles and the vault.

::

    CognituiError
    ├── UsageError
    │   ├── ProfileNotFound       no profile has that name
    │   ├── ProductionNotConfirmed  a change at a production tenant needs its name
    │   └── ProfilesBroken        the profile file cannot be used as it stands
    └── TenantsError
        ├── NotStored             a file could not be written; the old one is whole
        └── VaultError
            ├── VaultMissing        there is none yet
            ├── VaultExists         there is one already
            ├── VaultLocked         its passphrase has not been given
            ├── WrongPassphrase     it does not open with this one
            ├── VaultDamaged        the file was changed or is broken
            ├── CredentialsNotFound it holds none of that name
            └── KeyringError        the system's keyring does not open it
                ├── NoKeyring           there is none that keeps secrets
                ├── KeyringLocked       it has to be unlocked first
                ├── KeyringStale        what it holds is not this vault's
                └── KeyringFailed       it broke
"""

from __future__ import annotations

from typing import ClassVar

from cognitui.errors import CognituiError, ErrorKind, UsageError


class ProfileNotFound(UsageError):
    """No profile has that name."""

    code = "profile_not_found"


class ProfilesBroken(UsageError):
    """The profile file cannot be used as it stands; it was left so."""

    code = "profiles_broken"


class ProductionNotConfirmed(UsageError):
    """A change at a production tenant, and nobody gave the tenant's name."""

    code = "production_not_confirmed"


class TenantsError(CognituiError):
    """A profile or the vault could not be worked with."""

    code: ClassVar[str] = "tenants"


class NotStored(TenantsError):
    """A file could not be written; the one that was there is whole."""

    code = "not_stored"


class VaultError(TenantsError):
    """The vault could not do what was asked."""

    code = "vault"


class VaultMissing(VaultError):
    """There is no vault yet."""

    code = "vault_missing"
    kind = ErrorKind.USAGE


class VaultExists(VaultError):
    """There is a vault already."""

    code = "vault_exists"
    kind = ErrorKind.USAGE


class VaultLocked(VaultError):
    """The vault needs its passphrase first."""

    code = "vault_locked"
    kind = ErrorKind.USAGE


class WrongPassphrase(VaultError):
    """The vault does not open with this passphrase."""

    code = "wrong_passphrase"
    kind = ErrorKind.USAGE


class VaultDamaged(VaultError):
    """The vault's file was changed by something else, or is broken."""

    code = "vault_damaged"


class CredentialsNotFound(VaultError):
    """The vault holds no key of that name."""

    code = "credentials_not_found"
    kind = ErrorKind.USAGE


class KeyringError(VaultError):
    """The system's keyring does not open the vault."""

    code = "keyring"


class NoKeyring(KeyringError):
    """There is no keyring that keeps secrets."""

    code = "no_keyring"
    kind = ErrorKind.USAGE


class KeyringLocked(KeyringError):
    """The keyring has to be unlocked first."""

    code = "keyring_locked"


class KeyringStale(KeyringError):
    """What the keyring holds is not this vault's, or of an older passphrase."""

    code = "keyring_stale"


class KeyringFailed(KeyringError):
    """The keyring broke in a way of its own."""

    code = "keyring_failed"
