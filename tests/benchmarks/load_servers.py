"""Servers for the measurements of load, each in a process of its own.

::

    python -m tests.benchmarks.load_servers answering|bare|receiver

The first line on stdout is the port. It ends when its standard input does.
"""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.receiver_server import ReceiverServer

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "a secret of the benchmarks, 32 characters"
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'


class Answering(asyncio.Protocol):
    """As little as a server can do: find where a request ends, and answer it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (head := self._buffer.find(b"\r\n\r\n")) >= 0:
            begin = self._buffer.lower().find(b"content-length: ") + 16
            length = int(self._buffer[begin : self._buffer.find(b"\r", begin)])
            if len(self._buffer) < head + 4 + length:
                return
            self._buffer = self._buffer[head + 4 + length :]
            self._transport.write(ANSWER)


async def bare(_scope: Any, receive: Any, send: Any) -> None:
    """The least that an ASGI application does with a callback: read it and answer."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-type", b"application/json"), (b"content-length", b"15")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b'{"status":"ok"}'})


def _serve_answering() -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(
            Answering, "127.0.0.1", 0, backlog=1000
        )
        _tell(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _serve_bare() -> None:
    """The receiver's own server, with nothing of the receiver in it."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    _tell(listener.getsockname()[1])
    ReceiverServer(bare).run_on(listener)


def _serve_receiver() -> None:
    receiver = Receiver([SECRET])
    receiver.start()
    _tell(int(receiver.url.rpartition(":")[2].partition("/")[0]))
    while (line := sys.stdin.readline()) == "count\n":
        received = receiver.received
        _tell(received[-1].number if received else 0)
    receiver.stop()
    if line:
        sys.stderr.write(f"What is {line!r}?\n")


def _tell(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


KINDS: dict[str, Callable[[], None]] = {
    "answering": _serve_answering,
    "bare": _serve_bare,
    "receiver": _serve_receiver,
}

if __name__ == "__main__":
    work = KINDS[sys.argv[1]]
    if sys.argv[1] == "receiver":
        work()
    else:
        threading.Thread(target=work, daemon=True).start()
        sys.stdin.read()
