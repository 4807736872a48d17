"""The rows of the log's list: a million of them, of which a few pages are in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from dataclasses import dataclass
from operator import neg
from typing import TYPE_CHECKING

from cognitui.tui.widgets.row_text import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.audit.records import AuditRecord

PAGE = 200
KEPT = 12
"""Pages whose records are in memory; of the others there are the ids, to find one's way back."""
NEAR = 300
"""Whoever looks at a row so near the last loaded one is about to want more."""
OLDER = "older"
"""The key of the line that stands for the records that are not loaded yet."""


@dataclass(slots=True)
class _Page:
    """Records that follow each other, newest first.

    Attributes:
        before_id: What it was asked for with; ``None`` for the newest records there were.
        ids: The ids of all its records.
        records: The records; ``None`` while they are not in memory.
    """

    before_id: int | None
    ids: array[int]
    records: list[AuditRecord] | None


class RecordRows:
    """The records that were loaded, newest first. Implements the list's `RowSource`.

    Pages are asked for by the id before which they begin, so that what arrives meanwhile moves
    nothing: new records stand in front of them.

    Args:
        draw: A record's row.

    Attributes:
        is_complete: Whether there are no older ones than those that are loaded.
    """

    def __init__(self, draw: Callable[[AuditRecord], Row]) -> None:
        self._draw = draw
        self._head: list[AuditRecord] = []
        self._pages: list[_Page] = []
        self.is_complete = False

    # What is there

    @property
    def count(self) -> int:
        """How many records were loaded."""
        pages = self._pages
        return len(self._head) + (PAGE * (len(pages) - 1) + len(pages[-1].ids) if pages else 0)

    @property
    def newest_id(self) -> int:
        """The id of the first record; 0 when there is none."""
        if self._head:
            return _id(self._head[0])
        return self._pages[0].ids[0] if self._pages else 0

    @property
    def next_before_id(self) -> int | None:
        """What the next page of older records is asked for with."""
        if self._pages:
            return self._pages[-1].ids[-1]
        return _id(self._head[-1]) if self._head else None

    def record(self, key: str | None) -> AuditRecord | None:
        """A record by its key; ``None`` when it is not in memory."""
        index = self.find(key) if key else None
        return None if index is None else self._record(index)

    def missing(self, first: int, last: int) -> int | None:
        """Before which id a page begins that is looked at and not in memory; see `put_back`."""
        for number in self._pages_between(first, last):
            if self._pages[number].records is None:
                return self._begin(number)
        return None

    def wants_more(self, last: int) -> bool:
        """Whether somebody who looks at this row is about to see the end of what is loaded."""
        return not self.is_complete and last + NEAR >= self.count

    def first(self, most: int) -> list[AuditRecord]:
        """The newest records that are in memory."""
        page = self._pages[0].records or [] if self._pages else []
        return [*self._head, *page][:most]

    # Filling

    def put(self, records: Sequence[AuditRecord], before_id: int) -> None:
        """A page, by the id before which it begins: the next one, or one that was forgotten."""
        if before_id == self.next_before_id:
            self.append(records, before_id)
        else:
            self.put_back(records, before_id)

    def append(self, records: Sequence[AuditRecord], before_id: int | None) -> None:
        """The next page of older records; one that is not full is the last."""
        ids = array("q", map(_id, records))
        if ids:
            self._pages.append(_Page(before_id, ids, list(records)))
        self.is_complete = len(records) < PAGE

    def put_back(self, records: Sequence[AuditRecord], before_id: int) -> None:
        """A page that was loaded before, and was forgotten since."""
        known = {_id(record): record for record in records}
        for number, page in enumerate(self._pages):
            if page.records is None and self._begin(number) == before_id:
                if all(number in known for number in page.ids):
                    page.records = [known[number] for number in page.ids]
                return

    def prepend(self, records: Sequence[AuditRecord]) -> None:
        """Records that arrived since, newest first."""
        self._head = [*records, *self._head]
        while len(self._head) >= 2 * PAGE:
            oldest, self._head = self._head[-PAGE:], self._head[:-PAGE]
            begin = _id(self._head[-1])
            self._pages.insert(0, _Page(begin, array("q", map(_id, oldest)), oldest))

    def keep_near(self, first: int, last: int) -> None:
        """Forget the records of pages that are far from these rows."""
        held = [number for number, page in enumerate(self._pages) if page.records is not None]
        looked_at = self._pages_between(first, last)
        middle = (looked_at.start + looked_at.stop) / 2
        for number in sorted(held, key=lambda number: abs(number + 0.5 - middle))[KEPT:]:
            self._pages[number].records = None

    def _begin(self, number: int) -> int:
        """Before which id a page begins: a thing larger than its first id asks for the same."""
        page = self._pages[number]
        return page.ids[0] + 1 if page.before_id is None else page.before_id

    def _pages_between(self, first: int, last: int) -> range:
        begin = max(0, first - len(self._head)) // PAGE
        end = max(0, last - len(self._head)) // PAGE + 1
        return range(min(begin, len(self._pages)), min(end, len(self._pages)))

    # The list's source

    def __len__(self) -> int:
        return self.count + (not self.is_complete)

    def key(self, index: int) -> str:
        """A record's id."""
        if index >= self.count:
            return OLDER
        if index < len(self._head):
            return str(_id(self._head[index]))
        page, at = divmod(index - len(self._head), PAGE)
        return str(self._pages[page].ids[at])

    def row(self, index: int) -> Row:
        """A record's line; where it is not in memory, one that says so."""
        record = self._record(index) if index < self.count else None
        return self._draw(record) if record is not None else LOADING_ROW

    def find(self, key: str) -> int | None:
        """Where a record is, among those that were loaded."""
        if not key.isdecimal():
            return None  # whoever stands on the last line stays there, and is on a record then
        wanted = int(key)
        head = bisect_left(self._head, -wanted, key=lambda record: -_id(record))
        if head < len(self._head):
            return head if _id(self._head[head]) == wanted else None
        number = bisect_left(self._pages, -wanted, key=lambda page: -page.ids[-1])
        if number == len(self._pages):
            return None
        ids = self._pages[number].ids
        at = bisect_left(ids, -wanted, key=neg)
        found = at < len(ids) and ids[at] == wanted
        return len(self._head) + number * PAGE + at if found else None

    def parent(self, index: int) -> int | None:
        """There are no branches."""
        del index
        return None

    def can_mark(self, index: int) -> bool:
        """What was done cannot be changed."""
        del index
        return False

    def _record(self, index: int) -> AuditRecord | None:
        if index < len(self._head):
            return self._head[index]
        page, at = divmod(index - len(self._head), PAGE)
        records = self._pages[page].records
        return records[at] if records is not None else None


LOADING_ROW = Row(((("◌ reading …", "muted"),),))


def _id(record: AuditRecord) -> int:
    return record.id or 0
