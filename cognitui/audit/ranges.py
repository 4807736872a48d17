"""How far back one looks: a handful of ranges, from the last hour to everything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.audit.wanted import Wanted

ALL = "all"
RANGES: dict[str, timedelta | None] = {
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    ALL: None,
}
"""From the shortest to the longest."""


def beside(name: str, by: int) -> str:
    """The range that is longer by so many steps, or shorter; the first or last where it ends."""
    names = list(RANGES)
    return names[min(max(names.index(name) + by, 0), len(names) - 1)]


def within(wanted: Wanted, name: str, now: datetime) -> Wanted:
    """The same in this range; a filter that says itself since when or until when has its way."""
    length = RANGES[name]
    if length is None or wanted.since is not None or wanted.until is not None:
        return wanted
    return replace(wanted, since=now - length)
