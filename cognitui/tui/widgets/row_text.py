"""What a `RowList` shows: rows, their columns, and how both become one line of a given width.

Pure functions and plain values; the texts in them are already harmless.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rich.cells import cell_len, set_cell_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Run = tuple[str, str]
"""A piece of text and the role it plays: ``""``, ``muted``, ``good``, ``warn``, ``bad``, …"""
Cell = tuple[Run, ...]

GAP = 2
INDENT = 2
OPEN, CLOSED, LEAF = "▾ ", "▸ ", "  "
MARK, NO_MARK = "● ", "  "
MARK_WIDTH = 2
ASCENDING, DESCENDING = " ▲", " ▼"
CUT = "…"


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        cells: One for each column; a single one has the whole line.
        depth: How far it is indented.
        is_open: Whether a branch shows what is below it; ``None`` for what is no branch.
        tail: Stands at the right end of a line that has a single cell, if both have room.
    """

    cells: tuple[Cell, ...]
    depth: int = 0
    is_open: bool | None = None
    tail: Cell = ()


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is called and how wide it may be.

    Attributes:
        key: Names it in messages.
        least: Cells that it needs; where they are not there it is left out.
        share: How much of the room that is left over it takes, relative to the others.
        rank: The columns with the highest rank are the first to be left out; 0 always stays.
        most: Cells beyond which it does not grow; 0 for no end.
        keeps_end: Whether what is too long loses its beginning, as suits a URL.
    """

    key: str
    title: str
    least: int
    share: int = 0
    rank: int = 0
    most: int = 0
    keeps_end: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """The line above the rows: titles, and by which column the rows are sorted.

    Attributes:
        indent: Where the first title begins, so that it stands above what it names.
    """

    sorted_by: str = ""
    is_descending: bool = False
    indent: int = 0


class RowSource(Protocol):
    """The rows of a list, made when they are looked at."""

    def __len__(self) -> int:
        """How many rows there are."""
        ...

    def key(self, index: int) -> str:
        """What names a row, also after others came or went."""
        ...

    def row(self, index: int) -> Row:
        """A row's content."""
        ...

    def find(self, key: str) -> int | None:
        """Where the row with this key is."""
        ...

    def parent(self, index: int) -> int | None:
        """The branch that a row belongs to."""
        ...

    def can_mark(self, index: int) -> bool:
        """Whether a row is one of those that things can be done to together."""
        ...


class FlatRows:
    """Rows without branches, from their keys and a function that draws one.

    Args:
        keys: Each once, in order.
        draw: A row's content, from its key.
        can_mark: Whether rows can be marked.
    """

    def __init__(
        self, keys: Sequence[str], draw: Callable[[str], Row], *, can_mark: bool = False
    ) -> None:
        self._keys = keys
        self._draw = draw
        self._can_mark = can_mark
        self._places: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, index: int) -> str:
        """What names a row."""
        return self._keys[index]

    def row(self, index: int) -> Row:
        """A row's content."""
        return self._draw(self._keys[index])

    def find(self, key: str) -> int | None:
        """Where the row with this key is."""
        if self._places is None:
            self._places = {each: index for index, each in enumerate(self._keys)}
        return self._places.get(key)

    def parent(self, index: int) -> int | None:
        """There are no branches."""
        del index
        return None

    def can_mark(self, index: int) -> bool:
        """The same for all."""
        return self._can_mark and index < len(self._keys)


def column_widths(columns: Sequence[Column], width: int) -> dict[str, int]:
    """How many cells each column gets; those that find no room are not among them."""
    kept = list(columns)
    while sum(column.least + GAP for column in kept) - GAP > width:
        first_to_go = max(kept, key=lambda column: column.rank)
        if first_to_go.rank == 0:
            break
        kept.remove(first_to_go)
    widths = {column.key: column.least for column in kept}
    room = width - sum(widths.values()) - GAP * (len(kept) - 1)
    growing = [column for column in kept if column.share]
    while room > 0 and growing:
        shares = sum(column.share for column in growing)
        full = [
            column
            for column in growing
            if column.most and widths[column.key] + room * column.share / shares >= column.most
        ]
        for column in full or growing:
            gain = room * column.share // shares
            widths[column.key] = column.most if full else widths[column.key] + gain
        growing = [column for column in growing if column not in full] if full else []
        room = width - sum(widths.values()) - GAP * (len(kept) - 1)
    return widths


