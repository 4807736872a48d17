"""Records of which it is not known whether they were written.

A connection can be lost after a commit was asked for and before it was acknowledged. A record's MAC
is over its content, its number and all before it. So once the server answers again, the MAC at that
number tells whether it was this record that was written.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cognitui.audit.schema import Row


class Added(NamedTuple):
    """A record that was handed to the database.

    Attributes:
        row: The record, as `schema.to_row` gives it.
        number: Its number.
        mac: Its MAC, in hex.
    """

    row: Row
    number: int
    mac: str


class Doubt:
    """What may have been written, and what is known to have been written unacknowledged."""

    def __init__(self) -> None:
        self._open: list[Added] = []
        self._written: defaultdict[Row, list[int]] = defaultdict(list)

    def add(self, added: Iterable[Added]) -> None:
        """The connection was lost while these were written."""
        self._open += added

    def settle(self, mac_at: Callable[[int], str]) -> None:
        """Find out about each; in a transaction that holds the lock, when no other can be open.

        Args:
            mac_at: Tells the MAC of a number, in hex.
        """
        while self._open:
            row, number, mac = self._open[0]
            if mac_at(number) == mac:
                self._written[row].append(number)
            del self._open[0]

    def known(self, rows: Sequence[Row]) -> tuple[list[int | None], list[Row]]:
        """Of rows that are to be written: the numbers of those that are there, and the others."""
        if not self._written:
            return [None] * len(rows), list(rows)
        left = {row: list(self._written[row]) for row in rows if row in self._written}
        numbers = [left[row].pop(0) if left.get(row) else None for row in rows]
        fresh = [row for row, number in zip(rows, numbers, strict=True) if number is None]
        return numbers, fresh

    def tell(self, rows: Sequence[Row], numbers: Sequence[int | None]) -> None:
        """Who wanted these written hears that they are: the next one that is equal is another."""
        for row, number in zip(rows, numbers, strict=True):
            if number is not None:
                self._written[row].remove(number)
                if not self._written[row]:
                    del self._written[row]
