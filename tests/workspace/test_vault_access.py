"""Who opens the vault, when it is locked again, and what a production tenant asks for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import keyring
import pytest
from keyring.backends import fail
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.credentials import Credentials
from cognitui.config import Config, Source
from cognitui.errors import UsageError
from cognitui.settings import Environment, Paths, Settings
from cognitui.tenants.errors import (
    KeyringFailed,
    ProductionNotConfirmed,
    VaultError,
    VaultLocked,
    WrongPassphrase,
)
from cognitui.tenants.profiles import Colour, Profile
from cognitui.workspace import Workspace
from tests.support.clock import FakeClock
from tests.tenants.keyrings import Broken, usable, use
from tests.tenants.support import PASSPHRASE, vault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from keyrings.alt.file import EncryptedKeyring

pytestmark = pytest.mark.filterwarnings("ignore:PBKDF2:DeprecationWarning")

BASE_URL = "https://acme.cognigy.ai/api/v1"
KEY = Credentials(SecretStr("a-key"), SecretStr("a-secret"))
ACME = Profile(name="acme", base_url=BASE_URL)
NEW = SecretStr("a new passphrase altogether")


@pytest.fixture(autouse=True)
def _no_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    use(fail.Keyring)
    yield
    keyring.set_keyring(before)


def workspace_in(
    home: Path, clock: FakeClock | None = None, *, config: Config | None = None, **environment: Any
) -> Workspace:
    settings = Settings(
        Paths(home / "config", home / "data", home / "state"),
        Environment(**environment),
        config or Config(),
    )
    workspace = Workspace(settings, clock=clock or FakeClock())
    workspace.tenants.vault = vault(settings.paths.data / "vault.json")
    return workspace


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def opened(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Workspace]:
    """A workspace with acme's key in an open vault."""
    async with workspace_in(tmp_path, clock) as workspace:
        await workspace.tenants.unlock(PASSPHRASE)
        await workspace.tenants.remember(ACME, KEY)
        yield workspace


def pass_time(clock: FakeClock, **time: float) -> None:
    clock.advance(timedelta(**time).total_seconds())


async def test_it_locks_when_nobody_did_anything_for_a_while(
    opened: Workspace, clock: FakeClock
) -> None:
    access = opened.tenants.access
    pass_time(clock, minutes=14, seconds=59)
    assert not access.lock_if_idle()
    access.touch()
    pass_time(clock, minutes=14, seconds=59)
    assert not access.lock_if_idle()
    assert opened.tenants.credentials("acme") == KEY
    pass_time(clock, seconds=1)
    assert access.lock_if_idle()
    assert not access.lock_if_idle()  # told once
    with pytest.raises(VaultLocked):
        opened.tenants.credentials("acme")
    await opened.tenants.unlock(PASSPHRASE)
    assert not access.lock_if_idle()
    assert opened.tenants.credentials("acme") == KEY


@pytest.mark.parametrize("minutes", [0, 1])
async def test_how_long_is_a_setting(tmp_path: Path, clock: FakeClock, minutes: int) -> None:
    config = Config(vault_idle_minutes=minutes)
    async with workspace_in(tmp_path, clock, config=config) as workspace:
        await workspace.tenants.unlock(PASSPHRASE)
        pass_time(clock, minutes=1)
        assert workspace.tenants.access.lock_if_idle() is bool(minutes)
        pass_time(clock, days=9)
        assert workspace.tenants.vault.is_unlocked is not bool(minutes)


async def test_what_opens_it_without_a_person_opens_it_again(
    tmp_path: Path, clock: FakeClock, opened: Workspace
) -> None:
    async with workspace_in(tmp_path, clock, vault_passphrase=PASSPHRASE) as later:
        tenants = later.tenants
        assert await tenants.is_at_hand("acme")
        pass_time(clock, minutes=15)
        assert tenants.access.lock_if_idle()
        assert not tenants.vault.is_unlocked
        assert await tenants.access.reopen()
        pass_time(clock, minutes=15)
        assert tenants.access.lock_if_idle()
        await tenants.remember(ACME, KEY)
        pass_time(clock, minutes=15)
        assert tenants.access.lock_if_idle()
        await tenants.forget("acme")
        assert tenants.vault.names() == []


