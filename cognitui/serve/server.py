"""The web server: the page, its files, and one console for each WebSocket."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import socket
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web
from textual_serve.server import Server

from cognitui.errors import UsageError
from cognitui.logs import get_logger
from cognitui.serve.console import GRACE_S, BrowserConsole
from cognitui.serve.gate import PARAMETER, Gate, Visit, authority

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = Path(__file__).parent / "page"
SOCKET_PATH = "/ws"
HEARTBEAT_S = 15.0
CLOSING_S = 2.0
MAX_PORT = 65_535
# Cells; what a page asks for beyond them is cut, not believed.
MAX_WIDTH, MAX_HEIGHT = 1_000, 500
HEADERS = {
    # Nothing of the page comes from, or goes to, another origin.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Server": "cognitui",
}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens.

    Attributes:
        host: The host that it was bound to.
        port: The port, also where any free one was asked for.
        url: What to open in a browser, with the token.
    """

    host: str
    port: int
    url: str


class ConsoleServer(Server):
    """Shows consoles in browsers.

    It takes from textual-serve the page's script and styles, the protocol that the page and a
    console speak, and deliveries of files. The page itself, the gate and the life of a console are
    its own.

    Args:
        gate: Who is let in.
        port: The port that it listens at, to tell its cookie from that of another server.
        arguments: What each ``cognitui`` is started with.
    """

    def __init__(self, gate: Gate, port: int, arguments: Sequence[str]) -> None:
        super().__init__("cognitui", port=port)
        self._gate = gate
        self._cookie = f"cognitui-{port}"
        self._arguments = arguments
        self._closing = asyncio.Event()

    async def application(self) -> web.Application:
        """The application with its routes, each behind the gate."""
        app = web.Application(middlewares=[self._guard])
        app.add_routes([
            web.get("/", self.handle_index),
            web.get(SOCKET_PATH, self.handle_websocket),
            web.get("/download/{key}", self.handle_download),
            web.static("/static", self.statics_path),
            web.static("/page", PAGE),
        ])  # fmt: skip
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:
        """Have every console end; their handlers are waited for elsewhere."""
        await super().on_shutdown(app)
        self._closing.set()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        refusal = self._gate.refusal(
            Visit(
                host=request.headers.get("Host", ""),
                origin=request.headers.get("Origin"),
                token=request.query.get(PARAMETER),
                cookie=request.cookies.get(self._cookie),
                is_websocket=request.path == SOCKET_PATH,
            )
        )
        if refusal:
            return web.Response(status=403, text=f"cognitui\n\n{refusal}\n")
        return await handler(request)

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page. It gets the token's cookie, and takes the token out of its address itself.

        A redirect would do that too, but the browser would not send a strict cookie along when the
        address was opened from another site, such as a chat.
        """
        response = web.FileResponse(PAGE / "index.html")
        token = request.query.get(PARAMETER)
        if token is not None:
            response.set_cookie(self._cookie, token, httponly=True, samesite="Strict", path="/")
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """A console for as long as the page holds this WebSocket open, and it itself runs."""
        websocket = web.WebSocketResponse(heartbeat=HEARTBEAT_S, timeout=CLOSING_S)
        await websocket.prepare(request)
        console = BrowserConsole(
            self._arguments,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            download_manager=self.download_manager,
        )
        await console.start(*_size(request.query.get("width"), request.query.get("height")))
        get_logger().info("console opened")
        saying = asyncio.ensure_future(console.run())
        others = [
            asyncio.ensure_future(_listen(websocket, console)),
            asyncio.ensure_future(self._closing.wait()),
        ]
        try:
            await asyncio.wait([saying, *others], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in others:
                task.cancel()
            await console.stop()
            _note(await asyncio.gather(saying, *others, return_exceptions=True))
            get_logger().info("console closed")
        await websocket.close()
        return websocket


def _note(results: Sequence[object]) -> None:
    """Log how the tasks of a tab failed: it has ended, and there is nobody to tell."""
    for result in results:
        if isinstance(result, Exception):
            get_logger().error("tab failed", error_type=type(result).__name__)


async def _add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers.update(HEADERS)


async def _listen(websocket: web.WebSocketResponse, console: BrowserConsole) -> None:
    async for message in websocket:
        if message.type is WSMsgType.TEXT:
            await _obey(message.data, websocket, console)


async def _obey(text: str, websocket: web.WebSocketResponse, console: BrowserConsole) -> None:
    match _decoded(text):
        case ["stdin", str(typed)]:
            await console.send_bytes(typed.encode(errors="ignore"))
        case ["resize", {"width": width, "height": height}]:
            await console.set_terminal_size(*_size(width, height))
        case ["ping", sent]:
            await websocket.send_json(["pong", sent])
        case ["blur"]:
            await console.blur()
        case ["focus"]:
            await console.focus()
        case _:
            get_logger().warning("page said something unknown", size=len(text))


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _size(width: Any, height: Any) -> tuple[int, int]:
    return _cells(width, 80, MAX_WIDTH), _cells(height, 24, MAX_HEIGHT)


def _cells(given: Any, default: int, most: int) -> int:
    try:
        return min(max(int(given), 1), most)
    except (TypeError, ValueError, OverflowError):
        return default


class _OurLog(logging.Handler):
    """Takes what the libraries log: without values, for theirs would have whole requests."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0] if record.exc_info else None
        get_logger().warning(
            "server", logger=record.name, error_type=kind.__name__ if kind else None
        )


