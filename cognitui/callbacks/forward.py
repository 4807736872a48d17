"""Hand what was received on to another program, byte for byte, behind the answer's back."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import time
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import h11

from cognitui.callbacks.received import Forwarded
from cognitui.errors import CognituiError, UsageError
from cognitui.network.addresses import Reach
from cognitui.network.connecting import at_first
from cognitui.network.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from urllib.parse import SplitResult

MAX_WAITING = 100
MAX_WAITING_BYTES = 16 * 1024 * 1024
TIMEOUT_S = 10.0
_CHUNK = 65_536
_MAX_PORT = 65_535
# They belong to one connection, or are made anew for this one.
_HOP_BY_HOP = frozenset({
    b"connection", b"content-length", b"expect", b"host", b"keep-alive", b"proxy-authorization",
    b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
})  # fmt: skip


class _Parcel(NamedTuple):
    number: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Forwarder:
    """Sends callbacks on to a URL, one after the other, in the receiver's loop.

    What finds the queue full is not sent on, and that is what its outcome says.

    Args:
        url: Where to: a program on this machine, unless ``anywhere``.
        takes_all: Whether it also gets what was not accepted.
        anywhere: Whether somebody confirmed that callbacks may leave this machine.
        timeout_s: Seconds allowed for each.

    Raises:
        UsageError: The URL cannot be used, or is not on this machine.
    """

    def __init__(
        self,
        url: str,
        *,
        takes_all: bool = False,
        anywhere: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._target = _target(url, anywhere=anywhere)
        self._anywhere = anywhere
        self.url = url
        self.takes_all = takes_all
        self._timeout_s = timeout_s
        self._report: Callable[[int, Forwarded], object] = lambda _number, _outcome: None
        self._waiting: asyncio.Queue[_Parcel] = asyncio.Queue(MAX_WAITING)
        self._waiting_bytes = 0
        self._work: asyncio.Task[None] | None = None

    def report_to(self, report: Callable[[int, Forwarded], object]) -> None:
        """Call this with the number of each callback and what became of it."""
        self._report = report

    def submit(self, number: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        """Queue a callback; never waits. To be called in the receiver's loop.

        Args:
            number: The number it is reported by.
            headers: Its headers, with names in lower case.
            body: Its bytes.
        """
        if self._work is None or self._work.done():
            # A receiver that was stopped and started again has another loop.
            self._waiting, self._waiting_bytes = asyncio.Queue(MAX_WAITING), 0
            self._work = asyncio.get_running_loop().create_task(self._go_on())
        if self._waiting.full() or self._waiting_bytes + len(body) > MAX_WAITING_BYTES:
            error = f"Not forwarded: {self._waiting.qsize()} others wait for {self.url} already."
            self._report(number, Forwarded(None, 0.0, error))
            return
        kept = [(name, value) for name, value in headers if name not in _HOP_BY_HOP]
        self._waiting_bytes += len(body)
        self._waiting.put_nowait(_Parcel(number, kept, body))

    async def _go_on(self) -> None:
        while True:
            parcel = await self._waiting.get()
            self._waiting_bytes -= len(parcel.body)
            self._report(parcel.number, await self._forward(parcel))

    async def _forward(self, parcel: _Parcel) -> Forwarded:
        started = time.monotonic()
        status, error = None, None
        try:
            async with asyncio.timeout(self._timeout_s):
                status = await self._post(parcel)
        except CognituiError as refusal:
            error = f"Not forwarded: {refusal.message}"
        except TimeoutError:
            error = f"{self.url} did not answer within {self._timeout_s:g} s."
        except ssl.SSLError:
            error = f"{self.url} and this machine do not agree on TLS."
        except OSError:
            error = f"Nothing answers at {self.url}."
        except h11.ProtocolError:
            error = f"What {self.url} answered is not HTTP, or was cut short."
        return Forwarded(status, (time.monotonic() - started) * 1000, error)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host = self._target.hostname or ""
        secure = self._target.scheme == "https"
        addresses = await resolve(host, self._target.port or (443 if secure else 80))
        if not self._anywhere and any(each.reach is not Reach.LOOPBACK for each in addresses):
            raise _elsewhere(host)
        context = await asyncio.to_thread(ssl.create_default_context) if secure else None
        connect = partial(
            asyncio.open_connection, ssl=context, server_hostname=host if secure else None
        )
        _, streams = await at_first(addresses, lambda one: connect(one.address, one.port))
        return streams

    async def _post(self, parcel: _Parcel) -> int:
        target = self._target
        reader, writer = await self._connect()
        try:
            connection = h11.Connection(h11.CLIENT)
            path = (target.path or "/") + (f"?{target.query}" if target.query else "")
            headers = [
                (b"host", target.netloc.encode("ascii")),
                *parcel.headers,
                (b"content-length", b"%d" % len(parcel.body)),
                (b"connection", b"close"),
            ]
            request = h11.Request(method="POST", target=path, headers=headers)
            for event in (request, h11.Data(data=parcel.body), h11.EndOfMessage()):
                writer.write(connection.send(event) or b"")
            await writer.drain()
            return await _status(connection, reader)
        finally:
            # What else it says is its own affair; nobody waits for the end of that.
            writer.transport.abort()


async def _status(connection: h11.Connection, reader: asyncio.StreamReader) -> int:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Response):
            return int(event.status_code)
        elif isinstance(event, h11.ConnectionClosed):
            raise h11.RemoteProtocolError("closed")


def _target(url: str, *, anywhere: bool) -> SplitResult:
    hint = "For example http://127.0.0.1:3000/webhook."
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except ValueError:
        raise UsageError("This is not a URL to forward to.", hint=hint, field="forward") from None
    if parsed.scheme not in {"http", "https"} or not parsed.hostname:
        raise UsageError(
            "The URL to forward to must begin with http:// or https:// and name a host.",
            hint=hint,
            field="forward",
        )
    if "@" in parsed.netloc or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(
            "The URL to forward to must be plain ASCII without a user name.",
            hint=hint,
            field="forward",
        )
    if port == 0 or (port or 1) > _MAX_PORT:
        raise UsageError("The port must be from 1 to 65535.", hint=hint, field="forward")
    if not anywhere and not is_loopback(parsed.hostname):
        raise _elsewhere(parsed.hostname)
    return parsed


def _elsewhere(host: str) -> UsageError:
    return UsageError(
        f"{host} is not this machine, and callbacks may carry what people said.",
        hint="Forward to 127.0.0.1 or localhost, or confirm that they may leave it.",
        field="forward",
    )


def is_loopback(host: str) -> bool:
    """Whether a host is this machine whatever a name server says."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
