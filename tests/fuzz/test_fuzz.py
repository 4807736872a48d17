"""A short run of the random hands; ``python -m tests.fuzz`` has the long ones."""

from __future__ import annotations

import pytest

from tests.fuzz.hands import Deed, Hands, shown
from tests.fuzz.seeds import deeds_of, play, play_on_terminal
from tests.fuzz.shrink import shrink

EVENTS, EVENTS_ON_A_TERMINAL = 200, 150


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
def test_random_hands_break_nothing(seed: int) -> None:
    outcome = play(seed, deeds_of(seed, EVENTS))
    assert not outcome.problem, outcome.report
    assert outcome.played.deeds >= EVENTS
    assert len(outcome.played.visited) >= 5


@pytest.mark.timeout(300)
def test_random_hands_on_a_terminal_break_nothing() -> None:
    outcome = play_on_terminal(3, deeds_of(3, EVENTS_ON_A_TERMINAL))
    assert not outcome.problem, outcome.report


def test_the_same_seed_does_the_same() -> None:
    assert list(deeds_of(7, 200)) == list(deeds_of(7, 200))
    assert list(deeds_of(7, 200)) != list(deeds_of(8, 200))


def test_what_breaks_is_reported_with_what_led_to_it_and_shrunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_self: object) -> None:
        raise ValueError("not today")

    monkeypatch.setattr("cognitui.tui.screens.tenants.TenantsPlace.action_reload", refuse)
    deeds = [Deed(key, key) for key in "21r2"]
    outcome = play(1, deeds)
    assert outcome.kind == "ValueError"
    assert "seed 1, event 3" in outcome.report
    assert "--seed 1 --events 3" in outcome.report
    assert shrink(1, deeds).startswith("seed 1: 1 events\nr\n")


def test_what_repeats_is_counted() -> None:
    assert shown([Deed("down"), Deed("down"), Deed("x"), Deed("down")]) == "down ×2\nx\ndown"


def test_hands_do_not_leave_the_size_they_may_use() -> None:
    sizes = [
        deed.size for deed, _ in zip(Hands(1, (80, 24)), range(5000), strict=False) if deed.size
    ]
    assert sizes
    assert all(20 <= width <= 250 and 5 <= height <= 60 for width, height in sizes)
