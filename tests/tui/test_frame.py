"""The frame around the places: connecting, moving about, help, the palette, quitting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button

from cognitui.clock import SystemClock
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.widgets.frame import Frame
from tests.support.clock import FakeClock
from tests.support.servers import Request, reply, serving, tenant

from .support import NARROW, offering, run_console, with_sandbox

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.tui.app import CognituiApp
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
        assert "enter  tries again" in console.shows("#tenants-detail")

        await console.press("2")
        await console.until(lambda: "r  try again" in console.text)
        assert set(console.told) == {console.last_told}
        await console.press("6")
        assert "Nothing was done to acme yet." in console.shows("#audit-empty")
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


async def test_one_goes_back_and_forward_also_out_of_a_field(console: Console) -> None:
    await console.press("alt+left")
    assert console.last_told == "There is no place to go back to. q quits."
    await console.press("4", "alt+right")
    assert console.last_told == "Forward is for after going back."
    assert console.focused == "target"
    await console.press("alt+left")
    assert console.place.PLACE == "tenants"
    await console.press("alt+right")
    assert console.place.PLACE == "callbacks"
    await console.press("6", "less_than_sign")
    assert console.place.PLACE == "callbacks"
    await console.press("greater_than_sign")
    assert console.place.PLACE == "audit"


async def test_ctrl_r_connects_again(console: Console, sandbox: Sandbox) -> None:
    tokens = [request.path for request in sandbox.tenant.requests].count("/api/v1/auth/token")
    await console.press("4", "ctrl+r")
    await console.until(lambda: "sandbox ● connected" in console.status)
    await console.settle()
    paths = [request.path for request in sandbox.tenant.requests]
    assert paths.count("/api/v1/auth/token") == tokens + 1
    await console.workspace.disconnect()
    await console.press("ctrl+r")
    assert console.last_told == "No tenant is open: 1 shows those there are."


async def test_the_requests_left_rise_again_as_the_minute_slides(
    settings: Settings, sandbox: Sandbox
) -> None:
    clock = FakeClock()

    def with_the_clock(app: CognituiApp) -> None:
        app.workspace.clock = clock

    async with run_console(settings, with_sandbox(sandbox), adjust=with_the_clock) as console:
        await console.connected()
        assert "95/100 req left" in console.status
        frame = console.place.query_one(Frame)
        due = console.app.status_changes_in_s
        assert due == pytest.approx(60, abs=0.1)
        assert frame._next is not None  # it looks again when that is due, and not before
        clock.advance(61)
        frame.refresh_status()
        assert "100/100 req left" in console.status
        assert frame._next is None  # nothing changes any more by time alone


async def test_health_is_asked_for_again_when_somebody_looks_and_it_is_old(
    settings: Settings, sandbox: Sandbox
) -> None:
    clock = FakeClock()

    def with_the_clock(app: CognituiApp) -> None:
        app.workspace.clock = clock

    async with run_console(settings, with_sandbox(sandbox), adjust=with_the_clock) as console:
        await console.connected()
        assert "Support Bot ● healthy" in console.status
        sandbox.tenant.bots[sandbox.info.bot_id].status = "degraded"
        await console.go("audit")
        assert "● healthy" in console.status
        clock.advance(61)
        await console.go("tenants")
        await console.until(lambda: "Support Bot ▲ degraded" in console.status)


async def test_a_lost_tenant_is_told_once_and_the_header_says_so(
    console: Console, sandbox: Sandbox, quick_retries: None
) -> None:
    sandbox.stop()
    console.told.clear()
    for _ in range(3):
        await console.go("browse")
        await console.press("r")
        await console.go("tenants")
    assert "sandbox ○ offline" in console.status
    assert "The last request got no answer." in console.shows("#tenants-detail")
    await console.until(lambda: len(console.place.query("Toast")) == 1)


async def test_the_bar_marks_where_one_is_and_takes_clicks(console: Console) -> None:
    frame = console.place.query_one(Frame)
    at = str(frame.render()).split("\n")[1].index("6 Audit")
    await console.pilot.click(frame, offset=(at + 2, 1))
    await console.settle()
    assert console.place.PLACE == "audit"


async def test_q_quits_at_once_while_nothing_would_be_lost(console: Console) -> None:
    await console.pilot.press("q")
    assert console.app._exit
    assert console.app.return_code == 0


async def test_what_is_under_way_ends_before_its_screen_does(console: Console) -> None:
    place, ended = console.place, []

    async def work() -> None:
        try:
            await asyncio.Event().wait()  # never
        finally:
            await asyncio.sleep(0.02)
            ended.append(place.query_one(Frame).is_attached)

    place.start(work(), "test")
    await console.pilot.press("q")
    await console.until(lambda: console.app._exit)
    assert ended == [True]
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
        await console.resize(*NARROW)
        await console.settle()
        await console.until(lambda: "37/50 wh " in console.status)
        assert "breaker ✓" in console.status
        assert "6 Audit" in console.text.splitlines()[1]


async def test_what_one_types_is_no_command_in_the_key_bar(shared: Console) -> None:
    await shared.go("browse")
    assert "/ Filter" in shared.shows("#key-bar")
    await shared.press("slash")
    assert shared.focused == "browse-filter"
    assert "/ Filter" not in shared.shows("#key-bar")
    await shared.press("escape")
    assert "/ Filter" in shared.shows("#key-bar")
