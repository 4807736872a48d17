"""Endpoints for the measurement of sweeps, in a process of their own.

::

    python -m tests.benchmarks.sweep_server [CERTIFICATE]

The first line on stdout has two ports: of those that answer, and of those that take the request
and say nothing. They are there at each of the machine's own addresses. It ends when its standard
input does.
"""

from __future__ import annotations

import asyncio
import ssl
import sys

ANSWER = b"HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nContent-Length: 0\r\n\r\n"


class Endpoint(asyncio.Protocol):
    """Answers as a route does that takes POST only, or not at all.

    Args:
        answers: Whether it answers.
    """

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer once the request is whole."""
        self._buffer += data
        if self._answers and self._buffer.endswith(b"\r\n\r\n"):
            self._buffer = b""
            self._transport.write(ANSWER)


async def serve(certificate: str | None) -> None:
    """Serve until standard input ends."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    ports = []
    for answers in (True, False):
        server = await loop.create_server(
            lambda answers=answers: Endpoint(answers=answers),
            "0.0.0.0",
            0,
            backlog=1000,
            ssl=context,
        )
        ports.append(server.sockets[0].getsockname()[1])
    sys.stdout.write(f"{ports[0]} {ports[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1] if len(sys.argv) > 1 else None))
