"""The list that draws its rows from data: cursor, marks, mouse, and what is drawn."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from textual import on
from textual.app import App

from cognitui.tui.themes import AVAILABLE
from cognitui.tui.widgets.row_list import RowList
from cognitui.tui.widgets.row_text import Column, FlatRows, Header, Row

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import PurePath

    from textual.app import ComposeResult
    from textual.pilot import Pilot

MANY = 10_000
KEYS = [f"wh_{number:04}" for number in range(MANY)]
COLUMNS = (Column("id", "ID", 12), Column("state", "STATE", 6, share=1))


class Drawn:
    """Draws rows, and counts how often."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.states: dict[str, str] = {}

    def __call__(self, key: str) -> Row:
        self.keys.append(key)
        return Row((((key, ""),), ((self.states.get(key, "on"), "muted"),)), depth=1)


class Tree:
    """Two branches of three leaves, which can be folded. Implements `RowSource`."""

    def __init__(self, folded: frozenset[str] = frozenset()) -> None:
        self.folded = folded
        self._keys = [
            key
            for branch in ("a", "b")
            for key in (branch, *(f"{branch}{n}" for n in range(3) if branch not in folded))
        ]

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, index: int) -> str:
        return self._keys[index]

    def row(self, index: int) -> Row:
        key = self._keys[index]
        is_leaf = len(key) > 1
        return Row((((key, ""),),), int(is_leaf), None if is_leaf else key not in self.folded)

    def find(self, key: str) -> int | None:
        return self._keys.index(key) if key in self._keys else None

    def parent(self, index: int) -> int | None:
        key = self._keys[index]
        return self.find(key[0]) if len(key) > 1 else None

    def can_mark(self, index: int) -> bool:
        return len(self._keys[index]) > 1


class ListApp(App[None]):
    CSS_PATH: ClassVar[list[str | PurePath]] = ["../../cognitui/tui/styles/row_list.tcss"]

    def __init__(self, rows: RowList) -> None:
        super().__init__()
        self.rows = rows
        self.told: list[tuple[str, str | None]] = []
        for theme in AVAILABLE.values():
            self.register_theme(theme)
        self.theme = "dark"

    def compose(self) -> ComposeResult:
        yield self.rows

    @on(RowList.RowMessage)
    def _hear(self, message: RowList.RowMessage) -> None:
        self.told.append((type(message).__name__, message.key))

    def take(self, kind: str) -> list[str | None]:
        """The keys of the messages of a kind, which are then forgotten."""
        taken = [key for name, key in self.told if name == kind]
        self.told.clear()
        return taken


