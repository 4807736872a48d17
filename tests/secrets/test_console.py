"""No secret is left behind by the console, on a tenant that says back all that it is told."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Checkbox, Input, Select

from cognitui import logs
from cognitui.callbacks.schemes.ready import KEY
from cognitui.errors import CognituiError
from cognitui.settings import Environment, PrivateText
from cognitui.tui.places import PLACES
from tests.tui.support import Console, offering, run_console, settings_in

from .echo import echoing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .finder import Finder

KEYS = ("ctrl+s", "r", "f5", "s", "v", "c", "enter", "escape")


@pytest.fixture
def raised(monkeypatch: pytest.MonkeyPatch) -> list[CognituiError]:
    """Every error of ours, as it is when it has come to the end of its way."""
    errors: list[CognituiError] = []
    begin = CognituiError.__init__

    def noted(self: CognituiError, *arguments: str, **options: str) -> None:
        begin(self, *arguments, **options)
        errors.append(self)

    monkeypatch.setattr(CognituiError, "__init__", noted)
    return errors


@pytest.fixture(autouse=True)
def _log(tmp_path: Path) -> Iterator[None]:
    logs.configure(tmp_path / "state" / "logs")
    yield
    logs.configure(None)


@pytest.mark.usefixtures("temporary")
@pytest.mark.parametrize("mode", [200, 400, 401, "hostile page"], ids=str)
async def test_wherever_one_goes(
    mode: int | str,
    finder: Finder,
    tmp_path: Path,
    raised: list[CognituiError],
) -> None:
    secrets = finder.secrets
    pair = base64.b64encode(f"{secrets['api_key']}:{secrets['api_secret']}".encode()).decode()
    finder.plant(pair=pair)
    with echoing(mode=mode, token=secrets["token"]) as echo:
        environment = Environment(
            monitor_url=PrivateText(f"{echo.origin}/monitor?token={secrets['monitor_token']}")
        )
        settings = settings_in(tmp_path, environment)
        prepare = offering(
            echo.base_url, key=secrets["api_key"], secret=secrets["api_secret"], bot_id="bot_1"
        )
        async with run_console(settings, prepare) as console:
            await console.settle()
            for place in (each.id for each in PLACES):
                await console.go(place)
                look(finder, console, place)
                for key in KEYS:
                    await console.pilot.press(key)
                    await console.drawn()
                    finder.look_at(f"{place}, {key}", console.text)
                await back(console)
            await register(console, finder, echo.origin)
            await send(console, finder, echo.origin)
            finder.look_at("what was told", "\n".join(console.told))
    for error in raised:
        finder.look_into("an error", error)
    assert finder.look_below(tmp_path) > 2
    found = sorted({f"{one.secret} in {one.where}" for one in finder.findings})
    assert not found, "\n".join(found)
    # It was not the console that kept still: all of this was asked for and said back.
    assert "/hook" in echo.heard
    assert {"/api/v1/auth/token", "/api/v1/bots/bot_1/webhooks"} <= set(echo.heard)
    if mode != 200:
        assert raised


def look(finder: Finder, console: Console, where: str) -> None:
    finder.look_at_picture(f"the picture of {where}", console.app.export_screenshot())
    finder.look_at(f"the screen of {where}", console.text)


async def back(console: Console) -> None:
    """Out of whatever dialog is open."""
    while console.app.screen is not console.place:
        console.app.pop_screen()
        await console.drawn()


async def register(console: Console, finder: Finder, origin: str) -> None:
    await console.go("webhook")
    for name, value in (
        ("skill_id", "s"),
        ("endpoint_url", f"{origin}/hook"),
        ("secret_key", finder.secrets["webhook_secret"]),
    ):
        await console.type(f"#{name}", value)
    console.app.screen.query_one("#on-ON_MESSAGE", Checkbox).value = True
    await console.drawn()
    look(finder, console, "the editor")
    await console.pilot.press("ctrl+s")
    await console.settle()
    look(finder, console, "the editor, registered")
    await back(console)


async def send(console: Console, finder: Finder, origin: str) -> None:
    await console.go("callbacks")
    screen = console.app.screen
    for box in screen.query(Input):
        if box.id == "secret":
            box.value = finder.secrets["static_header"]
        if box.id == "target":
            box.value = f"{origin}/hook"
    for choice in screen.query(Select):
        if choice.id == "scheme":
            choice.value = KEY.id
    await console.drawn()
    await console.pilot.press("ctrl+s")
    await console.settle()
    look(finder, console, "the callbacks, sent")
    await back(console)
