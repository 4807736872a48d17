"""The counts and the timeline of a burst."""

from __future__ import annotations

import pytest

from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState
from cognitui.callbacks.burst.tally import MAX_STEPS, Tally

RUNNING = BurstState.RUNNING


def one_each(tally: Tally, moments: range, took_s: float = 0.01) -> BurstSnapshot:
    """A callback that begins and is answered at each of these seconds."""
    for moment in moments:
        tally.begin(float(moment))
        tally.answer(200, float(moment), took_s)
    return tally.snapshot(RUNNING, float(moments[-1]) + 0.5)


def test_a_step_for_each_second() -> None:
    tally = Tally(BurstPlan(100), 100.0)
    tally.begin(100.0)
    tally.begin(100.9)
    tally.answer(200, 100.99, 0.99)
    tally.answer(500, 102.5, 1.6)
    snapshot = tally.snapshot(RUNNING, 102.6)
    assert [(s.at_s, s.sent, s.ok, s.failed) for s in snapshot.timeline] == [
        (0.0, 2, 1, 0),
        (1.0, 0, 0, 0),
        (2.0, 0, 0, 1),
    ]
    assert [round(step.seconds, 3) for step in snapshot.timeline] == [1.0, 1.0, 0.6]
    assert snapshot.timeline[0].p95 == pytest.approx(990, rel=0.01)
    assert snapshot.timeline[1].p95 == 0.0
    assert snapshot.latency.longest == pytest.approx(1600)
    assert (snapshot.ended, snapshot.in_flight) == (2, 0)


@pytest.mark.parametrize("seconds", [119, 120, 121, 240, 500, 5000])
def test_the_timeline_is_bounded_and_loses_nothing(seconds: int) -> None:
    snapshot = one_each(Tally(BurstPlan(10_000), 0.0), range(seconds))
    timeline = snapshot.timeline
    assert len(timeline) <= MAX_STEPS
    assert sum(step.ok for step in timeline) == sum(step.sent for step in timeline) == seconds
    ends = [step.at_s + step.seconds for step in timeline]
    assert ends[:-1] == [step.at_s for step in timeline[1:]]
    assert ends[-1] == pytest.approx(seconds - 0.5)
    assert {step.ok for step in timeline[:-1]} <= {timeline[0].ok}


def test_to_look_often_changes_nothing() -> None:
    often, once = Tally(BurstPlan(50), 0.0), Tally(BurstPlan(50), 0.0)
    for moment in range(10):
        often.snapshot(RUNNING, float(moment))
        one_each(often, range(moment, moment + 1))
    assert one_each(once, range(10)).timeline == often.snapshot(RUNNING, 9.5).timeline


def test_the_rate_of_now_is_that_of_the_last_second() -> None:
    tally = Tally(BurstPlan(10_000), 0.0)
    for tenth in range(50):
        for _ in range(10 if tenth < 25 else 2):
            tally.begin(tenth / 10)
            tally.answer(200, tenth / 10, 0.001)
        snapshot = tally.snapshot(RUNNING, tenth / 10 + 0.05)
    assert snapshot.rate_now == pytest.approx(20, rel=0.1)
    assert snapshot.eta_s == pytest.approx((10_000 - 300) / 20, rel=0.1)


def test_with_a_rate_the_end_is_no_sooner_than_the_last_is_due() -> None:
    tally = Tally(BurstPlan(101, 10.0), 0.0)
    assert tally.snapshot(RUNNING, 0.0).eta_s is None
    snapshot = one_each(tally, range(1, 3))
    assert snapshot.eta_s is not None
    assert snapshot.eta_s >= 10 - 2.5


def test_a_snapshot_stays_as_it_is() -> None:
    tally = Tally(BurstPlan(10), 0.0)
    before = one_each(tally, range(1))
    tally.failure("timeout", 2.0)
    tally.answer(500, 2.0, 0.1)
    assert (dict(before.failures), dict(before.statuses)) == ({}, {200: 1})
    with pytest.raises(TypeError):
        before.statuses[200] = 5  # type: ignore[index]
