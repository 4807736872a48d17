"""Outcomes, steps and durations as people read them: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.webhooks.outcome import Outcome

if TYPE_CHECKING:
    from cognitui.webhooks.preflight import Step

MARKS = {Outcome.OK: "✓", Outcome.WARN: "!", Outcome.FAIL: "✗", Outcome.SKIPPED: "–"}
MS_A_SECOND = 1000


def duration(ms: float) -> str:
    """``9 ms`` or ``1.4 s``."""
    return f"{ms:.0f} ms" if ms < MS_A_SECOND else f"{ms / MS_A_SECOND:.1f} s"


def counted(number: int, noun: str) -> str:
    """``1 entry``, ``2 entries``."""
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def step_line(step: Step) -> str:
    """A step as one line, with its hint on a second one when there is something to do."""
    line = f"{MARKS[step.outcome]} {step.name:<9} {step.summary}  {duration(step.ms)}"
    return f"{line}\n    {step.hint}" if step.hint else line
