"""Which tenants there are, which is meant, and where their keys come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.errors import UsageError
from cognitui.settings import Settings
from cognitui.tenants.doctor import Cause, Report
from cognitui.tenants.errors import (
    CredentialsNotFound,
    ProfileNotFound,
    VaultLocked,
    VaultMissing,
    WrongPassphrase,
)
from cognitui.tenants.profiles import Profile
from cognitui.workspace import Workspace
from cognitui.workspace.status import ConnectionState
from cognitui.workspace.tenants import ENVIRONMENT
from tests.support.tenants import credentials_of
from tests.tenants.support import PASSPHRASE, vault

from .support import profile_of, settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox

BASE_URL = "https://acme.cognigy.ai/api/v1"
KEY = Credentials(SecretStr("a-key"), SecretStr("a-secret"))
GIVEN = {"base_url": BASE_URL, "api_key": KEY.api_key, "api_secret": KEY.api_secret}


def profile(name: str, **changes: Any) -> Profile:
    return Profile(name=name, base_url=BASE_URL, **changes)


def workspace_in(home: Path, **environment: Any) -> Workspace:
    """A workspace that need not be opened to look at its tenants, with a vault that opens fast."""
    settings = settings_in(home, **environment)
    workspace = Workspace(settings)
    workspace.tenants.vault = vault(settings.paths.data / "vault.json")
    return workspace


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Workspace]:
    workspace = workspace_in(tmp_path)
    async with workspace:
        yield workspace


def test_none_is_known(tmp_path: Path) -> None:
    tenants = workspace_in(tmp_path).tenants
    assert tenants.entries() == []
    with pytest.raises(UsageError, match="No tenant is known") as caught:
        tenants.find(None)
    assert "COGNITUI_BASE_URL" in caught.value.hint
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("stored", "session", "environment", "chosen"),
    [
        (["acme"], [], {}, "acme"),
        ([], ["demo"], {}, "demo"),
        ([], [], GIVEN, ENVIRONMENT),
        (["acme", "beta"], ["demo"], GIVEN, ENVIRONMENT),
        (["acme"], ["acme"], {}, "acme"),
        (["acme", "beta"], [], {}, None),
        (["acme"], ["demo"], {}, None),
    ],
)
def test_which_is_meant_without_a_name(
    tmp_path: Path,
    stored: list[str],
    session: list[str],
    environment: dict[str, Any],
    chosen: str | None,
) -> None:
    tenants = workspace_in(tmp_path, **environment).tenants
    for name in stored:
        tenants.store.save(profile(name))
    for name in session:
        tenants.add_session(profile(name), KEY)
    if chosen is not None:
        assert tenants.find(None).name == chosen
        return
    with pytest.raises(UsageError, match=", ".join([*session, *stored])):
        tenants.find(None)


def test_the_list_says_where_each_comes_from(tmp_path: Path) -> None:
    tenants = workspace_in(tmp_path, bot_id="bot_1", **GIVEN).tenants
    tenants.store.save(profile("acme"))
    tenants.store.save(profile("demo", webhook_limit=7))
    tenants.add_session(profile("demo"), KEY)
    found = [(e.profile.name, e.source, e.has_key) for e in tenants.entries()]
    assert found == [
        ("demo", "session", True),
        (ENVIRONMENT, ENVIRONMENT, True),
        ("acme", "vault", False),
    ]
    own = tenants.find(ENVIRONMENT)
    assert (own.base_url, own.bot_id, own.key_fingerprint) == (BASE_URL, "bot_1", KEY.fingerprint)
    assert tenants.find("demo").webhook_limit == 50
    assert tenants.credentials("demo") == tenants.credentials(ENVIRONMENT) == KEY


def test_a_name_that_nobody_has(tmp_path: Path) -> None:
    tenants = workspace_in(tmp_path).tenants
    tenants.store.save(profile("acme"))
    with pytest.raises(ProfileNotFound) as caught:
        tenants.find("acne")
    assert "acme" in caught.value.hint


def test_a_key_without_a_place_is_no_tenant_and_in_nobodys_way(tmp_path: Path) -> None:
    given = {name: value for name, value in GIVEN.items() if name != "base_url"}
    assert workspace_in(tmp_path, **given).tenants.entries() == []


@pytest.mark.parametrize("left_out", [name for name in GIVEN if name != "base_url"])
def test_half_a_tenant_in_the_environment(tmp_path: Path, left_out: str) -> None:
    given = {name: value for name, value in GIVEN.items() if name != left_out}
    tenants = workspace_in(tmp_path, **given).tenants
    for ask in (tenants.entries, lambda: tenants.find(None), lambda: tenants.find("acme")):
        with pytest.raises(UsageError, match=f"COGNITUI_{left_out.upper()} is missing"):
            ask()


def test_a_variable_that_is_set_but_empty_counts_as_absent(tmp_path: Path) -> None:
    environ = {"COGNITUI_HOME": str(tmp_path), "COGNITUI_BASE_URL": " ", "COGNITUI_API_KEY": ""}
    assert Workspace(Settings.load(environ)).tenants.entries() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("base_url", "acme"), ("base_url", "http://acme.example"), ("bot_id", "a b"),
     ("monitor_url", "x")],
)  # fmt: skip
def test_a_variable_that_cannot_be_is_named(tmp_path: Path, field: str, value: str) -> None:
    tenants = workspace_in(tmp_path, **{**GIVEN, field: value}).tenants
    with pytest.raises(UsageError, match=f"^COGNITUI_{field.upper()}: .*[.]$") as caught:
        tenants.entries()
    assert caught.value.field == field


async def test_remembered_and_opened_in_the_next_session(
    opened: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    await opened.tenants.unlock(PASSPHRASE)
    await opened.tenants.remember(profile_of(sandbox), credentials_of(sandbox))
    (entry,) = opened.tenants.entries()
    assert (entry.source, entry.has_key) == ("vault", True)
    assert entry.profile.key_fingerprint == credentials_of(sandbox).fingerprint
    async with workspace_in(tmp_path) as later:
        with pytest.raises(VaultLocked):
            await later.tenants.open("acme")
        with pytest.raises(WrongPassphrase):
            await later.tenants.unlock(SecretStr("something else"))
        await later.tenants.unlock(PASSPHRASE)
        await later.tenants.open("acme")
        assert later.status.connection is ConnectionState.CONNECTED
        last_used = later.tenants.store.get("acme").last_used
        assert last_used is not None


async def test_a_session_leaves_nothing_on_the_disk(opened: Workspace, sandbox: Sandbox) -> None:
    opened.tenants.add_session(profile_of(sandbox), credentials_of(sandbox))
    await opened.tenants.open("acme")
    assert opened.tenant_name == "acme"
    await opened.tenants.change(profile_of(sandbox, webhook_limit=7))
    assert opened.tenants.find("acme").webhook_limit == 7
    await opened.tenants.forget("acme")
    assert opened.tenants.entries() == []
    assert not opened.tenants.vault.exists
    assert opened.tenants.store.list() == []


async def test_forgotten(opened: Workspace, sandbox: Sandbox) -> None:
    tenants = opened.tenants
    await tenants.unlock(PASSPHRASE)
    await tenants.remember(profile_of(sandbox), credentials_of(sandbox))
    await tenants.change(profile_of(sandbox, webhook_limit=7))
    assert tenants.find("acme").webhook_limit == 7
    await tenants.forget("acme")
    assert (tenants.entries(), tenants.vault.names()) == ([], [])
    with pytest.raises(CredentialsNotFound):
        tenants.credentials("acme")


async def test_a_key_that_cannot_be_locked_away_is_not_half_remembered(opened: Workspace) -> None:
    with pytest.raises(VaultMissing):
        await opened.tenants.remember(profile("acme"), KEY)
    assert opened.tenants.store.list() == []


async def test_trying_a_key_changes_nothing(opened: Workspace, sandbox: Sandbox) -> None:
    lines = [
        line async for line in opened.tenants.test(profile_of(sandbox), credentials_of(sandbox))
    ]
    report = Report(lines)
    assert (report.cause, report.is_let_in) == (Cause.NOTHING, True)
    assert opened.status.connection is ConnectionState.NONE
    assert opened.tenants.entries() == []
