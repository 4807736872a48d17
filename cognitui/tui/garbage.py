"""The garbage collector, kept from looking through what stays anyway."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RARELY = (10_000, 20, 20)


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Collect garbage less often while much is made and thrown away.

    Looking through all that is loaded takes a tenth of a second, and a receiver that is flooded
    causes that every other second; a key that falls into it is felt. What is here now is not looked
    at any more, and the rest not as often.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
