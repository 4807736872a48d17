"""The garbage collector, kept from looking through what stays anyway."""

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


def spare(count: int) -> None:
    """Spare the collector what stays anyway, where that is many things.

    Looking through ten thousand webhooks takes 30 ms, through their checks 80 ms, and it does so
    every now and then while something else goes on; a key that falls into that is felt.

    Args:
        count: How many have come.
    """
    # What goes on now is not going to stay.
    if count >= MANY and not _policies.are_wanted:
        _leave_alone()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Collect garbage less often while much is made and thrown away.

    Looking through all that is loaded takes a tenth of a second, and a receiver that is flooded
    causes that every other second; a key that falls into it is felt.
    """
    _leave_alone()
    with _policies.while_wanted(RARELY):
        yield


@contextmanager
def collected_in_pieces() -> Iterator[None]:
    """Collect what is new as often as usual, and look through all hardly ever, while much stays.

    A sweep keeps what it finds and leaves connections to the collector: in large portions those
    take 30 ms to be taken apart, and looking through what stays takes 100 ms.
    """
    with _policies.while_wanted(IN_PIECES):
        yield


def _leave_alone() -> None:
    """What is here now is not looked at any more; what has become garbage since goes first."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class _Policies:
    """Thresholds that are wanted by several at once; the last that is still wanted holds."""

    def __init__(self) -> None:
        self._wanted: list[Thresholds] = []
        self._usual = gc.get_threshold()

    @property
    def are_wanted(self) -> bool:
        """Whether anything is wanted."""
        return bool(self._wanted)

    @contextmanager
    def while_wanted(self, thresholds: Thresholds) -> Iterator[None]:
        """Let these hold inside the block."""
        if not self._wanted:
            self._usual = gc.get_threshold()
        self._wanted.append(thresholds)
        gc.set_threshold(*thresholds)
        try:
            yield
        finally:
            self._wanted.remove(thresholds)
            gc.set_threshold(*(self._wanted or [self._usual])[-1])


_policies = _Policies()
