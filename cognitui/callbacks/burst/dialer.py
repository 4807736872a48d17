"""Connects a burst to its endpoint: its name is looked up once, its certificate always checked.

No proxy is asked, whatever the environment names: a burst measures the endpoint, not a proxy.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Self

from cognitui.callbacks.errors import BurstError
from cognitui.errors import CognituiError
from cognitui.network.addresses import Reach
from cognitui.network.connecting import at_first
from cognitui.network.resolve import resolve

if TYPE_CHECKING:
    from cognitui.callbacks.burst.connection import Connection
    from cognitui.callbacks.burst.plan import Target


class Dialer:
    """Opens connections to one endpoint.

    Args:
        target: The endpoint.
        addresses: Where it is, the preferred first.
        context: Whom to trust; ``None`` for plain HTTP.
        timeout_s: After so many seconds nobody waits for a handshake any more.
    """

    def __init__(
        self,
        target: Target,
        addresses: list[str],
        context: ssl.SSLContext | None,
        timeout_s: float,
    ) -> None:
        self._target = target
        self._addresses = addresses
        self._context = context
        self._timeout_s = timeout_s

    @classmethod
    async def to(cls, target: Target, context: ssl.SSLContext | None, timeout_s: float) -> Self:
        """A dialer for an endpoint, once it is known where that is.

        Raises:
            BurstError: There is no such host, it is another machine than its name says, or nothing
                is ever sent there.
        """
        try:
            found = await resolve(target.dns_host, target.port)
        except CognituiError as error:
            raise BurstError(error.message, hint=error.hint, field="url") from None
        addresses = [each.address for each in found]
        if target.is_loopback and any(each.reach is not Reach.LOOPBACK for each in found):
            raise BurstError(
                f"On this machine {target.host} leads to another machine.",
                hint="Use http://127.0.0.1, or the other machine's own name.",
                field="url",
            )
        if not target.is_tls:
            return cls(target, addresses, None, timeout_s)
        if context is None:
            context = ssl.create_default_context()
        return cls(target, addresses, context, timeout_s)

    async def connect(self, connection: Connection) -> None:
        """Connect, at the first of the addresses that answers.

        Raises:
            OSError: None does, or the certificate was not accepted.
        """
        address, _ = await at_first(
            self._addresses,
            lambda one: self._connect_to(one, connection),
            within_s=self._timeout_s,
        )
        if address != self._addresses[0]:
            # The others will not have to find it again.
            self._addresses = [address]

    async def _connect_to(self, address: str, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        if self._context is None:
            await loop.create_connection(lambda: connection, address, self._target.port)
            return
        await loop.create_connection(
            lambda: connection,
            address,
            self._target.port,
            ssl=self._context,
            server_hostname=self._target.dns_host,
            ssl_handshake_timeout=self._timeout_s + 1,
        )
