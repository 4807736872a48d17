"""Jump mode: a letter over each part, one key goes there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cognitui.tui.widgets.jump import Jump, Letter

from .support import NARROW, run_console

if TYPE_CHECKING:
    from cognitui.settings import Settings

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


def letters(console: Console) -> dict[str, tuple[int, int]]:
    """The letters that are up, and where."""
    return {
        str(one.render()).strip(): (one.region.x, one.region.y)
        for one in console.place.query(Letter)
    }


async def test_a_letter_goes_to_its_part_also_out_of_a_field(console: Console) -> None:
    await console.go("callbacks")
    assert console.focused == "target"
    await console.press("ctrl+o")
    up = letters(console)
    assert list(up) == ["t", "e", "x", "s", "c", "b"]
    for letter, part in zip(
        up, ("target", "event", "text", "secret", "scheme", "body"), strict=True
    ):
        region = console.screen_one(f"#{part}").region
        assert up[letter] == (region.x, region.y)
    await console.press("b")
    assert console.focused == "body"
    assert letters(console) == {}
    assert console.value("#target") == ""
    await console.press("ctrl+o", "s", "x")
    assert (console.focused, console.value("#secret")) == ("secret", "x")


@pytest.mark.parametrize("key", ["escape", "z", "f9", "ctrl+s", "tab"])
async def test_any_other_key_stays_and_does_nothing_else(console: Console, key: str) -> None:
    await console.go("callbacks")
    await console.press("ctrl+o", key)
    assert console.focused == "target"
    assert not console.place.query(Jump)
    assert letters(console) == {}
    assert console.told == []
    assert console.value("#target") == ""


async def test_a_digit_goes_to_a_place_also_out_of_a_field(console: Console) -> None:
    await console.go("callbacks")
    await console.press("ctrl+o", "6")
    assert console.place.PLACE == "audit"
    await console.press("4")
    assert letters(console) == {}
    assert console.value("#target") == ""


@pytest.mark.parametrize("offset", [(0, 0), (12, 0)], ids=["the letter", "beside it"])
async def test_a_click_goes_there_too(console: Console, offset: tuple[int, int]) -> None:
    await console.go("callbacks")
    await console.press("ctrl+o")
    await console.pilot.click("#secret", offset=offset)
    await console.settle()
    assert console.focused == "secret"
    assert letters(console) == {}


async def test_nothing_moves_and_what_is_scrolled_away_has_no_letter(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=NARROW) as console:
        await console.go("webhook")
        before = {w.id: w.region for w in console.place.focus_chain}
        await console.press("ctrl+o")
        after = {w.id: w.region for w in console.place.focus_chain if not isinstance(w, Jump)}
        assert before == after
        height = console.app.size.height
        assert letters(console)
        assert all(y < height - 1 for _, y in letters(console).values())
        assert "a letter goes to its part" in console.text.splitlines()[-1]
        await console.press("escape")
        assert "Help" in console.text.splitlines()[-1]


@pytest.mark.parametrize("place", ["browse", "webhook", "callbacks", "health", "audit"])
async def test_it_may_be_asked_for_while_the_place_is_being_made(
    settings: Settings, place: str
) -> None:
    for turns in (0, 3, 10, 30):
        async with run_console(settings) as console:
            console.app.action_go(place)
            for _ in range(turns):
                await asyncio.sleep(0)
            console.app.action_jump()
            await console.settle()
            assert place == console.place.PLACE
            if console.place.query(Jump):
                await console.press("escape")
            assert letters(console) == {}
