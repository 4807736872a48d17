"""The garbage collector is left as it was, and nothing is kept for good that nobody needs."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from cognitui.tui.garbage import (
    IN_PIECES,
    MANY,
    RARELY,
    collected_in_pieces,
    collected_rarely,
    leave_alone,
    tidy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import OpenConsole


class _Knot:
    """Only a collector lets go of it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def _by_hand() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_what_is_wanted_last_holds_until_nobody_wants_it() -> None:
    usual = gc.get_threshold()
    sweep, burst = collected_in_pieces(), collected_rarely()
    sweep.__enter__()
    burst.__enter__()
    assert gc.get_threshold() == RARELY
    sweep.__exit__(None, None, None)
    assert gc.get_threshold() == RARELY
    burst.__exit__(None, None, None)
    assert gc.get_threshold() == usual
    with collected_rarely(), collected_in_pieces():
        assert gc.get_threshold() == IN_PIECES
    assert gc.get_threshold() == usual


@pytest.mark.usefixtures("_by_hand")
def test_what_was_left_alone_is_not_kept_for_good() -> None:
    leave_alone(MANY)
    tidy()
    kept = _Knot()
    later = weakref.ref(kept)
    leave_alone(MANY)
    del kept
    gc.collect()
    assert later() is not None
    with collected_in_pieces():
        tidy()  # not amid a sweep
        assert later() is not None
    tidy()
    assert later() is None


@pytest.mark.usefixtures("_by_hand")
def test_few_things_and_what_goes_on_are_looked_at_as_ever() -> None:
    tidy()
    before = gc.get_freeze_count()
    leave_alone(MANY - 1)
    with collected_in_pieces():
        leave_alone(MANY)
    assert gc.get_freeze_count() <= before


async def test_the_console_tidies_when_nobody_has_pressed_a_key_for_a_while(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press("2")
        later = weakref.ref(_Knot())
        leave_alone(MANY)
        console.app._tidy_when_idle()
        assert later() is not None
        console.workspace.tenants.access._idle._since -= 60
        console.app._tidy_when_idle()
        assert later() is None
