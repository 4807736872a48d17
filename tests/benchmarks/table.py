"""What was measured, as tables: the short one of the README, and one with every spot."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING

from tests.benchmarks.subjects import FIELD, FLOOR, LIST, SWEEP, TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.benchmarks.rounds import Found
    from tests.benchmarks.subjects import Subject

KINDS = {
    LIST: "moving in a list",
    FIELD: "typing into a field",
    TEXT: "typing into a text",
    SWEEP: "moving while a sweep runs",
}
NOISY = 0.5


def middle(values: Sequence[float]) -> float:
    """The median, and nothing known where nothing was measured."""
    return statistics.median(values) if values else math.nan


def late(values: Sequence[float]) -> float:
    """The 95th percentile."""
    if not values:
        return math.nan
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def _floor_keys(found: Mapping[str, Found]) -> Sequence[float]:
    return next(iter(found[FLOOR.name].keys.values()))


def _of_kind(subject: Subject, found: Found, kind: str) -> list[Sequence[float]]:
    names = [spot.name for spot in subject.spots if spot.kind == kind]
    return [found.keys[name] for name in names if found.keys.get(name)]


def markdown(subjects: Sequence[Subject], found: Mapping[str, Found]) -> str:
    """The README's table: the floor in its units, everything else as a multiple of it."""
    floor = found[FLOOR.name]
    rows = [["", *(subject.name for subject in subjects)]]
    rows.append(["---", *(["---:"] * len(subjects))])
    rows.append(_row("first paint", subjects, found, lambda one: middle(one.first_paint), "ms"))
    rows.append(_row("peak memory", subjects, found, lambda one: middle(one.peak_rss), "MiB"))
    base = late(_floor_keys(found))
    for kind, words in KINDS.items():
        cells = []
        for subject in subjects:
            times = _of_kind(subject, found[subject.name], kind)
            # Of several places of a kind the slowest counts.
            worst = max((late(one) for one in times), default=math.nan)
            cells.append(f"{base:.1f} ms" if subject.name == FLOOR.name else _times(worst, base))
        rows.append([f"key, {words}, p95", *cells])
    rows.append(["idle", *(f"{middle(found[s.name].idle):.1f} %" for s in subjects)])
    assert floor.first_paint
    return "".join(f"| {' | '.join(row)} |\n" for row in rows if set(row[2:]) != {"–"})


def _row(
    words: str,
    subjects: Sequence[Subject],
    found: Mapping[str, Found],
    value: Callable[[Found], float],
    unit: str,
) -> list[str]:
    base = value(found[FLOOR.name])
    return [
        words,
        *(
            f"{base:.0f} {unit}" if s.name == FLOOR.name else _times(value(found[s.name]), base)
            for s in subjects
        ),
    ]


def _times(value: float, base: float) -> str:
    return "–" if math.isnan(value) else f"× {value / base:.1f}"


def full(subjects: Sequence[Subject], found: Mapping[str, Found]) -> str:
    """Everything, with the ratio beside each number."""
    floor = found[FLOOR.name]
    keys = _floor_keys(found)
    key_cpu = middle(next(iter(floor.key_cpu.values())))
    out = []
    for subject in subjects:
        one = found[subject.name]
        out.append(f"{subject.name}   ({len(one.first_paint)} runs{_noise(one)})\n")
        for words, value, base, unit in (
            ("first paint", middle(one.first_paint), middle(floor.first_paint), "ms"),
            ("processor time until it settled", middle(one.cpu), middle(floor.cpu), "ms"),
            ("peak memory", middle(one.peak_rss), middle(floor.peak_rss), "MiB"),
            ("memory once started", middle(one.rss), middle(floor.rss), "MiB"),
            ("idle, per cent of a processor", middle(one.idle), math.nan, "%"),
        ):
            out.append(_line(words, value, base, unit))
        for name, times in one.keys.items():
            out.append(_line(f"{name}, p50", middle(times), middle(keys), "ms"))
            out.append(_line(f"{name}, p95", late(times), late(keys), "ms"))
            out.append(_line(f"{name}, processor", middle(one.key_cpu[name]), key_cpu, "ms"))
            if one.silent[name]:
                out.append(f"  {name}: {one.silent[name]} keys were not answered\n")
        out.append("\n")
    return "".join(out)


def _noise(one: Found) -> str:
    busy = max(one.busy, default=0.0)
    return f"; up to {busy:.1f} processors were busy elsewhere" if busy > NOISY else ""


def _line(words: str, value: float, base: float, unit: str) -> str:
    ratio = "" if math.isnan(base) else f"  × {value / base:.2f}"
    return f"  {words:<36}{value:9.2f} {unit:<4}{ratio}\n"
