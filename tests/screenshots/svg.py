"""A screen as SVG: backgrounds, lines and blocks as shapes, the rest as text.

Nothing in it comes from another place: the text is in whatever monospaced font the reader has, each
piece of it as wide as its cells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.color import blend_rgb
from rich.terminal_theme import SVG_EXPORT_THEME

from .glyphs import Box, boxes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.color import Color
    from rich.color_triplet import ColorTriplet
    from rich.style import Style

CELL_WIDTH, CELL_HEIGHT = 9.6, 20
FONT_SIZE, BASELINE = 16, 15
PADDING, BAR = 12, 32
FONTS = (
    "ui-monospace,'SF Mono',Menlo,'DejaVu Sans Mono','Roboto Mono',Consolas,'Liberation Mono',"
    "monospace"
)
STYLE = (
    f"svg{{font:{FONT_SIZE}px {FONTS}}}text{{white-space:pre}}.b{{font-weight:bold}}"
    ".i{font-style:italic}.u{text-decoration:underline}.s{text-decoration:line-through}"
    ".m{text-anchor:middle}"
)
# Beside Latin letters, what every monospaced font has.
LATIN, TYPOGRAPHY = 0x250, frozenset("–—…•")
HALF_DIM = 0.4


class Cell(NamedTuple):
    """A character, and how it is drawn."""

    text: str
    style: Style


class Rectangle(NamedTuple):
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of a cell, and what else sets its text apart."""

    ink: str
    paper: str
    classes: str


def svg(rows: Sequence[Sequence[Cell]], title: str) -> str:
    """The picture of a screen.

    Args:
        rows: The cells of each line; all lines are as wide.
        title: What is shown, for those who cannot see it.
    """
    drawing = _Drawing()
    for line, row in enumerate(rows):
        drawing.add(row, line * CELL_HEIGHT)
    width = sum(cell_len(cell.text) for cell in rows[0]) * CELL_WIDTH + 2 * PADDING
    height = len(rows) * CELL_HEIGHT + BAR + PADDING
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img">',
        f"<title>{escape(title)}</title>",
        f"<style>{STYLE}</style>",
        *_window(width, height, drawing.base),
        f'<g transform="translate({PADDING} {BAR})">',
        *drawing.parts(),
        "</g>",
        "</svg>",
        "",
    ])  # fmt: skip


class _Drawing:
    """Collects what is drawn, by what it is drawn with."""

    def __init__(self) -> None:
        self._looks: dict[Style, Look] = {}
        self._papers: dict[str, list[Rectangle]] = defaultdict(list)
        self._shapes: dict[str, list[Rectangle]] = defaultdict(list)
        self._texts: dict[tuple[str, str], list[str]] = defaultdict(list)

    def add(self, row: Sequence[Cell], top: float) -> None:
        """Draw a line of the screen."""
        for left, span, look, text in self._pieces(row):
            x, wide = left * CELL_WIDTH, span * CELL_WIDTH
            self._papers[look.paper].append(Rectangle(x, top, wide, CELL_HEIGHT))
            parts = boxes(text, CELL_HEIGHT / CELL_WIDTH) if len(text) == 1 else None
            if parts is not None:
                self._shapes[look.ink] += [_scaled(part, x, top) for part in parts]
            elif text.strip():
                drawn = _text(text, x, top + BASELINE, wide)
                self._texts[look.ink, look.classes].append(drawn)

    @property
    def base(self) -> str:
        """The colour of the screen's first corner, which goes on in the window around it."""
        return next(iter(self._papers))

    def parts(self) -> Iterator[str]:
        """What is drawn on the base."""
        # Crisp, or light would shine through between two that touch; a thin line might vanish.
        yield '<g shape-rendering="crispEdges">'
        for colour, found in self._papers.items():
            if colour != self.base:
                yield _path(colour, found)
        yield "</g>"
        for colour, found in self._shapes.items():
            yield _path(colour, found)
        for (ink, classes), texts in self._texts.items():
            yield f'<g fill="{ink}" class="{classes}">' if classes else f'<g fill="{ink}">'
            yield from texts
            yield "</g>"

    def _pieces(self, row: Sequence[Cell]) -> Iterator[tuple[int, int, Look, str]]:
        """A line cut into what is drawn at once: column, width in cells, look and text.

        A symbol stands alone, as it may come from a font with other widths; so does what is drawn
        as a shape. Words that are far apart are two pieces.
        """
        looks = [self._look(cell.style) for cell in row]
        start = column = begin = 0
        for at, cell in enumerate(row):
            if at > begin and (looks[at] != looks[at - 1] or _is_cut(row, at)):
                yield start, column - start, looks[begin], _text_of(row[begin:at])
                start, begin = column, at
            column += cell_len(cell.text)
        yield start, column - start, looks[begin], _text_of(row[begin:])

    def _look(self, style: Style) -> Look:
        if style not in self._looks:
            self._looks[style] = _look(style)
        return self._looks[style]


