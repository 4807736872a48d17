"""One connection of a burst: a request at a time, kept alive between them."""

from __future__ import annotations

import asyncio
import errno
import ssl
from typing import TYPE_CHECKING, Protocol, cast

from cognitui.callbacks.burst.answer import AnswerReader, NotHttp

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

# Shorter than what servers keep idle connections for, so that none is used while they close it.
KEEP_ALIVE_S = 2.0
_NO_ROOM = frozenset({errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL, errno.ENOBUFS})


class Owner(Protocol):
    """Whom a connection works for."""

    def make(self, number: int, now: float) -> bytes:
        """The request of this number, signed now."""

    def connected(self) -> None:
        """A connection has been made."""

    def ended(self, connection: Connection, status: int, failure: str, now: float) -> None:
        """The request of a connection came to an end: with a status, or else with a failure."""

    def lost(self, connection: Connection) -> None:
        """Nothing more will come from a connection."""


class Connection(asyncio.Protocol):
    """Sends requests one after another, each within its time.

    Args:
        owner: Hears what comes of each.
        dial: Connects this protocol to the endpoint.
        timeout_s: Allowed for each whole request, the connecting included, in seconds.

    Attributes:
        since: From when its present request is timed, by the loop's clock.
    """

    def __init__(
        self,
        owner: Owner,
        dial: Callable[[Connection], Awaitable[object]],
        timeout_s: float,
    ) -> None:
        self.since = 0.0
        self._owner = owner
        self._dial = dial
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._reader = AnswerReader()
        self._transport: asyncio.Transport | None = None
        self._dialing: asyncio.Task[None] | None = None
        self._alarm: asyncio.TimerHandle | None = None
        self._number = -1
        self._deadline = 0.0
        self._is_busy = False
        self._idle_since = 0.0
        self._is_closed = False

    def send(self, number: int, since: float, now: float) -> None:
        """Send a request; the owner hears of its end."""
        self._is_busy = True
        self._number, self.since = number, since
        self._deadline = now + self._timeout_s
        if self._alarm is None:
            self._alarm = self._loop.call_at(self._deadline, self._look_at_time)
        if self._transport is not None:
            self._transport.write(self._owner.make(number, now))
        else:
            self._dialing = self._loop.create_task(self._connect())

    def is_usable(self, now: float) -> bool:
        """Whether another request can be sent over it."""
        return not self._is_closed and now - self._idle_since < KEEP_ALIVE_S

    @property
    def is_connected(self) -> bool:
        """Whether it was ever connected."""
        return self._transport is not None

    def abort(self) -> None:
        """End it at once; its request, if there is one, is not heard of again."""
        self._is_busy = False
        self._close()

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is connected: send what waits for that."""
        self._transport = cast("asyncio.Transport", transport)
        if self._is_closed:
            self._transport.abort()
            return
        self._transport.write(self._owner.make(self._number, self._loop.time()))
        self._owner.connected()

    def data_received(self, data: bytes) -> None:
        """Something of the answer has come."""
        if not self._is_busy:
            self._close()  # nobody asked
            return
        reader = self._reader
        try:
            reader.feed(data)
        except NotHttp:
            self._end(0, "not_http")
            return
        if reader.is_complete:
            self._end(reader.status, "")

    def eof_received(self) -> bool:
        """The other side sends no more."""
        if self._is_busy:
            complete = self._reader.end()
            self._end(self._reader.status if complete else 0, "" if complete else self._cut_short())
        self._close()
        return False

    def connection_lost(self, _exc: Exception | None) -> None:
        """The connection has ended."""
        if self._is_busy:
            self._end(0, self._cut_short())
        self._close()
        self._owner.lost(self)

    # What comes of it

    def _cut_short(self) -> str:
        return "cut_short" if self._reader.has_begun else "connection_lost"

    async def _connect(self) -> None:
        failure = ""
        try:
            await self._dial(self)
        except ssl.SSLCertVerificationError:
            failure = "tls_failed"
        except ssl.SSLError:
            failure = "tls_error"
        except OSError as error:
            failure = "local_limit" if error.errno in _NO_ROOM else "connect_failed"
        finally:
            self._dialing = None
            if self._transport is None:
                # It was never made, so the loop will not tell that it is lost.
                if self._is_busy and failure:
                    self._end(0, failure)
                self._owner.lost(self)

    def _look_at_time(self) -> None:
        self._alarm = None
        if not self._is_busy:
            return
        if self._loop.time() < self._deadline:
            # It was set for an earlier request: one timer serves many.
            self._alarm = self._loop.call_at(self._deadline, self._look_at_time)
            return
        self._end(0, "connect_timeout" if self._transport is None else "timeout")

    def _end(self, status: int, failure: str) -> None:
        now = self._loop.time()
        self._is_busy = False
        if status and self._reader.may_go_on:
            self._reader.reset()
            self._idle_since = now
        else:
            self._close()
        self._owner.ended(self, status, failure, now)

    def _close(self) -> None:
        self._is_closed = True
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._transport is not None:
            self._transport.abort()
        elif self._dialing is not None:
            self._dialing.cancel()
