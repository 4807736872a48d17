"""The charts as text: axes, units and marks that can be read without colour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.audit.overview import Group, Moment, Overview
from cognitui.audit.tally import Measured
from cognitui.tui.audit_axes import (
    Axis,
    bound_words,
    clock_words,
    count_levels,
    latency_axis,
    latency_ticks,
    span_words,
    time_ticks,
)
from cognitui.tui.audit_charts import TITLES, draw, merged, trimmed
from cognitui.tui.plot import STYLES, content_of

NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
NONE = Measured()
SIZES = [(24, 5), (40, 6), (80, 7), (60, 11), (66, 16), (120, 15)]


def moments(*steps: tuple[int, float | None, float | None]) -> tuple[Moment, ...]:
    return tuple(
        Moment(NOON + timedelta(minutes=number), 9, failed, p50, p95)
        for number, (failed, p50, p95) in enumerate(steps)
    )


def overview(
    *,
    timeline: tuple[Moment, ...] = (),
    distribution: tuple[tuple[float, float, int], ...] = (),
    groups: tuple[Group, ...] = (),
) -> Overview:
    return Overview(NONE, NONE, NONE, NONE, timeline, 60.0, distribution, groups, None, None, 9, 9)


def rated(key: str, succeeded: int, total: int) -> Group:
    return Group(key, Measured(total, succeeded, succeeded / total))


STEADY = moments(*[(0, 40.0, 90.0)] * 8)
RANGES = ((0.0, 10.0, 0), (10.0, 20.0, 4), (20.0, 40.0, 10), (40.0, 80.0, 0), (80.0, inf, 0))
FULL = overview(
    timeline=moments((0, 40.0, 90.0), (3, 41.0, 95.0), (0, None, None), (12, 44.0, 99.0)),
    distribution=RANGES,
    groups=(rated("wh_bad", 1, 4), rated("wh_good", 1204, 1204)),
)


def lines(chart: str, shown: Overview, width: int = 60, height: int = 9) -> list[str]:
    return draw(chart, shown, width, height, noun="webhook").plain.splitlines()


@pytest.mark.parametrize("chart", TITLES)
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_chart_fits_its_place(chart: str, width: int, height: int) -> None:
    shown = lines(chart, FULL, width, height)
    assert len(shown) <= height
    assert max(map(len, shown)) <= width
    assert shown[0].startswith(TITLES[chart])


@pytest.mark.parametrize("chart", TITLES)
def test_nothing_is_said_in_words(chart: str) -> None:
    shown = lines(chart, overview())
    assert shown[0].strip() == TITLES[chart] + (" by webhook" if chart == "success" else "")
    assert shown[2].endswith("." if chart == "success" else "in this time.")


@pytest.mark.parametrize("chart", TITLES)
def test_too_little_room_is_said_in_words(chart: str) -> None:
    assert "No room for a chart." in lines(chart, FULL, 20, 4)


def test_the_title_says_which_of_the_charts_it_is() -> None:
    shown = draw("latency", FULL, 60, 9, noun="webhook", place="1/3").plain
    assert shown.startswith("Latency 1/3  ⠒ p50  • p95  every 1 min  15 failed\n")


def test_median_and_95th_percentile_have_marks_of_their_own() -> None:
    shown = lines("latency", overview(timeline=STEADY))
    plot = "\n".join(shown[1:])
    assert plot.count("•") == 8
    assert any("⠀" <= letter <= "⣿" for letter in plot)
    assert "failed" not in plot
    assert [line.split("┤")[0].strip() for line in shown if "┤" in line] == ["50 ms", "0"]
    assert shown[-1].split() == ["12:00:00", "12:04:00", "12:07:00"]


def test_what_failed_is_a_number_at_its_time() -> None:
    failed = next(line for line in lines("latency", FULL) if line.startswith("failed┤"))
    marks = failed.removeprefix("failed┤")
    assert marks.strip() == "3" + " " * (len(marks.strip()) - 2) + "+"
    assert marks.index("+") - marks.index("3") == pytest.approx(2 / 3 * len(marks), abs=2)


def test_where_nothing_was_timed_failures_are_shown_all_the_same() -> None:
    shown = lines("latency", overview(timeline=moments((2, None, None), (0, None, None))))
    assert next(line for line in shown if line.startswith("failed┤")).count("2") == 1


def test_a_gap_is_no_line_and_a_single_point_is_seen() -> None:
    shown = lines("latency", overview(timeline=moments((0, None, None), (0, 9.0, None))))
    assert "⠶" in "\n".join(shown[1:])


def test_latencies_far_apart_get_an_axis_that_grows_by_factors() -> None:
    assert not latency_axis([40.0, 90.0]).is_logarithmic
    far = latency_axis([40.0, 4000.0])
    assert far == Axis(20.0, 4000.0, is_logarithmic=True)
    assert far.place(20.0) == 0
    assert far.place(4000.0) == pytest.approx(1)
    assert latency_ticks(far, 3) == [20.0, 200.0, 2000.0]
    assert latency_axis([0.0, 0.0]) == Axis(0.0, 1.0)


@given(
    st.lists(st.floats(0.0, 1e7), min_size=1, max_size=20),
    st.integers(1, 8),
)
def test_every_latency_has_a_place_and_every_axis_two_ticks(values: list[float], most: int) -> None:
    axis = latency_axis(values)
    assert all(0 <= axis.place(value) <= 1 + 1e-9 for value in values)
    ticks = latency_ticks(axis, most)
    assert 2 <= len(ticks) <= max(most, 2) * 2 + 1
    assert all(axis.low <= tick <= axis.high * (1 + 1e-9) for tick in ticks)


def test_bars_begin_and_end_with_what_they_hold() -> None:
    assert trimmed(RANGES) == [(10.0, 20.0, 4), (20.0, 40.0, 10)]
    assert trimmed(()) == []
    shown = lines("distribution", FULL, 60, 11)
    assert shown[0].endswith("of 14")
    assert shown[-1].split() == ["10", "ms", "20", "ms"]
    low, high = shown[-3].split("┤")[1].split()
    assert set(low) == set(high) == {"█"}
    top = shown[1].split("┤")[-1]
    assert top.strip() == high
    assert top.index("█") == shown[-3].split("┤")[1].rindex(high)


def test_many_ranges_become_few() -> None:
    ranges = [(float(at), float(at + 1), 1) for at in range(10)]
    assert merged(ranges, 4) == [(0.0, 3.0, 3), (3.0, 6.0, 3), (6.0, 9.0, 3), (9.0, 10.0, 1)]
    assert merged(ranges, 99) == ranges


@given(st.integers(1, 10**9), st.integers(1, 10))
def test_counts_are_told_in_round_numbers(highest: int, most: int) -> None:
    levels = count_levels(highest, most)
    assert levels[0] == 0
    assert levels[-1] <= highest
    assert len(levels) <= most + 1


def test_the_worst_comes_first_with_its_numbers() -> None:
    shown = lines("success", FULL)
    assert shown[0] == "Success rate by webhook  ━ went well  ╌ failed"
    assert shown[1].startswith("wh_bad    25.0 % of     4┤━")
    assert shown[1].count("╌") == pytest.approx(3 * shown[1].count("━"), abs=3)
    assert shown[2].startswith("wh_good  100.0 % of 1,204┤━")
    assert "╌" not in shown[2]


def test_what_finds_no_room_is_said() -> None:
    many = overview(groups=tuple(rated(f"wh_{number}", number, 20) for number in range(20)))
    shown = lines("success", many, 80, 7)
    assert shown[0].endswith("the worst 4 of 20")
    assert len(shown) == 7


def test_a_hostile_id_is_harmless() -> None:
    shown = "\n".join(lines("success", overview(groups=(rated("\x1b[31m\u202e", 1, 2),))))
    assert "\x1b" not in shown
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1, "1 s"), (60, "1 min"), (5400, "1.5 h"), (86_400, "1 day"), (7 * 86_400, "7 days")],
)
def test_spans_are_told_in_their_unit(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_times_have_a_date_only_where_it_is_needed() -> None:
    shapes = [clock_words(NOON, span) for span in (60, 7200, 2 * 86_400, 30 * 86_400)]
    assert [len(shape) for shape in shapes] == [8, 5, 11, 5]
    assert time_ticks((), 4) == []
    assert len(time_ticks(STEADY[:1], 4)) == 1
    assert [at for at, _ in time_ticks(STEADY, 3)] == [0, 4, 7]


@pytest.mark.parametrize(
    ("ms", "words"), [(0.0, "0"), (5.0, "5 ms"), (2000.0, "2 s"), (1500.0, "1.5 s"), (inf, "more")]
)
def test_bounds_are_short(ms: float, words: str) -> None:
    assert bound_words(ms) == words


def test_colours_become_those_of_the_theme() -> None:
    content = content_of("a\x1b[38;5;1mbc\x1b[0md\x1b[38;5;3me\x1b[0m\n")
    assert content.plain == "abcde"
    assert [(span.start, span.end, span.style) for span in content.spans] == [
        (1, 3, STYLES[1]),
        (4, 5, STYLES[3]),
    ]
