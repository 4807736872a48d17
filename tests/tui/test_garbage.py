"""The garbage collector is left as it was, and nothing is kept that nobody needs."""

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
    spare,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Knot:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    yield
    gc.freeze()  # as the tests of the console have it


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


def test_garbage_goes_before_the_rest_is_left_alone() -> None:
    gc.disable()
    try:
        knot = weakref.ref(_Knot())
        assert knot() is not None
        spare(MANY - 1)
        assert knot() is not None
        before = gc.get_freeze_count()
        spare(MANY)
        assert knot() is None
        assert gc.get_freeze_count() > before
        # What stayed for a while is not kept for good.
        kept = _Knot()
        later = weakref.ref(kept)
        spare(MANY)
        del kept
        with collected_in_pieces():
            spare(MANY)
            assert later() is not None
        spare(MANY)
        assert later() is None
    finally:
        gc.enable()
