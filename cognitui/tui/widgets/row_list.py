"""A list that draws the rows in view from data, so that ten thousand cost what ten do."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView

from cognitui.tui.widgets.row_painter import HEADER, RowPainter
from cognitui.tui.widgets.row_text import (
    INDENT,
    MARK_WIDTH,
    Column,
    FlatRows,
    Header,
    Row,
    RowSource,
    column_at,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from textual import events
    from textual.binding import BindingType
    from textual.strip import Strip

NO_ROWS = FlatRows((), lambda _: Row(((),)))
ONE_COLUMN = (Column("", "", 1, share=1),)
TWICE = 2


class RowList(ScrollView, can_focus=True):
    """A cursor over rows, and marks on some of them.

    The rows come from a `RowSource`. When it is replaced the cursor stays on the row that it was
    on, and where that is gone, at its place. Marks belong to keys: what a filter hides stays so.
    Marking has no keys here but shift and the arrows: what it is for is the place's business.
    """

    ALLOW_SELECT = False
    # A style for each role would cost a list as much memory as a dozen widgets.
    COMPONENT_CLASSES: ClassVar[set[str]] = {"row-list--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "cursor(1)", "Down", show=False, id="list.down"),
        Binding("up,k", "cursor(-1)", "Up", show=False, id="list.up"),
        Binding("home,g", "first", "First", show=False, id="list.first"),
        Binding("end,G", "last", "Last", show=False, id="list.last"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="list.page-down"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="list.page-up"),
        Binding("enter", "select", "Open", show=False, id="list.select"),
        Binding("right", "unfold", "Unfold", show=False, id="list.unfold"),
        Binding("left", "fold", "Fold", show=False, id="list.fold"),
        Binding("shift+down", "mark_to(1)", "Mark down", show=False, id="list.mark-down"),
        Binding("shift+up", "mark_to(-1)", "Mark up", show=False, id="list.mark-up"),
    ]

    class RowMessage(Message):
        """Something about a row; its key is ``None`` where there are no rows."""

        def __init__(self, row_list: RowList, key: str | None) -> None:
            super().__init__()
            self.row_list, self.key = row_list, key

        @property
        def control(self) -> RowList:
            """The list."""
            return self.row_list

    class Highlighted(RowMessage):
        """The cursor is on another row, or that row has changed."""

    class Selected(RowMessage):
        """Enter or a double click on a row."""

    class Toggled(RowMessage):
        """A branch is to be folded or unfolded."""

    class HeaderSelected(RowMessage):
        """A click on a column's title; the key is the column's."""

    class Scrolled(RowMessage):
        """Other rows are in view; the key is the cursor's."""

    class MarksChanged(RowMessage):
        """Other rows are marked; the key is the cursor's."""

    def __init__(
        self,
        columns: Sequence[Column] = ONE_COLUMN,
        *,
        header: Header | None = None,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self._source: RowSource = NO_ROWS
        self._header = header
        self._marks: dict[str, None] = {}
        self._cursor = 0
        self._cursor_key: str | None = None
        self._wanted_key: str | None = None
        self._shown_eighth = -1
        self._painter = RowPainter(self, columns)

    # What it shows

    @property
    def source(self) -> RowSource:
        """Where the rows come from."""
        return self._source

    @property
    def cursor(self) -> int:
        """Where the cursor is."""
        return self._cursor

    @property
    def cursor_key(self) -> str | None:
        """The key of the row that the cursor is on; ``None`` when there are no rows."""
        return self._cursor_key

    @property
    def marks(self) -> tuple[str, ...]:
        """The keys of the marked rows, in the order in which they were marked."""
        return tuple(self._marks)

    @property
    def columns_in_view(self) -> Collection[str]:
        """The keys of the columns that there is room for."""
        return self._painter.widths.keys()

    @property
    def last_in_view(self) -> int:
        """The number of the last row that the screen has room for."""
        return round(self.scroll_y) + self._page - 1

    def show_rows(
        self,
        source: RowSource,
        *,
        header: Header | None = None,
        columns: Sequence[Column] | None = None,
    ) -> None:
        """Show other rows, with the cursor on the row that it was on.

        Args:
            source: The rows.
            header: What to say above the columns; without it that stays as it is.
            columns: How the rows are divided from now on, where that is another way.
        """
        if columns is not None:
            self._painter.divide(columns)
        self._source = source
        self._header = header or self._header
        row_on_screen = self._cursor - round(self.scroll_y)
        self._place_cursor(self._cursor_after_change())
        self._painter.forget()
        self.refresh()
        self.virtual_size = Size(0, len(source) + self._header_height)
        if self.is_mounted:
            # Rows that came or went above the cursor do not move it on the screen.
            self._scroll(self._cursor - row_on_screen)
            self._scroll_to_cursor()
        self.post_message(self.Highlighted(self, self._cursor_key))

    def redraw(self, keys: Collection[str]) -> None:
        """Draw these rows anew: what they show has changed."""
        for key in keys:
            index = self._source.find(key)
            if index is not None:
                self._redraw_at(index)
        if self._cursor_key in keys:
            self.post_message(self.Highlighted(self, self._cursor_key))

    def move_to(self, key: str) -> bool:
        """Put the cursor on a row; whether it is there. If not, it goes there once it is."""
        index = self._source.find(key)
        if index is not None:
            self.move_cursor(index)
            return True
        self._wanted_key = key
        return False

    def move_cursor(self, index: int) -> None:
        """Put the cursor on a row by its number, or on the nearest there is."""
        before = self._cursor
        self._wanted_key = None
        self._place_cursor(index)
        if self._cursor != before:
            self._redraw_at(before)
            self._redraw_at(self._cursor)
            self.post_message(self.Highlighted(self, self._cursor_key))
        self._scroll_to_cursor()

    def set_marks(self, keys: Iterable[str]) -> None:
        """Mark these rows and no others."""
        marks = dict.fromkeys(keys)
        if marks.keys() != self._marks.keys():
            self._marks = marks
            self._painter.forget()
            self.refresh()
            self.post_message(self.MarksChanged(self, self._cursor_key))

    # Moving

    def action_cursor(self, by: int) -> None:
        """To the next row, or the one before."""
        self.move_cursor(self._cursor + by)

    def action_page(self, by: int) -> None:
        """A screenful on or back."""
        self.move_cursor(self._cursor + by * max(1, self._page - 1))

    def action_first(self) -> None:
        """To the first row."""
        self.move_cursor(0)

    def action_last(self) -> None:
        """To the last row."""
        self.move_cursor(len(self._source) - 1)

    def action_select(self) -> None:
        """Open the row under the cursor."""
        if self._cursor_key is not None:
            self.post_message(self.Selected(self, self._cursor_key))

    def action_unfold(self) -> None:
        """Unfold the branch under the cursor, or go into it."""
        is_open = self._is_open()
        if is_open is False:
            self.post_message(self.Toggled(self, self._cursor_key))
        elif is_open:
            self.move_cursor(self._cursor + 1)

    def action_fold(self) -> None:
        """Fold the branch under the cursor, or go to the one that the row belongs to."""
        if self._is_open():
            self.post_message(self.Toggled(self, self._cursor_key))
        elif len(self._source) and (parent := self._source.parent(self._cursor)) is not None:
            self.move_cursor(parent)

    def _is_open(self) -> bool | None:
        return self._source.row(self._cursor).is_open if len(self._source) else None

    # Marking

    def action_mark(self) -> None:
        """Mark the row under the cursor, or take its mark away."""
        self._toggle_mark(self._cursor)

    def action_mark_to(self, by: int) -> None:
        """Mark the row under the cursor and the next one, and go there."""
        before = len(self._marks)
        for index in (self._cursor, self._cursor + by):
            if self._can_mark(index):
                self._marks[self._source.key(index)] = None
                self._redraw_at(index)
        self.action_cursor(by)
        if len(self._marks) != before:
            self.post_message(self.MarksChanged(self, self._cursor_key))

    def action_mark_all(self) -> None:
        """Mark all rows that are shown; again, these alone; and again, none of them."""
        source = self._source
        shown = [source.key(index) for index in range(len(source)) if source.can_mark(index)]
        if any(key not in self._marks for key in shown):
            self.set_marks([*self._marks, *shown])
        else:
            self.set_marks(shown if len(self._marks) > len(shown) else ())

    def _toggle_mark(self, index: int) -> None:
        if not self._can_mark(index):
            return
        key = self._source.key(index)
        if key in self._marks:
            del self._marks[key]
        else:
            self._marks[key] = None
        self._redraw_at(index)
        self.post_message(self.MarksChanged(self, self._cursor_key))

    def _can_mark(self, index: int) -> bool:
        return 0 <= index < len(self._source) and self._source.can_mark(index)

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """Put the cursor there; on ▾ and ▸ fold, at the edge or with ctrl mark, twice open."""
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y < self._header_height:
            if column := column_at(self._painter.columns, self._painter.widths, place.x):
                self.post_message(self.HeaderSelected(self, column))
            return
        index = self._index_at(place.y)
        if index >= len(self._source):
            return
        self.move_cursor(index)
        row = self._source.row(index)
        knob = MARK_WIDTH + INDENT * row.depth
        if row.is_open is not None and knob <= place.x < knob + INDENT:
            self.post_message(self.Toggled(self, self._cursor_key))
        elif event.ctrl or place.x < MARK_WIDTH:
            self._toggle_mark(index)
        elif event.chain == TWICE:
            self.action_select()

    # Drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of the screen, as they were painted the last time wherever that is still so.

        Textual would dress each anew at every step of a scrolling list; here is nothing to dress.
        """
        lines = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self._painter.width):
            return lines
        return [self._painter.cut(line, crop.x, crop.right) for line in lines]

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        painter, number = self._painter, HEADER
        if y >= self._header_height:
            number = min(self._index_at(y), len(self._source))
        if (strip := painter.kept(number)) is not None:
            return strip
        if number == HEADER and self._header is not None:
            return painter.paint_header(self._header)
        if number == len(self._source):
            return painter.paint_blank(number)
        return painter.paint_row(
            number,
            self._source.row(number),
            is_marked=self._source.key(number) in self._marks,
            is_cursor=number == self._cursor,
        )

    def rest(self) -> None:
        """Nobody looks: the lines are painted again when somebody does."""
        self._painter.forget()

    def notify_style_update(self) -> None:
        """Another theme, or the focus came or went."""
        super().notify_style_update()
        self._painter.restyle()

    def on_resize(self) -> None:
        """Fit the columns into the new width, and keep the cursor in view."""
        self._painter.resize(self.size.width, self.scrollable_content_region.width)
        # It may have been drawn before this width was known.
        self.refresh()
        self._scroll_to_cursor()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Show other rows; the scrollbar is drawn again only when it would look different."""
        eighth = self._eighth_of_scrollbar(new_value)
        if self.show_vertical_scrollbar and eighth != self._shown_eighth:
            self._shown_eighth = eighth
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)
            self.post_message(self.Scrolled(self, self._cursor_key))

    def watch_show_vertical_scrollbar(self, is_shown: bool) -> None:  # noqa: FBT001
        """A scrollbar that comes after the list was scrolled begins where the list is."""
        if is_shown:
            self._shown_eighth = -1
            self.vertical_scrollbar.position = self.scroll_y

    def _eighth_of_scrollbar(self, scroll_y: float) -> int:
        """Where its thumb begins, in the eighths of a cell that it can be drawn at."""
        height, whole = self.size.height, self.virtual_size.height
        if whole <= height:
            return 0
        return int((height - height * height / whole) * scroll_y / (whole - height) * 8)

    # Places

    @property
    def _header_height(self) -> int:
        return 0 if self._header is None else 1

    @property
    def _page(self) -> int:
        """How many rows the screen has room for."""
        return max(1, self.size.height - self._header_height)

    def _index_at(self, y: int) -> int:
        return y - self._header_height + round(self.scroll_y)

    def _cursor_after_change(self) -> int:
        for key in (self._wanted_key, self._cursor_key):
            if key is not None and (found := self._source.find(key)) is not None:
                if key == self._wanted_key:
                    self._wanted_key = None
                return found
        return self._cursor

    def _place_cursor(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self._source) - 1))
        self._cursor_key = self._source.key(self._cursor) if len(self._source) else None

    def _redraw_at(self, index: int) -> None:
        self._painter.forget(index)
        y = index + self._header_height - round(self.scroll_y)
        if self._header_height <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _scroll_to_cursor(self) -> None:
        top, page = round(self.scroll_y), self._page
        if self._cursor < top:
            self._scroll(self._cursor)
        elif self._cursor >= top + page:
            self._scroll(self._cursor - page + 1)

    def _scroll(self, y: int) -> None:
        if self.is_mounted and y != round(self.scroll_y):
            self.scroll_to(y=max(0, y), animate=False, force=True)
