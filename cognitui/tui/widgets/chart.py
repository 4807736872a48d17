"""A chart that is drawn as large as its place is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Callable

    Drawing = Callable[[int, int], Content]


class Chart(Widget):
    """Text that depends on width and height; it is made when it is seen, and once for each size."""

    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._drawing: Drawing | None = None
        self._of: object = None
        self._drawn: tuple[int, int, Content] | None = None

    def show(self, drawing: Drawing | None, of: object) -> None:
        """Show something else.

        Args:
            drawing: Draws it for a width and a height; nothing leaves the place empty.
            of: What it depends on; when that is the same as before, nothing is drawn anew.
        """
        if (drawing is None) == (self._drawing is None) and of == self._of:
            return
        self._drawing, self._of, self._drawn = drawing, of, None
        self.refresh()

    def render(self) -> Content:
        """The chart for the size that it has now."""
        width, height = self.size
        if self._drawing is None or width <= 0 or height <= 0:
            return Content("")
        if self._drawn is None or self._drawn[:2] != (width, height):
            self._drawn = (width, height, self._drawing(width, height))
        return self._drawn[2]
