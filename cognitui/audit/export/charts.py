"""The report's charts as SVG: each has axes, units and a legend, and can be read without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.export.axes import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Scale,
    milliseconds,
    moment_label,
    nice_ticks,
    time_axis,
    y_axis,
)
from cognitui.audit.export.markup import Html, element, join
from cognitui.audit.export.tally import BOUNDS_MS, Group, Latencies
from cognitui.audit.export.text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_BARS = 20
PERCENTILES = ((50, "p50"), (95, "p95"))
_ROW = 26.0
_NAME = 190.0
_VALUE = 150.0
_LINE_HEIGHT = 13.0
_OUTCOMES = (("succeeded", "good"), ("did not succeed", "bad"))


def latency_over_time(name: str, steps: Sequence[tuple[float, Group | None]], step_s: int) -> Html:
    """The median and the 95th percentile of each step."""
    begin, end = steps[0][0], steps[-1][0] + step_s
    points = {
        label: [
            (at + step_s / 2, ms)
            for at, group in steps
            if group and (ms := group.latencies.percentile(percent)) is not None
        ]
        for percent, label in PERCENTILES
    }
    ticks = nice_ticks(max((ms for line in points.values() for _, ms in line), default=0.0))
    x = Scale(begin, end, LEFT, WIDTH - RIGHT)
    y = Scale(0, ticks[-1], HEIGHT - BOTTOM, TOP)
    labels = [milliseconds(tick, of=ticks[-1]) for tick in ticks]
    parts = [y_axis(y, ticks, labels, f"latency of {name}"), time_axis(x)]
    parts += [
        _line(label, line, x, y, span_s=end - begin) for label, line in reversed(points.items())
    ]
    ends = {label: (x.at(line[-1][0]), y.at(line[-1][1])) for label, line in points.items() if line}
    parts.append(_end_labels(ends))
    legend = _legend(*((label, _mark(label, 0, 0), f"line {label}") for _, label in PERCENTILES))
    about = f"Latency of {name} over time: median (p50) and 95th percentile (p95)."
    return _chart(about, HEIGHT, *parts, legend)


def _line(
    label: str, points: Sequence[tuple[float, float]], x: Scale, y: Scale, *, span_s: float
) -> Html:
    places = [(x.at(at), y.at(ms)) for at, ms in points]
    path = " ".join(f"{px:.1f},{py:.1f}" for px, py in places)
    marks = [
        element(
            "g",
            element("title", f"{moment_label(at, span_s)} UTC: {label} {milliseconds(ms)}"),
            _mark(label, px, py),
        )
        for (at, ms), (px, py) in zip(points, places, strict=True)
    ]
    return join([element("polyline", class_=f"line {label}", points=path), *marks])


def _end_labels(ends: dict[str, tuple[float, float]]) -> Html:
    """The name of each line at its end, one above the other where the lines meet."""
    parts: list[Html] = []
    above = -_LINE_HEIGHT
    for label, (x, y) in sorted(ends.items(), key=lambda end: (end[1][1], end[0] != "p95")):
        above = max(y + 4, above + _LINE_HEIGHT)
        parts.append(element("text", label, class_="tick strong", x=x + 9, y=above))
    return join(parts)


def _mark(label: str, x: float, y: float) -> Html:
    if label == PERCENTILES[0][1]:
        return element("circle", class_=f"mark {label}", cx=x, cy=y, r=3.0)
    points = f"{x:.1f},{y - 4.5:.1f} {x - 4:.1f},{y + 3:.1f} {x + 4:.1f},{y + 3:.1f}"
    return element("polygon", class_=f"mark {label}", points=points)


def distribution(kinds: Sequence[tuple[str, Latencies]]) -> Html:
    """How many operations took how long, the kinds side by side."""
    bounds = [milliseconds(bound) for bound in BOUNDS_MS]
    words = [f"under {bounds[0]}", *map("{} to {}".format, bounds, bounds[1:])]
    words.append(f"{bounds[-1]} and more")
    ticks = nice_ticks(max(max(latencies.distribution) for _, latencies in kinds), least_step=1)
    y = Scale(0, ticks[-1], HEIGHT - BOTTOM, TOP)
    room = (WIDTH - LEFT - RIGHT) / len(words)
    width = room * 0.8 / len(kinds)
    floor = HEIGHT - BOTTOM
    parts = [y_axis(y, ticks, [f"{tick:,.4g}" for tick in ticks], "operations")]
    for place, bound in enumerate(bounds, start=1):
        x = LEFT + place * room
        parts += [
            element("line", class_="axis", x1=x, x2=x, y1=floor, y2=floor + 5),
            element("text", bound, class_="tick", x=x, y=floor + 19, text_anchor="middle"),
        ]
    for number, (kind, latencies) in enumerate(kinds):
        for place, count in enumerate(latencies.distribution):
            if count:
                top = min(y.at(count), floor - 1)
                bar = element(
                    "rect",
                    element("title", f"{kind}, {words[place]}: {count:,}"),
                    class_=f"bar kind-{number}",
                    x=LEFT + (place + 0.1) * room + number * width,
                    y=top,
                    width=max(width - 1, 1.0),
                    height=floor - top,
                )
                parts.append(bar)
    parts += [
        element("line", class_="axis", x1=LEFT, x2=WIDTH - RIGHT, y1=floor, y2=floor),
        element(
            "text", "latency", class_="axis-title", x=WIDTH - RIGHT, y=HEIGHT - 6, text_anchor="end"
        ),
    ]
    legend = _legend(*((kind, _swatch(f"kind-{n}"), "") for n, (kind, _) in enumerate(kinds)))
    return _chart("How many operations took how long.", HEIGHT, *parts, legend)


def outcomes_over_time(steps: Sequence[tuple[float, Group]], step_s: int) -> Html:
    """How many operations there were in each step, and how many of them did not succeed."""
    begin, end = steps[0][0], steps[-1][0] + step_s
    x = Scale(begin, end, LEFT, WIDTH - RIGHT)
    ticks = nice_ticks(max((group.total for _, group in steps), default=0), least_step=1)
    y = Scale(0, ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = [y_axis(y, ticks, [f"{tick:,.4g}" for tick in ticks], "operations"), time_axis(x)]
    floor = HEIGHT - BOTTOM
    for at, group in steps:
        if not group.total:
            continue
        left, right = x.at(at), x.at(at + step_s)
        failed = group.total - group.ok
        middle, top = min(y.at(failed), floor), y.at(group.total)
        when = moment_label(at, end - begin)
        bars = [("good", top, middle), ("bad", middle, floor)]
        parts.append(
            element(
                "g",
                element("title", f"{when} UTC: {group.ok:,} succeeded, {failed:,} did not"),
                *(
                    element(
                        "rect", class_=f"bar {kind}", x=left + 0.5, y=upper,
                        width=max(right - left - 1, 1.0), height=lower - upper,
                    )
                    for kind, upper, lower in bars
                    if lower > upper
                ),
            )
        )  # fmt: skip
    legend = _legend(*((word, _swatch(kind), "") for word, kind in _OUTCOMES))
    return _chart("Operations over time, and how many succeeded.", HEIGHT, *parts, legend)


def success_rates(groups: Sequence[tuple[str, Group]]) -> Html:
    """The success rate of each webhook, the worst first, at most `MOST_BARS` of them."""
    kept = groups[:MOST_BARS]
    height = TOP + len(kept) * _ROW + BOTTOM
    floor = height - BOTTOM + 6
    x = Scale(0, 1, _NAME, WIDTH - _VALUE)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        place = x.at(share)
        parts += [
            element("line", class_="grid", x1=place, x2=place, y1=TOP - 6, y2=floor),
            element(
                "text", f"{share:.0%}", class_="tick", x=place, y=floor + 16, text_anchor="middle"
            ),
        ]
    for number, (name, group) in enumerate(kept):
        rate = group.success_rate or 0.0
        top = TOP + number * _ROW
        told = f"{rate:.1%} of {group.total:,}"
        parts += [
            element(
                "text", shown(name, 26), class_="tick", x=_NAME - 8, y=top + 13, text_anchor="end"
            ),
            element("rect", class_="bar bad", x=_NAME, y=top, width=x.end - x.begin, height=16.0),
            element(
                "rect", class_="bar good", x=_NAME, y=top, width=x.at(rate) - _NAME, height=16.0
            ),
            element("text", told, class_="tick strong", x=x.end + 8, y=top + 13),
        ]
    title = "success rate"
    parts.append(
        element("text", title, class_="axis-title", x=x.end, y=floor + 32, text_anchor="end")
    )
    legend = _legend(*((word, _swatch(kind), "") for word, kind in _OUTCOMES))
    about = "Success rate by webhook, the lowest first."
    return _chart(about, height, *parts, legend)


def _swatch(kind: str) -> Html:
    return element("rect", class_=f"bar {kind}", x=-9.0, y=-6.0, width=18.0, height=11.0)


def _legend(*entries: tuple[str, Html, str]) -> Html:
    """Words with the marks that they explain, at the top on the right."""
    parts: list[Html] = []
    x = WIDTH - RIGHT
    for word, mark, line in reversed(entries):
        x -= 7.0 * len(word)
        parts.append(element("text", word, class_="tick", x=x, y=TOP - 14))
        x -= 16
        inner = [element("line", class_=line, x1=-11.0, x2=11.0, y1=0.0, y2=0.0)] if line else []
        parts.append(element("g", *inner, mark, transform=f"translate({x:.1f} {TOP - 18:.1f})"))
        x -= 26
    return element("g", *parts, class_="legend")


def _chart(about: str, height: float, *parts: Html) -> Html:
    return element(
        "svg",
        element("title", about),
        *parts,
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        class_="chart",
    )
