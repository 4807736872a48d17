"""What a person configures takes effect: keys, read-only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from cognitui.config import ConfigBroken
from cognitui.settings import Settings
from cognitui.tui.app import CognituiApp
from cognitui.tui.screens.help import Help
from cognitui.tui.screens.profile_dialog import ProfileDialog

from .support import run_console, with_sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


def configured(home: Path, text: str) -> Settings:
    """Settings whose file says this."""
    path = home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Settings.load({"COGNITUI_HOME": str(home)})


def key_bar(console: Console) -> str:
    return console.text.splitlines()[-1]


async def test_a_command_is_on_the_keys_that_were_chosen(tmp_path: Path, sandbox: Sandbox) -> None:
    settings = configured(
        tmp_path,
        '[keys]\ntenants.add = ["ctrl+d", "X"]\ntenants.reload = "a"\napp.go-browse = "z"\n',
    )
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        assert " z Browse " in console.text.splitlines()[1]
        assert "^d Add" in key_bar(console)
        await console.press("a", "2")
        assert console.app.screen is console.tenants
        for key in ("ctrl+d", "X"):
            await console.answered(key)
            assert isinstance(console.app.screen, ProfileDialog)
            await console.press("escape")
        await console.press("z")
        assert console.place.PLACE == "browse"


async def test_help_shows_the_keys_that_were_chosen(tmp_path: Path) -> None:
    settings = configured(
        tmp_path, '[keys]\ntenants.add = ["insert", "+"]\ntenants.lock = "off"\napp.help = "?"\n'
    )
    async with run_console(settings) as console:
        await console.answered("question_mark")
        assert isinstance(console.app.screen, Help)
        words = " ".join(console.shows("#help-text").split())
        for line in (
            "insert, + Add a tenant",
            "palette Lock the vault",
            "? What is this, and which keys are there?",
        ):
            assert line in words


async def test_what_is_told_names_the_keys_that_were_chosen(tmp_path: Path) -> None:
    settings = configured(tmp_path, '[keys]\ntenants.add = "insert"\ntenants.test = "off"\n')
    async with run_console(settings) as console:
        assert "insert add one: its base URL" in console.shows("#tenants-empty")
        words = console.app.with_keys("{tenants.test} tests, {tenants.edit:3}edits, {x} stays")
        assert words == "^p tests, e  edits, {x} stays"


async def test_what_is_switched_off_stays_in_the_palette(tmp_path: Path) -> None:
    settings = configured(tmp_path, '[keys]\ntenants.add = "off"\n')
    async with run_console(settings) as console:
        await console.press("a")
        assert console.app.screen is console.place
        assert "Add" not in key_bar(console)
        await console.pilot.press("ctrl+p")
        await console.until(lambda: isinstance(console.app.screen, CommandPalette))
        console.app.screen.query_one(Input).value = "add a tenant"
        await console.until(lambda: "Add a tenant" in console.text)
        await console.press("enter")
        await console.until(lambda: isinstance(console.app.screen, ProfileDialog))


async def test_keys_that_cannot_be_stop_the_console_before_it_starts(tmp_path: Path) -> None:
    settings = configured(tmp_path, '[keys]\nbrowse.delete = "h"\n')
    with pytest.raises(ConfigBroken, match="line 2"):
        CognituiApp(settings)


async def test_a_read_only_console_changes_nothing_and_says_why(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    settings = configured(tmp_path, "read_only = true\n")
    reason = (
        "This is read-only: nothing is changed at the tenant or sent to an endpoint. "
        "So says config.toml, line 1."
    )
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        await console.go("browse")
        assert "read-only" in console.status
        for key in ("x", "d"):
            console.told.clear()
            await console.press(key)
            assert console.told == [reason]
        await console.go("webhook")
        await console.press("ctrl+s")
        assert console.last_told == reason
        await console.go("callbacks")
        await console.press("ctrl+s")
        assert console.last_told == reason
        await console.go("audit")
        await console.press("s")
        assert console.last_told == reason
        assert {r.method for r in sandbox.tenant.requests if "auth" not in r.path} == {"GET"}
        assert await console.records() == []


async def test_a_scheme_of_ones_own_is_offered_and_signs(tmp_path: Path, sandbox: Sandbox) -> None:
    settings = configured(
        tmp_path,
        '[schemes.acme]\ntitle = "ACME"\nheader = "X-Acme"\nvalue = "v0={signature}"\n'
        'signs = "{timestamp}:{body}"\ntimestamp_header = "X-Acme-Time"\nunit = "s"\n',
    )
    async with run_console(settings, with_sandbox(sandbox, receiver=True)) as console:
        await console.connected()
        await console.go("callbacks")
        await console.press("f6")
        console.screen_one("#scheme").value = "acme"  # type: ignore[attr-defined]
        await console.settle()
        assert "X-Acme: v0=" in console.shows("#headers")
        await console.press("ctrl+s")
        await console.until(lambda: len(console.rows("#received")) == 1)
        assert console.rows("#received")[0][2] == "✓ verified"


async def test_a_scheme_that_cannot_be_used_is_told_and_the_others_go_on(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    settings = configured(tmp_path, '[schemes.acme]\nheader = "X-Acme"\nvalue = "v0"\n')
    async with run_console(settings, with_sandbox(sandbox, receiver=True)) as console:
        await console.connected()
        await console.go("callbacks")
        assert any("acme" in told for told in console.told)
        await console.press("f6", "ctrl+s")
        await console.until(lambda: len(console.rows("#received")) == 1)
        assert console.rows("#received")[0][2] == "✓ verified"
