"""The vault's unlock key in the system's keyring, so that a desktop's log-in opens the vault.

Needs the extra ``cognitui[keyring]``; the package is loaded when the keyring is asked.

What is kept is the key that the passphrase becomes, not the data key and not the passphrase. It can
only be made by somebody who knows the passphrase, even where the vault stands open. It opens one
vault file until its passphrase is changed: what is left of it in an old keyring is worthless then.
And it does not tell the passphrase, which may be in use elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from cognitui.tenants import files
from cognitui.tenants.errors import (
    KeyringError,
    KeyringFailed,
    KeyringLocked,
    KeyringStale,
    NoKeyring,
    WrongPassphrase,
)
from cognitui.tenants.vault_file import SecretBytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from cognitui.tenants.vault import Vault

SERVICE = "cognitui vault"
T = TypeVar("T")
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IDENTITY = re.compile(rb"[0-9a-f]{32}")


class VaultKeyring:
    """Lets the keyring open a vault. Its calls may wait for a person: make them from a thread.

    Which vault it opens is noted in a small file beside the vault, so that the keyring is not asked
    where nobody wanted it.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._note = vault.path.with_name(f"{vault.path.name}.keyring")

    @property
    def is_on(self) -> bool:
        """Whether the keyring was told to open this vault; the keyring itself is not asked."""
        return self._noted() is not None

    def remember(self, passphrase: SecretStr) -> str:
        """Keep the unlock key in the keyring, and return the keyring's name.

        Raises:
            WrongPassphrase: This does not open the vault.
            VaultError: The vault cannot be read.
            NoKeyring: There is none that keeps secrets.
            KeyringError: It is locked, or does not keep what it is given.
            NotStored: The note could not be written.
        """
        unlock_key = self._vault.unlock_key(passphrase)
        before = self._noted()

        def keep(keyring: Any) -> str:
            name = _name_of(keyring)
            keyring.set_password(SERVICE, unlock_key.vault, unlock_key.key.raw.hex())
            if keyring.get_password(SERVICE, unlock_key.vault) != unlock_key.key.raw.hex():
                raise NoKeyring(
                    f"The keyring {name} does not keep what it is given.", hint=_HOW_TO_HAVE_ONE
                )
            if before is not None and before != unlock_key.vault:
                _delete(keyring, before)
            return name

        name = _asked(keep)
        with files.exclusive(self._note):
            files.replace(self._note, unlock_key.vault.encode())
        return name

    def forget(self) -> bool:
        """Take the unlock key out of the keyring, and say whether it was in there.

        Raises:
            KeyringError: The keyring cannot be asked; it goes on opening the vault.
            NotStored: The note could not be removed.
        """
        noted = self._noted()
        if noted is None:
            return False
        _asked(lambda keyring: _delete(keyring, noted))
        files.remove(self._note)
        return True

    def unlock(self) -> None:
        """Open the vault with what the keyring holds.

        Raises:
            VaultError: The vault cannot be read.
            KeyringStale: The keyring holds nothing for this vault, or of an older passphrase.
            KeyringError: The keyring cannot be asked.
        """
        identity = self._vault.identity
        key = _asked(lambda keyring: _key_in(keyring.get_password(SERVICE, identity)))
        if key is None:
            raise _stale()
        try:
            self._vault.unlock_with(key)
        except WrongPassphrase:
            raise _stale() from None

    def _noted(self) -> str | None:
        try:
            content = files.read(self._note)
        except (OSError, ValueError):
            return None
        return content.decode() if content and _IDENTITY.fullmatch(content) else None


_HOW_TO_HAVE_ONE = (
    "A desktop's keyring is used: GNOME Keyring, KWallet, the macOS Keychain. Without one use "
    "COGNITUI_VAULT_PASSPHRASE or --vault-passphrase-file."
)


def _stale() -> KeyringStale:
    return KeyringStale(
        "What the keyring holds does not open this vault.",
        hint="Type the passphrase, and let it be remembered anew: `cognitui tenants keyring on`.",
    )


def _key_in(held: object) -> SecretBytes | None:
    """The key that the keyring holds; ``None`` when it is no key."""
    if not isinstance(held, str) or not _KEY.fullmatch(held):
        return None
    return SecretBytes(bytes.fromhex(held))


def _asked(work: Callable[[Any], T]) -> T:
    """What comes of asking the keyring; whatever goes wrong with it becomes an error of ours."""
    try:
        import keyring
        import keyring.errors as wrong
    except ImportError:
        raise NoKeyring(
            "The keyring is not installed.", hint="Install it: pip install 'cognitui[keyring]'"
        ) from None
    problem: KeyringError
    try:
        return work(keyring.get_keyring())
    except KeyringError:
        raise
    except wrong.NoKeyringError:
        problem = NoKeyring("There is no keyring on this machine.", hint=_HOW_TO_HAVE_ONE)
    except (wrong.KeyringLocked, wrong.InitError):
        problem = KeyringLocked(
            "The keyring is locked.", hint="Unlock it, or type the vault's passphrase."
        )
    except Exception as error:  # noqa: BLE001 - backends raise what the system below them raises
        problem = KeyringFailed(
            f"The keyring could not be used: {type(error).__name__}.",
            hint="Type the vault's passphrase; `keyring diagnose` tells which keyring it is.",
        )
    # Out here nothing is left of the keyring's own error, whose frames hold what it was given.
    raise problem


def _name_of(keyring: Any) -> str:
    """The name of the keyring that is written to.

    Raises:
        NoKeyring: It is one that keeps secrets in clear.
    """
    chained = getattr(keyring, "backends", None)
    first = chained[0] if chained else keyring
    kind = type(first)
    if "plaintext" in kind.__name__.lower():
        raise NoKeyring(
            f"The keyring {kind.__name__} keeps secrets in clear.", hint=_HOW_TO_HAVE_ONE
        )
    return str(getattr(first, "name", kind.__name__))


def _delete(keyring: Any, identity: str) -> None:
    if keyring.get_password(SERVICE, identity) is not None:
        keyring.delete_password(SERVICE, identity)
