"""Help explains the part that has the focus, and tells all keys, and why one does nothing now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.containers import VerticalScroll

from cognitui.tui.screens.help import Help
from cognitui.tui.screens.profile_dialog import ProfileDialog

from .support import NARROW

if TYPE_CHECKING:
    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


def rows(console: Console) -> dict[str, str]:
    """The lines of the sheet that begin with a key, and all others under an empty key."""
    text = console.shows("#help-text")
    return {line[:16].strip(): line[16:].strip() for line in text.splitlines() if line[:1] != " "}


async def test_it_explains_the_focused_part_above_the_place_above_everything(
    console: Console,
) -> None:
    await console.go("audit")
    await console.press("slash")
    await console.answered("f1")
    assert isinstance(console.app.screen, Help)
    text = console.shows("#help-text")
    titles = [text.index(f"{title}\n") for title in ("Filter", "Audit", "Everywhere")]
    assert titles == sorted(titles)
    assert text.startswith("Filter\nShows and counts only what you ask for")
    shown = rows(console)
    assert shown["enter"] == "To the records"  # not what it does in any other field
    assert shown["ctrl+w"] == "Delete the word before the cursor"
    assert shown["s"] == "Send the report to the monitor"
    assert shown["6"].startswith("Go to Audit")
    await console.press("escape")
    assert console.focused == "audit-filter"


async def test_f1_and_the_question_mark_open_and_close_it(console: Console) -> None:
    for key in ("f1", "question_mark"):
        await console.answered(key)
        assert isinstance(console.app.screen, Help)
        await console.press(key)
        assert not isinstance(console.app.screen, Help)


async def test_what_cannot_be_used_now_says_why(console: Console) -> None:
    await console.answered("f1")
    text = console.shows("#help-text")
    assert "alt+←, <        Go to the place before\n" in text
    assert "                not now: There is no place to go back to. q quits.\n" in text


async def test_it_works_in_a_dialog_and_leaves_it_as_it_was(console: Console) -> None:
    await console.answered("a")
    await console.type("#name", "acme")
    await console.press("f1")
    assert isinstance(console.app.screen, Help)
    shown = rows(console)
    assert "Name" in shown
    assert shown["ctrl+s"] == "Save"
    await console.press("escape")
    assert isinstance(console.app.screen, ProfileDialog)
    assert console.value("#name") == "acme"


async def test_all_of_it_can_be_read_on_a_small_terminal(open_console: OpenConsole) -> None:
    async with open_console(size=NARROW) as console:
        await console.answered("f1")
        sheet = console.app.screen.query_one(VerticalScroll)
        assert sheet.max_scroll_y > 0
        assert "Quit, also while you type" not in console.text
        await console.press("end")
        await console.until(lambda: "Quit, also while you type" in console.text)
        assert "esc closes" in console.text
