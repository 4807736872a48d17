"""One request over a socket of its own, byte for byte as it was made; bounded in time and size.

A client library would fold repeated headers, trim values and refuse what an attack is made of. The
answer is read with h11.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import h11

from cognitui.callbacks.exchange import check_url
from cognitui.errors import UsageError
from cognitui.network.addresses import Reach
from cognitui.network.connecting import at_first
from cognitui.network.errors import UnknownHost
from cognitui.network.resolve import resolve

if TYPE_CHECKING:
    from cognitui.callbacks.tamper.case import Shot

MAX_ANSWER_BYTES = 64 * 1024
READ_SIZE = 16_384
CLOSE_WAIT_S = 0.5
TRICKLE_S = 0.25
_FORBIDDEN = (b"\r", b"\n", b"\0")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may take.

    Attributes:
        answer_s: Seconds from the begin to the end of the answer.
        slow_s: Seconds that a request which never ends is kept up.
        pause_s: Seconds between two cases, for an endpoint that counts how many come.
    """

    answer_s: float = 10.0
    slow_s: float = 20.0
    pause_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go.

    Attributes:
        host: A name or an address.
        authority: What the Host header says.
        context: Verifies the certificate; ``None`` without TLS.
        is_kept_here: Whether nothing may be sent to another machine, whatever the name leads to.
    """

    host: str
    port: int
    authority: str
    path: str
    query: str
    context: ssl.SSLContext | None = field(repr=False)
    is_kept_here: bool

    def line(self, shot: Shot) -> str:
        """The request's first line."""
        path = self.path.rstrip("/") + shot.path if shot.path else self.path
        query = "&".join(text for text in (self.query, shot.query) if text)
        return f"{shot.method} {path}{f'?{query}' if query else ''} HTTP/1.1"


class Failure(Exception):
    """There was no answer.

    Attributes:
        code: A stable word for why.
        sentence: The same for people.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request led to: a status, or a failure.

    Attributes:
        failure: A stable word for why there was no status; empty when there was.
        sentence: The same for people.
        content: The head's values and the body, as far as they are read; for looking only.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    content: bytes = field(default=b"", repr=False)
    failure: str = ""
    sentence: str = ""
    ms: float = 0.0


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine, without asking anybody for the address of a name.

    Raises:
        UsageError: It is no URL that a callback can be sent to.
    """
    return _is_this_machine(check_url(url).host)


def target_of(url: str, *, context: ssl.SSLContext | None, is_kept_here: bool) -> Target:
    """Where the requests for a URL go.

    Raises:
        UsageError: It is no URL that a callback can be sent to.
    """
    parsed = check_url(url)
    uses_tls = parsed.scheme == "https"
    return Target(
        host=parsed.raw_host.decode("ascii"),
        port=parsed.port or (443 if uses_tls else 80),
        authority=parsed.netloc.decode("ascii"),
        path=parsed.raw_path.partition(b"?")[0].decode("ascii"),
        query=parsed.query.decode("ascii"),
        context=context if uses_tls else None,
        is_kept_here=is_kept_here,
    )


async def deliver(target: Target, shot: Shot, limits: Limits) -> Answer:
    """Send one request; whatever happens on the wire is in the answer.

    Raises:
        AddressRefused: The name leads to an address that nothing is ever sent to.
        UsageError: The name leads to another machine, and nothing may go there; or a header's
            value has a line end in it.
    """
    loop = asyncio.get_running_loop()
    began = loop.time()
    seconds = limits.slow_s if shot.is_trickled else limits.answer_s
    reading = _Reading(shot.method)
    try:
        async with asyncio.timeout(seconds):
            answer = await _exchange(target, shot, reading)
    except TimeoutError:
        # An answer that has begun is one, however long the rest of it takes.
        sentence = f"There was no answer within {seconds:g} seconds."
        answer = reading.answer() or Answer(None, failure="timeout", sentence=sentence)
    except Failure as failure:
        answer = Answer(None, failure=failure.code, sentence=failure.sentence)
    ms = (loop.time() - began) * 1000
    return Answer(
        answer.status, answer.headers, answer.content, answer.failure, answer.sentence, ms
    )