async def test_a_person_has_to_be_asked(tmp_path: Path, opened: Workspace) -> None:
    async with workspace_in(tmp_path) as later:
        assert not await later.tenants.access.reopen()
        assert not await later.tenants.is_at_hand("acme")
        with pytest.raises(VaultLocked):
            await later.tenants.open("acme")


async def test_without_a_vault_there_is_nothing_to_open(tmp_path: Path) -> None:
    async with workspace_in(tmp_path, vault_passphrase=PASSPHRASE) as workspace:
        assert not await workspace.tenants.access.reopen()
        assert not workspace.tenants.vault.exists


def passphrase_file(home: Path, content: str, mode: int = 0o600) -> Path:
    path = home / "passphrase"
    path.write_text(content)
    path.chmod(mode)
    return path


def from_file(path: Path, source: Source = Source.ENVIRONMENT) -> Config:
    return Config(vault_passphrase_file=str(path), sources={"vault_passphrase_file": source})


async def test_a_file_opens_it(tmp_path: Path, opened: Workspace) -> None:
    path = passphrase_file(tmp_path, PASSPHRASE.get_secret_value() + "\n")
    async with workspace_in(tmp_path, config=from_file(path)) as later:
        assert await later.tenants.access.reopen()
        assert later.tenants.credentials("acme") == KEY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602, 0o601])
async def test_a_file_that_is_not_ones_own_alone_is_refused(
    tmp_path: Path, opened: Workspace, mode: int
) -> None:
    path = passphrase_file(tmp_path, PASSPHRASE.get_secret_value(), mode)
    async with workspace_in(tmp_path, config=from_file(path)) as later:
        with pytest.raises(UsageError, match="others on this machine") as caught:
            await later.tenants.access.reopen()
        assert "chmod 600" in caught.value.hint
        assert not later.tenants.vault.is_unlocked


@pytest.mark.parametrize("content", ["", "\n", "something else"])
async def test_a_file_without_the_passphrase(
    tmp_path: Path, opened: Workspace, content: str
) -> None:
    path = passphrase_file(tmp_path, content)
    async with workspace_in(tmp_path, config=from_file(path)) as later:
        with pytest.raises((UsageError, WrongPassphrase)):
            await later.tenants.access.reopen()


async def test_which_passphrase_wins(tmp_path: Path, opened: Workspace) -> None:
    path = passphrase_file(tmp_path, "something else")
    given: dict[str, Any] = {"vault_passphrase": PASSPHRASE}
    async with workspace_in(tmp_path, config=from_file(path), **given) as later:
        assert await later.tenants.access.reopen()
    async with workspace_in(tmp_path, config=from_file(path, Source.FLAG), **given) as later:
        with pytest.raises(WrongPassphrase):
            await later.tenants.access.reopen()


@pytest.fixture
def real(tmp_path: Path) -> EncryptedKeyring:
    return usable(tmp_path)


async def test_the_keyring_opens_it_until_it_is_told_not_to(
    tmp_path: Path, opened: Workspace, real: EncryptedKeyring
) -> None:
    access = opened.tenants.access
    assert not access.is_in_keyring
    assert await access.remember_in_keyring(PASSPHRASE)
    async with workspace_in(tmp_path) as later:
        assert later.tenants.access.is_in_keyring
        assert await later.tenants.is_at_hand("acme")
    assert await access.forget_in_keyring()
    async with workspace_in(tmp_path) as later:
        assert not await later.tenants.access.reopen()


async def test_a_new_passphrase_reaches_the_keyring(
    tmp_path: Path, opened: Workspace, real: EncryptedKeyring
) -> None:
    access = opened.tenants.access
    await access.remember_in_keyring(PASSPHRASE)
    await access.change_passphrase(PASSPHRASE, NEW)
    async with workspace_in(tmp_path) as later:
        assert await later.tenants.access.reopen()
    use(Broken)
    with pytest.raises(KeyringFailed):
        await access.change_passphrase(NEW, PASSPHRASE)
    async with workspace_in(tmp_path) as later:
        assert not await later.tenants.access.reopen()  # a person is asked instead, and told why
        assert isinstance(later.tenants.access.keyring_problem, KeyringFailed)
        await later.tenants.unlock(PASSPHRASE)


async def test_without_a_keyring_the_passphrase_changes_all_the_same(opened: Workspace) -> None:
    await opened.tenants.access.change_passphrase(PASSPHRASE, NEW)
    opened.tenants.vault.lock()
    await opened.tenants.unlock(NEW)
    with pytest.raises(VaultError):
        await opened.tenants.access.remember_in_keyring(NEW)


