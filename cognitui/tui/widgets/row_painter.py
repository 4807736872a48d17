"""Turns rows into strips for the terminal, and keeps those that stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from cognitui.tui.widgets.row_text import MARK_WIDTH, column_widths, header_line, row_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget

    from cognitui.tui.widgets.row_text import Column, Header, Row, Run

KEPT = 1000
COLOURS = {
    "muted": "text-muted",
    "header": "text-muted",
    "knob": "text-muted",
    "sorted": "primary",
    "good": "success",
    "warn": "warning",
    "bad": "error",
    "mark": "accent",
    "match": "accent",
}
"""The theme's variable that a role has its colour from; without one it has that of the text."""
ATTRIBUTES = {
    "strong": Style(bold=True),
    "mark": Style(bold=True),
    "match": Style(bold=True, underline=True),
}
HEADER = -1
"""The number of the header's line."""


class RowPainter:
    """Paints the lines of one list; a line that stays the same object costs the terminal little.

    Args:
        widget: The list, whose theme and component style say what the roles look like.
        columns: How the rows are divided.
    """

    def __init__(self, widget: Widget, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.widths: dict[str, int] = {}
        self.width = 0
        self._room = 0
        self._widget = widget
        self._strips: dict[int, Strip] = {}
        self._styles: dict[str, Style] = {}

    def resize(self, width: int, room: int) -> None:
        """Fit the columns into a width.

        Args:
            width: Cells of a line.
            room: Those beside the scrollbar.
        """
        # One cell stays free, so that no text touches the scrollbar.
        self.width, self._room = width, max(0, room - 1)
        self.divide(self.columns)

    def divide(self, columns: Sequence[Column]) -> None:
        """Divide the rows into these columns."""
        self.columns = columns
        self.widths = column_widths(columns, self._room - MARK_WIDTH)
        self._strips.clear()

    def restyle(self) -> None:
        """Look the styles up again: the theme changed, or the focus."""
        self._styles.clear()
        self._strips.clear()

    def forget(self, number: int | None = None) -> None:
        """Paint a line anew, or all."""
        if number is None:
            self._strips.clear()
        else:
            self._strips.pop(number, None)

    def kept(self, number: int) -> Strip | None:
        """A line as it was painted last."""
        return self._strips.get(number)

    def paint_row(self, number: int, row: Row, *, is_marked: bool, is_cursor: bool) -> Strip:
        """A row's line."""
        runs = row_line(row, self.columns, self.widths, self._room, is_marked=is_marked)
        return self._keep(number, self._strip(runs, is_cursor=is_cursor))

    def paint_header(self, header: Header) -> Strip:
        """The header's line."""
        runs = header_line(header, self.columns, self.widths, self._room)
        return self._keep(HEADER, self._strip(runs, is_cursor=False))

    def paint_blank(self, number: int) -> Strip:
        """A line below the last row."""
        return self._keep(number, Strip.blank(self.width, self._style("")))

    def cut(self, strip: Strip, begin: int, end: int) -> Strip:
        """A part of a line; more than there is of it while the list gets another width."""
        return self._filtered(strip.crop_extend(begin, end, self._style("")))

    def _filtered(self, strip: Strip) -> Strip:
        """The line without what the terminal is not to be shown, such as colours."""
        for line_filter in self._widget.get_line_filters():
            strip = strip.apply_filter(line_filter, self._widget.background_colors[1])
        return strip

    def _keep(self, number: int, strip: Strip) -> Strip:
        strip = self._filtered(strip)
        if len(self._strips) >= KEPT:
            self._strips.clear()
        self._strips[number] = strip
        return strip

    def _strip(self, runs: list[Run], *, is_cursor: bool) -> Strip:
        segments: list[Segment] = []
        for text, role in (*runs, (" " * (self.width - self._room), "")):
            if not text:
                continue
            if is_cursor:
                # One colour for all of the line: others would be hard to read there.
                style = self._style("cursor-match" if role == "match" else "cursor")
            else:
                style = self._style("" if text.isspace() else role)
            if segments and segments[-1].style is style:
                segments[-1] = Segment(segments[-1].text + text, style)
            else:
                segments.append(Segment(text, style))
        return Strip(segments, self.width)

    def _style(self, role: str) -> Style:
        """What a role looks like in the present theme; only the cursor has a background."""
        style = self._styles.get(role)
        if style is None:
            style = self._styles[role] = self._make_style(role)
        return style

    def _make_style(self, role: str) -> Style:
        widget = self._widget
        if not role:
            return widget.rich_style
        if role.startswith("#"):  # a colour of its own, as a tenant has
            return self._style("") + Style.parse(role)
        if role == "cursor":
            return widget.get_component_rich_style("row-list--cursor")
        name = role.removeprefix("cursor-")
        attributes = ATTRIBUTES.get(name, Style())
        if role.startswith("cursor-"):
            return self._style("cursor") + attributes
        style = self._style("")
        if name in COLOURS:
            colour = Color.parse(widget.app.theme_variables[COLOURS[name]])
            style += Style.from_color(colour.rich_color)
        return style + attributes
