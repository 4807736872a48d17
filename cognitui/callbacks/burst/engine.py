"""Runs a burst on an event loop: who is due, over which connection, and what came of it.

Everything happens in callbacks of the loop, with no task and no future for a request: that is what
makes it several times as fast as a client library.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.burst.connection import Connection
from cognitui.callbacks.burst.dialer import Dialer
from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState
from cognitui.callbacks.burst.tally import Tally
from cognitui.clock import unix_ms
from cognitui.logs import get_logger

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from cognitui.callbacks.burst.plan import BurstPlan, Target
    from cognitui.callbacks.burst.request import RequestMaker
    from cognitui.clock import Clock

PUBLISH_S = 0.2
# Timers are no finer than this; what is due sooner goes now, and is timed from now.
_EARLY_S = 0.001
# More at once would overflow the queue of endpoints that accept slowly.
_MAX_DIALING = 50
_CLOSING_ROUNDS = 100


class BurstEngine:
    """One burst, on the loop that runs it.

    Args:
        target: Where it goes.
        plan: What it is to do.
        maker: Makes the requests.
        clock: Tells the time that is signed.
        publish: Called with how it stands, several times a second.
        context: Whom to trust; the machine's authorities when left out.
    """

    def __init__(
        self,
        target: Target,
        plan: BurstPlan,
        maker: RequestMaker,
        *,
        clock: Clock,
        publish: Callable[[BurstSnapshot], object],
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._target = target
        self._plan = plan
        self._maker = maker
        self._clock = clock
        self._publish = publish
        self._context = context
        self._timeout_s = plan.timeout_ms / 1000
        self._state = BurstState.RUNNING
        self._next = 0
        self._busy = 0
        self._dialing = 0
        self._will_pump = False
        self._is_closing = False
        self._idle: list[Connection] = []
        self._alive: set[Connection] = set()
        self._alarm: asyncio.TimerHandle | None = None
        self._publishing: asyncio.TimerHandle | None = None

    async def run(self) -> BurstSnapshot:
        """Run it to its end, or until `stop`, and tell how it ended.

        Raises:
            BurstError: The endpoint's name leads nowhere, or not to this machine though it should.
        """
        self._loop = asyncio.get_running_loop()
        main = asyncio.current_task()
        assert main is not None
        self._main = main
        self._loop.set_exception_handler(self._on_mistake)
        self._finished: asyncio.Future[None] = self._loop.create_future()
        self._begin(self._loop.time())
        try:
            if self._state is BurstState.RUNNING:
                self._dialer = await Dialer.to(self._target, self._context, self._timeout_s)
                self._begin(self._loop.time())
                self._publish_again()
                self._pump(self._loop.time())
                await self._finished
                self._state = BurstState.COMPLETE
        except asyncio.CancelledError:
            if self._state is not BurstState.STOPPED:
                raise
        finally:
            ended = self._loop.time()
            self._tally.cancelled = self._busy
            await self._close()
        return self._tally.snapshot(self._state, ended)

    def stop(self) -> None:
        """End it at once; what is under way is dropped. To be called on its loop."""
        if self._state is BurstState.RUNNING:
            self._state = BurstState.STOPPED
            self._main.cancel()

    # What connections tell

    def make(self, number: int, now: float) -> bytes:
        """The request of this number, signed now."""
        now_ms = self._began_ms + int((now - self._began) * 1000)
        return self._maker.request(number, now_ms)

    def connected(self) -> None:
        """A connection has been made."""
        self._dialing -= 1
        self._pump_soon()

    def ended(self, connection: Connection, status: int, failure: str, now: float) -> None:
        """A request has come to its end."""
        self._busy -= 1
        if not connection.is_connected:
            self._dialing -= 1
        if status:
            self._tally.answer(status, now, now - connection.since)
            if connection.is_usable(now):
                self._idle.append(connection)
        else:
            self._tally.failure(failure, now)
        self._pump_soon()

    def lost(self, connection: Connection) -> None:
        """A connection is no more."""
        self._alive.discard(connection)

    # Who is next

    def _begin(self, now: float) -> None:
        self._began = now
        self._began_ms = unix_ms(self._clock.now())
        self._tally = Tally(self._plan, now)

    def _pump(self, now: float) -> None:
        """Send all that is due, as far as connections are free."""
        if self._is_closing:
            return
        plan = self._plan
        while self._next < plan.count and self._busy < plan.in_flight:
            since = now
            if plan.rate_per_s is not None:
                due = self._began + self._next / plan.rate_per_s
                if due > now + _EARLY_S:
                    self._pump_at(due - _EARLY_S)
                    return
                since = min(due, now)
            connection = self._free_connection(now)
            if connection is None:
                return
            self._busy += 1
            self._tally.begin(now)
            connection.send(self._next, since, now)
            self._next += 1
        if self._next == plan.count and self._busy == 0 and not self._finished.done():
            self._finished.set_result(None)

    def _pump_soon(self) -> None:
        # All answers that have come are looked at before anything is sent: requests that go out
        # together wake the endpoint once, which is worth a quarter of the speed.
        if not self._will_pump:
            self._will_pump = True
            self._loop.call_soon(self._pump_now)

    def _pump_now(self) -> None:
        self._will_pump = False
        self._pump(self._loop.time())

    def _pump_at(self, moment: float) -> None:
        if self._alarm is None:
            self._alarm = self._loop.call_at(moment, self._on_alarm)

    def _on_alarm(self) -> None:
        self._alarm = None
        self._pump_now()

    def _free_connection(self, now: float) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable(now):
                return connection
            connection.abort()
        if self._dialing >= _MAX_DIALING:
            return None
        self._dialing += 1
        connection = Connection(self, self._dialer.connect, self._timeout_s)
        self._alive.add(connection)
        return connection

    # How it stands, and how it ends

    def _publish_again(self) -> None:
        self._publishing = self._loop.call_later(PUBLISH_S, self._publish_again)
        now = self._loop.time()
        self._tally.behind_s = self._behind_s(now)
        self._publish(self._tally.snapshot(self._state, now))

    def _behind_s(self, now: float) -> float:
        if self._plan.rate_per_s is None or self._next == self._plan.count:
            return 0.0
        return max(0.0, now - self._began - self._next / self._plan.rate_per_s)

    async def _close(self) -> None:
        self._is_closing = True
        for timer in (self._alarm, self._publishing):
            if timer is not None:
                timer.cancel()
        for connection in list(self._alive):
            connection.abort()
        # The loop tells a protocol in one of its next rounds that its connection is lost.
        for _ in range(_CLOSING_ROUNDS):
            if not self._alive:
                break
            await asyncio.sleep(0)

    def _on_mistake(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """End with a mistake of this program, instead of waiting for what never comes."""
        error = context.get("exception")
        if isinstance(error, Exception) and not isinstance(error, OSError):
            if not self._finished.done():
                self._finished.set_exception(error)
        else:
            get_logger().error("burst_loop_error", error_type=type(error).__name__)
