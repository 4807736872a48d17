"""One HTTP request out of the sandbox: sockets and h11, nothing that the client also uses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import h11

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_ANSWER = 64 * 1024
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]


class NoAnswerError(Exception):
    """Nothing usable came back.

    Attributes:
        reason: ``timeout``, ``dns``, ``connect``, ``tls``, ``protocol`` or ``url``.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


async def send(
    method: str,
    url: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    timeout_s: float,
) -> Answer:
    """Send a request on a connection of its own; redirects are not followed.

    Args:
        method: The HTTP method.
        url: Where to.
        headers: Sent besides Host, User-Agent, Content-Length and Connection.
        body: The exact bytes.
        timeout_s: For everything together: connecting, sending and the whole answer.

    Raises:
        NoAnswerError: There was no answer, or none that can be read.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await _exchange(method, url, headers, body)
    except TimeoutError:
        raise NoAnswerError("timeout", f"no answer within {timeout_s:g} s") from None
    except ssl.SSLError as error:
        raise NoAnswerError("tls", f"TLS failed: {error.reason or error}") from None
    except socket.gaierror:
        raise NoAnswerError("dns", "the host name does not resolve") from None
    except (ValueError, KeyError, h11.LocalProtocolError):
        raise NoAnswerError("url", "the URL cannot be used") from None
    except ConnectionRefusedError:
        raise NoAnswerError("connect", "the connection was refused") from None
    except OSError as error:
        words = error.strerror or type(error).__name__
        raise NoAnswerError("connect", f"the connection failed: {words}") from None
    except h11.ProtocolError as error:
        raise NoAnswerError("protocol", f"the answer is not HTTP: {error}") from None


async def _exchange(
    method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes
) -> Answer:
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("no host")
    port = parts.port or DEFAULT_PORTS[parts.scheme]
    request = h11.Request(
        method=method,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        headers=[
            ("Host", parts.netloc.rpartition("@")[2]),
            ("User-Agent", "cognigy-sandbox/1"),
            ("Connection", "close"),
            ("Content-Length", str(len(body))),
            *headers,
        ],
    )
    context = (
        await asyncio.to_thread(ssl.create_default_context) if parts.scheme == "https" else None
    )
    reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=context)
    try:
        connection = h11.Connection(h11.CLIENT)
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            writer.write(connection.send(event) or b"")
        # The other side may answer and hang up before it has read everything.
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        return await _read(connection, reader)
    finally:
        writer.transport.abort()


async def _read(connection: h11.Connection, reader: asyncio.StreamReader) -> Answer:
    answer: Answer | None = None
    size = 0
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(16_384))
        elif isinstance(event, h11.Response):
            pairs = (
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers
            )
            answer = Answer(event.status_code, dict(pairs))
        elif isinstance(event, h11.Data):
            size += len(event.data)
        if answer and (size > MAX_ANSWER or isinstance(event, h11.EndOfMessage)):
            return answer
        if isinstance(event, h11.ConnectionClosed):
            raise NoAnswerError("protocol", "the connection was closed without an answer")
