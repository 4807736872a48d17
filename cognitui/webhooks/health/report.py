"""A check in plain words, for a ticket or a message to whoever can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.webhooks.health.comparison import compare
from cognitui.webhooks.words import MARKS, duration

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cognitui.webhooks.health.check import Check


def report_text(
    check: Check, last_good: Check | None = None, *, unhealthy_since: datetime | None = None
) -> str:
    """The check as text of several lines that somebody who has no console understands.

    What the other side sent is in it with its printable characters only; where it is shown it must
    not be read as markup.

    Args:
        check: What was found.
        last_good: The last check before that was well, to say what is different now.
        unhealthy_since: When the webhook was first found so.
    """
    return "\n".join(_lines(check, last_good, unhealthy_since))


def _lines(check: Check, last_good: Check | None, since: datetime | None) -> Iterator[str]:
    yield f"Webhook {check.webhook_id} of bot {check.bot_id}, tenant {check.tenant}"
    yield f"calls {check.url}"
    yield ""
    yield f"Found:    {check.word}, {_time(check.at)}"
    yield f"Meaning:  {_sentence(check.summary)}"
    if since is not None:
        yield f"Since:    {_time(since)}, when a check first found it so"
    if last_good is not None:
        yield f"Last good check: {_time(last_good.at)}, {last_good.word}"
    elif check.is_unhealthy:
        yield "No check has found it well so far."
    if check.hint:
        yield f"To do:    {check.hint}"
    if check.whom_to_tell:
        yield f"Whose:    {check.blame}. {check.whom_to_tell}"
    yield ""
    yield "What was done"
    for stage in check.stages:
        summary = f"  {stage.summary}" if stage.summary else ""
        yield f"  {MARKS[stage.outcome]} {stage.name:<13}{duration(stage.ms):>8}{summary}"
    if check.evidence:
        yield ""
        yield "What the other side sent"
        yield from (f"  {name}: {value}" for name, value in check.evidence)
    if differences := compare(check, last_good):
        yield ""
        yield "What is different from the last good check"
        yield from (f"  {one.what}: {one.before} → {one.now}" for one in differences)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
