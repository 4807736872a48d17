"""Whatever breaks in the console: one sentence on the terminal, and no value anywhere."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console as RichConsole
from rich.text import Text
from textual.app import App
from textual.css.stylesheet import StylesheetParseError
from textual.widget import Widget

from cognitui import logs
from cognitui.tui.app import CognituiApp
from cognitui.tui.screens.tenants import TenantsPlace
from tests.tui.support import settings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from textual.app import ComposeResult
    from textual.pilot import Pilot

HUSH = "hush-hush-5d1a-the-secret-of-a-tenant"
SENTENCE = "cognitui stopped because of a mistake of its own ("


class Drawn(Exception):
    """An error that can draw itself, as some of Textual's can."""

    def __rich__(self) -> Text:
        return Text(f"drawn {HUSH}")


def fail(secret: str = HUSH) -> Any:
    held = {"api_key": secret}
    raise ValueError(f"with {held}")


def fail_drawn() -> None:
    raise Drawn(HUSH)


def fail_in_a_group() -> None:
    try:
        fail()
    except ValueError as error:
        raise ExceptionGroup(HUSH, [error, Drawn(HUSH)]) from error


async def fail_later(secret: str = HUSH) -> None:
    await asyncio.sleep(0)
    fail(secret)


class BadRender(Widget):
    def render(self) -> str:
        return str(fail())


class BadCompose(Widget):
    def compose(self) -> ComposeResult:
        yield fail()


class BadMount(Widget):
    def on_mount(self) -> None:
        fail()


class BadStyle(Widget):
    DEFAULT_CSS = f"BadStyle {{ colour-{HUSH}: red; }}"


class BadLine(Widget):
    def render_line(self, y: int) -> Any:
        fail(f"{HUSH}{y}")


def in_a_handler(app: CognituiApp) -> None:
    app.call_next(fail)


def in_several_places(app: CognituiApp) -> None:
    app.call_next(fail)
    app.call_next(fail_drawn)
    app.set_timer(0, fail)


WAYS: dict[str, Callable[[CognituiApp], object]] = {
    "a handler": in_a_handler,
    "a callback after the drawing": lambda app: app.call_after_refresh(fail),
    "a timer": lambda app: app.set_timer(0.001, fail),
    "an interval": lambda app: app.set_interval(0.001, fail),
    "a worker": lambda app: app.run_worker(fail_later(), exit_on_error=True),
    "a worker in a thread": lambda app: app.run_worker(fail, thread=True, exit_on_error=True),
    "render": lambda app: app.screen.mount(BadRender()),
    "a line": lambda app: app.screen.mount(BadLine()),
    "compose": lambda app: app.screen.mount(BadCompose()),
    "mount": lambda app: app.screen.mount(BadMount()),
    "a style": lambda app: app.call_next(app.screen.mount, BadStyle()),
    "an error that draws itself": lambda app: app.call_next(fail_drawn),
    "a group of errors": lambda app: app.call_next(fail_in_a_group),
    "a handler of a screen": lambda app: app.screen.call_later(fail),
    "several": in_several_places,
}


@pytest.fixture(autouse=True)
def _no_log_stays_open() -> Iterator[None]:
    yield
    logs.configure(None)


async def crashed(tmp_path: Path, cause: Callable[[CognituiApp], object]) -> tuple[str, str]:
    """What it printed when it had ended, and its log."""
    settings = settings_in(tmp_path)
    logs.configure(settings.paths.state / "logs")
    app = CognituiApp(settings)
    printed = io.StringIO()
    app.error_console = RichConsole(file=printed, width=200)

    await run_until_it_breaks(app, cause)
    log = (settings.paths.state / "logs" / "cognitui.log").read_text()
    return printed.getvalue(), log


async def run_until_it_breaks(app: CognituiApp, cause: Callable[[CognituiApp], object]) -> None:
    async def break_it(_: Pilot[Any]) -> None:
        app.call_after_refresh(cause, app)
        while app._exception is None:  # noqa: ASYNC110 - there is no event for the first of them
            await asyncio.sleep(0.001)

    async with asyncio.timeout(5):
        await app.run_async(headless=True, auto_pilot=break_it)


@pytest.mark.parametrize("way", WAYS)
async def test_one_sentence_and_no_value(
    way: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    printed, log = await crashed(tmp_path, WAYS[way])
    out, err = capfd.readouterr()
    everything = printed + log + out + err
    assert HUSH not in everything
    assert HUSH[:8] not in everything
    assert (printed + err).count(SENTENCE) == 1
    assert "Traceback" not in everything
    events = [json.loads(line) for line in log.splitlines()]
    (crash, *_) = [event for event in events if event["event"] == "crash"]
    assert crash["error_type"]


async def test_a_stylesheet_that_cannot_be_read_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(CognituiApp, "CSS", f"Screen {{ {HUSH}: 1; }}")
    printed, log = await crashed(tmp_path, lambda _: None)
    out, err = capfd.readouterr()
    assert HUSH not in printed + log + out + err
    assert (printed + err).count(SENTENCE) == 1
    assert StylesheetParseError.__name__ in printed + err


async def test_the_first_place_that_cannot_be_composed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(TenantsPlace, "compose", lambda _: fail())
    printed, log = await crashed(tmp_path, lambda _: None)
    out, err = capfd.readouterr()
    assert HUSH not in printed + log + out + err
    assert (printed + err).count(SENTENCE) == 1


async def test_textuals_own_would_print_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above are not blind."""
    monkeypatch.setattr(CognituiApp, "_fatal_error", App._fatal_error)
    monkeypatch.setattr(CognituiApp, "_handle_exception", App._handle_exception)
    logs.configure(tmp_path / "state" / "logs")
    for way in (in_a_handler, WAYS["an error that draws itself"]):
        app = CognituiApp(settings_in(tmp_path))
        printed = io.StringIO()
        app.error_console = RichConsole(file=printed, width=200)
        await run_until_it_breaks(app, way)
        assert HUSH in printed.getvalue()
