"""Outcomes, steps and durations as people read them: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome

if TYPE_CHECKING:
    from cognitui.webhooks.draft import Draft
    from cognitui.webhooks.preflight import Step

MARKS = {outcome: outcome.mark for outcome in Outcome}
MS_A_SECOND = 1000


def duration(ms: float) -> str:
    """``9 ms`` or ``1.4 s``."""
    return f"{ms:.0f} ms" if ms < MS_A_SECOND else f"{ms / MS_A_SECOND:.1f} s"


def counted(number: int, noun: str) -> str:
    """``1 entry``, ``2,000 entries``."""
    if number == 1:
        return f"1 {noun}"
    ends_in_ies = noun.endswith("y") and noun[-2] not in "aeiou"
    return f"{number:,} {noun[:-1]}ies" if ends_in_ies else f"{number:,} {noun}s"


def step_line(step: Step) -> str:
    """A step as one line, with its hint on a second one when there is something to do."""
    line = f"{MARKS[step.outcome]} {step.name:<9} {step.summary}  {duration(step.ms)}"
    return f"{line}\n    {step.hint}" if step.hint else line


def ago(seconds: float) -> str:
    """How long something is ago, roughly: ``just now``, ``5 min ago``, ``2 days ago``."""
    for unit, size in (("day", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{counted(number, unit)} ago" if unit == "day" else f"{number} {unit} ago"
    return "just now"


def draft_title(draft: Draft) -> str:
    """A draft in a few words, such as ``Edit wh_03f2``."""
    return f"Edit {draft.webhook_id}" if draft.webhook_id else "New webhook"


def draft_detail(draft: Draft) -> str:
    """What tells a draft from others: its endpoint, or else its skill."""
    return draft.endpoint_url.strip() or draft.skill_id.strip() or "no endpoint yet"
