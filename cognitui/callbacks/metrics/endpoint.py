"""Where Prometheus collects what the receiver counts. Imported where that is asked for.

It listens at a port of its own. A path of the receiver's would be open to whoever may send
callbacks, through a tunnel to all the world, and the receiver judges what is sent to any path.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.listener import HOST, is_loopback_header, is_loopback_host, listen
from cognitui.callbacks.metrics.text import CONTENT_TYPE, exposition
from cognitui.callbacks.receiver_server import ReceiverServer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from cognitui.callbacks.metrics.tally import CallbackTally

PATH = "/metrics"
_METHODS = ("GET", "HEAD")
_START_LIMIT_S = 10.0
_STOP_LIMIT_S = 2.0


class MetricsEndpoint:
    """Answers ``GET /metrics``, in a thread of its own: nobody waits for whoever collects.

    Args:
        tally: What is told.
        is_up: Whether the receiver listens.
    """

    def __init__(self, tally: CallbackTally, *, is_up: Callable[[], bool]) -> None:
        self._tally = tally
        self._is_up = is_up
        self._running: tuple[ReceiverServer, threading.Thread] | None = None

    def start(self, port: int = 0, host: str = HOST) -> str:
        """Begin to listen, and return the URL.

        Args:
            port: The port; 0 for any that is free.
            host: An address of this machine. From another than its own, 127.0.0.1, other machines
                may read the counts too.

        Raises:
            ReceiverError: The port is taken or needs more rights, or the address is not here.
            UsageError: There is no such port.
        """
        listener = listen(port, host)
        server = ReceiverServer(_App(self._tally, self._is_up, local=is_loopback_host(host)))
        thread = threading.Thread(
            target=server.run_on, args=(listener,), name="cognitui-metrics", daemon=True
        )
        thread.start()
        if not server.ready.wait(_START_LIMIT_S):
            server.stop()
            listener.close()
            raise ReceiverError("The endpoint for metrics did not start.", hint="Try again.")
        self._running = (server, thread)
        shown = f"[{host}]" if ":" in host else host
        return f"http://{shown}:{listener.getsockname()[1]}{PATH}"

    def stop(self) -> None:
        """Stop listening. May be called twice."""
        if self._running is None:
            return
        server, thread = self._running
        self._running = None
        server.stop()
        thread.join(_STOP_LIMIT_S)


class _App:
    """The answers, as an ASGI application.

    Args:
        local: Whether only this machine is to read them: then a web page whose name was made to
            point here is turned away.
    """

    def __init__(self, tally: CallbackTally, is_up: Callable[[], bool], *, local: bool) -> None:
        self._tally = tally
        self._is_up = is_up
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self._response(scope)(scope, receive, send)

    def _response(self, scope: Scope) -> Response:
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if self._local and not is_loopback_header(hosts):
            return Response(status_code=421)
        if scope["path"] != PATH:
            return PlainTextResponse(f"The metrics are at {PATH}.\n", status_code=404)
        if scope["method"] not in _METHODS:
            return Response(status_code=405, headers={"Allow": ", ".join(_METHODS)})
        text = exposition(self._tally.counts(), is_up=self._is_up())
        return Response(text, headers={"Content-Type": CONTENT_TYPE})
