"""Every declared command: it has words and a handler, is listed, and does what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.command import CommandPalette
from textual.widgets import Input, OptionList, TextArea

from cognitui.tui.app import CognituiApp
from cognitui.tui.commands import COMMANDS, Command
from cognitui.tui.places import PLACES
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.audit import AuditPlace
from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.burst import Burst
from cognitui.tui.screens.callbacks import CallbacksPlace
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.explain import Explain
from cognitui.tui.screens.help import Help, sheet_of
from cognitui.tui.screens.picker import Picker
from cognitui.tui.screens.probe import Probe
from cognitui.tui.screens.profile_dialog import ProfileDialog
from cognitui.tui.screens.tenants import TenantsPlace
from cognitui.tui.screens.viewer import Viewer
from cognitui.tui.screens.webhook import WebhookPlace
from cognitui.tui.widgets.jump import Jump
from tests.support.servers import reply, serving

from . import trials_audit, trials_browse, trials_editor
from .support import SECRET, offering, run_console

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .support import Console

    Trial = Callable[[Console, str], Awaitable[None]]

OWNERS = {
    "app": CognituiApp,
    "tenants": TenantsPlace,
    "browse": BrowsePlace,
    "webhook": WebhookPlace,
    "callbacks": CallbacksPlace,
    "audit": AuditPlace,
}
BY_ID = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)


@BY_ID
def test_it_has_words_and_a_handler(command: Command) -> None:
    name = command.action.partition("(")[0]
    assert hasattr(OWNERS[command.scope], f"action_{name}")
    assert command.title
    assert command.help[:1].isupper()
    assert not command.help.endswith(".")
    assert [other.id for other in COMMANDS].count(command.id) == 1


def test_every_place_and_the_app_list_their_own_commands() -> None:
    for scope, owner in OWNERS.items():
        listed = owner.COMMANDS_ANYWHERE if scope == "app" else owner.PLACE_COMMANDS  # type: ignore[attr-defined]
        assert list(listed) == [command for command in COMMANDS if command.scope == scope]
    assert {place.id for place in PLACES} == OWNERS.keys() - {"app"}


@pytest.mark.asyncio(loop_scope="module")
async def test_every_command_is_on_a_help_sheet(shared: Console) -> None:
    for place in PLACES:
        await shared.go(place.id)
        rows = [row for section in sheet_of(shared.place) for row in section.rows]
        meanings = {row.meaning for row in rows}
        for command in (*shared.place.PLACE_COMMANDS, *shared.app.COMMANDS_ANYWHERE):
            if not shared.place.is_stood_in_for(command):
                assert command.help in meanings, command.id


@pytest.mark.asyncio(loop_scope="module")
async def test_every_part_of_the_places_has_words(shared: Console) -> None:
    for place in PLACES:
        await shared.go(place.id)
        known = {part.id for part in shared.place.PARTS}
        for widget in shared.place.focus_chain:
            assert widget.id in known, widget
        for part in shared.place.PARTS:
            assert part.help.endswith("."), part.id


# What each does, pressed as a person would


async def goes(console: Console, key: str) -> None:
    """To the place of its key."""
    await console.go("audit" if key != "6" else "callbacks")
    console.place.set_focus(None)
    await console.press(key)
    assert next(place.id for place in PLACES if place.key == key) == console.place.PLACE


async def shows_help(console: Console, key: str) -> None:
    await console.answered(key)
    assert isinstance(console.app.screen, Help)


async def opens_the_palette(console: Console, key: str) -> None:
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, CommandPalette))
    await console.until(lambda: console.app.screen.has_class("-ready"))


async def offers_themes(console: Console, key: str) -> None:
    assert key == ""
    await console.app.run_action("change_theme")
    await console.until(lambda: isinstance(console.app.screen, CommandPalette))
    palette = console.app.screen
    await console.until(lambda: palette.query_one(OptionList).option_count > 2)


async def quits(console: Console, key: str) -> None:
    await console.pilot.press(key)
    await console.until(lambda: console.app._exit)


async def jumps(console: Console, key: str) -> None:
    await console.press(key)
    assert isinstance(console.app.focused, Jump)
    await console.press("l")
    assert console.focused == "tenants-table"


async def goes_back(console: Console, key: str) -> None:
    await console.go("audit")
    await console.press(key)
    assert console.place.PLACE == "tenants"


async def goes_forward(console: Console, key: str) -> None:
    await console.go("audit")
    console.app.action_go_back()
    await console.until(lambda: console.place.PLACE == "tenants")
    await console.press(key)
    assert console.place.PLACE == "audit"


async def connects_again(console: Console, key: str) -> None:
    client = console.workspace.client
    await console.press(key)
    await console.until(lambda: console.workspace.client is not client)
    await console.connected()


async def adds(console: Console, key: str) -> None:
    await console.answered(key)
    assert isinstance(console.app.screen, ProfileDialog)
    assert "Add a tenant" in console.text


async def edits(console: Console, key: str) -> None:
    await console.answered(key)
    assert console.value("#name") == "sandbox"
    await console.type("#bot_id", "bot_7")
    await console.press("ctrl+s")
    assert console.last_told == "sandbox is ready. enter connects, t tests it."
    assert console.workspace.tenants.find("sandbox").bot_id == "bot_7"


async def tries_the_key(console: Console, key: str) -> None:
    await console.answered(key)
    await console.until(lambda: "✓ The tenant lets us in" in console.shows("#doctor-state"))
    await console.press("escape")


async def locks(console: Console, key: str) -> None:
    await console.press(key)
    assert console.last_told == "There is no vault: it is made when you let a key be remembered."


async def forgets(console: Console, key: str) -> None:
    await console.answered(key)
    assert isinstance(console.app.screen, Confirm)
    await console.press("y")
    assert console.rows("#tenants-table") == []


async def lists_again(console: Console, key: str) -> None:
    known = console.workspace.tenants
    other = known.find("sandbox").model_copy(update={"name": "beta"})
    known.add_session(other, known.credentials("sandbox"))
    await console.press(key)
    assert [row[0] for row in console.rows("#tenants-table")] == ["sandbox", "beta"]


async def sends(console: Console, key: str) -> None:
    await aim(console)
    await console.press(key)
    assert console.shows("#delivery").startswith("✓ Delivered")


async def picks_a_target(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.answered(key)
    assert isinstance(console.app.screen, Picker)
    await console.press("enter")
    assert console.value("#target").startswith("http")


async def uses_the_receiver(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.press(key)
    receiver = console.workspace.callbacks.receiver
    assert receiver.is_running
    assert console.value("#target") == receiver.url


async def starts_and_stops_the_receiver(console: Console, key: str) -> None:
    await console.go("callbacks")
    for is_running in (True, False):
        await console.press(key)
        assert console.workspace.callbacks.receiver.is_running is is_running


async def composes_anew(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.type("#body", "{}")
    assert f"({key} resets)" in console.shows("#body-note")
    await console.press(key)
    assert console.app.screen.query_one("#body", TextArea).text != "{}"


async def searches(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    await console.press("escape", key)
    assert console.focused == "received-search"
    await console.type("#received-search", "no such words")
    await console.until(lambda: console.rows("#received") == [])
    await console.type("#received-search", "Hello")
    await console.until(lambda: len(console.rows("#received")) == 1)


async def probes(console: Console, key: str) -> None:
    await aim(console)
    await console.press("escape")
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, Probe))
    await console.until(lambda: len(console.rows("#probe-cases")) >= 2)
    assert "401" in console.text
    await console.press("escape")
    assert "stopped" in console.shows("#probe-state")
    await console.press("escape")


async def explains(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    console.screen_one("#received").focus()
    await console.type("#secret", SECRET + " ")
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, Explain))
    await console.until(lambda: "✗" in console.shows("#explain-result"))
    assert "verifies" in console.shows("#explain-result")
    assert "X-Cognigy-Signature".lower() in console.text.lower()
    await console.press("escape")


async def bursts(console: Console, key: str) -> None:
    await aim(console)
    await console.press("escape")
    await console.pilot.press(key)
    await console.until(lambda: isinstance(console.app.screen, Burst))
    await console.type("#burst-count", "40")
    await console.pilot.press("ctrl+s")
    await console.until(lambda: "40 of 40 delivered" in console.shows("#burst-result"))
    assert "p95" in console.shows("#burst-result")
    await console.press("escape")
    await console.until(lambda: len(console.rows("#received")) == 40)


async def resends(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.press("escape", key)
    await console.until(lambda: len(console.rows("#received")) == 2)
    first, second = console.workspace.callbacks.receiver.received
    assert first.body == second.body
    assert [row[2] for row in console.rows("#received")] == ["✓ verified", "! replay"]


async def shows_code(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.press("escape")
    await console.answered(key)
    await console.press(*"flask", "enter")
    assert isinstance(console.app.screen, Viewer)
    assert "compare_digest" in console.shows("#viewer-text")
    await console.press("y")
    assert "compare_digest" in console.app.clipboard
    await console.press("escape")


async def shows_bytes(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.press("escape")
    await console.answered(key)
    assert "00000000  7b 22" in console.shows("#viewer-text")


async def answers_as_told(console: Console, key: str) -> None:
    await aim(console)
    await console.press("escape")
    await console.answered(key)
    await console.type("Input", "503,200")
    await console.press("enter")
    assert "503" in console.last_told
    await console.press("ctrl+s")
    assert "503" in console.shows("#delivery")


async def forwards(console: Console, key: str) -> None:
    async with serving(lambda _: reply(204)) as server:
        await aim(console)
        await console.press("escape")
        await console.answered(key)
        await console.type("Input", "http://192.0.2.1/")
        await console.pilot.press("enter")
        await console.until(lambda: "192.0.2.1" in console.text and "✗" in console.text)
        await console.type("Input", f"{server.origin}/mine")
        await console.press("enter")
        assert console.last_told.startswith("What verifies is handed to")
        await console.press("ctrl+s")
        await console.until(lambda: "handed on: 204" in console.shows("#received-detail"))
        (request,) = server.requests
        (received,) = console.workspace.callbacks.receiver.received
        assert request.body == received.body
        console.workspace.callbacks.receiver.set_forwarder(None)


async def exports(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    await console.press("escape")
    await console.answered(key)
    await console.press(*"curl", "enter")
    assert "curl" in console.shows("#viewer-text")
    await console.press("escape")


async def keeps(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    await console.press("escape", key)
    assert console.last_told.startswith("Kept as ")
    assert len(console.workspace.callbacks.captures.names()) == 1


async def replays(console: Console, key: str) -> None:
    await keeps(console, "k")
    await console.answered(key)
    await console.press("enter")
    await console.until(lambda: len(console.rows("#received")) == 2)
    first, second = console.workspace.callbacks.receiver.received
    assert first.body == second.body


async def turns_the_order(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    await console.press("escape", key)
    assert "as they were sent" in console.shows("#receiver-title")
    await console.press(key)
    assert "as they were sent" not in console.shows("#receiver-title")


async def clears(console: Console, key: str) -> None:
    await sends(console, "ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    await console.press(key)
    assert console.rows("#received") == []
    assert not console.workspace.callbacks.receiver.received


async def undoes(console: Console, key: str) -> None:
    workspace = console.workspace
    webhook = (await workspace.list_webhooks())[0]
    await workspace.webhooks.set_enabled(webhook, enabled=not webhook.enabled)
    await console.answered(key)
    assert isinstance(console.app.screen, Confirm)
    assert webhook.id in console.text
    await console.press("y")
    assert (await workspace.list_webhooks())[0].enabled is webhook.enabled
    assert "is as it was before" in console.last_told


async def aim(console: Console) -> None:
    """Aim at the receiver on this machine."""
    await console.go("callbacks")
    await console.press("f6")


TRIED: dict[str, Trial] = {
    **trials_browse.TRIED,
    **{f"app.go-{place.id}": goes for place in PLACES},
    "app.help": shows_help,
    "app.palette": opens_the_palette,
    "app.undo": undoes,
    "app.theme": offers_themes,
    "app.quit": quits,
    "app.jump": jumps,
    "app.back": goes_back,
    "app.forward": goes_forward,
    "app.reconnect": connects_again,
    "tenants.add": adds,
    "tenants.edit": edits,
    "tenants.test": tries_the_key,
    "tenants.lock": locks,
    "tenants.forget": forgets,
    "tenants.reload": lists_again,
    "callbacks.send": sends,
    "callbacks.pick-target": picks_a_target,
    "callbacks.use-receiver": uses_the_receiver,
    "callbacks.toggle-receiver": starts_and_stops_the_receiver,
    "callbacks.reset-body": composes_anew,
    "callbacks.search": searches,
    "callbacks.probe": probes,
    "callbacks.explain": explains,
    "callbacks.burst": bursts,
    "callbacks.resend": resends,
    "callbacks.code": shows_code,
    "callbacks.bytes": shows_bytes,
    "callbacks.answers": answers_as_told,
    "callbacks.export": exports,
    "callbacks.forward": forwards,
    "callbacks.keep": keeps,
    "callbacks.replay": replays,
    "callbacks.order": turns_the_order,
    "callbacks.clear": clears,
    **trials_audit.TRIED,
}


@pytest.mark.asyncio(loop_scope="module")
@BY_ID
async def test_it_does_what_it_says(command: Command, console: Console, sandbox: Sandbox) -> None:
    assert command.id in TRIED.keys() | trials_editor.TRIED.keys(), "nothing here tries it"
    key = next(iter(command.keys), "")
    if command.scope == "webhook":
        await trials_editor.TRIED[command.id](console, key, sandbox)
    else:
        await TRIED[command.id](console, key)


# What cannot be done now says why


@pytest.mark.asyncio(loop_scope="module")
async def test_without_a_tenant_its_keys_say_what_to_do(settings: Settings) -> None:
    async with run_console(settings) as console:
        await console.settle()
        for key in ("e", "t", "d"):
            console.told.clear()
            await console.press(key)
            assert console.told == ["There is no tenant yet: a adds one."]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_monitor_is_asked_for_where_none_is_known(
    settings: Settings, sandbox: Sandbox
) -> None:
    info = sandbox.info
    prepare = offering(info.base_url, key=info.api_key, secret=info.api_secret)
    async with run_console(settings, prepare) as console:
        await console.connected()
        await console.go("audit")
        await console.answered("s")
        assert isinstance(console.app.screen, Ask)
        assert isinstance(console.app.focused, Input)


@pytest.mark.asyncio(loop_scope="module")
async def test_ctrl_c_tells_how_to_quit_when_nothing_is_selected(console: Console) -> None:
    for key in ("1", "4"):
        console.told.clear()
        await console.press(key, "ctrl+c")
        assert console.told == ["q quits; while you type, ctrl+q does."]
    await console.press("escape", "1")
    await console.answered("a")
    console.told.clear()
    await console.type("#name", SECRET[:10])
    console.app.screen.set_focus(None)
    await console.press("ctrl+c")
    assert console.told == ["q quits; while you type, ctrl+q does."]
