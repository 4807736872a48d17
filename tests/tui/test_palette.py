"""The palette: everything that can be done, or why not, and everything that is loaded."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList

from cognitui.cognigy.models import RegisteredWebhook
from cognitui.tenants.profiles import Profile
from cognitui.tui.palette import MOST_THINGS
from cognitui.tui.screens.ask import Ask

from .support import run_console

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def listed(console: Console, typed: str = "") -> list[str]:
    """Open the palette, type, and read its lines with single blanks."""
    await console.pilot.press("ctrl+p")
    await console.until(lambda: isinstance(console.app.screen, CommandPalette))
    palette = console.app.screen
    await console.until(lambda: palette.has_class("-ready"))
    if typed:
        palette.query_one(Input).value = typed
        await console.settle()
        await console.until(lambda: not any(w.is_running for w in palette.workers))
        await console.settle()
    options = palette.query_one(OptionList).options
    return [" ".join(str(option.prompt).split()) for option in options]


async def choose(console: Console, typed: str) -> None:
    """Type, and take the first line."""
    lines = await listed(console, typed)
    assert lines, typed
    await console.pilot.press("enter")
    await console.until(lambda: not isinstance(console.app.screen, CommandPalette))
    await console.settle()


async def test_it_lists_what_can_be_done_here_then_anywhere_with_keys(console: Console) -> None:
    await console.press("6")
    lines = await listed(console)
    assert lines[0] == "/ Filter Filter the records"
    last = lines.index("r Reload Read the log again")
    assert lines[last - 1 : last + 2] == [
        "V Verify Find out whether the log is complete",
        "r Reload Read the log again",
        "1 Go to Tenants Profiles, keys and connecting",
    ]
    assert "q Quit Quit, after asking where something would be lost" in lines
    # What Textual brings along, in our words, and nothing twice.
    assert "Theme Choose the colours" in lines
    assert not any("Keys" in line or "Maximize" in line or "Palette" in line for line in lines)
    assert sum("Quit" in line for line in lines) == 1


async def test_what_cannot_be_done_says_why_and_says_it_again_when_chosen(
    console: Console,
) -> None:
    await console.press("2")
    lines = await listed(console, "delete")
    reason = "The cursor is on a bot: move to a webhook."
    assert lines[0] == f"d Delete ✗ {reason}"
    await console.press("enter")
    await console.until(lambda: console.last_told == reason)
    assert console.app.screen is console.browse


async def test_a_command_does_what_its_key_does(console: Console) -> None:
    await console.press("6")
    await choose(console, "filter the rec")
    assert console.focused == "audit-filter"
    await choose(console, "go to browse")
    assert console.place.PLACE == "browse"
    await choose(console, "back")
    assert console.place.PLACE == "audit"


async def test_commands_of_other_places_go_there_first(console: Console) -> None:
    lines = await listed(console, "sync")
    assert lines[0] == "Audit: Sync to monitor Send the report to the monitor"
    await console.press("escape")
    # What needs something chosen there is not offered here.
    assert not any("Reset" in line for line in await listed(console, "reset"))
    await console.press("escape")
    await choose(console, "sync to monitor")
    assert console.place.PLACE == "audit"
    assert "sent; the monitor answered" in console.last_told


async def test_it_goes_to_webhooks_skills_and_bots_that_are_loaded(console: Console) -> None:
    await console.go("audit")
    (line,) = await listed(console, "wh_c33b")
    assert line.startswith("Go to webhook wh_c33b Billing http://")
    await console.press("escape")
    await choose(console, "wh_c33b")
    assert console.place.PLACE == "browse"
    assert "wh_c33b" in console.shows("#browse-detail")
    await choose(console, "hr helper")
    assert "HR Helper" in console.shows("#browse-detail")
    await choose(console, "skill gift cards")
    assert "Gift cards" in console.shows("#browse-detail")


async def test_it_switches_tenants(console: Console, sandbox: Sandbox) -> None:
    known = console.workspace.tenants
    other = Profile(name="acme-prod", base_url=sandbox.info.base_url)
    known.add_session(other, known.credentials("sandbox"))
    await console.press("6")
    assert not any("Switch to tenant sandbox" in line for line in await listed(console, "switch"))
    await console.press("escape")
    await choose(console, "acme-prod")
    await console.until(lambda: "acme-prod ● connected" in console.status)
    assert console.place.PLACE == "audit"


async def test_a_tenant_whose_key_is_locked_away_is_unlocked_first(
    console: Console, sandbox: Sandbox
) -> None:
    known = console.workspace.tenants
    known.store.save(Profile(name="locked-one", base_url=sandbox.info.base_url))
    await console.press("6")
    await listed(console, "locked-one")
    await console.pilot.press("enter")
    await console.until(lambda: isinstance(console.app.screen, Ask))
    assert console.place.PLACE == "tenants"
    assert "vault" in console.text


async def test_of_ten_thousand_webhooks_a_bounded_number_is_listed(
    console: Console, sandbox: Sandbox
) -> None:
    await console.go("browse")
    loaded = console.workspace.catalogue.chosen
    assert loaded is not None
    one = next(iter(loaded.webhooks.items.values()))
    for number in range(10_000):
        more = {**dict(one), "id": f"wh_x{number:05}"}
        loaded.webhooks.put(RegisteredWebhook.model_construct(**more))
    lines = await listed(console, "wh_x")
    assert len(lines) == MOST_THINGS
    await console.press("escape")
    assert (await listed(console, "wh_x09876"))[0].startswith("Go to webhook wh_x09876")


async def test_without_a_tenant_it_lists_what_there_is(settings: Settings) -> None:
    async with run_console(settings) as console:
        lines = await listed(console)
        assert lines[0] == "a Add Add a tenant"
        assert "^r Connect again ✗ No tenant is open: 1 shows those there are." in lines


async def test_a_letter_that_reaches_it_while_it_closes_does_no_harm(console: Console) -> None:
    for turns in range(40):
        await listed(console)
        palette = console.app.screen
        assert isinstance(palette, CommandPalette)
        box = palette.query_one(Input)
        palette._action_escape()
        for _ in range(turns):
            await asyncio.sleep(0)
        palette._input(Input.Changed(box, "none of them"))
        await console.settle()
        assert console.app.screen is console.app.screen_of_place, turns
    assert await listed(console)


async def test_it_may_be_closed_before_it_is_there_and_opened_before_it_is_gone(
    console: Console,
) -> None:
    for turns in range(0, 40, 2):
        for _ in range(3):
            console.app.action_command_palette()
            console.app.screen.dismiss()
            for _ in range(turns):
                await asyncio.sleep(0)
        await console.settle()
        assert console.app.screen is console.app.screen_of_place, turns
    assert await listed(console)


async def test_closing_it_twice_leaves_the_dialog_that_came_between(console: Console) -> None:
    await listed(console)
    palette, dialog = console.app.screen, Ask("Name", "Of what.")
    palette.dismiss()
    console.app.push_screen(dialog)
    palette.dismiss()
    await console.settle()
    assert console.app.screen is dialog
    await console.press("escape")


async def test_closing_it_below_a_dialog_does_not_keep_it_open_for_ever(console: Console) -> None:
    await listed(console)
    palette, dialog = console.app.screen, Ask("Name", "Of what.")
    console.app.push_screen(dialog)
    palette.dismiss()  # a key that was on its way to it
    await console.settle()
    assert console.app.screen is dialog
    await console.press("escape", "escape")
    assert console.app.screen_stack == [console.app.screen_of_place]
