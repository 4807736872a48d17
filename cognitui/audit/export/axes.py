"""Scales and axes of the report's charts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from cognitui.audit.export.markup import Html, element, join

WIDTH, HEIGHT = 720.0, 250.0
LEFT, RIGHT, TOP, BOTTOM = 62.0, 50.0, 30.0, 44.0
_TICKS = 5
_MINUTES_S = 600
_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S
_TICK_STEPS_S = (
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    *(days * _DAY_S for days in (1, 2, 4, 7, 14, 28, 56, 112, 224, 448, 1120, 4480, 44_800)),
    800_000 * _DAY_S,
)  # fmt: skip
_SECOND_MS = 1000.0


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to places."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return self.begin + share * (self.end - self.begin)


def nice_ticks(most: float, *, least_step: float = 0.0) -> list[float]:
    """Round values from 0 to the first that is not below the most.

    Args:
        most: The highest value.
        least_step: They are no closer than this: 1 where things are counted.
    """
    if most <= 0:
        return [0.0, 1.0]
    rough = max(most / (_TICKS - 1), least_step)
    power = float(10 ** math.floor(math.log10(rough)))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]


def milliseconds(value: float, *, of: float | None = None) -> str:
    """A time with its unit; seconds from one second on.

    Args:
        value: In ms.
        of: The axis's longest, whose unit all of its labels have.
    """
    if (value if of is None else of) >= _SECOND_MS:
        return f"{value / _SECOND_MS:.3g} s"
    return f"{value:.3g} ms"


def time_ticks(begin_s: float, end_s: float) -> list[float]:
    """Round moments between two, at most eight."""
    most = 7
    step = next(s for s in _TICK_STEPS_S if (end_s - begin_s) / s <= most)
    first = math.ceil(begin_s / step) * step
    return [float(first + step * n) for n in range(int((end_s - first) // step) + 1)]


def moment_label(seconds: float, span_s: float) -> str:
    """A moment, as exact as the time that the axis covers asks for."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return ""  # before the first year or after the last
    if span_s > _YEAR_S:
        return moment.strftime("%Y-%m-%d")
    if span_s > 7 * _DAY_S:
        return moment.strftime("%m-%d")
    if span_s > _DAY_S:
        return moment.strftime("%m-%d %H:%M")
    return moment.strftime("%H:%M" if span_s > _MINUTES_S else "%H:%M:%S")


def y_axis(scale: Scale, ticks: list[float], labels: list[str], title: str) -> Html:
    """Lines across the chart with their values, and what they are of."""
    parts = [element("text", title, class_="axis-title", x=LEFT - 54, y=TOP - 14)]
    for tick, label in zip(ticks, labels, strict=True):
        y = scale.at(tick)
        parts += [
            element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y),
            element("text", label, class_="tick", x=LEFT - 8, y=y + 4, text_anchor="end"),
        ]
    return join(parts)


def time_axis(scale: Scale) -> Html:
    """Moments below the chart."""
    span_s = scale.high - scale.low
    floor = HEIGHT - BOTTOM
    parts = [element("line", class_="axis", x1=LEFT, x2=WIDTH - RIGHT, y1=floor, y2=floor)]
    for tick in time_ticks(scale.low, scale.high):
        x = scale.at(tick)
        label = moment_label(tick, span_s)
        parts += [
            element("line", class_="axis", x1=x, x2=x, y1=floor, y2=floor + 5),
            element("text", label, class_="tick", x=x, y=floor + 19, text_anchor="middle"),
        ]
    title = "time, UTC"
    parts.append(
        element(
            "text", title, class_="axis-title", x=WIDTH - RIGHT, y=HEIGHT - 6, text_anchor="end"
        )
    )
    return join(parts)
