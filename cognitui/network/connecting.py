"""Connecting to the first of a host's addresses that answers."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")
Address = TypeVar("Address")

PASSED_OVER_S = 1.0
"""An address that does not answer within this is passed over, as long as there is another one."""


async def at_first(
    addresses: Sequence[Address],
    connect: Callable[[Address], Awaitable[T]],
    *,
    within_s: float | None = None,
) -> tuple[Address, T]:
    """The first of these addresses that can be connected to, and the connection.

    Who answers but is not who it should be ends the search: another address is no better.

    Args:
        addresses: The preferred first; at least one.
        connect: Connects to one of them. Only the last has as long as it takes.
        within_s: What the caller waits in all, in seconds: none of the others may use it up.

    Raises:
        ssl.SSLError: One that answered does not secure the connection as it should.
        OSError: None can be connected to; what the last one said.
    """
    *others, last = addresses
    patience_s = PASSED_OVER_S if within_s is None else min(PASSED_OVER_S, within_s / 2)
    for address in others:
        try:
            async with asyncio.timeout(patience_s):
                return address, await connect(address)
        except ssl.SSLError:
            raise
        except OSError:  # a time that ran out is one as well
            continue
    return last, await connect(last)
