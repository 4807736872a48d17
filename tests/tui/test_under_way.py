"""What is under way, in words: how long already, how long still."""

from __future__ import annotations

import pytest

from cognitui.tui.under_way import DELAY_S, UnderWay, Work, about, work_line


def work(**changes: object) -> Work:
    return Work(**{"words": "checking", "began": 100.0, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("doing", "after_s", "line"),
    [
        (work(), 0.2, "◌ checking …"),
        (work(), 3.4, "◌ checking … 3 s"),
        (work(limit_s=10), 0.5, "◌ checking …"),
        (work(limit_s=10), 3.4, "◌ checking … 3 s, gives up after 10 s"),
        (work(total=400), 0.2, "◌ checking 0 of 400 …"),
        (work(total=400, done=2), 5, "◌ checking 2 of 400 … 5 s"),
        (work(total=400, done=100), 10, "◌ checking 100 of 400 … 10 s, about 30 s left"),
        (work(total=400, done=100), 1.5, "◌ checking 100 of 400 … 2 s"),
        (work(total=400, done=399), 40, "◌ checking 399 of 400 … 40 s, about 1 s left"),
        (work(total=400, done=400), 40, "◌ checking 400 of 400 … 40 s"),
        (work(total=400, done=401), 40, "◌ checking 400 of 400 … 40 s"),
        (work(total=12_000, done=100), 10, "◌ checking 100 of 12,000 … 10 s, about 20 min left"),
    ],
)
def test_the_line_tells_what_is_known(doing: Work, after_s: float, line: str) -> None:
    assert work_line(doing, doing.began + after_s) == line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.1, "1 s"), (7.4, "7 s"), (12.0, "10 s"), (33, "35 s"), (61, "1 min"), (200, "3 min")],
)
def test_estimates_are_round(seconds: float, words: str) -> None:
    assert about(seconds) == words


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_what_is_over_in_a_moment_is_not_told() -> None:
    clock = Clock()
    under_way = UnderWay(clock)
    with under_way.work("connecting"):
        assert under_way.has_any("browse")
        assert under_way.latest("browse") is None
        clock.now = DELAY_S
        latest = under_way.latest("browse")
        assert latest is not None
        assert latest.words == "connecting"
    assert not under_way.has_any("browse")
    assert under_way.latest("browse") is None


def test_the_newest_is_told_and_each_in_its_own_place() -> None:
    clock = Clock()
    under_way = UnderWay(clock)
    with under_way.work("connecting"), under_way.work("sending", place="callbacks"):
        clock.now = 1
        told = {place: under_way.latest(place) for place in ("browse", "callbacks")}
        assert {place: it.words for place, it in told.items() if it} == {
            "browse": "connecting",
            "callbacks": "sending",
        }


def test_it_tells_when_something_begins_and_ends_even_badly() -> None:
    under_way, changes = UnderWay(Clock()), []
    under_way.on_change = lambda: changes.append(under_way.has_any("audit"))
    with pytest.raises(ValueError, match="no"), under_way.work("syncing"):
        raise ValueError("no")
    assert changes == [True, False]


def test_it_counts() -> None:
    with UnderWay(Clock()).work("checking", total=3) as work:
        work.advance()
        work.advance(2)
        assert (work.done, work.total) == (3, 3)
