"""From 60 columns to 250: all of it can be reached, nothing is absurdly wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Button, Input

from cognitui.tui.widgets.frame import LEAST

if TYPE_CHECKING:
    from .conftest import OpenConsole

pytestmark = pytest.mark.asyncio(loop_scope="module")

SIZES = [LEAST, (80, 24), (110, 30), (200, 50), (250, 60)]
WIDEST = 100


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_part_can_be_seen_when_it_has_the_focus(
    size: tuple[int, int], open_console: OpenConsole
) -> None:
    async with open_console(size=size, receiver=True) as console:
        for name in ("tenants", "callbacks", "audit"):
            await console.go(name)
            for widget in console.place.focus_chain:
                widget.focus()
                await console.settle()
                seen = console.place.find_widget(widget).visible_region
                assert seen.area, f"{widget} in {name}"
                assert not isinstance(widget, Input) or name == "audit" or seen.width <= WIDEST
            bar = console.text.splitlines()[-1]
            assert "Help" in bar


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_buttons_of_a_dialog_can_be_seen(
    size: tuple[int, int], open_console: OpenConsole
) -> None:
    async with open_console(size=size) as console:
        await console.answered("a")
        await console.settle()
        for button in console.app.screen.query(Button):
            region = console.app.screen.find_widget(button).visible_region
            assert region.size == button.region.size


async def test_below_the_least_size_one_line_says_so_and_nothing_is_lost(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(80, 24)) as console:
        await console.go("callbacks")
        await console.press("x")
        await console.resize(50, 12)
        await console.until(lambda: console.text == "Too small: cognitui needs 60×16.\n")
        await console.press("y")
        await console.resize(80, 24)
        await console.until(lambda: "1 Tenants" in console.text)
        assert console.value("#target") == "xy"
        assert console.focused == "target"
