"""A sandbox from start to stop: its socket, its thread, and what it can be told meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from cognitui.errors import UsageError
from cognitui.sandbox.config import API_PREFIX, SandboxConfig, SandboxInfo
from cognitui.sandbox.data import (
    DEFAULT_BOT_ID,
    DEFAULT_SKILL_ID,
    make_keys,
    make_tenant,
    make_webhook_secret,
)
from cognitui.sandbox.faults import Fault, FaultBoard, parse_fault

if TYPE_CHECKING:
    from types import TracebackType

    from cognitui.sandbox.auth import Guard
    from cognitui.sandbox.serving import SandboxServer
    from cognitui.sandbox.state import ApiKey, Tenant

START_TIMEOUT_S = 15.0
STOP_TIMEOUT_S = 5.0


class Sandbox:
    """A tenant on loopback, in a thread of its own.

    ::

        with Sandbox(SandboxConfig(bots=3)) as info:
            print(info.base_url)
    """

    def __init__(self, config: SandboxConfig | None = None) -> None:
        self.config = config or SandboxConfig()
        self._board = FaultBoard(self.config.faults)
        self._info: SandboxInfo | None = None
        self._tenant: Tenant | None = None
        self._guard: Guard | None = None
        self._server: SandboxServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._closed_port: socket.socket | None = None

    @property
    def info(self) -> SandboxInfo:
        """Where the sandbox is and how to get in; known once it was started."""
        if self._info is None:
            raise RuntimeError("the sandbox has not been started")
        return self._info

    @property
    def tenant(self) -> Tenant:
        """What the sandbox knows and has seen; still there after it stopped."""
        if self._tenant is None:
            raise RuntimeError("the sandbox has not been started")
        return self._tenant

    def start(self) -> SandboxInfo:
        """Listen, and return once requests are answered.

        Raises:
            UsageError: The port is taken.
        """
        if self._thread is not None:
            return self.info
        listener = _listen(self.config.host, self.config.port)
        self._closed_port = _bind(self.config.host, 0)
        keys = make_keys(self.config.seed)
        self._info = _describe(self.config, _url_of(listener), keys["full"])
        self._tenant = make_tenant(
            self.config, self._info, keys, closed_url=_url_of(self._closed_port)
        )
        ready: Future[None] = Future()
        self._thread = threading.Thread(
            target=self._run, args=(listener, self._tenant, ready), name="sandbox", daemon=True
        )
        self._thread.start()
        try:
            ready.result(START_TIMEOUT_S)
        except BaseException:
            self.stop()
            raise
        return self._info

    def stop(self) -> None:
        """Stop at once, whatever is still being served; harmless when it already has."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        if self._loop is not None and self._server is not None:
            # The loop is closed when the server has ended by itself.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._server.stop)
        thread.join(STOP_TIMEOUT_S)
        if self._closed_port is not None:
            self._closed_port.close()
        self._loop = self._server = self._closed_port = None

    def inject(self, fault: Fault | str) -> None:
        """Put a fault in force for the requests to come."""
        self._board.inject(parse_fault(fault) if isinstance(fault, str) else fault)

    def clear_faults(self) -> None:
        """Lift all faults."""
        self._board.clear()

    def revoke_tokens(self) -> None:
        """Make every bearer token worthless, so that clients have to ask for new ones."""
        if self._guard is not None:
            self._guard.revoke_all()

    def __enter__(self) -> SandboxInfo:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _run(self, listener: socket.socket, tenant: Tenant, ready: Future[None]) -> None:
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve(listener, tenant, ready))
        except BaseException as error:
            listener.close()
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, listener: socket.socket, tenant: Tenant, ready: Future[None]) -> None:
        # Imported here, so that the command line does not pay for a server it never starts.
        from cognitui.sandbox.app import make_app
        from cognitui.sandbox.auth import Guard
        from cognitui.sandbox.engine import Engine
        from cognitui.sandbox.serving import SandboxServer

        self._loop = asyncio.get_running_loop()
        self._guard = Guard(tenant)
        engine = Engine(tenant)
        app = make_app(tenant, self._guard, self._board, engine)
        self._server = SandboxServer(app, engine, lambda: ready.set_result(None))
        await self._server.serve(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    try:
        return _bind(host, port)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"The sandbox cannot listen on port {port} of {host}: {reason}.",
            hint="Choose another port, or 0 for any that is free.",
            field="port",
        ) from None


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named asyncio switches Nagle's algorithm off; without, every answer that is
    # written in two parts waits 40 ms for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except BaseException:
        sock.close()
        raise
    return sock


def _url_of(sock: socket.socket) -> str:
    address, port = sock.getsockname()[:2]
    return f"http://[{address}]:{port}" if ":" in address else f"http://{address}:{port}"


def _describe(config: SandboxConfig, url: str, key: ApiKey) -> SandboxInfo:
    # The paths are named where they are served, but those modules load a web framework.
    return SandboxInfo(
        base_url=f"{url}{API_PREFIX}",
        api_key=key.key,
        api_secret=key.secret,
        bot_id=DEFAULT_BOT_ID,
        skill_id=DEFAULT_SKILL_ID,
        webhook_url=f"{url}/endpoints/receiver",
        webhook_secret=make_webhook_secret(config.seed),
        monitor_url=f"{url}/monitor",
    )
