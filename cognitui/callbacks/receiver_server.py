"""uvicorn, made fit for a thread beside a console. Imported when a receiver starts."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cognitui.accepting import TURNS, stop_accepting
from cognitui.callbacks.receiver_app import TRANSPORT
from cognitui.logs import get_logger

if TYPE_CHECKING:
    import socket
    from collections.abc import Awaitable, Generator

    from starlette.types import ASGIApp, Receive, Scope, Send

HEAD_LIMIT_S = 10.0
KEEP_ALIVE_S = 5
MAX_CONNECTIONS = 200
MAX_HEAD_BYTES = 32 * 1024


class _Connected:
    """An application that finds its connection in the scope of each request."""

    __slots__ = ("_app", "_transport")

    def __init__(self, app: ASGIApp, transport: asyncio.Transport) -> None:
        self._app = app
        self._transport = transport

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        scope[TRANSPORT] = self._transport
        return self._app(scope, receive, send)


class _Protocol(H11Protocol):
    """Closes connections whose request head does not come to an end, which uvicorn would keep."""

    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app = _Connected(self.app, transport)
        self._watch_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_head()
        super().connection_lost(exc)

    def _watch_head(self) -> None:
        if not self._is_between_requests():
            self._forget_head()
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_LIMIT_S, self._close_late_head)

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _forget_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _close_late_head(self) -> None:
        self._head_timer = None
        if self._is_between_requests():
            self.transport.abort()


class ReceiverServer(uvicorn.Server):
    """Serves one application on one socket until told to stop, in whatever thread runs it."""

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Protocol,
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                # Its complaints about strangers' requests would end up on the terminal.
                log_level="critical",
                server_header=False,
                date_header=False,
                timeout_keep_alive=KEEP_ALIVE_S,
                timeout_graceful_shutdown=0,
                limit_concurrency=MAX_CONNECTIONS,
                h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            )
        )
        self.ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave the signals to the program that started the receiver."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept, and tell the thread that waits for it."""
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        """Wait until told to stop; uvicorn would wake up ten times a second to ask."""
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop as uvicorn does, once those who came last are known."""
        await stop_accepting(sockets or [])
        await super().shutdown(sockets)

    def stop(self) -> None:
        """End `run_on`. May be called from any thread."""
        self.should_exit = True
        if self._loop is not None:
            # Between two threads: the loop may have ended by itself.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._stopping.set)

    def run_on(self, listener: socket.socket) -> None:
        """Serve in this thread, on a loop of its own."""
        asyncio.run(self._serve_on(listener))

    async def _serve_on(self, listener: socket.socket) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(_log_loop_error)
        await self.serve([listener])
        # In one round of the loop the transports close their sockets.
        for _ in range(TURNS):
            for connection in list(self.server_state.connections):
                connection.transport.abort()
            await asyncio.sleep(0)


def _log_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    get_logger().error("receiver_loop_error", error_type=type(error).__name__)