class _Reading:
    """Reads the answer to one request, and knows how far it has come."""

    def __init__(self, method: str) -> None:
        self._machine = h11.Connection(h11.CLIENT)
        # What h11 would send goes nowhere: it only has to know what is being answered.
        self._machine.send(h11.Request(method=method, target="/", headers=[("Host", "-")]))
        self._machine.send(h11.EndOfMessage())
        self._head: h11.Response | None = None
        self._content = bytearray()
        self._has_heard = False

    async def read(self, reader: asyncio.StreamReader) -> Answer:
        """Read to the end of the answer, or as much of it as is looked at."""
        try:
            while len(self._content) < MAX_ANSWER_BYTES:
                event = self._machine.next_event()
                if event is h11.NEED_DATA:
                    data = await reader.read(READ_SIZE)
                    self._has_heard = self._has_heard or bool(data)
                    self._machine.receive_data(data)
                elif isinstance(event, h11.Response):
                    self._head = event
                elif isinstance(event, h11.Data):
                    self._content += event.data
                elif not isinstance(event, h11.InformationalResponse):
                    break  # the end of the answer, or of HTTP
        except (h11.ProtocolError, ConnectionError, ssl.SSLError) as error:
            if self._head is None and self._has_heard and isinstance(error, h11.ProtocolError):
                raise Failure(
                    "not_http", "What was answered is not HTTP, or was cut short."
                ) from None
        answer = self.answer()
        if answer is None:
            raise Failure("closed", "The connection was closed without an answer.")
        return answer

    def answer(self) -> Answer | None:
        """The answer as far as it was read; ``None`` when not even its head was."""
        if self._head is None:
            return None
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in self._head.headers
        )
        values = b"\n".join(value for _, value in self._head.headers)
        return Answer(self._head.status_code, headers, values + b"\n" + bytes(self._content))


async def _exchange(target: Target, shot: Shot, reading: _Reading) -> Answer:
    head = _head(target, shot)
    reader, writer = await _connect(target)
    sending = asyncio.ensure_future(_send(writer, head, shot))
    try:
        # An answer may come before all is sent, and must not be lost in what is still to send.
        return await reading.read(reader)
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        writer.transport.abort()
        with contextlib.suppress(OSError, TimeoutError, ssl.SSLError):
            async with asyncio.timeout(CLOSE_WAIT_S):
                await writer.wait_closed()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    where = f"{target.host}:{target.port}"
    try:
        addresses = await resolve(target.host, target.port)
    except UnknownHost as error:
        raise Failure("connect_failed", error.message) from None
    if target.is_kept_here and any(each.reach is not Reach.LOOPBACK for each in addresses):
        raise elsewhere(target.host)
    try:
        _, streams = await at_first(addresses, lambda one: _open(target, one.address))
    except ssl.SSLCertVerificationError:
        raise Failure(
            "tls_failed", f"The certificate of {where} was not accepted, so nothing was sent."
        ) from None
    except ssl.SSLError:
        raise Failure("tls_error", f"{where} and this machine do not agree on TLS.") from None
    except OSError:
        raise Failure("connect_failed", f"Nothing answers at {where}.") from None
    return streams


async def _open(target: Target, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # To the address that was checked; the certificate has to be that of the name.
    name = target.host if target.context else None
    return await asyncio.open_connection(
        address, target.port, ssl=target.context, server_hostname=name
    )


async def _send(writer: asyncio.StreamWriter, head: bytes, shot: Shot) -> None:
    writer.write(head)
    if not shot.is_trickled:
        writer.write(shot.body)
        await writer.drain()
        return
    for at in range(len(shot.body) - 1):
        writer.write(shot.body[at : at + 1])
        await writer.drain()
        await asyncio.sleep(TRICKLE_S)


def _head(target: Target, shot: Shot) -> bytes:
    headers = [("Host", target.authority.encode("ascii")), *shot.headers]
    if shot.method != "GET":
        headers.append(("Content-Length", str(len(shot.body)).encode("ascii")))
    headers.append(("Connection", b"close"))
    lines = [target.line(shot).encode("ascii")]
    for name, value in headers:
        if any(byte in name.encode("ascii") + value for byte in _FORBIDDEN):
            raise UsageError(f"The header {name} holds a line end, which would be another header.")
        lines.append(name.encode("ascii") + b": " + value)
    return b"\r\n".join([*lines, b"", b""])


def elsewhere(host: str) -> UsageError:
    """The refusal to send forged callbacks to another machine without being told to."""
    return UsageError(
        f"{host} is not this machine, and forged callbacks are not sent elsewhere unasked.",
        hint="If it is your endpoint, or its owner agrees, allow it: --yes.",
        field="url",
    )


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
