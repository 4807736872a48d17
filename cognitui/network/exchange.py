"""One HTTP exchange over a connection that we opened, to an address that we chose, timed by us.

A client library would resolve the name again, follow the proxy settings and give one time for all;
the point of an endpoint check is to do none of that. The protocol itself is h11's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h11

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.cognigy.origin import Origin

READ_SIZE = 16_384
MAX_LOCATION = 200
SECONDS_A_DAY = 86_400
CLOSE_WAIT_S = 0.5


class ExchangeError(Exception):
    """What came back is not HTTP, or stopped too early."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an answer."""

    method: str
    status: int
    allow: frozenset[str]
    location: str

    def __str__(self) -> str:
        allow = f", Allow: {', '.join(sorted(self.allow))}" if self.allow else ""
        return f"{self.status}{allow}"


class Connection:
    """An open connection that carries one exchange."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def start_tls(self, host: str) -> None:
        """Secure the connection, and insist on a valid certificate for ``host``.

        Raises:
            ssl.SSLError: The certificate is not accepted or the handshake failed.
        """
        context = await asyncio.to_thread(ssl.create_default_context)
        await self._writer.start_tls(context, server_hostname=host)

    async def exchange(self, method: str, origin: Origin, target: str) -> Reply:
        """Ask, and read the head of the answer.

        Raises:
            ExchangeError: The other side does not speak HTTP.
        """
        machine = h11.Connection(h11.CLIENT)
        host = str(origin).split("://", 1)[1]
        try:
            request = h11.Request(
                method=method,
                target=target,
                headers=[("Host", host), ("User-Agent", "cognitui"), ("Connection", "close")],
            )
            head = (machine.send(request) or b"") + (machine.send(h11.EndOfMessage()) or b"")
            self._writer.write(head)
            await self._writer.drain()
            while not isinstance(event := machine.next_event(), h11.Response):
                if event is not h11.NEED_DATA:
                    continue  # an interim answer
                data = await self._reader.read(READ_SIZE)
                if not data:
                    raise ExchangeError("the connection was closed")
                machine.receive_data(data)
        except h11.ProtocolError:
            raise ExchangeError("the answer is not HTTP") from None
        return _reply(method, event)

    def peer_certificate_end(self) -> str | None:
        """When the peer's certificate expires, as OpenSSL writes it."""
        tls = self._writer.get_extra_info("ssl_object")
        certificate = tls.getpeercert() if tls is not None else None
        end = certificate.get("notAfter") if certificate else None
        return end if isinstance(end, str) else None

    async def aclose(self) -> None:
        """Close, without waiting for a peer that does not care."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await self._writer.wait_closed()


async def open_connection(addresses: Sequence[str], port: int) -> Connection:
    """Connect to the first of these addresses that answers; they are addresses, not names.

    Raises:
        OSError: None does.
    """
    *others, last = addresses
    for address in others:
        with contextlib.suppress(OSError):
            return Connection(*await asyncio.open_connection(address, port))
    return Connection(*await asyncio.open_connection(last, port))


def days_left(connection: Connection) -> int | None:
    """Whole days until the peer's certificate expires; ``None`` without TLS."""
    end = connection.peer_certificate_end()
    if end is None:
        return None
    return int((ssl.cert_time_to_seconds(end) - time.time()) // SECONDS_A_DAY)


def _reply(method: str, response: h11.Response) -> Reply:
    allow: set[str] = set()
    location = ""
    for name, value in response.headers:
        text = value.decode("latin-1")
        if name == b"allow":
            allow |= {word.strip().upper() for word in text.split(",") if word.strip().isalpha()}
        elif name == b"location":
            # Without its query, which may carry a token, and without what a terminal would obey.
            location = "".join(c for c in text.split("?")[0] if c.isprintable())[:MAX_LOCATION]
    return Reply(method, response.status_code, frozenset(allow), location)
