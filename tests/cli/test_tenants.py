"""Commands with a stored tenant: its profile in a file, its key in the vault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.tenants.errors import NotStored
from cognitui.tenants.profiles import Profile, ProfileStore
from tests.support.tenants import credentials_of
from tests.tenants.support import vault

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli

PASSPHRASE = "correct horse battery staple"


def store(cli: Cli, sandbox: Sandbox, *, name: str = "acme", **changes: Any) -> None:
    """A profile of this sandbox; its key goes into the vault, which is made if there is none."""
    fields = {"name": name, "base_url": sandbox.info.base_url, "bot_id": sandbox.info.bot_id}
    ProfileStore(cli.home / "config" / "profiles.json").save(
        Profile.model_validate({**fields, **changes})
    )
    safe = vault(cli.home / "data" / "vault.json")
    if safe.exists:
        safe.unlock(SecretStr(PASSPHRASE))
    else:
        safe.create(SecretStr(PASSPHRASE))
    safe.put(name, credentials_of(sandbox))


@pytest.fixture
def stored(empty: Cli, sandbox: Sandbox) -> Cli:
    store(empty, sandbox, webhook_limit=40)
    empty.environment["COGNITUI_VAULT_PASSPHRASE"] = PASSPHRASE
    return empty


def test_by_name(stored: Cli) -> None:
    result = stored.spawn("webhooks", "list", "--tenant", "acme", "--json")
    assert (result.status, result.err) == (0, "")
    assert (result.json["count"], result.json["limit"]) == (37, 40)
    (profile,) = ProfileStore(stored.home / "config" / "profiles.json").list()
    assert profile.last_used is not None


def test_by_the_environment_or_because_it_is_the_only_one(stored: Cli, sandbox: Sandbox) -> None:
    assert stored.run("webhooks", "list").status == 0
    store(stored, sandbox, name="beta")
    result = stored.run("webhooks", "list")
    assert result.status == 2
    assert result.sentence == "Say which tenant: --tenant with one of acme, beta."
    stored.environment["COGNITUI_TENANT"] = "beta"
    assert stored.run("webhooks", "list").status == 0


def test_the_name_goes_before_the_environments_own_tenant(stored: Cli, sandbox: Sandbox) -> None:
    stored.use(sandbox)
    assert stored.run("webhooks", "list", "--json").json["limit"] == 50
    assert stored.run("webhooks", "list", "--tenant", "acme", "--json").json["limit"] == 40


def test_a_name_that_nobody_has(stored: Cli) -> None:
    result = stored.run("webhooks", "list", "--tenant", "acmee", "--json")
    assert result.status == 2
    assert result.sentence == "There is no tenant called 'acmee'."
    assert "Did you mean 'acme'?" in result.err
    assert result.json["error"]["code"] == "profile_not_found"


def test_a_wrong_passphrase(stored: Cli) -> None:
    stored.environment["COGNITUI_VAULT_PASSPHRASE"] = "not-the-passphrase"
    result = stored.run("webhooks", "list", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "wrong_passphrase")
    assert "not-the-passphrase" not in result.out + result.err


def test_a_passphrase_can_be_typed(stored: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    stored.forget("VAULT_PASSPHRASE")
    result = stored.run("webhooks", "list")
    assert result.status == 2
    assert result.sentence == "Vault passphrase is needed, and there is no terminal to ask."
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: PASSPHRASE)
    assert stored.run("webhooks", "list", terminal=True).status == 0


def test_without_a_vault_none_is_made(stored: Cli) -> None:
    (stored.home / "data" / "vault.json").unlink()
    result = stored.run("webhooks", "list", "--json")
    assert result.status == 2
    assert result.sentence
    assert not (stored.home / "data" / "vault.json").exists()


def test_a_profile_without_a_key(stored: Cli, sandbox: Sandbox) -> None:
    ProfileStore(stored.home / "config" / "profiles.json").save(
        Profile(name="beta", base_url=sandbox.info.base_url)
    )
    result = stored.run("webhooks", "list", "--tenant", "beta", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "credentials_not_found")


def test_a_profile_file_that_is_broken(stored: Cli) -> None:
    path = stored.home / "config" / "profiles.json"
    path.write_text("{")
    result = stored.run("webhooks", "list", "--json")
    assert (result.status, result.json["error"]["code"]) == (2, "profiles_broken")
    assert result.sentence
    assert path.read_text() == "{"


def test_the_last_use_that_cannot_be_noted_stops_nothing(
    stored: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise NotStored("The profile file cannot be written.")

    monkeypatch.setattr(ProfileStore, "touch", fail)
    assert stored.run("webhooks", "list").status == 0


def test_its_monitor_gets_its_report(stored: Cli, sandbox: Sandbox) -> None:
    store(stored, sandbox, monitor_url=sandbox.info.monitor_url)
    result = stored.run("audit", "sync", "--tenant", "acme")
    assert result.status == 0
    assert len(sandbox.tenant.monitor_received) == 1
