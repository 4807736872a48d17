"""Send callbacks: attempts, waits between them, and an account of all that never is ``None``."""

from __future__ import annotations

import asyncio
import hashlib
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from cognitui.callbacks.delivery import (
    Attempt,
    Delivery,
    DeliveryStatus,
    delay_after,
    describe_status,
    is_retryable,
)
from cognitui.callbacks.exchange import (
    MAX_CONNECTIONS,
    Exchange,
    check_url,
    exchange,
    open_client,
    prepare,
)
from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.models import DEFAULT_TIMEOUT_MS
from cognitui.cognigy.operation import current_trace
from cognitui.cognigy.retry import parse_retry_after
from cognitui.errors import UsageError
from cognitui.logs import get_logger

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from types import TracebackType

    import httpx

    from cognitui.callbacks.compose import Callback

MAX_TIMEOUT_MS = 60_000
MAX_RETRIES = 10

_BLOCKED = frozenset({"tls_failed", "address_refused"})
_RANDOM = random.SystemRandom()
_Result = TypeVar("_Result")


class CallbackSender:
    """Sends callbacks over one long-lived client; use it with ``async with``, or `aclose` it.

    Args:
        clock: Tells the time and waits between attempts.
        uniform: Draws from 0 to 1, for the jitter of these waits.
        ssl_context: Whom to trust; the machine's authorities when left out.
    """

    def __init__(
        self,
        *,
        clock: Clock = SYSTEM_CLOCK,
        uniform: Callable[[], float] = _RANDOM.random,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._clock = clock
        self._uniform = uniform
        self._ssl_context = ssl_context
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._closed = asyncio.Event()
        self._slots = asyncio.Semaphore(MAX_CONNECTIONS)
        self._log = get_logger()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections; deliveries under way end as cancelled, and so do later ones."""
        self._closed.set()
        # A client that is just being opened would otherwise be left behind.
        async with self._opening:
            client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def send(
        self,
        url: str,
        callback: Callback,
        *,
        timeout_ms: int = DEFAULT_TIMEOUT_MS,
        retries: int = 0,
        on_attempt: Callable[[Attempt], object] | None = None,
        on_wait: Callable[[int, float, datetime], object] | None = None,
    ) -> Delivery:
        """Deliver a callback: one attempt, and further ones for what another attempt may mend.

        The first attempt sends the callback as it is; each further one is composed and signed anew
        with the time of then. Its name in the log is the current operation's, see
        `cognitui.cognigy.operation.traced`.

        Args:
            url: The endpoint.
            callback: What to send.
            timeout_ms: Allowed for each whole attempt, in milliseconds.
            retries: How many attempts may follow the first.
            on_attempt: Called with each attempt as soon as it has ended.
            on_wait: Called before each wait: with the number of the attempt that comes next, how
                many seconds from now it does, and when that is.

        Raises:
            UsageError: The URL, the timeout or the number of retries cannot be used; nothing was
                sent.
        """
        endpoint = check_url(url)
        _check_range("timeout_ms", timeout_ms, 1, MAX_TIMEOUT_MS)
        _check_range("retries", retries, 0, MAX_RETRIES)
        run = _Run(current_trace().operation_id, self._clock)
        for number in range(1, retries + 2):
            # To wait for one's own turn is not the endpoint's slowness, so it is not timed.
            async with self._slots:
                attempt = await self._attempt(run, endpoint, callback, number, timeout_ms)
            if attempt is None:
                break
            run.attempts.append(attempt)
            if on_attempt is not None:
                on_attempt(attempt)
            status = _final_status(attempt)
            if status is not None:
                return run.ended(status)
            delay = self._delay_after(attempt)
            if number > retries or delay is None:
                return run.ended(DeliveryStatus.EXHAUSTED)
            if on_wait is not None:
                on_wait(number + 1, delay, self._clock.now() + timedelta(seconds=delay))
            if await self._unless_closed(self._wait(delay)) is None:
                break
            callback = callback.refreshed(self._clock)
        return run.ended(DeliveryStatus.CANCELLED)

    async def _attempt(
        self, run: _Run, url: httpx.URL, callback: Callback, number: int, timeout_ms: int
    ) -> Attempt | None:
        client = await self._open()
        if client is None:
            return None
        started_at, started = self._clock.now(), self._clock.monotonic()
        result = await self._unless_closed(exchange(client, url, callback, timeout_ms=timeout_ms))
        if result is None:
            return None
        ms = (self._clock.monotonic() - started) * 1000
        code, sentence = _error_of(result)
        self._log.info(
            "callback_attempt",
            method="POST",
            host=url.host,
            path=url.path,
            status=result.status,
            ms=round(ms, 1),
            attempt=number,
            operation_id=run.operation_id,
            outcome=code or "ok",
        )
        return Attempt(
            number=number,
            started_at=started_at,
            ms=ms,
            status=result.status,
            error_code=code,
            error=sentence,
            response_headers=result.headers,
            response_excerpt=result.excerpt,
            timings=result.timings,
            body_sha256=hashlib.sha256(callback.body).hexdigest(),
        )

    async def _open(self) -> httpx.AsyncClient | None:
        async with self._opening:
            if self._client is None and not self._closed.is_set():
                authorities = await asyncio.to_thread(prepare)
                self._client = open_client(self._ssl_context or authorities)
            return self._client

    async def _wait(self, seconds: float) -> bool:
        await self._clock.sleep(seconds)
        return True

    async def _unless_closed(self, work: Coroutine[None, None, _Result]) -> _Result | None:
        """The result of the work, or ``None`` once the sender is closed."""
        task = asyncio.ensure_future(work)
        closed = asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait({task, closed}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            task.cancel()
            closed.cancel()
            # Wait until the connection is given back; what is raised then is nobody's any more.
            await asyncio.gather(task, closed, return_exceptions=True)

    def _delay_after(self, attempt: Attempt) -> float | None:
        asked = dict(attempt.response_headers).get("retry-after")
        retry_after_s = parse_retry_after(asked, self._clock.now())
        return delay_after(attempt.number, retry_after_s=retry_after_s, uniform=self._uniform)


class _Run:
    """One delivery under way."""

    def __init__(self, operation_id: str, clock: Clock) -> None:
        self.operation_id = operation_id
        self.attempts: list[Attempt] = []
        self._clock = clock
        self._started = clock.monotonic()

    def ended(self, status: DeliveryStatus) -> Delivery:
        ms = (self._clock.monotonic() - self._started) * 1000
        return Delivery(status, tuple(self.attempts), ms, self.operation_id)


def _final_status(attempt: Attempt) -> DeliveryStatus | None:
    """How the delivery ends with this attempt; ``None`` when another may go better."""
    if attempt.error_code in _BLOCKED:
        return DeliveryStatus.BLOCKED
    if attempt.error_code is None:
        return DeliveryStatus.DELIVERED
    if attempt.status is not None and not is_retryable(attempt.status):
        return DeliveryStatus.REJECTED
    return None


def _error_of(result: Exchange) -> tuple[str | None, str | None]:
    if result.status is None:
        return result.failure, result.sentence
    sentence = describe_status(result.status)
    return (None, None) if sentence is None else (f"http_{result.status}", sentence)


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise UsageError(f"{name} must be from {least} to {most:,}, not {value:,}.", field=name)