def _take_logs() -> None:
    for name in ("aiohttp", "textual-serve"):
        library = logging.getLogger(name)
        library.propagate = False
        library.handlers = [_OurLog(logging.WARNING)]


@asynccontextmanager
async def serving(
    arguments: Sequence[str], *, host: str, port: int, token: str | None
) -> AsyncIterator[Address]:
    """Serve consoles while the block runs; at its end every one of them has ended.

    Args:
        arguments: What each ``cognitui`` is started with.
        host: What to bind to.
        port: The port; 0 for any that is free.
        token: What a browser must know; ``None`` for none.

    Raises:
        UsageError: Nothing can listen there.
    """
    _take_logs()
    listener = await _listener(host, port)
    bound = listener.getsockname()[1]
    shown = socket.gethostname() if _is_everywhere(listener) else host
    gate = Gate(frozenset({host, shown}), token)
    runner = web.AppRunner(
        await ConsoleServer(gate, bound, arguments).application(),
        access_log=None,  # it would have the token
        handle_signals=False,
        shutdown_timeout=2 * GRACE_S,
    )
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield Address(host, bound, gate.url(shown, bound))
    finally:
        await runner.cleanup()
        listener.close()


def _is_everywhere(listener: socket.socket) -> bool:
    return listener.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104


async def _listener(host: str, port: int) -> socket.socket:
    if not 0 <= port <= MAX_PORT:
        raise UsageError(f"There is no port {port}.", hint="Use 0 to 65535.", field="port")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (socket.gaierror, UnicodeError):
        raise UsageError(
            f"There is no host {host!r}.",
            hint="Use an address of this machine, such as 127.0.0.1.",
            field="host",
        ) from None
    family, _, _, _, address = found[0]
    try:
        return socket.create_server((str(address[0]), port), family=family)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None


def _cannot_listen(host: str, port: int, error: OSError) -> UsageError:
    where = authority(host, port)
    if error.errno == errno.EADDRINUSE:
        return UsageError(
            f"{where} is taken by another program.",
            hint="Choose another port, or 0 for any that is free.",
            field="port",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return UsageError(
            f"{host} is not an address of this machine.",
            hint="Use 127.0.0.1, or 0.0.0.0 for every address that it has.",
            field="host",
        )
    return UsageError(f"Nothing can listen at {where}: {os.strerror(error.errno or 0)}.")
