"""Dialogs: they answer once, however quick the hands are."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from rich.style import Style
from textual import events
from textual._styles_cache import StylesCache
from textual.command import CommandList, CommandPalette
from textual.widgets import Input, OptionList

from cognitui.tenants.profiles import Profile
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.doctor import Doctor
from cognitui.tui.screens.explain import Explain
from cognitui.tui.screens.help import Help
from cognitui.tui.screens.palette import Palette
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.probe import Probe
from cognitui.tui.screens.profile_dialog import ProfileDialog
from cognitui.tui.widgets.chooser import Chooser, ChooserList
from cognitui.tui.widgets.options import Options

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable

    from textual.screen import Screen

    from cognitui.tenants.doctor import Line

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHOICES = [Choice("a", "first"), Choice("b", "second"), Choice("b", "second again")]


async def test_agreeing_twice_is_agreeing_once(shared: Console) -> None:
    answers: list[bool | None] = []
    dialog = Confirm("Delete wh_1?", "It is gone then.", action="Delete", key="y")
    await shared.app.push_screen(dialog, answers.append)
    place = shared.place
    dialog.action_agree()
    dialog.action_agree()
    dialog.action_cancel()
    await shared.settle()
    assert answers == [True]
    assert shared.app.screen is place


async def test_a_late_key_does_not_answer_the_dialog_that_follows(shared: Console) -> None:
    answers: list[object] = []
    first, second = Ask("Passphrase", "It opens the vault."), Ask("Again", "To be sure.")
    await shared.app.push_screen(first, answers.append)
    await shared.app.push_screen(second, answers.append)
    first.action_dismiss_none()
    assert shared.app.screen_stack[-2:] == [first, second]
    await shared.press("escape")
    await shared.press("escape")
    assert answers == [None, None]
    assert shared.app.screen_stack == [shared.place]


async def test_two_clicks_beside_the_palette_close_only_the_palette(shared: Console) -> None:
    place = shared.place
    await shared.answered("ctrl+p")
    palette = shared.app.screen
    assert isinstance(palette, CommandPalette)
    palette.dismiss()
    palette.dismiss()
    await shared.settle()
    assert shared.app.screen is place


async def test_what_is_chosen_is_what_was_shown(shared: Console) -> None:
    answers: list[str | None] = []
    picker = Picker("Which?", CHOICES, empty="nothing")
    await shared.app.push_screen(picker, answers.append)
    await shared.settle()
    # The list changes before the choice is dealt with.
    picker.query_one(OptionList).highlighted = 1
    picker.query_one(OptionList).action_select()
    picker.query_one(Input).value = "no such thing"
    await shared.settle()
    assert answers == ["b"]


async def test_a_dialog_may_be_left_before_it_is_there(shared: Console) -> None:
    dialog = ProfileDialog(Profile(name="acme", base_url="https://acme.cognigy.ai/api/v1"))
    shared.app.push_screen(dialog)
    dialog.dismiss(None)
    await shared.settle()
    assert shared.app.screen_stack == [shared.place]


async def test_a_click_on_an_option_that_is_gone_chooses_nothing(shared: Console) -> None:
    answers: list[str | None] = []
    picker = Picker("Which?", CHOICES, empty="nothing")
    await shared.app.push_screen(picker, answers.append)
    await shared.settle()
    options = picker.query_one(OptionList)
    x, y = options.region.offset + (1, 2)  # noqa: RUF005 (offsets are added)
    event = events.Click(options, 1, 2, 0, 0, 1, False, False, False, x, y)
    event.style = picker.get_style_at(x, y)
    assert event.style.meta["option"] == 2
    picker.query_one(Input).value = "first"
    await shared.settle()
    options.post_message(event)
    await shared.settle()
    assert answers == []
    await shared.press("escape")


async def test_a_click_on_something_that_the_palette_no_longer_lists_does_nothing(
    shared: Console,
) -> None:
    await shared.pilot.press("ctrl+p")
    palette = shared.app.screen
    assert isinstance(palette, CommandPalette)
    options = palette.query_one(CommandList)
    await shared.until(lambda: options.option_count > 2)
    x, y = options.region.offset + (1, 3)  # noqa: RUF005 (offsets are added)
    event = events.Click(options, 1, 3, 0, 0, 1, False, False, False, x, y)
    event.style = palette.get_style_at(x, y)
    assert "option" in event.style.meta
    palette.query_one(Input).value = "no such thing at all"
    await shared.until(lambda: options.option_count <= 1)
    event.style = event.style + Style(meta={"option": 99})
    options.post_message(event)
    # The click goes on to what lies there now: the space around the list, which closes the palette.
    await shared.until(lambda: shared.app.screen is shared.place)
    assert shared.told == []


async def test_a_toast_may_be_clicked_while_it_goes_away(shared: Console) -> None:
    shared.app.notify("Something was done.")
    await shared.until(lambda: bool(shared.place.query("Toast")))
    toast = shared.place.query("Toast").first()
    x, y = toast.region.offset
    press = events.MouseDown(None, x, y, 0, 0, 1, False, False, False, x, y)
    await toast.remove()
    # It is gone, and on the screen until that is laid out anew.
    assert shared.place.get_widget_at(x, y)[0] is toast
    shared.place._forward_event(press)
    await shared.settle()


async def test_a_page_that_comes_when_the_picker_is_closed_shows_nothing(shared: Console) -> None:
    picker: Picker

    async def pages() -> AsyncIterator[list[Choice]]:
        # Its parts go before Textual tells the picker itself that it is gone.
        while picker.query("#picker-state"):  # noqa: ASYNC110 - an event would come too late
            await asyncio.sleep(0)
        yield CHOICES

    picker = Picker("Which?", [], empty="nothing", more=pages())
    await shared.app.push_screen(picker)
    picker.dismiss(None)
    await shared.settle()
    assert shared.app.screen is shared.place


async def test_what_a_dialog_drew_goes_with_it(console: Console) -> None:
    async def drawn() -> int:
        gc.collect()
        return sum(isinstance(one, StylesCache) for one in gc.get_objects())

    await console.answered("f1")
    await console.press("escape")
    before = await drawn()
    for _ in range(5):
        await console.answered("f1")
        await console.press("escape")
    assert await drawn() <= before + 5


@pytest.mark.parametrize("direction", [-1, 1])
async def test_a_page_before_the_options_are_laid_out_moves_nowhere(
    console: Console, direction: int
) -> None:
    picker = Picker("Which?", [Choice("a", "a"), Choice("b", "b")], empty="none")
    console.app.push_screen(picker)
    await console.until(lambda: picker.is_mounted and picker.query_one(Options).option_count == 2)
    options = picker.query_one(Options)
    options.highlighted = 0
    options._index_to_line.clear()  # as it is when its options have just changed
    options._move_page(direction)
    assert options.highlighted == 0
    await console.press("escape")


async def test_a_page_before_a_chooser_is_laid_out_moves_nowhere(console: Console) -> None:
    await console.go("callbacks")
    console.screen_one("#event").focus()
    await console.press("enter")
    options = console.app.screen.query_one("#event").query_one(ChooserList)
    before = options.highlighted
    options._index_to_line.clear()
    await console.press("pageup")
    assert options.highlighted == before
    await console.press("escape")


async def never(*_: object) -> NoReturn:
    """Work that esc has to end."""
    await asyncio.Event().wait()
    raise AssertionError


async def no_lines() -> AsyncGenerator[Line, None]:
    """Checks of which the first takes for ever."""
    yield await never()


DIALOGS_THAT_WORK: list[tuple[Callable[[], Doctor | Explain | Probe], str]] = [
    (lambda: Doctor("acme", no_lines, can_use=True), "action_again"),
    (lambda: Explain("Explain", never, text="POST / HTTP/1.1\n\n{}"), "action_explain"),
    (lambda: Probe("Report card", never), "on_mount"),
]


@pytest.mark.parametrize(("make", "begin"), DIALOGS_THAT_WORK, ids=["doctor", "explain", "probe"])
async def test_one_that_is_stopped_before_its_work_began_can_be_closed(
    shared: Console, make: Callable[[], Doctor | Explain | Probe], begin: str
) -> None:
    dialog = make()
    place = shared.app.screen
    shared.app.push_screen(dialog)
    await shared.until(lambda: dialog.is_mounted)
    getattr(dialog, begin)()
    dialog.action_close()
    assert shared.app.screen is dialog
    await shared.settle()
    dialog.action_close()
    await shared.settle()
    assert shared.app.screen is place


async def test_a_chooser_that_one_left_open_does_not_take_the_keys_of_places(
    console: Console,
) -> None:
    await console.go("callbacks")
    chooser = console.place.query_one("#event", Chooser)
    for dialog in (None, Ask("Name", "Of what.")):
        chooser.action_show_overlay()
        await console.settle()
        assert chooser.expanded
        console.app.action_go("audit")
        if dialog is not None:
            console.app.push_screen(dialog)  # before the place has heard that it was left
            await console.settle()
            await console.press("escape")
        await console.settle()
        await console.go("callbacks")
        assert not chooser.expanded
    chooser.action_show_overlay()
    await console.settle()
    console.app.action_go("audit")
    console.app.action_go("callbacks")  # before the place has heard that it was left
    await console.settle()
    assert not chooser.expanded
    await console.press("2")
    assert console.place.PLACE == "browse"


async def test_what_a_dialog_was_to_draw_is_not_drawn_once_it_is_closed(console: Console) -> None:
    for turns in range(20):
        await console.press("f1")
        help_ = console.app.screen
        assert isinstance(help_, Help)
        help_.dismiss()
        for _ in range(turns):
            await asyncio.sleep(0)
        help_._fit()
        await console.settle()
        assert console.app.screen is console.place


KEYS_OF_LISTS = ("down", "pagedown", "enter", "ctrl+s", "y", "r")
DIALOGS: list[Callable[[], Screen[Any]]] = [
    lambda: Ask("Passphrase", "It opens the vault."),
    lambda: Picker("Which?", CHOICES, empty="none"),
    lambda: Confirm("Delete wh_1?", "It is gone then.", action="Delete", key="y"),
    *(make for make, _ in DIALOGS_THAT_WORK),
    Palette,
]


@pytest.mark.parametrize("make", DIALOGS)
async def test_a_key_that_is_quicker_than_a_dialog_does_nothing(
    console: Console, make: Callable[[], Screen[Any]]
) -> None:
    dialog = make()
    console.app.push_screen(dialog)
    assert not dialog.is_mounted
    for key in KEYS_OF_LISTS:
        await console.app._on_key(events.Key(key, None))
    await console.settle()
    assert console.app.screen is dialog
    await console.press("escape")
    await console.press("escape")
    assert console.app.screen is console.place
