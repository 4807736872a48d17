"""What is broken on this machine is told, and the console goes on."""

from __future__ import annotations

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from textual.app import App
from textual.containers import Vertical
from textual.css.query import NoMatches
from textual.events import Key
from textual.worker import WorkerFailed

from cognitui.cli.demo import TENANT
from cognitui.settings import Environment
from cognitui.tenants.profiles import Profile, ProfileStore
from cognitui.tui.app import CognituiApp
from cognitui.tui.places import PLACES
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.telling import Told
from cognitui.tui.widgets.frame import Frame
from cognitui.tui.widgets.json_area import JsonArea

from .support import (
    PATIENCE_S,
    SECRET,
    run_console,
    settings_in,
    wait_until_idle,
    with_sandbox,
    written,
)

if TYPE_CHECKING:
    from pathlib import Path

    from textual.app import ComposeResult

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.tui.screens.place import Place

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_profiles_that_cannot_be_read_are_told(settings: Settings) -> None:
    path = settings.paths.config / "profiles.json"
    path.parent.mkdir(parents=True)
    path.write_text("{not json")
    async with run_console(settings) as console:
        await console.until(lambda: bool(console.told))
        assert "profiles.json" in console.last_told
        await console.press("2", "1")
        assert console.place.PLACE == "tenants"


async def test_half_a_tenant_in_the_environment_is_told(tmp_path: Path) -> None:
    environment = Environment(base_url="https://acme.cognigy.ai/api/v1")
    async with run_console(settings_in(tmp_path, environment)) as console:
        await console.until(lambda: bool(console.told))
        assert "COGNITUI_API_KEY" in console.last_told


async def test_without_its_audit_log_it_does_not_stay_open(settings: Settings) -> None:
    settings.paths.data.write_text("a file where a directory should be")
    app = CognituiApp(settings)
    async with app.run_test() as pilot:
        while app.is_running:
            await pilot.pause(0.005)
    assert app.failure is not None
    assert app.return_code == app.failure.kind.value


async def test_a_stored_tenant_may_be_called_environment(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, Environment(
        base_url="https://acme.cognigy.ai/api/v1",
        api_key=SecretStr("key"),
        api_secret=SecretStr("secret"),
    ))  # fmt: skip
    ProfileStore(settings.paths.config / "profiles.json").save(
        Profile(name="environment", base_url="https://other.cognigy.ai/api/v1")
    )
    async with run_console(settings) as console:
        await console.settle()
        assert {row[0] for row in console.rows("#tenants-table")} == {"environment"}


@pytest.mark.parametrize("size", [(20, 5), (24, 8), (40, 10), (250, 60)])
async def test_every_place_is_drawn_at_any_size(
    settings: Settings, sandbox: Sandbox, size: tuple[int, int]
) -> None:
    async with run_console(settings, with_sandbox(sandbox), size=size) as console:
        await console.connected()
        for place in PLACES:
            await console.go(place.id)
            assert console.text


async def test_the_status_changes_while_a_place_is_being_made(settings: Settings) -> None:
    async with run_console(settings, size=(40, 10)) as console:
        box, frame = Vertical(), Frame("audit", console.app.place_keys)
        await console.place.mount(box)
        box.mount(frame)
        frame.refresh_status()  # its lines are not there yet
        await console.settle()


async def test_an_editor_without_any_room_is_drawn(settings: Settings) -> None:
    class Page(App[None]):
        CSS = "JsonArea { width: 3; height: 3; }"

        def compose(self) -> ComposeResult:
            yield JsonArea(placeholder="a placeholder")

    async with Page().run_test() as pilot:
        area = pilot.app.query_one(JsonArea)
        area.styles.padding = (0, 2)
        await pilot.pause()
        assert area.content_size.width == 0
        assert area.render_line(0).cell_length == area.size.width


