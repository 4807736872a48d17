"""What is different between a check and the last good one: a pure function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.webhooks.words import MARKS, duration

if TYPE_CHECKING:
    from cognitui.network.stage import Stage
    from cognitui.webhooks.health.check import Check

NOT_REACHED = "not reached"
NOT_SENT = "not sent"
SLOWER_TIMES, SLOWER_MS = 3, 100
"""A stage that takes so many times as long, and so much longer, is told of."""
_VARYING = ("date", "retry-after")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as it was.

    Attributes:
        what: ``verdict``, ``certificate days left``, a stage, or a name from the evidence.
        before: As it was when it was well; ``not reached`` or ``not sent`` for what was not there.
        now: As it is.
    """

    what: str
    before: str
    now: str


def compare(check: Check, last_good: Check | None) -> tuple[Difference, ...]:
    """What is different, in the order of the stages; nothing without a good check."""
    if last_good is None:
        return ()
    found = [
        Difference("url", last_good.url, check.url),
        Difference("verdict", last_good.verdict, check.verdict),
        Difference("certificate days left", _days(last_good), _days(check)),
        *_stages(last_good, check),
        *_evidence(last_good, check),
    ]
    return tuple(one for one in found if one.before != one.now)


def _days(check: Check) -> str:
    return NOT_SENT if check.tls_days_left is None else str(check.tls_days_left)


def _stages(before: Check, now: Check) -> list[Difference]:
    old, new = _by_name(before), _by_name(now)
    found = []
    for name in [*old, *(name for name in new if name not in old)]:
        was, now_is = old.get(name), new.get(name)
        same = was and now_is and (was.outcome, was.summary) == (now_is.outcome, now_is.summary)
        if was and now_is and same and not _is_slower(was, now_is):
            continue
        found.append(Difference(f"stage {name}", _told(was), _told(now_is)))
    return found


def _by_name(check: Check) -> dict[str, Stage]:
    """The first stage of each name: a second connection tells the same."""
    found: dict[str, Stage] = {}
    for stage in check.stages:
        found.setdefault(stage.name, stage)
    return found


def _is_slower(was: Stage, now: Stage) -> bool:
    return now.ms > was.ms * SLOWER_TIMES and now.ms - was.ms > SLOWER_MS


def _told(stage: Stage | None) -> str:
    if stage is None:
        return NOT_REACHED
    summary = f" {stage.summary}" if stage.summary else ""
    return f"{MARKS[stage.outcome]}{summary} ({duration(stage.ms)})"


def _evidence(before: Check, now: Check) -> list[Difference]:
    old, new = dict(before.evidence), dict(now.evidence)
    names = dict.fromkeys([*old, *new])
    return [
        Difference(name, old.get(name, NOT_SENT), new.get(name, NOT_SENT))
        for name in names
        if not name.lower().endswith(_VARYING)
    ]
