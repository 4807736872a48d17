"""The garbage collector, kept from looking through what stays anyway."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RARELY = (10_000, 20, 20)
IN_PIECES = (700, 5, 2_000)
MANY = 1_000


def spare(count: int, *, tidies: bool = False) -> None:
    """Spare the garbage collector what stays anyway, where that is many things.

    Looking through ten thousand webhooks takes 30 ms, through their checks 80 ms, and it does so
    every now and then while something else goes on; a key that falls into that is felt.

    Args:
        count: How many.
        tidies: Whether it looks through all of it one last time, after much work.
    """
    if count >= MANY:
        if tidies:
            gc.collect()
        gc.freeze()


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Collect garbage less often while much is made and thrown away.

    Looking through all that is loaded takes a tenth of a second, and a receiver that is flooded
    causes that every other second; a key that falls into it is felt.
    """
    with _collected(RARELY):
        yield


@contextmanager
def collected_in_pieces() -> Iterator[None]:
    """Collect what is new as often as usual, and look through all hardly ever, while much stays.

    A sweep keeps what it finds and leaves connections to the collector: in large portions those
    take 30 ms to be taken apart, and looking through what stays takes 100 ms.
    """
    with _collected(IN_PIECES):
        yield


@contextmanager
def _collected(thresholds: tuple[int, int, int]) -> Iterator[None]:
    """What is here now is not looked at any more, and the rest by these thresholds."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*thresholds)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
