"""Who may have the vault open, and for how long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cognitui.audit.records import Action
from cognitui.logs import get_logger
from cognitui.tenants.errors import KeyringError
from cognitui.tenants.idle import Idle

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from pydantic import SecretStr

    from cognitui.tenants.vault import Vault
    from cognitui.tenants.vault_keyring import VaultKeyring
    from cognitui.workspace.trail import Entry
    from cognitui.workspace.workspace import Workspace


class VaultAccess:
    """Opens the vault, with a person's passphrase or without one, and locks it after a while.

    Without a person it is opened by the passphrase in the environment or in a file, or by what the
    system's keyring holds: locking does not keep these out, so it is opened again as soon as it is
    needed. A person is asked.

    Attributes:
        keyring_problem: Why the keyring did not open it when it was last asked, for whoever is
            asked instead.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._idle = Idle(workspace.clock)
        self.keyring_problem: KeyringError | None = None

    @property
    def _vault(self) -> Vault:
        return self._workspace.tenants.vault

    async def unlock(self, passphrase: SecretStr) -> None:
        """Open the vault, or create it when there is none yet.

        Raises:
            CognituiError: The passphrase is wrong or the vault cannot be read.
        """
        vault = self._vault
        await asyncio.to_thread(vault.unlock if vault.exists else vault.create, passphrase)
        self.touch()

    async def reopen(self) -> bool:
        """Open the vault without asking anybody, where that can be; whether it is open now.

        Raises:
            CognituiError: The passphrase that is at hand is wrong, or a file cannot be read.
        """
        vault = self._vault
        self.touch()  # somebody needs it
        if vault.is_unlocked or not vault.exists:
            return vault.is_unlocked
        passphrase = await self.given()
        if passphrase is not None:
            await self.unlock(passphrase)
        elif (keyring := self._keyring()).is_on:
            try:
                await asyncio.to_thread(keyring.unlock)
                self.keyring_problem = None
            except KeyringError as error:
                # Whoever needs the vault can still type the passphrase.
                self.keyring_problem = error
                get_logger().warning("keyring_did_not_unlock", error=error.code)
        return vault.is_unlocked

    async def given(self) -> SecretStr | None:
        """The passphrase in the environment or in a file, where there is one.

        The file may be a pipe that nobody writes into: whoever gives up waiting is not held up.

        Raises:
            UsageError: The file cannot be read, or others may read it.
        """
        # Loads the TLS machinery, which no first frame needs.
        from cognitui.network.means import in_daemon_thread

        return await in_daemon_thread(self._workspace.settings.vault_passphrase)

    def touch(self) -> None:
        """Somebody did something: the vault stays open for another while."""
        self._idle.touch()

    @property
    def idle_s(self) -> float:
        """For how many seconds nobody has done anything."""
        return self._idle.seconds

    def lock_if_idle(self) -> bool:
        """Lock the vault when nobody has done anything for ``vault_idle_minutes``.

        Ask every so often; it costs nothing. The open tenant stays open.

        Returns:
            Whether it was locked just now, which a person should be told.
        """
        minutes = self._workspace.settings.config.vault_idle_minutes
        if not minutes or not self._vault.is_unlocked or self.idle_s < minutes * 60:
            return False
        self._vault.lock()
        return True

    def require_vault(self) -> None:
        """Make sure that there is a vault, and whole, before anybody is asked for its passphrase.

        Raises:
            VaultMissing: There is none.
            VaultError: It cannot be read, or is damaged.
        """
        _ = self._vault.identity

    async def change_passphrase(self, old: SecretStr, new: SecretStr) -> None:
        """Give the vault another passphrase, and the keyring what opens it from now on.

        Raises:
            CognituiError: The old one is wrong, the new one too short, or the vault could not be
                written; then nothing has changed.
            KeyringError: The passphrase is changed, but the keyring could not be told.
        """
        async with self._recorded(Action.VAULT_PASSPHRASE, "changed"):
            await asyncio.to_thread(self._vault.change_passphrase, old, new)
        if (keyring := self._keyring()).is_on:
            await asyncio.to_thread(keyring.remember, new)

    @property
    def is_in_keyring(self) -> bool:
        """Whether the system's keyring opens the vault."""
        return self._keyring().is_on

    async def remember_in_keyring(self, passphrase: SecretStr) -> str:
        """Let the system's keyring open the vault from now on, and return the keyring's name.

        Raises:
            CognituiError: The passphrase is wrong, or there is no keyring that can be used.
        """
        async with self._recorded(Action.VAULT_KEYRING, "on"):
            return await asyncio.to_thread(self._keyring().remember, passphrase)

    async def forget_in_keyring(self) -> bool:
        """Let nothing but the passphrase open the vault, and say whether something else did.

        Raises:
            CognituiError: The keyring could not be asked.
        """
        if not self.is_in_keyring:
            return False
        async with self._recorded(Action.VAULT_KEYRING, "off"):
            return await asyncio.to_thread(self._keyring().forget)

    def _recorded(self, action: Action, what: str) -> AbstractAsyncContextManager[Entry]:
        """Record who decided what opens the vault; it belongs to no tenant."""
        return self._workspace.trail.recorded(action, tenant="", bot_id="", detail=what)

    def _keyring(self) -> VaultKeyring:
        from cognitui.tenants.vault_keyring import VaultKeyring

        return VaultKeyring(self._vault)
