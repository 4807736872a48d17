"""One HTTP exchange over a connection that we opened, to an address that we chose, timed by us.

A client library would resolve the name again, follow the proxy settings and give one time for all;
the point of an endpoint check is to do none of that. The protocol itself is h11's.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h11

from cognitui.network.certificate import chain_of, read_certificate
from cognitui.network.connecting import at_first
from cognitui.network.shown import without_secrets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cognitui.cognigy.origin import Origin
    from cognitui.network.certificate import Certificate

READ_SIZE = 16_384
MAX_BODY = 65_536
MAX_VALUE = 200
CLOSE_WAIT_S = 0.5
USER_AGENT = "cognitui"
# Of an answer's headers these are kept; others may carry what is nobody's business.
KEPT_HEADERS = ("content-type", "date", "retry-after", "server", "via", "www-authenticate")


class ExchangeError(Exception):
    """What came back is not HTTP, or stopped too early."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked.

    Attributes:
        target: Path and query, percent-encoded.
        headers: Besides ``Host``, ``Connection`` and the length of the body; ``User-Agent`` too,
            where it is not among them.
        reads_body: Whether the answer's body is wanted, up to 64 KiB of it.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    reads_body: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The head of an answer.

    Attributes:
        allow: The methods that ``Allow`` names, in capitals.
        location: Where a redirect leads, without what may be a secret in it.
        headers: Those that matter, by their names in small letters, bounded.
        body: The beginning of the body, where it was asked for.
    """

    method: str
    status: int
    allow: frozenset[str]
    location: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        allow = f", Allow: {', '.join(sorted(self.allow))}" if self.allow else ""
        return f"{self.status}{allow}"


class Connection:
    """An open connection that carries one exchange."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def start_tls(self, host: str, context: ssl.SSLContext) -> None:
        """Secure the connection.

        Args:
            host: Who the certificate must be for, where the context insists on a valid one.
            context: One that does not insist is only to read it, never to send anything.

        Raises:
            ssl.SSLError: The certificate is not accepted or the handshake failed.
        """
        await self._writer.start_tls(context, server_hostname=host)

    async def exchange(self, origin: Origin, request: Request) -> Reply:
        """Ask, and read the answer.

        Raises:
            ExchangeError: The other side does not speak HTTP.
        """
        machine = h11.Connection(h11.CLIENT)
        try:
            self._writer.write(_encoded(machine, origin, request))
            await self._writer.drain()
            while not isinstance(event := await self._next_event(machine), h11.Response):
                pass  # an interim answer
            body = b""
            while request.reads_body and len(body) < MAX_BODY:
                part = await self._next_event(machine)
                if not isinstance(part, h11.Data):
                    break
                body += part.data
        except h11.ProtocolError:
            raise ExchangeError("the answer is not HTTP") from None
        return _reply(request.method, event, body[:MAX_BODY])

    async def _next_event(self, machine: h11.Connection) -> object:
        while (event := machine.next_event()) is h11.NEED_DATA:
            data = await self._reader.read(READ_SIZE)
            if not data and machine.their_state is h11.SEND_RESPONSE:
                raise ExchangeError("the connection was closed")
            machine.receive_data(data)
        return event

    def certificate(self) -> Certificate | None:
        """The certificate that the other side sent; ``None`` without TLS."""
        tls = self._writer.get_extra_info("ssl_object")
        der = tls.getpeercert(binary_form=True) if tls is not None else None
        return read_certificate(der, chain_of(tls)) if der else None

    def tls_version(self) -> str:
        """The version of TLS that is spoken, such as ``TLSv1.3``; empty without TLS."""
        tls = self._writer.get_extra_info("ssl_object")
        return (tls.version() or "") if tls is not None else ""

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
    _, streams = await at_first(addresses, lambda one: asyncio.open_connection(one, port))
    return Connection(*streams)


def _encoded(machine: h11.Connection, origin: Origin, request: Request) -> bytes:
    headers = [("Host", origin.place), ("Connection", "close"), *request.headers]
    if not any(name.lower() == "user-agent" for name, _ in request.headers):
        headers.append(("User-Agent", USER_AGENT))
    if request.body or request.method == "POST":
        headers.append(("Content-Length", str(len(request.body))))
    head = h11.Request(method=request.method, target=request.target, headers=headers)
    parts: list[bytes | None] = [machine.send(head)]
    if request.body:
        parts.append(machine.send(h11.Data(data=request.body)))
    parts.append(machine.send(h11.EndOfMessage()))
    return b"".join(part for part in parts if part)


def _reply(method: str, response: h11.Response, body: bytes) -> Reply:
    allow: set[str] = set()
    kept: dict[str, str] = {}
    location = ""
    for name, value in response.headers:
        text = value.decode("latin-1")
        if name == b"allow":
            allow |= {word.strip().upper() for word in text.split(",") if word.strip().isalpha()}
        elif name == b"location":
            location = without_secrets(text)
        elif name.decode("latin-1") in KEPT_HEADERS:
            kept[name.decode("latin-1")] = _bounded(text)
    return Reply(method, response.status_code, frozenset(allow), location, kept, body)


def _bounded(text: str) -> str:
    """Without what a terminal would obey."""
    return "".join(c for c in text if c.isprintable())[:MAX_VALUE]
