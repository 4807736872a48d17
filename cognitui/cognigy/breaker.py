"""A circuit breaker whose half-open state lets exactly one trial through."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.errors import CircuitOpen

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


in_trial: ContextVar[bool] = ContextVar("cognitui_trial", default=False)


class BreakerState(StrEnum):
    """Whether calls go through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Stops asking a tenant that keeps failing; one harmless call finds out when it is back.

    After ``threshold`` failures in a row the circuit opens for ``open_s`` seconds. The first caller
    after that starts the trial; everybody who comes meanwhile waits for its verdict. The trial runs
    in a task of its own: a caller that is cancelled does not take the others' answer with it.
    """

    def __init__(
        self, *, threshold: int = 5, open_s: float = 30.0, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self.threshold = threshold
        self.open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trial: asyncio.Task[bool] | None = None

    @property
    def state(self) -> BreakerState:
        """The state right now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        return BreakerState.OPEN if self.retry_after_s > 0 else BreakerState.HALF_OPEN

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next trial; 0 when calls go through or a trial may start."""
        if self._opened_at is None:
            return 0.0
        return max(0.0, self._opened_at + self.open_s - self._clock.monotonic())

    async def permit(self, trial: Callable[[], Awaitable[bool]]) -> None:
        """Return when a call may go ahead.

        Args:
            trial: The one call that finds out whether the tenant is back; true when it is.

        Raises:
            CircuitOpen: The tenant is to be left alone.
        """
        if self._opened_at is None:
            return
        if self._trial is None and self.retry_after_s <= 0:
            self._trial = asyncio.ensure_future(self._run(trial))
        if self._trial is None or not await asyncio.shield(self._trial):
            raise self._refusal()

    def refuse_while_open(self) -> None:
        """Let nothing but the trial through that was permitted before the circuit opened.

        Raises:
            CircuitOpen: The tenant is to be left alone.
        """
        if self._opened_at is not None and not in_trial.get():
            raise self._refusal()

    async def aclose(self) -> None:
        """Stop a trial that is under way."""
        if self._trial is not None:
            self._trial.cancel()
            await asyncio.gather(self._trial, return_exceptions=True)

    def succeeded(self) -> None:
        """A call was answered; that closes no open circuit, only the trial does."""
        if self._opened_at is None:
            self._failures = 0

    def failed(self) -> None:
        """A call met a server error or no answer at all."""
        if self._opened_at is not None:
            return
        self._failures += 1
        if self._failures >= self.threshold:
            self._opened_at = self._clock.monotonic()

    async def _run(self, trial: Callable[[], Awaitable[bool]]) -> bool:
        in_trial.set(True)  # in this task's own context, which a renewal it starts inherits
        try:
            is_back = await trial()
        except Exception:
            self._opened_at = self._clock.monotonic()
            raise
        finally:
            self._trial = None
        if is_back:
            self._opened_at, self._failures = None, 0
        else:
            self._opened_at = self._clock.monotonic()
        return is_back

    def _refusal(self) -> CircuitOpen:
        seconds = self.retry_after_s
        return CircuitOpen(
            f"The tenant failed {self.threshold} times in a row; it is left alone for another "
            f"{seconds:.0f} s.",
            retry_after_s=seconds,
            hint="Nothing was sent. The bot's status is asked first when the wait is over.",
        )
