"""Which tenants there are, and where their keys come from."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from cognitui.cognigy.credentials import Credentials
from cognitui.config import PREFIX
from cognitui.errors import UsageError
from cognitui.settings import PrivateText
from cognitui.tenants.errors import NotStored
from cognitui.tenants.profiles import Profile, ProfileStore, explain_profile_error
from cognitui.tenants.vault import Vault

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cognitui.workspace.workspace import Workspace

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class TenantEntry:
    """One line of the list of tenants.

    Attributes:
        has_key: Whether its key is at hand: in the environment, this session or the open vault.
        source: ``environment``, ``session`` or ``vault``.
    """

    profile: Profile
    has_key: bool
    source: str

    @property
    def is_from_environment(self) -> bool:
        """Whether it can only be changed where the variables are set."""
        return self.source == ENVIRONMENT


class TenantActions:
    """Profiles from the file, the environment's own, and keys that live for this session only."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        paths = workspace.settings.paths
        self.store = ProfileStore(paths.config / "profiles.json")
        self.vault = Vault(paths.data / "vault.json")
        self._session: dict[str, tuple[Profile, Credentials]] = {}

    def add_session(self, profile: Profile, credentials: Credentials) -> None:
        """Offer a tenant until the program ends, without storing its key."""
        self._session[profile.name] = (profile, credentials)

    def entries(self) -> list[TenantEntry]:
        """All tenants: the session's first, then the environment's, then the stored ones.

        Raises:
            UsageError: The profile file cannot be read, or the environment names half a tenant.
        """
        entries = [
            TenantEntry(profile, has_key=True, source="session")
            for profile, _ in self._session.values()
        ]
        if (found := self._environment()) is not None:
            entries.append(TenantEntry(found[0], has_key=True, source=ENVIRONMENT))
        for profile in self.store.list():
            if profile.name not in self._session:
                has_key = self.vault.is_unlocked and profile.name in self.vault.names()
                entries.append(TenantEntry(profile, has_key=has_key, source="vault"))
        return entries

    def credentials(self, name: str) -> Credentials:
        """The key of a tenant.

        Raises:
            VaultLocked: It is in the vault, and the vault is locked.
            CredentialsNotFound: There is none; it has to be typed again.
        """
        if name in self._session:
            return self._session[name][1]
        found = self._environment()
        if found is not None and found[0].name == name:
            return found[1]
        return self.vault.get(name)

    async def is_at_hand(self, name: str) -> bool:
        """Whether a tenant's key can be had without asking anybody.

        The vault is opened for that where the environment has its passphrase.

        Raises:
            CognituiError: The passphrase is wrong, or the vault cannot be read.
        """
        passphrase = self._workspace.settings.environment.vault_passphrase
        if self._has_key(name):
            return True
        if passphrase is None or not self.vault.exists or self.vault.is_unlocked:
            return False
        await self.unlock(passphrase)
        return self._has_key(name)

    def _has_key(self, name: str) -> bool:
        return any(entry.has_key for entry in self.entries() if entry.profile.name == name)

    def find(self, name: str | None) -> Profile:
        """The tenant of that name; without one, the environment's or the only one there is.

        Raises:
            UsageError: There is none, or there are several to choose from.
        """
        entries = self.entries()
        if name is not None:
            for entry in entries:
                if entry.profile.name == name:
                    return entry.profile
            return self.store.get(name)
        for entry in entries:
            if entry.source == ENVIRONMENT:
                return entry.profile
        if len(entries) == 1:
            return entries[0].profile
        if entries:
            names = ", ".join(entry.profile.name for entry in entries)
            raise UsageError(f"Say which tenant: --tenant with one of {names}.")
        raise UsageError(
            "No tenant is known.",
            hint="Set COGNITUI_BASE_URL, COGNITUI_API_KEY and COGNITUI_API_SECRET, add one in the "
            "console under Tenants, or try `cognitui demo`.",
        )

    async def open(self, name: str, *, patience_s: float | None = None) -> None:
        """Connect to a tenant by name.

        Args:
            name: Its name.
            patience_s: When to give up, in seconds; without it after all retries.

        Raises:
            CognituiError: There is no such tenant, no key at hand, or it does not let us in.
        """
        profile = self.find(name)
        credentials = self.credentials(name)
        await self._workspace.connect(profile, credentials, patience_s=patience_s)
        if name not in self._session and name != ENVIRONMENT:
            # When it was last used is good to know, but no reason to stay outside.
            with contextlib.suppress(NotStored):
                await asyncio.to_thread(self.store.touch, name, self._workspace.clock.now())

    async def test(self, profile: Profile, credentials: Credentials) -> None:
        """Show that a tenant lets us in, without opening it.

        Raises:
            ApiError: It does not, and why.
        """
        async with self._workspace.build_client(profile, credentials) as client:
            await client.authenticate()

    async def unlock(self, passphrase: SecretStr) -> None:
        """Open the vault, or create it when there is none yet.

        Raises:
            CognituiError: The passphrase is wrong or the vault cannot be read.
        """
        if self.vault.exists:
            await asyncio.to_thread(self.vault.unlock, passphrase)
        else:
            await asyncio.to_thread(self.vault.create, passphrase)

    async def remember(self, profile: Profile, credentials: Credentials) -> None:
        """Store a profile, and its key in the open vault.

        Raises:
            CognituiError: The vault is locked, or a file cannot be written.
        """
        await asyncio.to_thread(self.vault.put, profile.name, credentials)
        stored = profile.model_copy(update={"key_fingerprint": credentials.fingerprint})
        await asyncio.to_thread(self.store.save, stored)

    def change(self, profile: Profile) -> None:
        """Change a tenant whose key stays as it is.

        Raises:
            CognituiError: The profile file cannot be written.
        """
        if profile.name in self._session:
            self._session[profile.name] = (profile, self._session[profile.name][1])
        else:
            self.store.save(profile)

    async def forget(self, name: str) -> None:
        """Drop a tenant: its session key, its profile, and its key in the vault.

        Raises:
            CognituiError: The vault is locked, or a file cannot be written.
        """
        if self._session.pop(name, None) is not None:
            return
        if self.vault.exists:
            await asyncio.to_thread(self.vault.forget, name)
        await asyncio.to_thread(self.store.remove, name)

    def _environment(self) -> tuple[Profile, Credentials] | None:
        environment = self._workspace.settings.environment
        given = {
            "COGNITUI_BASE_URL": environment.base_url,
            "COGNITUI_API_KEY": environment.api_key,
            "COGNITUI_API_SECRET": environment.api_secret,
        }
        missing = [name for name, value in given.items() if value is None]
        if len(missing) == len(given):
            return None
        if missing:
            raise UsageError(
                f"The environment names half a tenant: {', '.join(missing)} is missing."
            )
        assert environment.base_url is not None
        assert environment.api_key is not None
        assert environment.api_secret is not None
        credentials = Credentials(environment.api_key, environment.api_secret)
        try:
            profile = Profile(
                name=ENVIRONMENT,
                base_url=environment.base_url,
                bot_id=environment.bot_id,
                monitor_url=environment.monitor_url,
                key_fingerprint=credentials.fingerprint,
            )
        except ValidationError as error:
            field, sentence = next(iter(explain_profile_error(error).items()))
            raise UsageError(f"{PREFIX}{field.upper()}: {sentence}", field=field) from None
        if profile.monitor_url:
            profile = profile.model_copy(update={"monitor_url": PrivateText(profile.monitor_url)})
        return profile, credentials
