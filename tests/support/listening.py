"""A small server for a test, none of whose connections outlives the test.

What `asyncio.start_server` leaves open when its event loop ends is complained about only when it
is collected: in the middle of another test, which then fails. Before Python 3.12 nothing waits for
the connections of a server, and nothing knows those whose TLS is not agreed upon yet.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

PATIENCE_S = 2.0
POLL_S = 0.001


class StopListening(Exception):
    """Raised by a handler: its connection ends, and nobody else is let in from now on."""


@asynccontextmanager
async def listening(
    serve: Serve,
    *,
    tls: ssl.SSLContext | None = None,
    backlog: int = 100,
    host: str = "127.0.0.1",
) -> AsyncIterator[int]:
    """Serve each connection to a port of this machine, and close it when its handler returns.

    At the end the handlers that still run are cancelled, and all connections are closed for good.
    A handler may let the errors of a peer that left pass; any other error of its own is raised
    here at the end.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family, backlog=backlog) as listener:
        listener.setblocking(False)
        port: int = listener.getsockname()[1]
        server = _Server(listener, serve, tls)
        server.start()
        try:
            yield port
        finally:
            await server.end()


@dataclass
class _Server:
    listener: socket.socket
    serve: Serve
    tls: ssl.SSLContext | None
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    connections: list[socket.socket] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self.listener, self._accept)

    def stop(self) -> None:
        if self.listener.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.listener)
            self.listener.close()

    async def end(self) -> None:
        self.stop()
        await asyncio.sleep(0)  # in which each task begins: only then does it end its connection
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            _, stuck = await asyncio.wait(self.tasks, timeout=PATIENCE_S)
            assert not stuck, stuck
        if not await self._is_closed():
            for writer in self.writers:
                writer.transport.abort()
            assert await self._is_closed(), self.connections
        if self.errors:
            raise self.errors[0]

    async def _is_closed(self) -> bool:
        """Wait for it, but not for ever: a peer that reads nothing can hold a connection open."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_S
        while is_open := any(each.fileno() >= 0 for each in self.connections):
            if loop.time() > deadline:
                break
            await asyncio.sleep(POLL_S)
        return not is_open

    def _accept(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while True:
                connection, _ = self.listener.accept()
                self.connections.append(connection)
                self.tasks.append(asyncio.ensure_future(self._converse(connection)))

    async def _converse(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            transport, _ = await loop.connect_accepted_socket(
                lambda: protocol, connection, ssl=self.tls
            )
        except OSError:
            return  # no TLS came about
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self.writers.append(writer)
        try:
            await self.serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except StopListening:
            self.stop()
        except asyncio.CancelledError:
            transport.abort()
            raise
        except Exception as error:  # noqa: BLE001 - kept for the end
            self.errors.append(error)
        finally:
            writer.close()
