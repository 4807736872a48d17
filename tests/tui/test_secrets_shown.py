"""A secret on the clipboard or on the screen does not stay there."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from cognitui.tui import secret_clipboard
from cognitui.tui.widgets import entry

from .support import SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


def sent(console: Console, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the terminal's clipboard is told from now on."""
    told: list[str] = []
    driver = console.app._driver
    assert driver is not None

    def write(data: str) -> None:
        start, _, rest = data.partition("\x1b]52;c;")
        if rest and not start:
            told.append(base64.b64decode(rest.removesuffix("\a")).decode())

    monkeypatch.setattr(driver, "write", write)
    return told


async def copy_the_secret(console: Console) -> None:
    await console.go("webhook")
    await console.type("#secret_key", SECRET)
    box = console.app.screen.query_one("#secret_key", Input)
    box.focus()
    box.action_select_all()
    await console.press("ctrl+c")


async def test_a_secret_is_cleared_from_the_clipboard(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_clipboard, "CLEARED_AFTER_S", 0.05)
    told = sent(console, monkeypatch)
    await copy_the_secret(console)
    await console.until(lambda: told == [SECRET, ""])
    assert "cleared from there after" in console.last_told
    assert console.app.clipboard == ""


async def test_what_was_copied_after_it_stays(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = sent(console, monkeypatch)
    await copy_the_secret(console)
    held = console.app._secret_clipboard
    assert held is not None
    console.app.copy_to_clipboard("an id")
    held.clear()
    assert told == [SECRET, "an id"]


async def test_it_is_cleared_when_one_leaves(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = sent(console, monkeypatch)
    await copy_the_secret(console)
    await console.pilot.press("ctrl+q")
    await console.pilot.pause()
    assert told[:2] == [SECRET, ""]


async def test_a_revealed_secret_is_hidden_after_a_while(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "REVEALED_S", 0.05)
    await console.go("webhook")
    await console.type("#secret_key", SECRET)
    await console.press("f4")
    await console.until(lambda: console.app.screen.query_one("#secret_key", Input).password)


async def test_a_revealed_secret_is_hidden_when_the_place_is_left(console: Console) -> None:
    await console.go("webhook")
    await console.type("#secret_key", SECRET)
    await console.press("f4")
    box = console.app.screen.query_one("#secret_key", Input)
    assert not box.password
    console.app.action_go("audit")
    await console.settle()
    assert box.password


async def test_no_picture_shows_a_revealed_secret(console: Console, tmp_path: Path) -> None:
    await console.go("webhook")
    await console.type("#secret_key", SECRET)
    await console.press("f4")
    assert SECRET[:10] in console.text
    console.app.deliver_screenshot(filename="one.svg", path=str(tmp_path))
    await console.until((tmp_path / "one.svg").exists)
    await console.until(lambda: b"</svg>" in (tmp_path / "one.svg").read_bytes())
    picture = (tmp_path / "one.svg").read_text().replace("&#160;", " ")
    assert SECRET[:10] not in picture
    assert "•••" in picture
