"""Place 1: adding, testing, connecting to and forgetting tenants."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from pydantic import SecretStr
from textual.widgets import Button, Checkbox, Input, Select

from cognitui.settings import Environment
from cognitui.tenants.doctor import Cause
from cognitui.tenants.profiles import Colour
from cognitui.tenants.vault import Vault
from cognitui.tenants.vault_file import Argon2idParameters
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.doctor import Doctor
from cognitui.tui.screens.profile_dialog import ProfileDialog

from .support import run_console, settings_in, written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSPHRASE = "correct horse battery"


@pytest_asyncio.fixture(loop_scope="module")
async def alone(settings: Settings) -> AsyncIterator[Console]:
    """A console without any tenant."""
    async with run_console(settings) as console:
        # As little work as the key derivation allows.
        console.workspace.tenants.vault = Vault(settings.paths.data / "vault.json", new_kdf=cheap)
        await console.settle()
        yield console


def cheap() -> Argon2idParameters:
    return Argon2idParameters(memory_kib=8, iterations=1, lanes=1)


async def fill(console: Console, sandbox: Sandbox, **changes: str) -> None:
    """Fill the dialog in for the sandbox."""
    info = sandbox.info
    values = {
        "name": "acme",
        "base_url": info.base_url,
        "api_key": info.api_key,
        "api_secret": info.api_secret,
    }
    for name, value in {**values, **changes}.items():
        console.app.screen.query_one(f"#{name}", Input).value = value
    await console.settle()


async def add(console: Console, sandbox: Sandbox, *, remember: bool = False) -> None:
    await console.answered("a")
    await fill(console, sandbox)
    console.app.screen.query_one("#remember", Checkbox).value = remember
    await console.press("ctrl+s")


async def test_the_dialog_says_what_is_wrong_while_typing(alone: Console) -> None:
    await alone.answered("a")
    assert [alone.problem(name) for name in ("name", "base_url", "api_key", "api_secret")] == [
        "", "", "", "",
    ]  # fmt: skip
    for name, typed, told in (
        ("name", "ACME", "a-z"),
        ("base_url", "http://acme.cognigy.ai/api/v1", "https"),
        ("base_url", "acme", "base URL"),
        ("bot_id", "a b", "spaces"),
        ("monitor_url", "nowhere", "monitor"),
        ("api_key", " ", "needed"),
    ):
        await alone.type(f"#{name}", typed)
        assert told in alone.problem(name), name
    await alone.type("#name", "acme")
    assert alone.problem("name") == ""
    assert alone.problem("api_secret") == ""  # not touched yet


async def test_saving_an_unfinished_form_goes_to_what_is_missing(
    alone: Console, sandbox: Sandbox
) -> None:
    await alone.answered("a")
    await fill(alone, sandbox, base_url="", api_secret="")
    await alone.press("ctrl+s")
    assert isinstance(alone.app.screen, ProfileDialog)
    assert alone.focused == "base_url"
    assert "needed" in alone.problem("base_url")
    assert "needed" in alone.problem("api_secret")
    await alone.press("escape")
    assert alone.rows("#tenants-table") == []


async def test_messages_that_saving_showed_stay(
    alone: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.tui.soon.DELAY_S", 0.3)
    await alone.answered("a")
    await alone.type("#name", "acme")
    await alone.press("ctrl+s")
    assert "needed" in alone.problem("api_secret")
    dialog = alone.app.screen
    assert isinstance(dialog, ProfileDialog)
    await alone.until(lambda: dialog._soon._timer is None)
    assert "needed" in alone.problem("api_secret")


async def test_a_session_key_is_not_stored(
    alone: Console, sandbox: Sandbox, tmp_path: Path
) -> None:
    await add(alone, sandbox)
    row = alone.rows("#tenants-table")[0]
    assert row[:3] == ["acme", "ready", sandbox.info.base_url]
    assert re.search(r"key +sha256:[0-9a-f]{8}, not stored\n", alone.shows("#tenants-detail"))
    assert any("not stored" in told for told in alone.told)
    assert not written(tmp_path, "profiles.json")
    assert not written(tmp_path, "vault.json")

    await alone.press("enter")
    await alone.until(lambda: "acme ● connected" in alone.status)
    assert alone.rows("#tenants-table")[0][1] == "● connected"
    assert "2  Browse" in alone.shows("#tenants-detail")


async def test_one_that_is_added_takes_no_place_of_another(
    alone: Console, sandbox: Sandbox
) -> None:
    await add(alone, sandbox)
    for name in ("acme", "environment"):
        await alone.answered("a")
        await fill(alone, sandbox, name=name)
        await alone.press("ctrl+s")
        assert isinstance(alone.app.screen, ProfileDialog)
        assert f"There is a tenant called {name} already" in alone.problem("name")
        await alone.press("escape")


async def answer(console: Console, *texts: str) -> None:
    """Answer one question after the other."""
    for text in texts:
        await console.until(lambda: isinstance(console.app.screen, Ask))
        console.app.screen.query_one(Input).value = text
        await console.press("enter")


async def test_a_remembered_key_is_in_the_vault_and_opens_with_its_passphrase(
    alone: Console, sandbox: Sandbox, tmp_path: Path
) -> None:
    await add(alone, sandbox, remember=True)
    assert "A new vault" in alone.text
    # Asked until it is good and was typed twice; the form is not lost meanwhile.
    await answer(alone, "short", "short")
    assert "needs 8 characters" in alone.text
    await answer(alone, PASSPHRASE, "another passphrase")
    assert "not the same" in alone.text
    await answer(alone, PASSPHRASE, PASSPHRASE)
    assert alone.rows("#tenants-table")[0][:2] == ["acme", "ready"]
    stored = written(tmp_path)
    assert sandbox.info.api_secret.encode() not in stored
    assert PASSPHRASE.encode() not in stored

    await alone.press("l")
    assert "locked" in alone.last_told
    assert alone.rows("#tenants-table")[0][1] == "locked"
    await alone.press("enter")
    await answer(alone, "not this passphrase")
    assert "does not open the vault" in alone.text
    await answer(alone, PASSPHRASE)
    await alone.until(lambda: "acme ● connected" in alone.status)


async def test_no_passphrase_leaves_everything_as_it_is(alone: Console, sandbox: Sandbox) -> None:
    await add(alone, sandbox, remember=True)
    await alone.press("escape")
    assert not alone.workspace.tenants.vault.exists
    assert not alone.workspace.tenants.store.list()


async def test_a_remembered_tenant_is_there_after_a_restart(
    sandbox: Sandbox, settings: Settings
) -> None:
    async with run_console(settings) as first:
        first.workspace.tenants.vault = Vault(settings.paths.data / "vault.json", new_kdf=cheap)
        await add(first, sandbox, remember=True)
        await answer(first, PASSPHRASE, PASSPHRASE)
        assert first.rows("#tenants-table")
    async with run_console(settings) as second:
        await second.settle()
        assert second.rows("#tenants-table")[0][:2] == ["acme", "locked"]


async def tested(console: Console) -> Doctor:
    """Test the chosen tenant, to the end."""
    await console.answered("t")
    doctor = console.app.screen
    assert isinstance(doctor, Doctor)
    await console.until(lambda: doctor.is_over)
    return doctor


async def test_testing_a_key_tells_whether_it_lets_us_in(alone: Console, sandbox: Sandbox) -> None:
    await add(alone, sandbox)
    doctor = await tested(alone)
    assert doctor.report.conclusion == "✓ The tenant lets us in, and nothing needs doing."
    assert alone.shows("#doctor-state") == doctor.report.conclusion
    assert alone.workspace.status.tenant == ""
    await alone.press("escape")

    await alone.answered("e")
    assert alone.screen_one("#name").disabled
    await fill(alone, sandbox, api_secret="another secret")
    await alone.press("ctrl+s")
    doctor = await tested(alone)
    assert doctor.report.cause is Cause.KEY
    assert "✗ wrong key: " in alone.shows("#doctor-state")
    assert "another secret" not in alone.text


async def test_editing_with_an_empty_key_keeps_the_old_one(
    alone: Console, sandbox: Sandbox
) -> None:
    await add(alone, sandbox)
    await alone.answered("e")
    await fill(alone, sandbox, api_key="", api_secret="", monitor_url=sandbox.info.monitor_url)
    await alone.press("ctrl+s")
    profile = alone.workspace.tenants.find("acme")
    assert profile.monitor_url == sandbox.info.monitor_url
    assert alone.workspace.tenants.credentials("acme").api_secret == SecretStr(
        sandbox.info.api_secret
    )


async def test_forgetting_asks_first(alone: Console, sandbox: Sandbox) -> None:
    await add(alone, sandbox)
    await alone.answered("d")
    assert isinstance(alone.app.screen, Confirm)
    assert "Forget the tenant acme?" in alone.text
    assert isinstance(alone.app.focused, Button)
    await alone.press("enter")
    assert alone.rows("#tenants-table")
    await alone.answered("d")
    await alone.press("d")
    assert isinstance(alone.app.screen, Confirm)
    await alone.press("y")
    assert alone.rows("#tenants-table") == []
    assert alone.last_told == "acme is forgotten."
    assert "No tenant yet." in alone.shows("#tenants-empty")


async def test_the_environments_tenant_can_be_opened_but_neither_edited_nor_forgotten(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    info = sandbox.info
    environment = Environment(
        base_url=info.base_url,
        api_key=SecretStr(info.api_key),
        api_secret=SecretStr(info.api_secret),
        bot_id=info.bot_id,
    )
    async with run_console(settings_in(tmp_path, environment)) as console:
        await console.settle()
        assert console.rows("#tenants-table")[0][:2] == ["environment", "ready"]
        await console.press("enter")
        await console.until(lambda: "environment ● connected" in console.status)
        for key in ("d", "e"):
            await console.press(key)
            assert "It comes from the environment" in console.last_told
        assert console.rows("#tenants-table")


async def test_the_vault_locks_when_nobody_is_there(alone: Console, sandbox: Sandbox) -> None:
    await alone.answered("a")
    await fill(alone, sandbox)
    alone.app.screen.query_one("#remember", Checkbox).value = True
    await alone.answered("ctrl+s")
    await alone.answered(*PASSPHRASE, "enter")
    await alone.press(*PASSPHRASE, "enter")
    vault = alone.workspace.tenants.vault
    assert vault.is_unlocked
    alone.app._lock_when_idle()
    assert vault.is_unlocked  # somebody has just typed
    idle = alone.workspace.tenants.access._idle
    idle._since -= 3600
    alone.app._lock_when_idle()
    await alone.settle()
    assert "is_unlocked=False" in repr(vault)
    assert "The vault is locked: nobody pressed a key for 15 minutes." in alone.last_told


async def test_a_colour_and_the_production_mark_are_chosen_in_the_dialog(
    alone: Console, sandbox: Sandbox
) -> None:
    await alone.answered("a")
    await fill(alone, sandbox, name="acme-prod")
    alone.app.screen.query_one("#colour", Select).value = "violet"
    alone.app.screen.query_one("#is_production", Checkbox).value = True
    await alone.press("ctrl+s")
    (entry,) = alone.workspace.tenants.entries()
    assert (entry.profile.colour, entry.profile.is_production) == (Colour.VIOLET, True)
    await alone.answered("e")
    assert alone.app.screen.query_one("#colour", Select).value == "violet"
    assert alone.app.screen.query_one("#is_production", Checkbox).value
    await alone.press("escape")


async def test_what_can_be_opened_without_a_person_asks_nobody(
    alone: Console, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await alone.answered("a")
    await fill(alone, sandbox)
    alone.app.screen.query_one("#remember", Checkbox).value = True
    await alone.answered("ctrl+s")
    await alone.answered(*PASSPHRASE, "enter")
    await alone.press(*PASSPHRASE, "enter")
    await alone.press("l")
    assert not alone.workspace.tenants.vault.is_unlocked
    settings = alone.workspace.settings
    environment = Environment(vault_passphrase=SecretStr(PASSPHRASE))
    monkeypatch.setattr(alone.workspace, "settings", replace(settings, environment=environment))
    await alone.press("enter")
    await alone.connected()
