"""The steps of a time axis: of a width that people count in, and beginning where it begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain
from itertools import count as count_from

MONDAY = datetime(1970, 1, 5, tzinfo=UTC)
"""Every step of a day, a week or a part of one begins a whole number of them after this."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_WIDTHS_S = (
    1, 2, 5, 10, 15, 30,
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14, 28)),
)  # fmt: skip
_MICROSECOND = timedelta(microseconds=1)
SECOND_US = 1_000_000


def to_us(at: datetime) -> int:
    """Microseconds since `MONDAY`."""
    return (at - MONDAY) // _MICROSECOND


def from_us(us: int) -> datetime:
    """The moment so many microseconds after `MONDAY`."""
    return MONDAY + timedelta(microseconds=us)


@dataclass(frozen=True, slots=True)
class Steps:
    """An axis.

    Attributes:
        first: The number of the first step, counted from `MONDAY`.
        count: How many there are.
        width_s: How wide each is, in seconds.
    """

    first: int
    count: int
    width_s: int

    @property
    def width_us(self) -> int:
        """How wide each is, in microseconds."""
        return self.width_s * SECOND_US

    def begin_us(self, number: int) -> int:
        """Where a step begins, counted from the first."""
        return (self.first + number) * self.width_us


def steps_between(earliest_us: int, latest_us: int, most: int, narrowest_s: int = 1) -> Steps:
    """The narrowest steps, at most so many, that hold both moments.

    Args:
        earliest_us: In microseconds since `MONDAY`.
        latest_us: Likewise.
        most: How many; never less than two.
        narrowest_s: Not narrower than this.
    """
    for width_s in chain(_WIDTHS_S, (_WIDTHS_S[-1] << doubled for doubled in count_from(1))):
        first = earliest_us // (width_s * SECOND_US)
        count = latest_us // (width_s * SECOND_US) - first + 1
        # Two moments can always lie on two sides of a border.
        if width_s >= narrowest_s and count <= max(most, 2):
            return Steps(first, count, width_s)
    raise AssertionError("unreachable: the last width is not the last")
