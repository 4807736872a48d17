"""The frame around the places: connecting, moving about, help, the palette, quitting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.screen import ModalScreen
from textual.widgets import Button, Input

from cognitui.clock import SystemClock
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.help import Help
from tests.support.servers import Request, reply, serving, tenant

from .support import NARROW, offering, run_console

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.workspace import Workspace

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_without_a_tenant_the_first_frame_tells_how_to_begin(settings: Settings) -> None:
    async with run_console(settings) as console:
        await console.settle()
        assert "no tenant open" in console.status
        assert "No tenant yet." in console.shows("#tenants-empty")
        assert "a   add one" in console.shows("#tenants-empty")
        assert "cognitui demo" in console.shows("#tenants-empty")
        await console.until(lambda: "a Add" in console.text.splitlines()[-1])


async def test_the_first_frame_does_not_wait_for_the_tenant(settings: Settings) -> None:
    gate = asyncio.Event()

    async def prepare(workspace: Workspace) -> str:
        await gate.wait()
        return ""

    async with run_console(settings, prepare) as console:
        assert "1 Tenants" in console.text
        gate.set()
        await console.settle()
        assert "No tenant yet." in console.shows("#tenants-empty")


async def test_the_frame_says_connecting_until_the_tenant_answers(settings: Settings) -> None:
    gate = asyncio.Event()

    async def answer(request: Request) -> bytes:
        await gate.wait()
        return await asyncio.sleep(0, listed(request))

    def listed(request: Request) -> bytes:
        answer = tenant(lambda _: reply(200, {"items": [], "nextPage": None}))(request)
        assert isinstance(answer, bytes)
        return answer

    async with (
        serving(answer) as server,
        run_console(settings, offering(f"{server.origin}/api/v1")) as console,
    ):
        await console.until(lambda: "acme ○ connecting" in console.status)
        gate.set()
        await console.until(lambda: "acme ● connected" in console.status)


async def test_a_wrong_key_is_told_and_leaves_the_console_usable(
    settings: Settings, sandbox: Sandbox
) -> None:
    wrong = offering(sandbox.info.base_url, key=sandbox.info.api_key, secret="not the secret")
    async with run_console(settings, wrong) as console:
        await console.until(lambda: "acme ○ not connected" in console.status)
        assert len(console.told) == 1
        assert "key" in console.last_told
        assert "not the secret" not in console.text
        assert "enter tries again" in console.shows("#tenants-detail")

        await console.press("2")
        await console.until(lambda: len(console.told) == 2)
        await console.press("6")
        assert "Nothing was done yet." in console.shows("#audit-empty")
        await console.press("1")
        assert console.rows("#tenants-table")[0][:2] == ["acme", "○ not connected"]


async def test_a_tenant_that_is_down_leaves_the_console_usable(
    settings: Settings, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is asked a few times more; the waits in between are not the point.
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: asyncio.sleep(0))
    prepare = offering(
        sandbox.info.base_url, key=sandbox.info.api_key, secret=sandbox.info.api_secret
    )
    async with run_console(settings, prepare) as console:
        await console.connected()
        sandbox.stop()
        await console.go("browse")
        await console.press("r")
        assert "Nothing answers at 127.0.0.1" in console.last_told
        await console.go("webhook")
        await console.type("#endpoint_url", "https://hooks.example.com")
        assert '"url": "https://hooks.example.com/"' in console.shows("#view")


async def test_number_keys_go_to_the_places_and_esc_goes_back(console: Console) -> None:
    await console.press("2")
    assert console.place.PLACE == "browse"
    await console.press("6")
    assert console.place.PLACE == "audit"
    await console.press("escape")
    assert console.place.PLACE == "browse"
    await console.press("escape")
    assert console.place.PLACE == "tenants"
    await console.press("escape")
    assert console.place.PLACE == "tenants"
    await console.press("3")
    assert console.place.PLACE == "webhook"
    # A digit that is typed into a field is a digit; esc leaves the field first.
    await console.press("4")
    assert (console.place.PLACE, console.value("#skill_id")) == ("webhook", "4")
    await console.press("escape", "4")
    assert console.place.PLACE == "callbacks"


async def test_the_bar_marks_where_one_is_and_takes_clicks(console: Console) -> None:
    places = console.screen_one("#frame-places")
    at = str(places.render()).index("6 Audit")
    await console.pilot.click(places, offset=(at + 2, 0))
    await console.settle()
    assert console.place.PLACE == "audit"


async def test_help_shows_the_keys_of_this_place_and_goes_again(console: Console) -> None:
    await console.press("2")
    await console.answered("f1")
    assert isinstance(console.app.screen, Help)
    for part in ("Browse", "Can the endpoint be reached?"):
        assert part in console.text
    await console.press("end")
    for part in ("Everywhere", "6 "):
        assert part in console.text
    await console.press("question_mark")
    assert not isinstance(console.app.screen, ModalScreen)


async def test_the_palette_goes_to_a_place(console: Console) -> None:
    await console.pilot.press("ctrl+p")
    await console.until(lambda: isinstance(console.app.screen, CommandPalette))
    console.app.screen.query_one(Input).value = "go to audit"
    await console.until(lambda: "Go to Audit" in console.text)
    await console.press("enter")
    await console.until(lambda: console.place.PLACE == "audit")


async def test_q_quits_at_once_while_nothing_would_be_lost(console: Console) -> None:
    await console.pilot.press("q")
    assert console.app._exit
    assert console.app.return_code == 0


async def test_q_asks_before_it_drops_what_was_typed(console: Console) -> None:
    await console.go("webhook")
    await console.type("#endpoint_url", "https://hooks.example.com")
    await console.press("escape")
    await console.press("q")
    assert isinstance(console.app.screen, Confirm)
    assert isinstance(console.app.focused, Button)
    assert console.focused == "cancel"
    await console.press("enter")
    assert console.place.PLACE == "webhook"
    assert not console.app._exit

    await console.press("escape", "q")
    await console.pilot.press("y")
    assert console.app._exit


async def test_the_frame_fits_a_terminal_that_is_made_smaller(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.until(lambda: "37/50 webhooks" in console.status)
        await console.pilot.resize_terminal(*NARROW)
        await console.settle()
        await console.until(lambda: "37/50 wh " in console.status)
        assert "breaker ✓" in console.status
        assert "6 Audit" in console.text.splitlines()[1]
