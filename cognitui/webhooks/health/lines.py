"""Checks as lines of plain text: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome
from cognitui.webhooks.words import MARKS, ago, counted, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from cognitui.errors import CognituiError
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.webhooks.health.grouping import Group

MAX_SHOWN = 10
"""Webhooks of one cause that are listed; of the others their number tells enough."""
A_WHILE_S = 60


def namer(checks: Sequence[Check]) -> Callable[[Check], str]:
    """What tells one of these webhooks from the others: its id, with bot and tenant if they vary.

    Args:
        checks: All that are told of.
    """
    has_tenants = len({check.tenant for check in checks}) > 1
    has_bots = len({(check.tenant, check.bot_id) for check in checks}) > 1

    def name(check: Check) -> str:
        bot = f" of {check.bot_id}" if has_bots else ""
        return f"{check.webhook_id}{bot}{f' at {check.tenant}' if has_tenants else ''}"

    return name


def group_lines(
    group: Group,
    since: Mapping[WebhookRef, datetime],
    now: datetime,
    *,
    lists_all: bool = False,
    name: Callable[[Check], str] = lambda check: check.webhook_id,
) -> Iterator[str]:
    """A group: its cause, its webhooks, what to do and whom to tell.

    Args:
        group: Checks with one cause.
        since: Since when those are unhealthy that are.
        now: The present.
        lists_all: Whether all of its webhooks are listed, also those that are well.
        name: What a webhook is called.
    """
    yield f"{MARKS[group.outcome]} {group.title}"
    if group.outcome is Outcome.OK and not lists_all:
        return
    shown = group.checks if lists_all else group.checks[:MAX_SHOWN]
    width = max(len(name(check)) for check in shown)
    for check in shown:
        yield f"    {name(check):<{width}}  {check_line(check, since.get(check.ref), now)}"
    if left := len(group.checks) - len(shown):
        yield f"    and {left} more"
    if advice := f"{group.worst.hint} {group.worst.whom_to_tell}".strip():
        yield f"    → {advice}"


def check_line(check: Check, since: datetime | None, now: datetime) -> str:
    """Verdict, time, certificate, since when, and the endpoint."""
    parts = [f"{check.word:<12}", f"{duration(check.ms):>6}"]
    if check.tls_days_left is not None:
        parts.append(f"TLS {counted(check.tls_days_left, 'day')}")
    if since is not None and (now - since).total_seconds() >= A_WHILE_S:
        parts.append(f"since {ago((now - since).total_seconds()).removesuffix(' ago')}")
    return "  ".join([*parts, check.url])


def change_line(before: Check | None, check: Check, since: datetime | None) -> str:
    """What is news about a webhook.

    Args:
        before: The check before; ``None`` when this is its first.
        check: The one that changed something.
        since: Since when it was unhealthy until now, where it is well again.
    """
    mark, name = MARKS[check.outcome], f"{check.webhook_id} of {check.bot_id}"
    if not check.is_unhealthy:
        lasted = "" if since is None else f" after {_span((check.at - since).total_seconds())}"
        return f"{mark} {name} is well again{lasted}: {check.summary}"
    was = "" if before is None or before.is_unhealthy else f" (was {before.word})"
    advice = f" {check.hint}" if check.hint else ""
    return f"{mark} {name} is {check.word}{was}: {check.summary.rstrip('.')}.{advice}"


def summary_line(checks: Sequence[Check], seconds: float) -> str:
    """How many were checked, and how many of them are how."""
    unhealthy = sum(check.is_unhealthy for check in checks)
    doubtful = sum(check.outcome is Outcome.WARN for check in checks)
    parts = [f"{unhealthy} unhealthy"]
    if doubtful:
        parts.append(f"{doubtful} worth a look")
    parts.append(f"{len(checks) - unhealthy - doubtful} well")
    took = duration(seconds * 1000)
    return f"{counted(len(checks), 'webhook')} checked in {took}: {', '.join(parts)}"


def log_words(problem: CognituiError | None, set_aside: Path | None) -> Iterator[str]:
    """What is wrong with the log of checks, in sentences; nothing when all is well.

    Args:
        problem: Why checks are not kept.
        set_aside: Where a damaged log was moved to.
    """
    if problem is not None:
        yield f"The checks are not kept: {problem.message}"
    if set_aside is not None:
        yield f"The log of checks was damaged and is now {set_aside}: a new one begins."


def _span(seconds: float) -> str:
    seconds = max(seconds, 0.0)  # a clock may have been set back meanwhile
    told = ago(seconds).removesuffix(" ago")
    return f"{seconds:.0f} s" if told == "just now" else told
