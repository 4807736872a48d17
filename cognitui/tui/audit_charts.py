"""The charts of the Audit place: from what the log says to plots of a given size; pure functions.

A mark tells what a colour tells: ⠒ is the median, • the 95th percentile, ━ what went well, ╌ what
did not.
"""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.audit_axes import (
    bound_words,
    count_levels,
    latency_axis,
    latency_ticks,
    span_words,
    time_ticks,
)
from cognitui.tui.audit_text import percent
from cognitui.tui.plot import LINE, Plot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.audit.overview import Group, Overview

LATENCY, DISTRIBUTION, SUCCESS = "latency", "distribution", "success"
TITLES = {LATENCY: "Latency", DISTRIBUTION: "Distribution", SUCCESS: "Success rate"}
MUTED = "$foreground-muted"
LEAST_WIDTH, LEAST_HEIGHT = 24, 4
AXIS_HEIGHT = 2
MARKS = "⠒ p50  • p95"
ALONE = "⠶"
MANY = 10
"""From so many on a step's failures are a plus rather than a digit."""
NAME_WIDTH = 24
COUNT_WIDTH, BOUND_WIDTH = 6, 9
LEAST_BAR, MOST_BAR = 4, 12


def draw(
    chart: str, overview: Overview, width: int, height: int, *, noun: str, place: str = ""
) -> Content:
    """One of the charts, under a line that says what it shows.

    Args:
        chart: ``latency``, ``distribution`` or ``success``.
        overview: What the log says.
        width: Cells.
        height: Lines, that of the title among them.
        noun: What the success rates are by, such as ``webhook``.
        place: Which of all charts it is, such as ``1/3``, where not all are shown.
    """
    title, plot = {
        LATENCY: latency_chart,
        DISTRIBUTION: distribution_chart,
        SUCCESS: success_chart,
    }[chart](overview, width, height - 1)
    name = f"{TITLES[chart]} by {noun}" if chart == SUCCESS else TITLES[chart]
    heading = Content.assemble((name, "bold"), (f" {place}".rstrip(), MUTED), "  ", (title, MUTED))
    return Content("\n").join([heading.truncate(width, ellipsis=True), plot])


def _nothing(words: str) -> tuple[str, Content]:
    return "", Content.styled(f"\n{words}", MUTED)


def _is_too_small(width: int, height: int) -> bool:
    return width < LEAST_WIDTH or height < LEAST_HEIGHT


# Latency over time


