"""Columns take the room that there is."""

from __future__ import annotations

import pytest

from cognitui.tui.columns import Column, fit

COLUMNS = (
    Column("At", 8),
    Column("Action", 16),
    Column("Latency", 8, least=50),
    Column("Target", 10, grows=True),
)


@pytest.mark.parametrize(
    ("room", "widths"),
    [
        (100, {0: 8, 1: 16, 2: 8, 3: 60}),
        (50, {0: 8, 1: 16, 2: 8, 3: 10}),
        (49, {0: 8, 1: 16, 3: 19}),
        (30, {0: 8, 1: 16, 3: 10}),
        (0, {0: 8, 1: 16, 3: 10}),
    ],
)
def test_what_is_left_goes_to_the_one_that_grows(room: int, widths: dict[int, int]) -> None:
    assert dict(fit(COLUMNS, room)) == widths


def test_two_that_grow_share_it() -> None:
    columns = [Column("A", 4, grows=True), Column("B", 4), Column("C", 4, grows=True)]
    widths = dict(fit(columns, 31))
    assert sum(widths.values()) + 2 * 3 == 31
    assert abs(widths[0] - widths[2]) <= 1
