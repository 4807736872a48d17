"""Text that changes at every key: what is seen is as right as if all were laid out each time."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.pilot import Pilot

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXTS = ("", "short", "another short", "short\nof two", "a sentence that does not fit " * 3, "表示")


class Page(App[None]):
    CSS = """
    #auto { width: 1fr; height: auto; }
    #fixed { height: 2; }
    #narrow { width: auto; height: auto; max-width: 20; }
    """

    def compose(self) -> ComposeResult:
        for name in ("auto", "fixed", "narrow", "below"):
            yield Static("", id=name)

    def regions(self) -> list[tuple[int, ...]]:
        return [tuple(widget.region) for widget in self.query(Static)]


async def drawn(pilot: Pilot[None]) -> None:
    await pilot.pause()
    pilot.app.screen._on_timer_update()
    await pilot.pause()


@pytest.mark.parametrize("seed", range(5))
async def test_everything_is_where_it_would_be_after_laying_out(seed: int) -> None:
    pick = random.Random(seed)
    async with Page().run_test(size=(40, 20)) as pilot:
        app = pilot.app
        assert isinstance(app, Page)
        for _ in range(12):
            name = pick.choice(("auto", "fixed", "narrow"))
            show(app.query_one(f"#{name}", Static), pick.choice(TEXTS))
            await drawn(pilot)
            shown = app.regions()
            app.screen.refresh(layout=True)
            await drawn(pilot)
            assert shown == app.regions()


async def test_it_is_laid_out_when_it_takes_another_number_of_lines_only() -> None:
    async with Page().run_test(size=(40, 20)) as pilot:
        auto, fixed = pilot.app.query_one("#auto", Static), pilot.app.query_one("#fixed", Static)
        show(auto, "one")
        await drawn(pilot)
        before = auto._layout_updates
        show(auto, "two")
        show(fixed, "two\nlines\nand one")
        assert auto._layout_updates == before
        assert not fixed._layout_required
        show(auto, "two\nlines")
        assert auto._layout_updates == before + 1


async def test_colours_alone_are_a_change_and_brackets_are_text() -> None:
    async with Page().run_test() as pilot:
        auto = pilot.app.query_one("#auto", Static)
        show(auto, "[b]not markup[/b]")
        show(auto, Content.styled("[b]not markup[/b]", "$error"))
        visual = auto.visual
        assert isinstance(visual, Content)
        assert visual.plain == "[b]not markup[/b]"
        assert visual.spans
