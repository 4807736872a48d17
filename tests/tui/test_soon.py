"""Work that is done a moment later, or no more often than every moment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from textual.app import App

from cognitui.tui import soon
from cognitui.tui.soon import Paced

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

pytestmark = pytest.mark.asyncio


async def test_what_takes_long_is_done_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soon, "DELAY_S", 0.05)
    monkeypatch.setattr(soon, "MOST_REST_S", 100.0)
    waits: list[float] = []
    app = App[None]()
    usual = app.set_timer

    def set_timer(wait: float, work: Callable[[], None]) -> Timer:
        waits.append(wait)
        return usual(wait, work)

    monkeypatch.setattr(app, "set_timer", set_timer)
    async with app.run_test():
        Paced(app, lambda: None, 0.5).ask()
        assert waits == [0.5]
        Paced(app, lambda: time.sleep(0.1), 0.5).ask()
        assert waits[1] == 0.5
        assert 0.1 * soon.REST <= waits[2] < 100
        monkeypatch.setattr(soon, "MOST_REST_S", 2.0)
        Paced(app, lambda: time.sleep(0.1), 0.5).ask()
        assert waits[-1] == 2


async def test_what_is_asked_for_meanwhile_is_done_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soon, "DELAY_S", 0.05)
    app, done = App[None](), []
    paced = Paced(app, lambda: done.append(1), 0.05)
    async with app.run_test() as pilot:
        for _ in range(5):
            paced.ask()
        assert len(done) == 1
        while len(done) == 1:
            await pilot.pause(0.01)
        await pilot.pause(0.2)
        assert len(done) == 2


async def test_what_is_paced_waits_for_hands_that_move_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(soon, "DELAY_S", 0.05)
    monkeypatch.setattr(soon, "HANDS_S", 0.01)
    app, done, idle_s = App[None](), [], 0.0
    paced = Paced(app, lambda: done.append(1), 0.001, idle_s=lambda: idle_s)
    async with app.run_test() as pilot:
        paced.ask()
        paced.ask()
        await pilot.pause(0.1)
        assert len(done) == 1
        idle_s = 1.0
        while len(done) == 1:
            await pilot.pause(0.01)
        idle_s = 0.0
        monkeypatch.setattr(soon, "MOST_WAIT_S", 0.1)
        paced.ask()
        while len(done) == 2:
            await pilot.pause(0.01)
