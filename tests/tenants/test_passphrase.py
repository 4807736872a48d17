"""Another passphrase for a vault: what changes, what stays, and for whom."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.errors import UsageError
from cognitui.tenants.errors import NotStored, VaultDamaged, VaultMissing, WrongPassphrase
from cognitui.tenants.vault_file import ScryptParameters

from .support import CREDENTIALS, OTHER, PASSPHRASE, vault

if TYPE_CHECKING:
    from cognitui.tenants.vault import Vault

NEW = SecretStr("a new passphrase altogether")
FIRST = Path(__file__).parent / "data" / "vault_version_1.json"


def values(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def test_only_the_wrapped_key_and_its_header_change(path: Path, opened: Vault) -> None:
    opened.put("beta", OTHER)
    before = values(path)
    opened.change_passphrase(PASSPHRASE, NEW)
    after = values(path)
    assert after["credentials"] == before["credentials"]
    assert after["id"] == before["id"]
    assert after["kdf"]["salt"] != before["kdf"]["salt"]
    assert after["wrapped_key"] != before["wrapped_key"]
    with pytest.raises(WrongPassphrase):
        vault(path).unlock(PASSPHRASE)
    again = vault(path)
    again.unlock(NEW)
    assert (again.get("acme"), again.get("beta")) == (CREDENTIALS, OTHER)


def test_other_consoles_keep_it_open(path: Path, opened: Vault) -> None:
    other = vault(path)
    other.unlock(PASSPHRASE)
    opened.change_passphrase(PASSPHRASE, NEW)
    assert other.get("acme") == CREDENTIALS
    other.put("beta", OTHER)
    assert opened.get("beta") == OTHER
    other.lock()
    with pytest.raises(WrongPassphrase):
        other.unlock(PASSPHRASE)
    other.unlock(NEW)
    assert other.names() == ["acme", "beta"]


@pytest.mark.parametrize("is_open", [True, False])
def test_it_ends_as_open_as_it_was(path: Path, opened: Vault, is_open: bool) -> None:
    if not is_open:
        opened.lock()
    opened.change_passphrase(PASSPHRASE, NEW)
    assert opened.is_unlocked is is_open


def test_what_is_refused_changes_nothing(path: Path, opened: Vault) -> None:
    before = path.read_bytes()
    with pytest.raises(WrongPassphrase):
        opened.change_passphrase(NEW, NEW)
    with pytest.raises(UsageError) as caught:
        opened.change_passphrase(PASSPHRASE, SecretStr("short"))
    assert caught.value.field == "passphrase"
    path.with_name(".vault.json.new").mkdir()
    with pytest.raises(NotStored):
        opened.change_passphrase(PASSPHRASE, NEW)
    assert path.read_bytes() == before
    with pytest.raises(VaultMissing):
        vault(path.with_name("other.json")).change_passphrase(PASSPHRASE, NEW)


def test_of_two_who_change_it_at_once_the_later_is_told(
    path: Path, opened: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = vault(path)

    def meanwhile(passphrase: SecretStr) -> Any:
        monkeypatch.undo()
        other.change_passphrase(PASSPHRASE, SecretStr("the other's passphrase"))
        return opened._new_wrapping(passphrase)

    monkeypatch.setattr(opened, "_new_wrapping", meanwhile)
    with pytest.raises(WrongPassphrase):
        opened.change_passphrase(PASSPHRASE, NEW)
    vault(path).unlock(SecretStr("the other's passphrase"))


def test_a_key_that_is_stored_meanwhile_is_not_lost(
    path: Path, opened: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = vault(path)
    other.unlock(PASSPHRASE)

    def meanwhile(passphrase: SecretStr) -> Any:
        monkeypatch.undo()
        other.put("beta", OTHER)
        return opened._new_wrapping(passphrase)

    monkeypatch.setattr(opened, "_new_wrapping", meanwhile)
    opened.change_passphrase(PASSPHRASE, NEW)
    assert opened.get("beta") == OTHER


def test_the_derivation_is_the_best_of_now(path: Path, opened: Vault) -> None:
    old = vault(path.with_name("old.json"))
    old._new_kdf = lambda: ScryptParameters(log2_n=4)
    old.create(PASSPHRASE)
    old.put("acme", CREDENTIALS)
    now = vault(old.path)
    now.change_passphrase(PASSPHRASE, NEW)
    assert values(old.path)["kdf"]["name"] == "argon2id"
    now.unlock(NEW)
    assert now.get("acme") == CREDENTIALS


@pytest.fixture
def first(tmp_path: Path) -> Vault:
    """A vault as the first version wrote it."""
    path = tmp_path / "vault.json"
    shutil.copy(FIRST, path)
    return vault(path)


def test_a_vault_of_the_first_version_is_as_good(first: Vault) -> None:
    assert values(first.path)["version"] == 1
    first.unlock(PASSPHRASE)
    assert (first.get("acme"), first.get("beta")) == (CREDENTIALS, OTHER)
    first.put("acme", OTHER)
    first.forget("beta")
    assert values(first.path)["version"] == 1
    again = vault(first.path)
    again.unlock(PASSPHRASE)
    assert again.get("acme") == OTHER


def test_a_new_passphrase_makes_the_second_version_of_it(first: Vault) -> None:
    other = vault(first.path)
    other.unlock(PASSPHRASE)
    first.change_passphrase(PASSPHRASE, NEW)
    assert values(first.path)["version"] == 2
    assert other.get("beta") == OTHER
    first.unlock(NEW)
    assert (first.get("acme"), first.get("beta")) == (CREDENTIALS, OTHER)
    entries = values(first.path)["credentials"]
    first.change_passphrase(NEW, PASSPHRASE)
    assert values(first.path)["credentials"] == entries


@pytest.mark.parametrize("version", [1, 2])
def test_an_id_and_the_version_belong_together(path: Path, opened: Vault, version: int) -> None:
    from .test_vault_file import doctored

    def change(found: dict[str, Any]) -> None:
        found["version"] = version
        if version == 2:
            del found["id"]

    doctored(path, change)
    with pytest.raises(VaultDamaged):
        vault(path).unlock(PASSPHRASE)
