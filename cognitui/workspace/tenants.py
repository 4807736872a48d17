"""Which tenants there are, and where their keys come from."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.audit.records import Action, safe_url
from cognitui.cognigy.credentials import Credentials
from cognitui.config import PREFIX
from cognitui.errors import UsageError
from cognitui.settings import PrivateText
from cognitui.tenants import production
from cognitui.tenants.errors import NotStored
from cognitui.tenants.profiles import Profile, ProfileStore, explain_profile_error
from cognitui.tenants.vault import Vault
from cognitui.workspace.vault_access import VaultAccess

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator

    from pydantic import SecretStr

    from cognitui.cognigy.limiter import SlidingWindowLimiter
    from cognitui.tenants.doctor import Line
    from cognitui.workspace.workspace import Workspace

ENVIRONMENT = "environment"


def _snapshot(profile: Profile) -> dict[str, Any]:
    """A profile as records tell it: without the moment of its last use, and what a URL may hide."""
    told = profile.model_dump(mode="json", exclude={"last_used"}, exclude_none=True)
    if profile.monitor_url is not None:
        told["monitor_url"] = safe_url(profile.monitor_url)
    return told


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
    """Profiles from the file, the environment's own, and keys that live for this session only.

    Attributes:
        store: The stored profiles.
        vault: Their keys.
        access: Opens the vault, and locks it when nobody is there.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        paths = workspace.settings.paths
        self.store = ProfileStore(paths.config / "profiles.json")
        self.vault = Vault(paths.data / "vault.json")
        self.access = VaultAccess(workspace)
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

        The vault is opened for that where its passphrase is at hand.

        Raises:
            CognituiError: The passphrase is wrong, or the vault cannot be read.
        """
        if self._has_key(name):
            return True
        return await self.access.reopen() and self._has_key(name)

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
            hint="Add one with `cognitui tenants add` or in the console, set COGNITUI_BASE_URL, "
            "COGNITUI_API_KEY and COGNITUI_API_SECRET, or try `cognitui demo`.",
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
        if not self._has_key(name):
            await self.access.reopen()
        credentials = self.credentials(name)
        await self._workspace.connect(profile, credentials, patience_s=patience_s)
        if name not in self._session and name != ENVIRONMENT:
            # When it was last used is good to know, but no reason to stay outside.
            with contextlib.suppress(NotStored):
                await asyncio.to_thread(self.store.touch, name, self._workspace.clock.now())

    def test(self, profile: Profile, credentials: Credentials) -> AsyncGenerator[Line, None]:
        """Find out whether a tenant lets us in, and if not, why; each check as it ends.

        Nothing is opened, and nothing is changed.
        """
        limiter = self._workspace.limiter_of(profile, credentials)
        return self._examine(profile.base_url, credentials, profile.bot_id, limiter)

    def test_environment(self) -> AsyncGenerator[Line, None]:
        """The same for the tenant of the environment, whose base URL may be anything."""
        environment = self._workspace.settings.environment
        assert environment.api_key is not None
        assert environment.api_secret is not None
        credentials = Credentials(environment.api_key, environment.api_secret)
        return self._examine(environment.base_url or "", credentials, environment.bot_id)

    def test_address(self, base_url: str) -> AsyncGenerator[Line, None]:
        """The same for an address alone: no key is sent there."""
        return self._examine(base_url)

    def _examine(
        self,
        base_url: str,
        credentials: Credentials | None = None,
        bot_id: str | None = None,
        limiter: SlidingWindowLimiter | None = None,
    ) -> AsyncGenerator[Line, None]:
        # Loads the TLS machinery, which no first frame needs.
        from cognitui.tenants.doctor import Question, examine

        question = Question(
            base_url,
            credentials,
            bot_id=bot_id,
            limiter=limiter,
            is_read_only=self._workspace.is_read_only,
        )
        return examine(question, clock=self._workspace.clock)

    async def unlock(self, passphrase: SecretStr) -> None:
        """Open the vault, or create it when there is none yet.

        Raises:
            CognituiError: The passphrase is wrong or the vault cannot be read.
        """
        await self.access.unlock(passphrase)

    def needs_confirmation(self, profile: Profile | None = None) -> bool:
        """Whether a change at a tenant, by default the open one, has to be confirmed by its name.

        Ask before each change there; `confirm` says whether what was typed will do.
        """
        return production.needs_confirmation(profile or self._workspace.profile)

    def confirm(self, name: str | None, profile: Profile | None = None) -> None:
        """Make sure that a change at a tenant, by default the open one, is meant.

        Args:
            name: What a person typed as the tenant's name; ``None`` when nobody did.
            profile: The tenant, where it is not the open one.

        Raises:
            ProductionNotConfirmed: It is a production tenant, and this is not its name.
        """
        production.confirm(profile or self._workspace.profile, name)

    async def remember(self, profile: Profile, credentials: Credentials) -> None:
        """Store a profile, and its key in the open vault.

        Raises:
            CognituiError: The vault is locked, or a file cannot be written.
        """
        await self.access.reopen()
        stored = profile.model_copy(update={"key_fingerprint": credentials.fingerprint})
        async with self._recorded(stored):
            await asyncio.to_thread(self.vault.put, profile.name, credentials)
            await asyncio.to_thread(self.store.save, stored)

    async def change(self, profile: Profile) -> None:
        """Add a tenant without a key, or change one whose key stays as it is.

        Raises:
            CognituiError: The profile file cannot be written.
        """
        if profile.name in self._session:
            self._session[profile.name] = (profile, self._session[profile.name][1])
            return
        async with self._recorded(profile):
            await asyncio.to_thread(self.store.save, profile)

    async def forget(self, name: str) -> None:
        """Drop a tenant: its session key, its profile, and its key in the vault.

        Raises:
            CognituiError: The vault is locked, a file cannot be written, or nothing has that name.
        """
        if self._session.pop(name, None) is not None:
            return
        before = self.store.load().get(name)
        recorded = self._workspace.trail.recorded(
            Action.TENANT_REMOVE, tenant=name, bot_id="", before=before and _snapshot(before)
        )
        async with recorded:
            had_key = False
            if self.vault.exists:
                await self.access.reopen()
                had_key = await asyncio.to_thread(self.vault.forget, name)
            # A key may be there alone, where something was interrupted or a file edited by hand.
            if before is not None or not had_key:
                await asyncio.to_thread(self.store.remove, name)

    @asynccontextmanager
    async def _recorded(self, profile: Profile) -> AsyncIterator[None]:
        """Record that a profile is stored inside the block, and what it was before."""
        before = self.store.load().get(profile.name)
        async with self._workspace.trail.recorded(
            Action.TENANT_CHANGE if before else Action.TENANT_ADD,
            tenant=profile.name,
            bot_id="",
            before=before and _snapshot(before),
            after=_snapshot(profile),
        ):
            yield

    def _environment(self) -> tuple[Profile, Credentials] | None:
        environment = self._workspace.settings.environment
        given = {
            "COGNITUI_BASE_URL": environment.base_url,
            "COGNITUI_API_KEY": environment.api_key,
            "COGNITUI_API_SECRET": environment.api_secret,
        }
        missing = [name for name, value in given.items() if value is None]
        if len(missing) == len(given) or missing == ["COGNITUI_BASE_URL"]:
            return None  # a key without a place is what `tenants add` takes
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
