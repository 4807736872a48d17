"""Browse as a person sees it: its lines, and how to get to one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from .support import Console


def rows(console: Console) -> RowList:
    """The list."""
    return console.browse.query_one(RowList)


def line(console: Console, index: int) -> str:
    """A row as text: its cells and what stands at its end."""
    row = rows(console).source.row(index)
    cells = ["".join(text for text, _ in cell) for cell in (*row.cells, row.tail)]
    return "  ".join(cell for cell in cells if cell)


def lines(console: Console) -> list[str]:
    """All rows as text, also those that are scrolled out of view."""
    return [line(console, index) for index in range(len(rows(console).source))]


def webhooks(console: Console) -> list[str]:
    """The ids of the webhooks that are listed, in order."""
    source = rows(console).source
    keys = [source.key(index) for index in range(len(source))]
    return [key.removeprefix("webhook:") for key in keys if key.startswith("webhook:")]


def marked(console: Console) -> list[str]:
    """The ids of the marked webhooks."""
    return [key.removeprefix("webhook:") for key in rows(console).marks]


async def choose(console: Console, text: str) -> None:
    """Move the cursor to the first row with this text."""
    index = next(number for number, shown in enumerate(lines(console)) if text in shown)
    rows(console).focus()
    rows(console).move_cursor(index)
    await console.settle()


async def filter_by(console: Console, text: str) -> None:
    """Type into the filter."""
    await console.type("#browse-filter", text)
    await console.settle()