async def test_work_that_is_replaced_before_it_begins_is_not_reported(
    settings: Settings, sandbox: Sandbox
) -> None:
    done: list[int] = []

    async def work(number: int) -> None:
        done.append(number)

    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        for number in range(3):
            console.tenants.start(work(number), "work")
        await console.settle()
        gc.collect()  # a coroutine that was never awaited would be an error here
    assert done == [2]


async def test_work_ends_before_the_screen_that_it_draws_on_goes(
    settings: Settings, sandbox: Sandbox
) -> None:
    has_a_screen: list[bool] = []

    async def work() -> None:
        try:
            await asyncio.sleep(PATIENCE_S)
        finally:
            await asyncio.sleep(0.2)  # as a connection takes a while to close
            has_a_screen.append(bool(console.tenants.query("#tenants-table")))

    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        console.tenants.start(work(), "work")
        await console.pilot.press("q")
    assert console.app.return_code == 0
    assert has_a_screen == [True]


async def test_work_may_end_when_the_screen_that_it_drew_on_has_gone(
    open_console: OpenConsole,
) -> None:
    ended: list[bool] = []

    async def work(place: Place) -> None:
        while place.query(Frame):  # noqa: ASYNC110 - an event would come too late
            await asyncio.sleep(0)
        ended.append(True)

    async with open_console() as console:
        console.place.start(work(console.place), "slow")
        await asyncio.sleep(0)
        await console.app._shutdown()
    assert ended == [True]


async def test_two_skills_with_one_id_do_not_end_the_console(
    sandbox: Sandbox, open_console: OpenConsole
) -> None:
    skills = sandbox.tenant.bots[sandbox.info.bot_id].skills
    skills["another"] = next(iter(skills.values()))
    async with open_console() as console:
        await console.go("webhook")
        await console.answered("f2")
        await console.press("enter")
        assert console.note("skill_id") == "✓ Order status"


async def test_two_webhooks_with_one_id_do_not_end_the_console(
    sandbox: Sandbox, open_console: OpenConsole
) -> None:
    webhooks = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    webhooks["another"] = next(iter(webhooks.values()))
    async with open_console() as console:
        await console.go("browse")
        await console.go("callbacks")
        await console.answered("f2")
        await console.press("enter")
        assert console.note("target").startswith("wh_")


async def test_what_was_typed_last_is_in_the_draft_when_one_quits(
    settings: Settings, open_console: OpenConsole
) -> None:
    async with open_console() as console:
        await console.go("webhook")
        await console.type("#endpoint_url", "https://typed.last")
        await console.press("escape", "q")
        await console.pilot.press("y")
    assert b"https://typed.last" in written(settings.paths.state / "drafts", "*.json")


async def test_a_change_that_was_begun_before_a_restart_can_be_finished(
    settings: Settings, sandbox: Sandbox
) -> None:
    held = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    async with run_console(settings, with_sandbox(sandbox)) as first:
        await first.connected()
        webhook = await first.workspace.client.webhook(first.workspace.bot_id, "wh_90ce")
        first.app.edit_webhook(webhook, [])
        await first.settle()
        await first.type("#timeout_ms", "700")
        drafts = settings.paths.state / "drafts"
        await first.until(lambda: b"700" in written(drafts, "*.json"))
    async with run_console(settings, with_sandbox(sandbox)) as second:
        await second.connected()
        await second.go("webhook")
        assert "Edit wh_90ce" in second.shows("#webhook-title")
        await second.press("ctrl+s")
        assert held["wh_90ce"].timeout_ms == 700
        # With a secret it would be complete enough to be registered anew.
        await second.type("#secret_key", SECRET)
        await second.press("ctrl+s")
        assert (len(held), held["wh_90ce"].secret) == (37, SECRET)