def latency_chart(overview: Overview, width: int, height: int) -> tuple[str, Content]:
    """Median and 95th percentile of each step of time, and how many failed in it."""
    moments = overview.timeline
    values = [ms for each in moments for ms in (each.p50_ms, each.p95_ms) if ms is not None]
    failed = [(at, each.failed) for at, each in enumerate(moments) if each.failed]
    if not values and not failed:
        return _nothing("Nothing was timed in this time.")
    if _is_too_small(width, height):
        return _nothing("No room for a chart.")
    axis = latency_axis(values or [1.0])
    rows = height - AXIS_HEIGHT
    # The lowest line is for what failed, where there is any.
    floor = -1 / max(rows - 2, 1) if failed else 0.0
    plot = Plot(width, height, x=(0, max(len(moments) - 1, 1)), y=(floor, 1))
    ticks = [(axis.place(ms), bound_words(ms)) for ms in latency_ticks(axis, (rows + 1) // 2)]
    plot.ticks(
        x=time_ticks(moments, max(2, width // 16)),
        y=[(floor, "failed"), *ticks] if failed else ticks,
    )
    for run in _runs((at, each.p50_ms) for at, each in enumerate(moments)):
        x, y = [at for at, _ in run], [axis.place(ms) for _, ms in run]
        if len(run) > 1:
            plot.line(x, y, LINE, "$primary")
        else:
            plot.points(x, y, ALONE, "$primary")
    dots = [(at, each.p95_ms) for at, each in enumerate(moments) if each.p95_ms is not None]
    if dots:
        plot.points([at for at, _ in dots], [axis.place(ms) for _, ms in dots], "•", "$accent")
    for at, count in failed:
        plot.points([at], [floor], str(count) if count < MANY else "+", "$error")
    step = f"{MARKS}  every {span_words(overview.step_s)}"
    total = sum(count for _, count in failed)
    return (f"{step}  {total:,} failed" if failed else step), plot.build()


def _runs(
    points: Iterable[tuple[int, float | None]],
) -> list[list[tuple[int, float]]]:
    """The stretches of points that have a value."""
    return [
        [(at, ms) for at, ms in group if ms is not None]
        for has_value, group in groupby(points, lambda point: point[1] is not None)
        if has_value
    ]


# Distribution


def distribution_chart(overview: Overview, width: int, height: int) -> tuple[str, Content]:
    """How many took how long; ranges that hold nothing at either end are left out."""
    ranges = trimmed(overview.distribution)
    if not ranges:
        return _nothing("Nothing was timed in this time.")
    if _is_too_small(width, height):
        return _nothing("No room for a chart.")
    bars = merged(ranges, (width - COUNT_WIDTH) // LEAST_BAR)
    counts = [count for _, _, count in bars]
    levels = count_levels(max(counts), (height - AXIS_HEIGHT) // 2)
    labels = [f"{level:,}" for level in levels]
    # Every bar is as wide as the others, so what is left over at the right stays free.
    room = width - max(map(len, labels)) - 1
    wide = min(room // len(bars), MOST_BAR)
    halves = 2 * wide * len(bars)
    plot = Plot(width - room + wide * len(bars), height, x=(0, halves - 1), y=(0, max(counts)))
    bounds = [low for low, _, _ in bars]
    every = math.ceil(BOUND_WIDTH / wide)
    plot.ticks(
        x=[(2 * wide * at, bound_words(ms)) for at, ms in enumerate(bounds) if at % every == 0],
        y=list(zip(levels, labels, strict=True)),
    )
    plot.bars(counts, wide, "$primary")
    return f"how many took how long, of {sum(counts):,}", plot.build()


def merged(ranges: Sequence[tuple[float, float, int]], most: int) -> list[tuple[float, float, int]]:
    """The same in so many ranges at most: neighbours are taken together."""
    size = math.ceil(len(ranges) / max(most, 1))
    groups = [ranges[at : at + size] for at in range(0, len(ranges), size)]
    return [(group[0][0], group[-1][1], sum(count for _, _, count in group)) for group in groups]


def trimmed(ranges: Sequence[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """The ranges from the first that holds something to the last."""
    filled = [at for at, (_, _, count) in enumerate(ranges) if count]
    return list(ranges[filled[0] : filled[-1] + 1]) if filled else []


# Success rate


def success_chart(overview: Overview, width: int, height: int) -> tuple[str, Content]:
    """How much went well, by webhook or whatever they are grouped by; the worst come first."""
    groups = [group for group in overview.groups if group.measured.total]
    if not groups:
        return _nothing("No record here names one.")
    if _is_too_small(width, height):
        return _nothing("No room for a chart.")
    shown = groups[: height - AXIS_HEIGHT]
    names = group_names(shown, max(8, min(NAME_WIDTH, width // 4)))
    last = len(shown) - 1
    # One line of its own for each: the first of them stands at the top.
    plot = Plot(width, len(shown) + AXIS_HEIGHT, x=(0, 100), y=(0, max(last, 1)))
    plot.ticks(
        x=[(0, "0"), (50, "50"), (100, "100 %")],
        y=[(last - at, name) for at, name in enumerate(names)],
    )
    for at, group in enumerate(shown):
        well = 100 * (group.measured.success_rate or 0.0)
        if well < 100:  # noqa: PLR2004
            plot.line([well, 100], [last - at] * 2, "╌", "$error")
        if well > 0:
            plot.line([0, well], [last - at] * 2, "━", "$success")
    more = f"  the worst {len(shown)} of {len(groups)}" if len(shown) < len(groups) else ""
    return f"━ went well  ╌ failed{more}", plot.build()


def group_names(groups: Sequence[Group], room: int) -> list[str]:
    """Name, rate and number of each, in columns."""
    names = [safe_text(group.key or "–", room) for group in groups]
    rates = [percent(group.measured.success_rate or 0.0) for group in groups]
    totals = [f"{group.measured.total:,}" for group in groups]
    wide, long = max(map(cell_len, names)), max(map(len, totals))
    return [
        f"{name}{' ' * (wide - cell_len(name))}  {rate:>7} of {total:>{long}}"
        for name, rate, total in zip(names, rates, totals, strict=True)
    ]