def test_a_production_tenant_asks_for_its_name(tmp_path: Path) -> None:
    workspace = workspace_in(tmp_path)
    tenants = workspace.tenants
    assert not tenants.needs_confirmation()
    tenants.confirm(None)
    assert not tenants.needs_confirmation(ACME)
    tenants.confirm(None, ACME)
    workspace.profile = production = ACME.model_copy(update={"is_production": True})
    assert tenants.needs_confirmation()
    tenants.confirm("acme")
    tenants.confirm(" acme\n", production)
    for typed in (None, "", "acm", "Acme", "yes"):
        with pytest.raises(ProductionNotConfirmed) as caught:
            tenants.confirm(typed)
        assert caught.value.hint
        assert "acme" in caught.value.message
    tenants.confirm(None, ACME)


@pytest.mark.parametrize(
    ("base_url", "asks"),
    [
        (BASE_URL, True),
        ("https://ACME.cognigy.ai:443/", True),
        ("https://other.cognigy.ai/api/v1", False),
    ],
)
def test_another_key_to_a_production_tenant_is_no_way_round(
    tmp_path: Path, base_url: str, asks: bool
) -> None:
    workspace = workspace_in(
        tmp_path, base_url=base_url, api_key=KEY.api_key, api_secret=KEY.api_secret
    )
    assert not workspace.tenants.needs_confirmation(workspace.tenants.find(None))
    workspace.tenants.store.save(ACME.model_copy(update={"is_production": True}))
    found = workspace.tenants.find(None)
    assert found.name == "environment"
    assert workspace.tenants.needs_confirmation(found) is asks


async def test_what_is_done_to_tenants_is_recorded(opened: Workspace) -> None:
    tenants = opened.tenants
    marked = ACME.model_copy(
        update={
            "colour": Colour.RED,
            "is_production": True,
            "monitor_url": "https://monitor.example/sync?token=t0ken",
        }
    )
    await tenants.change(marked)
    tenants.vault.lock()
    with pytest.raises(VaultLocked):
        await tenants.remember(marked, KEY)
    await tenants.unlock(PASSPHRASE)
    await tenants.forget("acme")
    records = list(reversed(await opened.log.recent()))
    assert [(one.action, one.outcome, one.tenant) for one in records] == [
        (Action.TENANT_ADD, Outcome.OK, "acme"),
        (Action.TENANT_CHANGE, Outcome.OK, "acme"),
        (Action.TENANT_CHANGE, Outcome.FAILED, "acme"),
        (Action.TENANT_REMOVE, Outcome.OK, "acme"),
    ]
    added, changed, failed, removed = records
    assert added.before is None
    assert added.after is not None
    assert added.after["key_fingerprint"] == KEY.fingerprint
    assert changed.after is not None
    assert (changed.after["colour"], changed.after["is_production"]) == ("red", True)
    assert failed.error_code == "vault_locked"
    assert removed.before == changed.after
    told = repr(records)
    for secret in ("t0ken", "a-key", "a-secret", PASSPHRASE.get_secret_value()):
        assert secret not in told


async def test_what_opens_the_vault_is_recorded_when_it_changes(
    opened: Workspace, real: EncryptedKeyring
) -> None:
    access = opened.tenants.access
    assert not await access.forget_in_keyring()  # nothing happened
    await access.remember_in_keyring(PASSPHRASE)
    with pytest.raises(WrongPassphrase):
        await access.change_passphrase(NEW, PASSPHRASE)
    await access.change_passphrase(PASSPHRASE, NEW)
    await access.forget_in_keyring()
    records = list(reversed(await opened.log.recent()))[1:]
    assert [(one.action, one.outcome, one.tenant) for one in records] == [
        (Action.VAULT_KEYRING, Outcome.OK, ""),
        (Action.VAULT_PASSPHRASE, Outcome.FAILED, ""),
        (Action.VAULT_PASSPHRASE, Outcome.OK, ""),
        (Action.VAULT_KEYRING, Outcome.OK, ""),
    ]
    assert [records[0].detail, records[-1].detail] == ["on", "off"]
    told = repr(records)
    for secret in (PASSPHRASE, NEW):
        assert secret.get_secret_value() not in told
