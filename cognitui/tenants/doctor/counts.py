"""What the heads of answers tell besides: the tenant's clock, and the requests that are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.line import Cause, CheckName, Line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.cognigy.limiter import SlidingWindowLimiter

CLOSE_S, SOME_S, MUCH_S = 2.0, 30.0, 240.0
"""Up to where clocks agree, from where they are said to differ, and from where callbacks begin to
be refused: most endpoints take those that are up to five minutes old, and the way counts too."""
HALF_A_SECOND = 0.5  # a Date has whole seconds, and is cut rather than rounded
LOW = 5
_LEFT = ("x-ratelimit-remaining", "ratelimit-remaining", "x-rate-limit-remaining")
_LIMIT = ("x-ratelimit-limit", "ratelimit-limit", "x-rate-limit-limit")


@dataclass(frozen=True, slots=True)
class Heard:
    """When an answer came, by both clocks.

    Attributes:
        date: The tenant's, as it stands in the answer.
        before: Ours when we asked.
        after: Ours when it came.
    """

    date: str
    before: datetime
    after: datetime

    @property
    def ahead_s(self) -> float | None:
        """Seconds that the tenant's clock is ahead of ours; ``None`` when it does not tell."""
        try:
            theirs = parsedate_to_datetime(self.date)
            theirs = theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
            ours = self.before + (self.after - self.before) / 2
            return (theirs - ours).total_seconds() + HALF_A_SECOND
        except (ValueError, TypeError, OverflowError):
            return None


def judge_clock(heard: Heard) -> Line:
    """Whether both clocks show the same."""
    ahead = heard.ahead_s
    if ahead is None:
        return Line(CheckName.CLOCK, Outcome.SKIPPED, "the tenant does not tell its time")
    if abs(ahead) < SOME_S:
        apart = "less than 2 s" if abs(ahead) < CLOSE_S else f"{abs(ahead):.0f} s"
        return Line(CheckName.CLOCK, Outcome.OK, f"{apart} apart")
    side = "behind" if ahead > 0 else "ahead of"
    return Line(
        CheckName.CLOCK,
        Outcome.FAIL if abs(ahead) >= MUCH_S else Outcome.WARN,
        f"This machine's clock is {_span(abs(ahead))} {side} the tenant's.",
        "Let NTP set the clock of this machine: endpoints refuse callbacks whose time is off. "
        "If it is right, tell the tenant's operator.",
        cause=Cause.CLOCK,
    )


def judge_rate(headers: Mapping[str, str], limiter: SlidingWindowLimiter | None) -> Line:
    """How many requests are left, as the tenant tells, else as we have counted.

    Args:
        headers: Of the last answer, by their names in small letters.
        limiter: Counts the requests of the key; ``None`` where none was made.
    """
    left, limit = _number(headers, _LEFT), _number(headers, _LIMIT)
    source = "as the tenant tells"
    if left is None:
        if limiter is None:
            return Line(CheckName.RATE, Outcome.SKIPPED, "not told without a key")
        left, limit, source = limiter.remaining, limiter.limit, "as counted here"
    of = f" of {limit:,}" if limit is not None else ""
    summary = f"{left:,}{of} requests left this minute, {source}"
    if left >= LOW or (limit is not None and left * 2 >= limit):
        return Line(CheckName.RATE, Outcome.OK, summary)
    return Line(
        CheckName.RATE,
        Outcome.WARN,
        summary,
        "Another program uses the same key: wait a minute, or give each a key of its own.",
        cause=Cause.RATE,
    )


def _number(headers: Mapping[str, str], names: tuple[str, ...]) -> int | None:
    for name in names:
        text = headers.get(name, "").partition(",")[0].partition(";")[0].strip()
        if text.isascii() and text.isdigit() and len(text) < 10:  # noqa: PLR2004 - no billions
            return int(text)
    return None


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