async def test_opening_a_webhook_does_not_drop_what_was_written(
    settings: Settings, open_console: OpenConsole
) -> None:
    async with open_console() as console:
        await console.go("webhook")
        await console.type("#endpoint_url", "https://half.written")
        webhook = await console.workspace.client.webhook(console.workspace.bot_id, "wh_90ce")
        console.app.edit_webhook(webhook, [])
        await console.settle()
        assert "Edit wh_90ce" in console.shows("#webhook-title")
        assert "is kept as a draft" in console.last_told
        drafts = settings.paths.state / "drafts"
        await console.until(lambda: b"https://half.written" in written(drafts, "*.json"))
        await console.press("escape")
        await console.answered("o")
        await console.press("enter")
        assert console.value("#endpoint_url") == "https://half.written"


async def test_a_key_that_comes_while_one_leaves_does_nothing(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.go("browse")
        console.app.is_leaving = True
        console.app.action_go_back()
        console.app.action_go_forward()
        console.app.is_leaving = False
        assert console.place.PLACE == "browse"


@pytest.mark.parametrize("turns", [0, 10, 40])
async def test_whoever_quits_while_something_is_being_made_quits(
    settings: Settings, turns: int
) -> None:
    for place in (place.id for place in PLACES if place.id != "tenants"):
        async with run_console(settings) as console:
            console.app.action_go(place)
            console.app.push_screen(Picker("Which?", [Choice("a", "a")], empty="none"))
            console.app.action_command_palette()
            for _ in range(turns):
                await asyncio.sleep(0)
            await console.app.action_quit()
            await console.until(lambda: not console.app.is_running)
        assert console.app.return_code == 0


def break_with(error: Exception) -> None:
    raise error


async def break_dialog(app: CognituiApp, *errors: Exception, is_open: bool) -> None:
    dialog = Ask("Why?", "Because.")
    await app.push_screen(dialog)
    for error in errors:
        dialog.call_next(break_with, error)
    if not is_open:
        dialog.dismiss()
    await wait_until_idle()


async def test_only_parts_that_are_gone_may_miss_parts_that_are_gone(settings: Settings) -> None:
    async with run_console(settings) as console:
        await break_dialog(console.app, NoMatches("#a"), is_open=False)
    assert not console.app.return_code
    with pytest.raises(ValueError, match="wrong"):
        async with run_console(settings) as console:
            await break_dialog(console.app, ValueError("wrong"), is_open=False)
    assert console.app.return_code == 1
    with pytest.raises(NoMatches):
        async with run_console(settings) as console:
            await break_dialog(console.app, NoMatches("#a"), is_open=True)
    assert console.app.return_code == 1


def break_while_leaving(app: CognituiApp, *errors: Exception) -> None:
    app.is_leaving = True
    for error in errors:
        app._handle_exception(error)
    app.is_leaving = False


async def test_parts_may_be_missed_while_one_leaves(settings: Settings) -> None:
    gone = NoMatches("#a")
    async with run_console(settings) as console:
        break_while_leaving(console.app, gone, WorkerFailed(gone))
    assert not console.app.return_code
    with pytest.raises(ValueError, match="wrong"):
        async with run_console(settings) as console:
            break_while_leaving(console.app, gone, ValueError("wrong"))
    assert console.app.return_code == 1


async def test_work_may_miss_its_place_while_the_console_closes(settings: Settings) -> None:
    missed: list[NoMatches] = []

    async def work(place: Place) -> None:
        try:
            await asyncio.sleep(PATIENCE_S)
        finally:  # it ends slowly, and draws what it has found by then
            for _ in range(1000):
                await asyncio.sleep(0)
                if not place.query(Frame):
                    missed.append(NoMatches("Frame"))
                    raise missed[-1]

    async with run_console(settings) as console:
        place = console.place
        place.call_next(place.start, work(place), "work")
        for _ in range(20):
            await asyncio.sleep(0)
    assert missed
    assert not console.app.return_code


async def test_the_tenant_may_change_while_a_place_is_being_made(settings: Settings) -> None:
    async with run_console(settings) as console:
        for place in PLACES[1:]:
            console.app.action_go(place.id)
            console.app.tenant_changed()
            await console.settle()
            assert place.id == console.place.PLACE


async def test_a_tenant_that_is_chosen_twice_at_once_leaves_nothing_behind(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", RuntimeWarning)
            console.app.connection.open(TENANT)
            console.app.connection.open(TENANT)
            await console.settle()
            gc.collect()
        assert not [str(one.message) for one in heard]
        assert console.app.workspace.status.connection == "connected"


@pytest.mark.parametrize("place", [place.id for place in PLACES if place.id != "tenants"])
async def test_a_key_that_is_quicker_than_a_place_does_nothing(
    open_console: OpenConsole, place: str
) -> None:
    async with open_console() as console:
        console.app.action_go(place)
        screen = console.place
        assert not screen.is_mounted
        assert await console.app.run_action("screen.cancel_or_leave") is False
        for command in screen.PLACE_COMMANDS:
            assert screen.reason_against(command)
            for key in command.keys:
                await console.app.on_key(Key(key, None))
        await console.settle()
        assert place == console.place.PLACE
        assert screen.is_mounted


async def test_a_toast_that_ends_while_it_is_made_does_not_hold_the_loop() -> None:
    told = Told("gone by now", timeout=-1.0)
    assert told.has_expired
    assert told.time_left > 0


async def test_the_tenant_may_change_while_the_console_closes(settings: Settings) -> None:
    async with run_console(settings) as console:
        app = console.app
    assert app.places.tenants.is_mounted
    assert not app.places.tenants.children
    app.tenant_changed()


async def test_whoever_quits_just_before_a_question_is_asked_quits(settings: Settings) -> None:
    async with run_console(settings) as console:
        app = console.app

        async def ask() -> None:
            await app.action_quit()
            await app.push_screen_wait(Ask("Why?", "Because."))

        app.run_worker(ask())
        await console.until(lambda: not app.is_running)
    assert app.return_code == 0


async def test_work_may_ask_for_the_place_while_one_leaves(settings: Settings) -> None:
    async with run_console(settings) as console:
        app = console.app

        async def load() -> None:
            await app.action_quit()
            app.screen_of_place.refresh()

        app.run_worker(load())
        await console.until(lambda: not app.is_running)
    assert app.return_code == 0


async def test_work_may_ask_for_the_place_while_the_console_closes(settings: Settings) -> None:
    asked: list[bool] = []

    async with run_console(settings) as console:
        app = console.app

        async def load() -> None:
            try:
                await asyncio.sleep(PATIENCE_S)
            finally:  # whoever takes the console down does not always quit it first
                for _ in range(1000):
                    await asyncio.sleep(0)
                    if not app.screen_stack:
                        break
                asked.append(True)
                app.screen_of_place.refresh()

        app.run_worker(load())
        await wait_until_idle()
    assert asked
    assert not app.return_code


async def test_what_breaks_just_before_it_does_not_stop_a_quit(settings: Settings) -> None:
    async with run_console(settings) as console:
        console.app.call_next(break_with, NoMatches("gone"))
        await console.app.action_quit()
        await console.until(lambda: not console.app.is_running)
    assert console.app.return_code == 0


@pytest.mark.parametrize("turns", range(1, 12))
async def test_a_question_that_is_given_up_leaves_no_other_half_closed(
    console: Console, turns: int
) -> None:
    app, first = console.app, Ask("Why?", "Because.")
    await app.push_screen(first)
    await console.settle()

    async def ask() -> None:
        first.dismiss()
        await app.push_screen_wait(Ask("Why not?", "Because."))

    work = app.run_worker(ask())
    for _ in range(turns):
        await asyncio.sleep(0)
    work.cancel()
    await console.settle()
    assert not first.is_attached
    await console.press("escape", "2")
    assert console.place.PLACE == "browse"
