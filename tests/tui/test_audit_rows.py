"""A long log in few pages: each record has its place, in memory or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.tui.audit_rows import KEPT, LOADING_ROW, NEAR, OLDER, PAGE, RecordRows
from cognitui.tui.widgets.row_text import Row

from .test_audit import made

if TYPE_CHECKING:
    from cognitui.audit.records import AuditRecord


def log_of(count: int, step: int = 3) -> list[AuditRecord]:
    """Records with ids that have gaps, newest first."""
    return [made(1, id=number * step) for number in range(count, 0, -1)]


def rows() -> RecordRows:
    return RecordRows(lambda record: Row((((str(record.id), ""),),)))


def page(log: list[AuditRecord], before_id: int | None) -> list[AuditRecord]:
    fits = [record for record in log if before_id is None or (record.id or 0) < before_id]
    return fits[:PAGE]


def filled(log: list[AuditRecord]) -> RecordRows:
    source = rows()
    source.append(page(log, None), None)
    while not source.is_complete:
        before_id = source.next_before_id
        assert before_id is not None
        source.put(page(log, before_id), before_id)
    return source


def ids(source: RecordRows) -> list[str]:
    return [source.key(index) for index in range(len(source))]


@pytest.mark.parametrize("count", [0, 1, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE + 7])
def test_page_by_page_it_becomes_the_whole_log(count: int) -> None:
    log = log_of(count)
    source = filled(log)
    assert ids(source) == [str(record.id) for record in log]
    assert [source.find(key) for key in ids(source)] == list(range(count))
    assert source.count == count
    assert source.newest_id == (log[0].id if log else 0)


def test_the_last_line_stands_for_what_is_not_read_yet() -> None:
    source = rows()
    source.append(page(log_of(500), None), None)
    assert len(source) == PAGE + 1
    assert source.key(PAGE) == OLDER
    assert source.row(PAGE) is LOADING_ROW
    assert source.find(OLDER) is None
    assert source.record(OLDER) is None
    assert source.wants_more(PAGE - NEAR)
    assert source.parent(0) is None
    assert not source.can_mark(0)


def test_far_pages_are_forgotten_and_come_back() -> None:
    log = log_of((KEPT + 8) * PAGE)
    source = filled(log)
    last = len(source) - 1
    source.keep_near(last - 20, last)
    assert source.row(0) is LOADING_ROW
    assert source.record(str(log[0].id)) is None
    assert source.find(str(log[0].id)) == 0
    assert source.row(last).cells[0][0][0] == str(log[-1].id)
    assert source.missing(last - 20, last) is None
    for first in (0, 4 * PAGE + 3):
        while (before_id := source.missing(first, first + PAGE)) is not None:
            source.put(page(log, before_id), before_id)
        assert source.row(first).cells[0][0][0] == str(log[first].id)
    assert len(source) == len(log)


def test_a_page_that_is_not_the_one_that_was_forgotten_is_not_taken() -> None:
    log = log_of((KEPT + 2) * PAGE)
    source = filled(log)
    source.keep_near(len(source) - 1, len(source) - 1)
    before_id = source.missing(0, 1)
    assert before_id is not None
    source.put(page(log[5:], before_id), before_id)
    assert source.row(0) is LOADING_ROW


@given(st.lists(st.integers(1, PAGE), max_size=12), st.sampled_from([0, 5, PAGE, 2 * PAGE + 9]))
def test_what_comes_stands_above_and_moves_nothing_else(batches: list[int], count: int) -> None:
    log = log_of(count)
    source = filled(log)
    newest = (count + 1) * 3
    whole = list(log)
    for size in batches:
        fresh = [made(1, id=newest + number) for number in range(size, 0, -1)]
        newest += size + 1
        source.prepend(fresh)
        whole = [*fresh, *whole]
    assert ids(source) == [str(record.id) for record in whole]
    assert source.newest_id == (whole[0].id if whole else 0)
    for index in range(0, len(whole), 37):
        key = str(whole[index].id)
        assert source.find(key) == index
        assert source.record(key) is whole[index]
    assert source.find("999999999") is None
    assert source.find("1") is None
    assert source.first(3) == whole[:3]
