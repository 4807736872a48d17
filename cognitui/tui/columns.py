"""How wide the columns of a table are, in the room that there is: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PADDING = 2
"""Blanks beside each cell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        title: What stands above it.
        width: What its cells need; of one that grows, what it needs at least.
        grows: Whether it takes the room that is left.
        least: The room that the whole table needs for this column to be shown.
    """

    title: str
    width: int
    grows: bool = False
    least: int = 0


def fit(columns: Sequence[Column], room: int) -> list[tuple[int, int]]:
    """The number and the width of each column that is shown."""
    shown = [number for number, column in enumerate(columns) if room >= column.least]
    widths = {number: columns[number].width for number in shown}
    left = room - sum(width + PADDING for width in widths.values())
    growing = [number for number in shown if columns[number].grows]
    for place, number in enumerate(growing):
        share = left // (len(growing) - place) if left > 0 else 0
        widths[number] += share
        left -= share
    return list(widths.items())
