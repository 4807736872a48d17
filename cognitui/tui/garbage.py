"""The garbage collector, kept from looking through what stays anyway.

Looking through ten thousand webhooks takes 30 ms, through their checks 80 ms, and it does so every
now and then while something else goes on; a key that falls into that is felt.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    Thresholds = tuple[int, int, int]

RARELY = (10_000, 20, 20)
IN_PIECES = (700, 5, 2_000)
MANY = 1_000


class _Collector:
    """Thresholds may be wanted by several at once; the last that is still wanted holds."""

    def __init__(self) -> None:
        self.wanted: list[Thresholds] = []
        self.is_untidy = False
        self._usual = gc.get_threshold()

    def leave_alone(self) -> None:
        """What is here now is not looked at any more, also where it becomes garbage."""
        gc.freeze()
        self.is_untidy = True

    @contextmanager
    def at(self, thresholds: Thresholds) -> Iterator[None]:
        """Let these hold inside the block."""
        if not self.wanted:
            self._usual = gc.get_threshold()
        self.wanted.append(thresholds)
        gc.set_threshold(*thresholds)
        try:
            yield
        finally:
            self.wanted.remove(thresholds)
            gc.set_threshold(*(self.wanted or [self._usual])[-1])


_collector = _Collector()


def leave_alone(count: int) -> None:
    """Do not look at what is loaded any more, where that is many things.

    Args:
        count: How many have come.
    """
    # What a sweep or a burst is busy with is not going to stay.
    if count >= MANY and not _collector.wanted:
        _collector.leave_alone()


def tidy() -> None:
    """Look through all that was left alone, for what has become garbage since.

    It takes a tenth of a second: for when nobody is there.
    """
    if _collector.is_untidy and not _collector.wanted:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        _collector.is_untidy = False


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Collect less often while much is made and thrown away, as when a receiver is flooded."""
    _collector.leave_alone()
    with _collector.at(RARELY):
        yield


@contextmanager
def collected_in_pieces() -> Iterator[None]:
    """Collect what is new as often as usual, and look through all hardly ever, while much stays.

    A sweep keeps what it finds and leaves connections to the collector: in large portions those
    take 30 ms to be taken apart.
    """
    with _collector.at(IN_PIECES):
        yield
