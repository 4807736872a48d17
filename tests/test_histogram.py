"""Percentiles against the exact ones, and the room that they take."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.histogram import BUCKETS, WITHIN, Histogram, bars_of, bucket

SHARES = (0.0, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0)
MICROSECOND = 1e-6


def exact(times: list[float], share: float) -> float:
    return sorted(times)[max(1, math.ceil(share * len(times))) - 1]


def filled(times: list[float]) -> Histogram:
    histogram = Histogram()
    for seconds in times:
        histogram.add(seconds)
    return histogram


def check(times: list[float]) -> None:
    histogram = filled(times)
    for share, found in zip(SHARES, histogram.percentiles(*SHARES), strict=True):
        right = exact(times, share)
        assert abs(found - right) <= WITHIN * right + MICROSECOND, (share, found, right)
    assert histogram.most_s == max(times)
    assert histogram.count == len(times)


@pytest.mark.parametrize("seed", range(5))
def test_percentiles_are_within_what_is_promised(seed: int) -> None:
    draw = random.Random(seed)
    check([draw.lognormvariate(-5, 2) for _ in range(5000)])
    check([draw.uniform(0, 0.001) for _ in range(5000)])
    check([draw.choice((0.002, 3.0)) for _ in range(1000)])


@given(st.lists(st.floats(min_value=0, max_value=100_000), min_size=1, max_size=60))
def test_percentiles_of_anything(times: list[float]) -> None:
    check(times)


@given(st.lists(st.floats(min_value=0, max_value=1000), max_size=30),
       st.lists(st.floats(min_value=0, max_value=1000), max_size=30))  # fmt: skip
def test_merging_is_as_good_as_counting_both(some: list[float], others: list[float]) -> None:
    merged = filled(some)
    merged.merge(filled(others))
    assert merged == filled(some + others)


def test_nothing_counted_has_no_percentiles() -> None:
    assert Histogram().percentiles(0.5, 0.99) == (0.0, 0.0)
    assert Histogram().bars(10) == []


def test_any_number_of_times_takes_bounded_room() -> None:
    histogram = Histogram()
    for power in range(-60, 80):
        for step in range(1, 200):
            histogram.add(step / 100 * 2.0**power)
    assert len(histogram._counts) <= BUCKETS
    assert max(histogram._counts) < BUCKETS


@given(
    st.lists(st.floats(min_value=0, max_value=1000), min_size=1, max_size=60),
    st.integers(min_value=1, max_value=40),
)
def test_bars_hold_every_time_and_touch_each_other(times: list[float], most: int) -> None:
    bars = filled(times).bars(most)
    assert 1 <= len(bars) <= most
    assert sum(count for *_, count in bars) == len(times)
    assert [end for _, end, _ in bars[:-1]] == [begin for begin, *_ in bars[1:]]
    assert bars[0][0] <= min(times) + MICROSECOND
    assert max(times) <= bars[-1][1] + MICROSECOND


times = st.floats(min_value=0, max_value=1000)


@given(st.lists(times, max_size=60), st.integers(min_value=1, max_value=40))
def test_bars_of_times_are_those_of_their_histogram(some: list[float], most: int) -> None:
    whole = [round(one, 6) for one in some]
    found, right = bars_of(sorted(whole), most), filled(whole).bars(most)
    assert [bar[:2] for bar in found] == [bar[:2] for bar in right]
    assert sum(count for *_, count in found) == len(some)


@given(st.lists(times, max_size=30), st.lists(times, max_size=30))
def test_packed_and_taken_out_again(some: list[float], others: list[float]) -> None:
    histogram = Histogram()
    histogram.add_all(others)
    alone = filled(some)
    histogram.merge_packed(alone.packed(), alone.most_s)
    assert histogram == filled([*some, *others])
    histogram.take_out(Counter(map(bucket, others)))
    assert (histogram.count, histogram._counts) == (alone.count, alone._counts)
    assert abs(histogram.most_s - alone.most_s) <= WITHIN * alone.most_s + MICROSECOND
