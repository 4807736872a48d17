"""A burst as its user sees it: it runs beside them, and tells how it stands."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING

from cognitui.callbacks.burst.here import HereBurst, Job
from cognitui.callbacks.burst.plan import Target
from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from cognitui.callbacks.burst.apart import ApartBurst
    from cognitui.callbacks.burst.plan import BurstPlan
    from cognitui.callbacks.burst.request import BurstContent
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret


class Burst:
    """Sends many callbacks to one endpoint, once.

    It has a thread and a loop of its own, and on wish a process, so that whoever draws is not held
    up by it. `snapshot` and `stop` may be used from any thread.

    Args:
        url: The endpoint.
        plan: How many, how quickly.
        content: What the callbacks tell of.
        secret: What the webhook was registered with.
        scheme: How they are signed.
        confirmed_host: The endpoint's host, as a person typed it; needed for other machines.
        apart: Run it in a process of its own, for callers that draw or receive meanwhile. The clock
            and the authorities are the machine's then.
        clock: Tells the time that is signed.
        ssl_context: Whom to trust; the machine's authorities when left out.

    Raises:
        TemplateError: The template of the content cannot be filled in.
        UsageError: The URL, the secret or the text cannot be used, or the host was not confirmed.

    Attributes:
        url: The endpoint.
        target: What its URL says.
        content: What the callbacks tell of.
    """

    def __init__(
        self,
        url: str,
        plan: BurstPlan,
        content: BurstContent,
        *,
        secret: Secret,
        scheme: Scheme = COGNIGY,
        confirmed_host: str = "",
        apart: bool = False,
        clock: Clock = SYSTEM_CLOCK,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.url = url
        self.content = content
        self.target = Target.of(url)
        self.target.check_confirmed(confirmed_host)
        self._job = Job(self.target, plan, content, scheme, secret)
        self._apart = apart
        self._clock = clock
        self._ssl_context = ssl_context
        self._snapshot = BurstSnapshot(BurstState.RUNNING, plan.count)
        self._lock = threading.Lock()
        self._running: HereBurst | ApartBurst | None = None
        self._is_stopped = False
        self._has_begun = False

    @property
    def snapshot(self) -> BurstSnapshot:
        """How it stands, as of a fifth of a second ago at most."""
        return self._snapshot

    def stop(self) -> None:
        """End it at once: what is under way is dropped. May be called at any time."""
        with self._lock:
            self._is_stopped = True
            if self._running is not None:
                self._running.stop()

    async def run(
        self, on_snapshot: Callable[[BurstSnapshot], object] | None = None
    ) -> BurstSnapshot:
        """Run it to its end and tell how it ended. To cancel this stops it.

        Args:
            on_snapshot: Called on this loop with how it stands, five times a second, and with how
                it ended.

        Raises:
            BurstError: The endpoint's name leads nowhere, or not to this machine though it should.
            RuntimeError: It was run before.
        """
        if self._has_begun:
            raise RuntimeError("a burst runs once")
        self._has_begun = True
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[BurstSnapshot] = loop.create_future()

        def tell(snapshot: BurstSnapshot) -> None:
            self._snapshot = snapshot
            if on_snapshot is not None:
                _call(loop, on_snapshot, snapshot)

        def work() -> None:
            try:
                final = self._work(tell)
            except Exception as error:  # noqa: BLE001 - it is raised where the burst was started
                _call(loop, _set_exception, ended, error)
            else:
                tell(final)
                _call(loop, _set_result, ended, final)

        thread = threading.Thread(target=work, name="cognitui-burst", daemon=True)
        thread.start()
        try:
            return await asyncio.shield(ended)
        except asyncio.CancelledError:
            self.stop()
            await asyncio.wait([ended])
            ended.exception()  # it has been seen
            raise
        finally:
            # All that is left for it to do is to return.
            thread.join()

    def _work(self, publish: Callable[[BurstSnapshot], object]) -> BurstSnapshot:
        """Run it, and give back how it ended."""
        running = self._start()
        with self._lock:
            self._running = running
            if self._is_stopped:
                running.stop()
        return running.run(publish)

    def _start(self) -> HereBurst | ApartBurst:
        if not self._apart:
            return HereBurst(self._job, self._clock, self._ssl_context)
        from cognitui.callbacks.burst.apart import ApartBurst

        return ApartBurst(self._job)


def _call(loop: asyncio.AbstractEventLoop, call: Callable[..., object], *arguments: object) -> None:
    # Whoever started the burst may have gone without waiting for its end.
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(call, *arguments)


def _set_result(ended: asyncio.Future[BurstSnapshot], final: BurstSnapshot) -> None:
    if not ended.done():
        ended.set_result(final)


def _set_exception(ended: asyncio.Future[BurstSnapshot], error: Exception) -> None:
    if not ended.done():
        ended.set_exception(error)