class Bench:
    """A list on a screen of 10 lines and 40 columns."""

    def __init__(self, app: ListApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.rows = app, pilot, app.rows

    async def press(self, *keys: str) -> None:
        """Press keys; those for marks are the place's, so they are done here as it would."""
        for key in keys:
            if key == "space":
                self.rows.action_mark()
            elif key == "ctrl+a":
                self.rows.action_mark_all()
            else:
                await self.pilot.press(key)
        await self.pilot.pause()

    @property
    def marks(self) -> list[str]:
        return list(self.rows.marks)

    @property
    def lines(self) -> list[str]:
        return [self.rows.render_line(y).text.rstrip() for y in range(self.rows.size.height)]

    @property
    def cursor_line(self) -> str:
        y = self.rows.cursor - round(self.rows.scroll_y)
        return self.lines[y + len(self.lines) - self.rows._page]


@asynccontextmanager
async def bench(*, header: Header | None = None, **options: Any) -> AsyncIterator[Bench]:
    app = ListApp(RowList(COLUMNS, header=header))
    async with app.run_test(size=(40, 10), **options) as pilot:
        app.rows.focus()
        await pilot.pause()
        yield Bench(app, pilot)


def flat(keys: Sequence[str] = KEYS, draw: Drawn | None = None) -> FlatRows:
    return FlatRows(keys, draw or Drawn(), can_mark=True)


async def test_only_what_is_in_view_is_drawn() -> None:
    drawn = Drawn()
    async with bench() as one:
        one.rows.show_rows(flat(draw=drawn))
        await one.pilot.pause()
        assert one.lines == [f"      {key:<8}  on".rstrip() for key in KEYS[:10]]
        assert set(drawn.keys) == set(KEYS[:10])
        await one.press("end")
        assert one.lines[-1].startswith("      wh_9999")
        assert len(set(drawn.keys)) == 20


async def test_a_step_of_the_cursor_draws_two_rows() -> None:
    drawn = Drawn()
    async with bench() as one:
        one.rows.show_rows(flat(draw=drawn))
        assert one.lines
        drawn.keys.clear()
        await one.press("down")
        assert one.lines
        assert drawn.keys == KEYS[:2]


@pytest.mark.parametrize(
    ("keys", "cursor"),
    [
        (("down",), 1),
        (("j", "j", "k"), 1),
        (("up",), 0),
        (("end",), MANY - 1),
        (("G", "up"), MANY - 2),
        (("G", "g"), 0),
        (("end", "home", "down"), 1),
        (("pagedown",), 9),
        (("pagedown", "pagedown", "pageup"), 9),
        (("end", "pagedown"), MANY - 1),
    ],
)
async def test_keys_move_the_cursor_and_it_stays_in_view(
    keys: tuple[str, ...], cursor: int
) -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        await one.press(*keys)
        assert one.rows.cursor == cursor
        assert one.rows.cursor_key == KEYS[cursor]
        assert KEYS[cursor] in one.cursor_line


async def test_moves_are_told_once_each_and_a_stop_is_none() -> None:
    async with bench() as one:
        one.rows.show_rows(flat(KEYS[:2]))
        await one.pilot.pause()
        assert one.app.take("Highlighted") == ["wh_0000"]
        await one.press("down", "down", "up")
        assert one.app.take("Highlighted") == ["wh_0001", "wh_0000"]
        await one.press("enter")
        assert one.app.take("Selected") == ["wh_0000"]


async def test_the_cursor_stays_on_its_row_and_at_its_height_when_rows_come_or_go() -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        one.rows.move_cursor(500)
        one.rows.move_cursor(496)
        await one.pilot.pause()
        line = one.lines.index(one.cursor_line)
        one.rows.show_rows(flat(KEYS[100:]))
        await one.pilot.pause()
        assert (one.rows.cursor, one.rows.cursor_key) == (396, "wh_0496")
        assert one.lines[line] == one.cursor_line
        assert "wh_0496" in one.cursor_line
        one.rows.show_rows(flat([key for key in KEYS if key != "wh_0496"]))
        await one.pilot.pause()
        assert (one.rows.cursor, one.rows.cursor_key) == (396, "wh_0396")
        one.rows.show_rows(flat(KEYS[:3]))
        await one.pilot.pause()
        assert (one.rows.cursor, one.rows.cursor_key) == (2, "wh_0002")
        assert one.lines[2] == one.cursor_line
        one.rows.show_rows(flat([]))
        await one.pilot.pause()
        assert (one.rows.cursor, one.rows.cursor_key) == (0, None)
        assert one.lines == [""] * 10
        await one.press("down", "space", "enter", "left", "right", "end", "ctrl+a")
        assert one.app.take("Selected") == []


async def test_a_row_that_is_not_there_yet_gets_the_cursor_once_it_is() -> None:
    async with bench() as one:
        one.rows.show_rows(flat(KEYS[:20]))
        assert one.rows.move_to("wh_0010")
        assert one.rows.cursor == 10
        assert not one.rows.move_to("wh_0030")
        assert one.rows.cursor == 10
        one.rows.show_rows(flat(KEYS[:40]))
        assert one.rows.cursor == 30
        # Whoever has moved meanwhile is not torn away.
        assert not one.rows.move_to("wh_0050")
        await one.press("down")
        one.rows.show_rows(flat(KEYS[:60]))
        assert one.rows.cursor_key == "wh_0031"


async def test_a_changed_row_is_drawn_again_and_told_when_the_cursor_is_on_it() -> None:
    drawn = Drawn()
    async with bench() as one:
        one.rows.show_rows(flat(draw=drawn))
        assert one.lines
        await one.pilot.pause()
        one.app.told.clear()
        drawn.keys.clear()
        drawn.states |= {"wh_0002": "off", "wh_0000": "off"}
        one.rows.redraw(["wh_0002", "no such row"])
        await one.pilot.pause()
        assert one.lines[2].endswith("off")
        assert one.lines[0].endswith("on")
        assert one.app.take("Highlighted") == []
        one.rows.redraw(["wh_0000"])
        await one.pilot.pause()
        assert one.lines[0].endswith("off")
        assert one.app.take("Highlighted") == ["wh_0000"]
        assert drawn.keys == ["wh_0002", "wh_0000"]


async def test_space_marks_and_unmarks() -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        await one.press("space")
        assert one.marks == ["wh_0000"]
        assert one.lines[0].startswith("● ")
        assert one.app.take("MarksChanged") == ["wh_0000"]
        await one.press("space")
        assert one.marks == []
        assert one.lines[0].startswith("  ")


async def test_shift_and_an_arrow_mark_on_the_way() -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        await one.press("down", "shift+down", "shift+down", "shift+up")
        assert one.marks == ["wh_0001", "wh_0002", "wh_0003"]
        assert one.rows.cursor == 2
        await one.press("home", "shift+up")
        assert one.marks[-1] == "wh_0000"


async def test_ctrl_a_marks_all_that_is_shown_then_these_alone_then_none() -> None:
    async with bench() as one:
        one.rows.show_rows(flat(KEYS[:3]))
        await one.press("space")
        one.rows.show_rows(flat(KEYS[1:3]))
        await one.press("ctrl+a")
        assert one.marks == ["wh_0000", "wh_0001", "wh_0002"]
        # Whoever sees all of them marked, and means what is seen, does not mean what is hidden.
        await one.press("ctrl+a")
        assert one.marks == ["wh_0001", "wh_0002"]
        await one.press("ctrl+a")
        assert one.marks == []
        one.rows.set_marks(["wh_0000"])
        await one.pilot.pause()
        one.app.told.clear()
        one.rows.set_marks(["wh_0000"])
        await one.pilot.pause()
        assert one.app.take("MarksChanged") == []
        one.rows.set_marks([])
        assert one.marks == []


async def test_branches_fold_and_their_leaves_lead_back_to_them() -> None:
    async with bench() as one:
        one.rows.show_rows(Tree())
        assert [line.rstrip() for line in one.lines[:3]] == ["  ▾ a", "      a0", "      a1"]
        await one.press("right")
        assert one.rows.cursor_key == "a0"
        await one.press("down", "left")
        assert one.rows.cursor_key == "a"
        one.app.told.clear()
        await one.press("left")
        assert one.app.take("Toggled") == ["a"]
        one.rows.show_rows(Tree(frozenset("a")))
        assert one.lines[:2] == ["  ▸ a", "  ▾ b"]
        await one.press("left", "right")
        assert one.app.take("Toggled") == ["a"]
        await one.press("space", "ctrl+a")
        assert one.marks == ["b0", "b1", "b2"]


async def test_the_mouse() -> None:
    async with bench(header=Header("id", indent=4)) as one:
        one.rows.show_rows(Tree())
        await one.pilot.pause()
        assert one.lines[0].startswith("      ID ▲")
        await one.pilot.click(offset=(10, 3))
        assert one.rows.cursor_key == "a1"
        await one.pilot.click(offset=(10, 3), times=2)
        assert one.app.take("Selected") == ["a1"]
        await one.pilot.click(offset=(10, 4), control=True)
        await one.pilot.click(offset=(0, 3))
        assert one.marks == ["a2", "a1"]
        await one.pilot.click(offset=(2, 1))
        assert one.app.take("Toggled") == ["a"]
        await one.pilot.click(offset=(5, 1))
        assert one.app.take("Toggled") == []
        await one.pilot.click(offset=(6, 0))
        await one.pilot.click(offset=(20, 0))
        assert one.app.take("HeaderSelected") == ["id", "state"]
        await one.pilot.click(offset=(10, 9))
        assert one.rows.cursor_key == "a"


async def test_the_wheel_scrolls_and_leaves_the_cursor_where_it_is() -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        await one.pilot.pause()
        one.rows.scroll_to(y=300, animate=False, force=True)
        assert one.lines[0].startswith("      wh_0300")
        assert one.rows.cursor == 0
        assert one.rows.last_in_view == 309
        await one.press("down")
        assert one.lines[0].startswith("      wh_0001")


async def test_another_width_and_another_theme_are_drawn_anew() -> None:
    async with bench(header=Header()) as one:
        one.rows.show_rows(flat())
        one.rows.move_cursor(200)
        await one.pilot.pause()
        before = one.rows.render_line(9)
        one.app.theme = "light"
        await one.pilot.pause()
        assert one.rows.render_line(9) != before
        assert one.rows.render_line(9).text == before.text
        await one.pilot.resize_terminal(20, 6)
        while one.rows.size.height != 6:
            await one.pilot.pause(0.01)
        assert "wh_0200" in one.cursor_line
        assert {one.rows.render_line(y).cell_length for y in range(6)} == {20}


async def test_the_cursor_is_dim_without_the_focus() -> None:
    async with bench() as one:
        one.rows.show_rows(flat())
        await one.pilot.pause()
        focused = one.rows.render_line(0)
        one.app.set_focus(None)
        await one.pilot.pause()
        assert one.rows.render_line(0) != focused
        assert one.rows.render_line(0).text == focused.text


async def test_a_scrollbar_that_comes_begins_where_the_list_is() -> None:
    async with bench(header=Header()) as one:
        one.rows.show_rows(flat(KEYS[:2]))
        await one.pilot.pause()
        before = one.rows.show_vertical_scrollbar
        # Scrolled before the layout has found out that there is more than fits.
        one.rows.show_rows(flat(KEYS[:40]))
        one.rows.move_cursor(39)
        await one.pilot.pause()
        assert (before, one.rows.show_vertical_scrollbar) == (False, True)
        assert one.rows.scroll_y > 0
        assert one.rows.vertical_scrollbar.position == one.rows.scroll_y
