"""When a failed attempt is worth another, and after how long: pure decisions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    ConnectFailed,
    RateLimited,
    ServerError,
    TlsFailed,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

MAX_RETRY_AFTER_S = 3600.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Two kinds of waiting: longer and longer for 429, always the same for a tenant that stumbles.

    Attributes:
        max_attempts: Attempts of one call altogether.
        backoff_base_s: The first 429 wait is drawn from 0 to this, the next from 0 to twice this, …
        backoff_cap_s: … up to this.
        fixed_delay_s: The wait after a 5xx, a lost answer or a refused connection.
        deadline_s: A call whose next wait would end later than this after its start gives up now.
    """

    max_attempts: int = 4
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 20.0
    fixed_delay_s: float = 1.0
    deadline_s: float = 90.0

    def delay_after(
        self, attempt: int, error: ApiError, *, repeatable: bool, uniform: Callable[[], float]
    ) -> float | None:
        """Seconds to wait before the next attempt; ``None`` when there should be none.

        Args:
            attempt: The number of the attempt that failed, from 1.
            error: What it failed with.
            repeatable: Whether doing the call twice does no more than doing it once.
            uniform: Draws from 0 to 1.
        """
        if attempt >= self.max_attempts:
            return None
        if isinstance(error, RateLimited):
            # The tenant refused before it did anything, so even a create may be sent again.
            return self._backoff_s(attempt, error.retry_after_s, uniform)
        if isinstance(error, TlsFailed):
            return None
        if isinstance(error, ConnectFailed):
            return self.fixed_delay_s
        if isinstance(error, (ServerError, AnswerLost)) and repeatable:
            return self.fixed_delay_s
        return None

    def _backoff_s(
        self, attempt: int, retry_after_s: float | None, uniform: Callable[[], float]
    ) -> float:
        ceiling = min(self.backoff_cap_s, self.backoff_base_s * 2 ** (attempt - 1))
        if retry_after_s is None:
            return float(ceiling * uniform())
        # Never before the tenant's own time, and not everybody at the same moment after it.
        return retry_after_s + self.backoff_base_s * uniform()


def parse_retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, at most an hour; ``None`` if senseless."""
    if value is None:
        return None
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,6})?", text, re.ASCII):
        return min(float(text), MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
        seconds = (moment - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER_S)
