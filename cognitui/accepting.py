"""How a server of asyncio's stops without losing hold of those who came last."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable

TURNS = 5


async def stop_accepting(listeners: Iterable[socket.socket]) -> None:
    """Let nobody in from now on, and wait until those who just came in are known.

    For the moment before a server is closed: a connection that was accepted and not handed to its
    protocol by then, asyncio forgets without closing it.

    Args:
        listeners: What the running loop's servers listen on, still open.
    """
    loop = asyncio.get_running_loop()
    for listener in listeners:
        with suppress(NotImplementedError):  # a loop without readers, as on Windows
            loop.remove_reader(listener)
    await pass_turns()


async def pass_turns() -> None:
    """Let the loop do what it has been asked to do, and what follows from that."""
    for _ in range(TURNS):
        await asyncio.sleep(0)
