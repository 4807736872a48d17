from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, cast

from cognitui.workspace.arrivals import MOMENT_S, Arrivals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.received import Received


async def test_the_first_is_handed_on_at_once_and_a_flood_in_few_pieces() -> None:
    taken: list[Sequence[Any]] = []
    arrivals = Arrivals(taken.append)
    arrivals.begin()
    arrivals.put(cast("Received", 0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert taken == [[0]]

    def flood() -> None:
        for number in range(1, 5001):
            arrivals.put(cast("Received", number))

    thread = threading.Thread(target=flood)
    thread.start()
    await asyncio.to_thread(thread.join)
    await asyncio.sleep(2 * MOMENT_S)
    arrivals.flush()
    assert [number for piece in taken for number in piece] == list(range(5001))
    assert len(taken) < 100


async def test_what_waits_is_not_lost_when_it_is_flushed() -> None:
    taken: list[Sequence[Any]] = []
    arrivals = Arrivals(taken.append)
    arrivals.begin()
    arrivals.put(cast("Received", 1))
    arrivals.put(cast("Received", 2))
    arrivals.flush()
    assert taken == [[1, 2]]
    await asyncio.sleep(2 * MOMENT_S)
    assert taken == [[1, 2]]
