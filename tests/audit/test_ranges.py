"""How far back one looks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cognitui.audit.ranges import ALL, RANGES, beside, within
from cognitui.audit.wanted import Wanted, read_filter

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def test_they_get_longer_and_end_with_everything() -> None:
    lengths = [length for length in RANGES.values() if length is not None]
    assert lengths == sorted(lengths)
    assert list(RANGES)[-1] == ALL
    assert RANGES[ALL] is None


@pytest.mark.parametrize(
    ("name", "by", "found"),
    [("24h", -1, "6h"), ("24h", 1, "7d"), ("1h", -1, "1h"), (ALL, 1, ALL), (ALL, -9, "1h")],
)
def test_beside_each_is_a_shorter_and_a_longer_one(name: str, by: int, found: str) -> None:
    assert beside(name, by) == found


def test_a_range_begins_so_long_ago() -> None:
    assert within(Wanted(), "6h", NOW).since == NOW - timedelta(hours=6)
    assert within(Wanted(), ALL, NOW) == Wanted()


@pytest.mark.parametrize("text", ["since:2h", "until:today"])
def test_a_filter_that_is_dated_has_its_way(text: str) -> None:
    wanted = read_filter(text, now=NOW)
    assert within(wanted, "1h", NOW) == wanted