def row_line(
    row: Row, columns: Sequence[Column], widths: dict[str, int], width: int, *, is_marked: bool
) -> list[Run]:
    """A row as runs that fill the width exactly."""
    knob = LEAF if row.is_open is None else OPEN if row.is_open else CLOSED
    lead = INDENT * row.depth * " " + knob
    runs: list[Run] = [(MARK, "mark") if is_marked else (NO_MARK, ""), (lead, "knob")]
    room = width - MARK_WIDTH - len(lead)
    if len(row.cells) == 1:
        tail = sum(cell_len(text) for text, _ in row.tail)
        own = sum(cell_len(text) for text, _ in row.cells[0])
        if tail and own + GAP + tail <= room:
            return [*runs, *fitted(row.cells[0], room - tail), *row.tail]
        runs += fitted(row.cells[0], max(room, 0))
        return fitted(tuple(runs), width)
    shown = [
        (cell, column)
        for column, cell in zip(columns, row.cells, strict=True)
        if column.key in widths
    ]
    for number, (cell, column) in enumerate(shown):
        if number:
            runs.append((" " * GAP, ""))
        own = widths[column.key] - (0 if number else len(lead))
        runs += (_fitted_from_end if column.keeps_end else fitted)(cell, max(own, 0))
    return fitted(tuple(runs), width)


def header_line(
    header: Header, columns: Sequence[Column], widths: dict[str, int], width: int
) -> list[Run]:
    """The titles as runs that fill the width exactly."""
    runs: list[Run] = [(NO_MARK, "")]
    for number, column in enumerate(column for column in columns if column.key in widths):
        runs.append((" " * (GAP if number else header.indent), ""))
        own = widths[column.key] - (0 if number else header.indent)
        runs += fitted(_title(column, header), max(own, 0))
    return fitted(tuple(runs), width)


def column_at(columns: Iterable[Column], widths: dict[str, int], x: int) -> str:
    """The key of the column at a place of the header line; empty beyond the last."""
    begin = MARK_WIDTH
    for column in columns:
        if column.key in widths:
            begin += widths[column.key] + GAP
            if x < begin:
                return column.key
    return ""


def fitted(cell: Cell, width: int) -> list[Run]:
    """A cell cut or filled up to a width."""
    runs: list[Run] = []
    room = width
    for number, (text, role) in enumerate(cell):
        length = len(text) if text.isascii() else cell_len(text)
        if length > room:
            is_last_letter = room <= 1
            kept = "" if is_last_letter else set_cell_size(text, room - 1)
            runs.append((kept + CUT * min(room, 1), role))
            return runs
        if length == room and any(more for more, _ in cell[number + 1 :]) and room > 0:
            runs.append((set_cell_size(text, room - 1) + CUT, role))
            return runs
        runs.append((text, role))
        room -= length
    if room > 0:
        runs.append((" " * room, ""))
    return runs


def _fitted_from_end(cell: Cell, width: int) -> list[Run]:
    """A cell that loses its beginning where it is too long."""
    if sum(cell_len(text) for text, _ in cell) <= width or width <= 0:
        return fitted(cell, width)
    runs: list[Run] = []
    room = width - 1
    for text, role in reversed(cell):
        kept = text
        while cell_len(kept) > room:
            kept = kept[cell_len(kept) - room :] if kept.isascii() else kept[1:]
        runs.insert(0, (kept, role))
        room -= cell_len(kept)
    runs.insert(0, (CUT + " " * room, cell[0][1]))
    return runs


def _title(column: Column, header: Header) -> Cell:
    if column.key != header.sorted_by:
        return ((column.title, "header"),)
    return ((column.title + (DESCENDING if header.is_descending else ASCENDING), "sorted"),)
