"""Rows that are put together from sections, each of many rows of one kind."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.tui.widgets.row_text import Row


@dataclass(slots=True)
class Section:
    """Rows of one kind, one after the other.

    Attributes:
        prefix: What stands before the ids in the keys, so that two kinds may have equal ids.
        ids: Each once, in order.
        draw: A row's content, from its id.
        parent: The key of the branch that they belong to; empty when they belong to none.
        can_mark: Whether they can be marked.
    """

    prefix: str
    ids: Sequence[str]
    draw: Callable[[str], Row]
    parent: str = ""
    can_mark: bool = False
    _places: dict[str, int] = field(default_factory=dict)

    def find(self, name: str) -> int | None:
        """Where a row is, within the section."""
        if not self._places:
            self._places = {each: index for index, each in enumerate(self.ids)}
        return self._places.get(name)


class SectionRows:
    """All rows of some sections. Implements `RowSource`."""

    def __init__(self, sections: Sequence[Section]) -> None:
        self._sections = [section for section in sections if section.ids]
        self._starts: list[int] = []
        self._count = 0
        for section in self._sections:
            self._starts.append(self._count)
            self._count += len(section.ids)

    def __len__(self) -> int:
        return self._count

    def key(self, index: int) -> str:
        """What names a row."""
        section, place = self._at(index)
        return section.prefix + section.ids[place]

    def row(self, index: int) -> Row:
        """A row's content."""
        section, place = self._at(index)
        return section.draw(section.ids[place])

    def find(self, key: str) -> int | None:
        """Where the row with this key is."""
        for start, section in zip(self._starts, self._sections, strict=True):
            if key.startswith(section.prefix):
                place = section.find(key[len(section.prefix) :])
                if place is not None:
                    return start + place
        return None

    def parent(self, index: int) -> int | None:
        """The branch that a row belongs to."""
        section, _ = self._at(index)
        return self.find(section.parent) if section.parent else None

    def can_mark(self, index: int) -> bool:
        """Whether a row can be marked."""
        return self._at(index)[0].can_mark

    def _at(self, index: int) -> tuple[Section, int]:
        number = bisect_right(self._starts, index) - 1
        return self._sections[number], index - self._starts[number]