def _is_cut(row: Sequence[Cell], at: int) -> bool:
    """Whether two neighbours of one look are drawn apart all the same."""
    before, here = row[at - 1].text, row[at].text
    is_far = at > 1 and here != " " and before == " " and row[at - 2].text == " "
    return is_far or not (_is_plain(before) and _is_plain(here))


def _text_of(cells: Sequence[Cell]) -> str:
    return "".join(cell.text for cell in cells)


def _scaled(part: Box, x: float, top: float) -> Rectangle:
    left, upper, width, height = part
    return Rectangle(
        x + left * CELL_WIDTH, top + upper * CELL_HEIGHT, width * CELL_WIDTH, height * CELL_HEIGHT
    )


def _window(width: float, height: float, colour: str) -> Iterator[str]:
    """A frame with a bar, as a terminal's window has."""
    yield (
        f'<rect x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="8" '
        f'fill="{colour}" stroke="#888" stroke-opacity=".5"/>'
    )
    for number in range(3):
        x = PADDING + 6 + number * 18
        yield f'<circle cx="{x}" cy="{BAR / 2:g}" r="5" fill="#888" fill-opacity=".5"/>'


def _is_plain(text: str) -> bool:
    return ord(text[0]) < LATIN or text in TYPOGRAPHY


def _text(text: str, x: float, y: float, width: float) -> str:
    if not _is_plain(text[0]):
        return f'<text class="m" x="{_n(x + width / 2)}" y="{_n(y)}">{escape(text)}</text>'
    words = text.rstrip()
    x += (len(words) - len(words.lstrip())) * CELL_WIDTH
    words = words.lstrip()
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" textLength="{_n(len(words) * CELL_WIDTH)}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(words, quote=False)}</text>'
    )


def _path(colour: str, found: Sequence[Rectangle]) -> str:
    """Rectangles of one colour; those that touch along a whole side are one."""
    whole = _merged(found)
    data = "".join(f"M{_n(x)} {_n(y)}h{_n(w)}v{_n(h)}h{_n(-w)}z" for x, y, w, h in whole)
    return f'<path fill="{colour}" d="{data}"/>'


def _merged(found: Iterable[Rectangle]) -> list[Rectangle]:
    across: list[Rectangle] = []
    for it in sorted(found, key=lambda it: (it.top, it.height, it.left)):
        last = across[-1] if across else None
        is_next = last and (last.top, last.height) == (it.top, it.height)
        if last and is_next and abs(last.left + last.width - it.left) < 1e-6:
            across[-1] = last._replace(width=it.left + it.width - last.left)
        else:
            across.append(it)
    down: list[Rectangle] = []
    for it in sorted(across, key=lambda it: (it.left, it.width, it.top)):
        last = down[-1] if down else None
        is_below = last and _n(last.left) == _n(it.left) and _n(last.width) == _n(it.width)
        if last and is_below and abs(last.top + last.height - it.top) < 1e-6:
            down[-1] = last._replace(height=it.top + it.height - last.top)
        else:
            down.append(it)
    return down


def _n(number: float) -> str:
    return f"{round(number, 2):g}"


def _look(style: Style) -> Look:
    ink = _triplet(style.color, is_ink=True)
    paper = _triplet(style.bgcolor, is_ink=False)
    if style.reverse:
        ink, paper = paper, ink
    if style.dim:
        ink = blend_rgb(ink, paper, HALF_DIM)
    marks = {"b": style.bold, "i": style.italic, "u": style.underline, "s": style.strike}
    return Look(ink.hex, paper.hex, " ".join(name for name, is_so in marks.items() if is_so))


def _triplet(colour: Color | None, *, is_ink: bool) -> ColorTriplet:
    if colour is None or colour.is_default:
        theme = SVG_EXPORT_THEME
        return theme.foreground_color if is_ink else theme.background_color
    return colour.get_truecolor(SVG_EXPORT_THEME, foreground=is_ink)
