"""Draws plots with plotext and turns them into text in the theme's colours.

It is the one module that knows plotext, which is loaded when the first plot is drawn. plotext holds
one figure for the whole process, so a plot is begun, filled and built without a pause in between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from textual.content import Content, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

Tick = tuple[float, str]
"""Where on an axis a label stands, and the label."""
STYLES = ("", "$primary", "$accent", "$error", "$success")
"""The theme's colours that a series may have; plotext knows them by their places here."""
LINE = "braille"
"""A line of dots that is finer than a cell."""
BLOCKS = "hd"
"""Blocks of half a cell in each direction."""
_COLOUR = re.compile(r"\x1b\[(?:38;5;(\d+)|0)m")


class Plot:
    """A plot of a given size, with an axis at the left and one below.

    Args:
        width: Cells from the labels at the left to the right edge.
        height: Lines, the two of the axis below among them.
        x: The values at the left and right edge.
        y: The values at the lower and upper edge.
    """

    def __init__(
        self, width: int, height: int, *, x: tuple[float, float], y: tuple[float, float]
    ) -> None:
        import plotext

        self._figure: Any = plotext
        self._ticks: tuple[Sequence[Tick], Sequence[Tick]] = ((), ())
        plotext.clear_figure()
        plotext.limit_size(False, False)
        plotext.plotsize(width, height)
        plotext.theme("clear")
        plotext.xaxes(True, False)
        plotext.yaxes(True, False)
        plotext.xlim(*x)
        plotext.ylim(*y)

    def ticks(self, *, x: Sequence[Tick], y: Sequence[Tick]) -> None:
        """Label the axes."""
        self._ticks = (x, y)

    def points(self, x: Sequence[float], y: Sequence[float], marker: str, style: str) -> None:
        """Put a mark at each point.

        Args:
            x: Values along the axis below.
            y: As many values along the axis at the left.
            marker: One character, or `LINE`.
            style: One of `STYLES`.
        """
        self._figure.scatter(list(x), list(y), marker=marker, color=STYLES.index(style))

    def line(self, x: Sequence[float], y: Sequence[float], marker: str, style: str) -> None:
        """Join points by a line; see `points`."""
        self._figure.plot(list(x), list(y), marker=marker, color=STYLES.index(style))

    def bars(self, heights: Sequence[float], width: int, style: str) -> None:
        """Draw upright bars from the left edge on, with a free cell after each.

        The axis below must count half cells: each bar has twice its width of them.

        Args:
            heights: Of each bar, on the axis at the left.
            width: Cells from the start of a bar to that of the next.
            style: One of `STYLES`.
        """
        for number, height in enumerate(heights):
            if height > 0:
                begin = 2 * number * width
                cells = list(range(begin, begin + 2 * (width - 1)))
                self._figure.plot(
                    cells,
                    [height] * len(cells),
                    marker=BLOCKS,
                    fillx=True,
                    color=STYLES.index(style),
                )

    def build(self) -> Content:
        """The plot as text; each series has its colour, all else the one of the text around it."""
        # Bars bring labels of their own: ours come last.
        across, up = self._ticks
        self._figure.xticks([at for at, _ in across], [label for _, label in across])
        self._figure.yticks([at for at, _ in up], [label for _, label in up])
        return content_of(self._figure.build())


def content_of(coloured: str) -> Content:
    """A terminal's coloured text as content: colour *n* of its 256 becomes the nth of `STYLES`."""
    pieces: list[str] = []
    spans: list[Span] = []
    at, length, style = 0, 0, ""
    text = coloured.rstrip("\n")
    for found in [*_COLOUR.finditer(text), None]:
        piece = text[at : found.start()] if found else text[at:]
        if piece and style:
            spans.append(Span(length, length + len(piece), style))
        pieces.append(piece)
        length += len(piece)
        if found:
            at, style = found.end(), STYLES[int(found[1] or 0)]
    return Content("".join(pieces), spans)
