"""Where values stand on the axes of a chart, and what stands beside them: pure functions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.audit.overview import Moment
    from cognitui.tui.plot import Tick

LOGARITHMIC_FROM, MOST_FACTOR = 20.0, 1e6
"""Where the highest latency is so many times the lowest, the axis grows by factors."""
MINUTES_S, DAY_S, WEEK_S = 600.0, 86_400.0, 604_800.0
SLACK = 1e-9
"""What a number may be off by and still be as good as a round one."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a value stands between the lower edge, 0, and the upper one, 1."""

    low: float
    high: float
    is_logarithmic: bool = False

    def place(self, value: float) -> float:
        """Where this value stands; what is off the axis stands at its edge."""
        value = min(max(value, self.low), self.high)
        if self.is_logarithmic:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


def latency_axis(values: Sequence[float]) -> Axis:
    """The axis for these milliseconds: from 0, or by factors where they lie far apart."""
    high = max(*values, 1.0)
    low = max(min((value for value in values if value > 0), default=high), high / MOST_FACTOR)
    if high / low >= LOGARITHMIC_FROM:
        return Axis(_rounded_down(low), high, is_logarithmic=True)
    return Axis(0.0, high)


def latency_ticks(axis: Axis, most: int) -> list[float]:
    """Round values along an axis: two at the least, and not many more than ``most``."""
    most = max(most, 2)
    if not axis.is_logarithmic:
        step_ms = _rounded_up(axis.high / most)
        if step_ms > axis.high:
            step_ms = _rounded_down(axis.high)
        return [number * step_ms for number in range(int(axis.high / step_ms) + 1)]
    powers = range(math.floor(math.log10(axis.low)), math.ceil(math.log10(axis.high)) + 1)
    values = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    values = [value for value in values if axis.low <= value <= axis.high]
    return values[:: math.ceil(len(values) / most)]


def count_levels(highest: int, most: int) -> list[int]:
    """Round numbers from 0 up to a count, not many more than ``most``."""
    step = max(1, round(_rounded_up(highest / max(1, most))))
    return list(range(0, highest + 1, step))


def time_ticks(moments: Sequence[Moment], most: int) -> list[Tick]:
    """Times at even distances, from the first step to the last."""
    if len(moments) < 2:  # noqa: PLR2004
        return [(0, clock_words(each.at, 0)) for each in moments]
    span = (moments[-1].at - moments[0].at).total_seconds()
    count = min(most, len(moments))
    places = [round(number * (len(moments) - 1) / (count - 1)) for number in range(count)]
    return [(at, clock_words(moments[at].at, span)) for at in dict.fromkeys(places)]


def clock_words(moment: datetime, span_s: float) -> str:
    """A local time as an axis of this length has it: with the date where a day is not enough."""
    local = moment.astimezone()
    if span_s <= DAY_S:
        return local.strftime("%H:%M:%S" if span_s <= MINUTES_S else "%H:%M")
    return local.strftime("%m-%d %H:%M" if span_s <= WEEK_S else "%m-%d")


def span_words(seconds: float) -> str:
    """How long something is: ``30 s``, ``24 min``, ``2 h``, ``5 days``."""
    for unit, size in (("day", DAY_S), ("h", 3600.0), ("min", 60.0)):
        if seconds >= size:
            number = f"{seconds / size:.1f}".removesuffix(".0")
            return f"{number} {unit}{'s' if unit == 'day' and number != '1' else ''}"
    return f"{max(seconds, 1):.0f} s"


def bound_words(ms: float) -> str:
    """The bound of a range, as short as it can be."""
    if not ms:
        return "0"
    return "more" if math.isinf(ms) else duration(ms).replace(".0 s", " s")


def _rounded_down(value: float) -> float:
    return max(each for each in _round_values(value) if each <= value * (1 + SLACK))


def _rounded_up(value: float) -> float:
    return min(each for each in _round_values(value) if each >= value * (1 - SLACK))


def _round_values(value: float) -> list[float]:
    """1, 2, 5 and 10 times the power of ten that is just below a value."""
    power = 10.0 ** math.floor(math.log10(value) + SLACK)
    return [factor * power for factor in (1, 2, 5, 10)]
