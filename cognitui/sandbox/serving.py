"""uvicorn as the sandbox needs it: without signals, with cuts, and stopping at once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from cognitui.accepting import pass_turns, stop_accepting

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from uvicorn.server import ServerState

    from cognitui.sandbox.engine import Engine
    from cognitui.sandbox.front import Front


class _Connection(H11Protocol):
    """Hands each request the means to cut its own connection, which ASGI does not offer."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.app_state = {**app_state, "hang_up": self._hang_up}

    def _hang_up(self) -> None:
        self.transport.close()


class SandboxServer(uvicorn.Server):
    """A server that runs in a thread and stops at once."""

    def __init__(self, app: Front, engine: Engine, when_ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=_Connection,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=60,
            )
        )
        self._engine = engine
        self._when_ready = when_ready
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Begin to stop; to be called in the server's own loop."""
        self.should_exit = True
        self._stopping.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever started the sandbox."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._when_ready()

    async def main_loop(self) -> None:
        """Keep the Date header right until it is time to stop."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop without waiting for anyone: hanging requests are part of what a sandbox does."""
        await self._engine.stop()
        await stop_accepting(sockets or [])
        for server in self.servers:
            server.close()
        for sock in sockets or []:
            sock.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Now the transports close their sockets; those that no protocol knows of yet, too.
        await pass_turns()
        for transport in _left_over():
            transport.abort()
        await pass_turns()


def _left_over() -> list[asyncio.Transport]:
    """The connections that are still there; asyncio's own list of them, where it has one."""
    return list(getattr(asyncio.get_running_loop(), "_transports", {}).values())
