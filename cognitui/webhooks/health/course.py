"""How a webhook fared over its last checks: since when it is unhealthy, and how steady it is.

Pure functions; those that take several checks take them of one webhook, the newest first.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from cognitui.network.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.webhooks.endpoint_report import EndpointVerdict
    from cognitui.webhooks.health.check import Check

SHOWN = 20
"""Earlier checks that are told of, unless more or fewer are asked for."""
FLAPPING_CHANGES = 3
FLAPPING_CHECKS = 10
"""So many changes within so many checks are no accident any more."""


class Judged(Protocol):
    """What is asked of a check here."""

    @property
    def at(self) -> datetime:
        """When it began."""

    @property
    def is_unhealthy(self) -> bool:
        """Whether it found the webhook unhealthy."""

    @property
    def group_key(self) -> str:
        """The cause."""


class Told(Judged, Protocol):
    """What is asked of a check to find out whether it is news."""

    @property
    def is_pinged(self) -> bool:
        """Whether a signed ping was sent."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An earlier check, as far as a line or a sparkline shows it."""

    at: datetime
    verdict: EndpointVerdict
    outcome: Outcome
    group_key: str
    tls_days_left: int | None
    ms: float

    @classmethod
    def of(cls, check: Check) -> Mark:
        """What is kept of a check."""
        left = check.tls_days_left
        return cls(check.at, check.verdict, check.outcome, check.group_key, left, check.ms)

    @property
    def is_unhealthy(self) -> bool:
        """Whether callbacks did not arrive there, or soon would not."""
        return self.outcome is Outcome.FAIL


@dataclass(frozen=True, slots=True)
class Course:
    """How a webhook fared.

    Attributes:
        latest: The newest check.
        unhealthy_since: When the first of the checks began that found it unhealthy, without one in
            between that did not; ``None`` when it is not unhealthy now.
        marks: The last checks, the newest first; the latest is among them.
    """

    latest: Check
    unhealthy_since: datetime | None
    marks: tuple[Mark, ...]

    @property
    def is_flapping(self) -> bool:
        """Whether it changed so often lately that one answer tells little."""
        return is_flapping(self.marks)

    @classmethod
    def after(cls, before: Course | None, check: Check) -> Course:
        """How a webhook fared, once this check is known too.

        Args:
            before: How it fared until then; ``None`` when it was never checked.
            check: The one that came next.
        """
        since, marks = (None, ()) if before is None else (before.unhealthy_since, before.marks)
        return cls(check, since_after(since, check), (Mark.of(check), *marks)[:SHOWN])


def since_after(since: datetime | None, check: Judged) -> datetime | None:
    """Since when a webhook is unhealthy, once this check is known too.

    Args:
        since: Since when it was before; ``None`` when it was not.
        check: The check that comes next.
    """
    if not check.is_unhealthy:
        return None
    return check.at if since is None else since


def changes(checks: Sequence[Judged]) -> int:
    """How often it went from unhealthy to not, or back."""
    return sum(newer.is_unhealthy is not older.is_unhealthy for newer, older in pairwise(checks))


def is_flapping(
    checks: Sequence[Judged], *, least: int = FLAPPING_CHANGES, among: int = FLAPPING_CHECKS
) -> bool:
    """Whether it changed so often among its last checks that one answer tells little.

    Args:
        checks: The newest first.
        least: The number of changes from which on it does.
        among: How many checks are looked at.
    """
    return changes(checks[:among]) >= least


def has_changed(before: Told | None, now: Told) -> bool:
    """Whether somebody who knows the check before has to be told of this one.

    A first check is told of only when it is unhealthy. Afterwards both ways are news, and so is
    another cause; a number in the sentence that moved on is none. What a ping has found is not over
    because a check without one does not meet it.
    """
    if before is None:
        return now.is_unhealthy
    if before.is_unhealthy and not now.is_unhealthy:
        return now.is_pinged or not before.is_pinged
    if now.is_unhealthy and not before.is_unhealthy:
        return True
    return now.is_unhealthy and before.group_key != now.group_key
