"""Runs a burst in the calling thread, on a loop of its own."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.callbacks.burst.engine import BurstEngine
from cognitui.callbacks.burst.request import RequestMaker
from cognitui.clock import SYSTEM_CLOCK, Clock

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from cognitui.callbacks.burst.plan import BurstPlan, Target
    from cognitui.callbacks.burst.request import BurstContent
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret


@dataclass(frozen=True, slots=True)
class Job:
    """All that a burst needs.

    Raises:
        TemplateError: The template of the content cannot be filled in.
        UsageError: The secret or the text cannot be used.
    """

    target: Target
    plan: BurstPlan
    content: BurstContent
    scheme: Scheme
    secret: Secret

    def __post_init__(self) -> None:
        self.maker()

    def maker(self) -> RequestMaker:
        """Makes its requests."""
        return RequestMaker(self.target, self.content, scheme=self.scheme, secret=self.secret)


class HereBurst:
    """A burst in whatever thread runs it.

    Args:
        job: What to do.
        clock: Tells the time that is signed.
        context: Whom to trust; the machine's authorities when left out.
    """

    def __init__(
        self, job: Job, clock: Clock = SYSTEM_CLOCK, context: ssl.SSLContext | None = None
    ) -> None:
        self._job = job
        self._clock = clock
        self._context = context
        self._lock = threading.Lock()
        self._running: tuple[BurstEngine, asyncio.AbstractEventLoop] | None = None
        self._is_stopped = False

    def stop(self) -> None:
        """End it at once. May be called from any thread, at any time."""
        with self._lock:
            self._is_stopped = True
            if self._running is not None:
                engine, loop = self._running
                loop.call_soon_threadsafe(engine.stop)

    def run(self, publish: Callable[[BurstSnapshot], object]) -> BurstSnapshot:
        """Run it to its end.

        Args:
            publish: Called with how it stands, five times a second.

        Raises:
            BurstError: The endpoint's name leads nowhere, or not to this machine though it should.
        """
        engine = BurstEngine(
            self._job.target,
            self._job.plan,
            self._job.maker(),
            clock=self._clock,
            publish=publish,
            context=self._context,
        )
        # Not asyncio.run, which would wait for a name that is still being looked up.
        loop = asyncio.new_event_loop()
        try:
            main = loop.create_task(engine.run())
            with self._lock:
                self._running = (engine, loop)
                if self._is_stopped:
                    loop.call_soon(engine.stop)
            return loop.run_until_complete(main)
        finally:
            with self._lock:
                self._running = None
            loop.close()
