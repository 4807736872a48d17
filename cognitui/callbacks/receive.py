"""The receiver: an endpoint on this machine that verifies what arrives and lists it."""

from __future__ import annotations

import errno
import os
import socket
import threading
from typing import TYPE_CHECKING

from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.received import Inbox, Received
from cognitui.callbacks.replay import ReplayCache
from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.callbacks.receiver_server import ReceiverServer
    from cognitui.callbacks.sign import Secret

HOST = "127.0.0.1"
PATH = "/callback"
READ_LIMIT_S = 10.0
MAX_PORT = 65_535
_START_LIMIT_S = 10.0
_STOP_LIMIT_S = 2.0
_BACKLOG = 128


class Receiver:
    """Listens on 127.0.0.1 only, in a thread of its own with a loop of its own.

    It answers 200 to what verifies and a bare 401 to what does not; why is for the person here, in
    each `Received`, and not for the sender.

    Args:
        secrets: The secrets to verify with; `set_secrets` changes them at any time.
        clock: Tells the time.
        read_limit_s: Seconds that a request's body may take to arrive.
    """

    def __init__(
        self,
        secrets: Sequence[Secret] = (),
        *,
        clock: Clock = SYSTEM_CLOCK,
        read_limit_s: float = READ_LIMIT_S,
    ) -> None:
        self._secrets = tuple(secrets)
        self._clock = clock
        self._read_limit_s = read_limit_s
        self._inbox = Inbox()
        self._replay = ReplayCache()
        self._lock = threading.Lock()
        self._running: tuple[ReceiverServer, threading.Thread] | None = None
        self._port = 0

    def start(self, port: int = 0) -> None:
        """Begin to listen; returns when connections are accepted. Does nothing while it listens.

        Args:
            port: The port; 0 for any that is free.

        Raises:
            ReceiverError: The port is taken or needs more rights.
            UsageError: There is no such port.
        """
        with self._lock:
            if self._running is not None:
                return
            listener = _listen(port)
            server = self._build()
            thread = threading.Thread(
                target=server.run_on, args=(listener,), name="cognitui-receiver", daemon=True
            )
            thread.start()
            if not server.ready.wait(_START_LIMIT_S):
                server.stop()
                listener.close()
                raise ReceiverError("The receiver did not start.", hint="Try again.")
            self._port = listener.getsockname()[1]
            self._running = (server, thread)

    def stop(self) -> None:
        """Stop listening and drop open connections, in less than a second. May be called twice.

        What was received stays.
        """
        with self._lock:
            if self._running is None:
                return
            server, thread = self._running
            self._running = None
            server.stop()
        thread.join(_STOP_LIMIT_S)

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._running is not None

    @property
    def url(self) -> str:
        """Where to send callbacks. Any other path of the same port will do as well.

        Raises:
            ReceiverError: It does not listen.
        """
        if self._running is None:
            raise ReceiverError("The receiver does not listen.", hint="Start it first.")
        return f"http://{HOST}:{self._port}{PATH}"

    @property
    def received(self) -> tuple[Received, ...]:
        """What has arrived, the newest last: the last 1000, or less where bodies are long."""
        return self._inbox.snapshot()

    def set_secrets(self, secrets: Sequence[Secret]) -> None:
        """Verify with these from the next request on. May be called from any thread."""
        self._secrets = tuple(secrets)

    def clear(self) -> None:
        """Drop what has arrived. Replays of it are still known as such."""
        self._inbox.clear()

    def subscribe(self, subscriber: Callable[[Received], object]) -> Callable[[], None]:
        """Have everything that arrives from now on handed to a function.

        Args:
            subscriber: Called in the receiver's thread, after the sender was answered. It must
                return quickly and must not wait for the thread that may call `stop`.

        Returns:
            A function that ends the subscription.
        """
        return self._inbox.subscribe(subscriber)

    def _build(self) -> ReceiverServer:
        # A console that never listens should not pay for these imports when it starts.
        from cognitui.callbacks.receiver_app import ReceiverApp
        from cognitui.callbacks.receiver_server import ReceiverServer

        return ReceiverServer(
            ReceiverApp(
                inbox=self._inbox,
                replay=self._replay,
                secrets=lambda: self._secrets,
                clock=self._clock,
                read_limit_s=self._read_limit_s,
            )
        )


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= MAX_PORT:
        raise UsageError(f"There is no port {port}.", hint="Use 0 to 65535.", field="port")
    # asyncio turns Nagle's algorithm off only where it is told that this is TCP; with it, every
    # answer would be 40 ms late.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Elsewhere this option would let two programs listen at one port.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        # Two sockets may be bound to a port, but only one may listen.
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(port, error) from None
    return listener


def _cannot_listen(port: int, error: OSError) -> ReceiverError:
    if error.errno == errno.EADDRINUSE:
        return ReceiverError(
            f"Port {port} of {HOST} is taken by another program.",
            hint="Choose another port, or 0 for any that is free.",
            field="port",
        )
    if error.errno == errno.EACCES:
        return ReceiverError(
            f"Port {port} of {HOST} needs administrator rights.",
            hint="Choose a port from 1024 up, or 0 for any that is free.",
            field="port",
        )
    return ReceiverError(
        f"The receiver cannot listen at port {port} of {HOST}: {os.strerror(error.errno or 0)}.",
        hint="Choose another port, or 0 for any that is free.",
        field="port",
    )
