"""Health as rows, numbers and details: pure functions. What endpoints sent is never markup."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.network.outcome import Outcome
from cognitui.tui.render import plain
from cognitui.tui.widgets.row_text import Column, Row
from cognitui.webhooks.health.blame import Blame
from cognitui.webhooks.health.comparison import compare
from cognitui.webhooks.health.grouping import group
from cognitui.webhooks.words import MARKS, ago, counted, duration

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from cognitui.tui.widgets.row_text import Cell
    from cognitui.webhooks.health.check import Check
    from cognitui.webhooks.health.course import Course, Mark
    from cognitui.webhooks.health.grouping import Group

COLUMNS = (
    Column("webhook", "WEBHOOK", 14, share=1, most=30),
    Column("endpoint", "ENDPOINT", 20, share=3, rank=3),
    Column("verdict", "VERDICT", 14),
    Column("checks", "CHECKS", 10, rank=1),
    Column("since", "SINCE", 8),
    Column("ms", "TOOK", 7, rank=2),
)
HEADER_INDENT = 4
ROLES = {Outcome.FAIL: "bad", Outcome.WARN: "warn", Outcome.OK: "good", Outcome.SKIPPED: "muted"}
COLOURS = {Outcome.FAIL: "$error", Outcome.WARN: "$warning", Outcome.OK: "$success"}
MUTED = "$foreground-muted"
SPARKS = "▁▂▃▄▅▆▇█"
LAST = 10
MOST_NEWS = 3
LABEL_WIDTH = 11
NAMED_WIDTH = 44
STAGE_WIDTH = 13
LOADING = "\n◌ reading earlier checks …"
NO_MATCH = "\nNothing that was checked matches.\n\n  esc  clears the filter"
NO_TENANT = """
No tenant is open.

  {app.go-tenants:2} opens one
"""
NEVER = """
Nothing was checked yet.

  {health.sweep:2} checks {what}

It asks each endpoint with OPTIONS and HEAD, which set nothing off there.
The next check tells what changed, and since when.
"""
SCOPES = (("bot", "This bot"), ("tenant", "This tenant"), ("all", "All tenants"))


# Rows


def group_row(group: Group, *, is_open: bool) -> Row:
    """The heading of webhooks that are as they are for one reason."""
    role = ROLES[group.outcome]
    title = ((f"{MARKS[group.outcome]} ", role), (safe_text(group.title, 200), "strong"))
    whose = "" if group.blame is Blame.NOBODY else f"{group.blame} "
    return Row((title,), is_open=is_open, tail=((whose, "muted"),))


def well_row(number: int, *, is_open: bool) -> Row:
    """The heading of those that nothing is wrong with."""
    are = "is" if number == 1 else "are"
    words = (f"{counted(number, 'webhook')} {are} well", "")
    return Row(((("✓ ", "good"), words),), is_open=is_open)


def course_row(course: Course, now: datetime, *, with_tenant: bool) -> Row:
    """One webhook."""
    check = course.latest
    name = safe_text(check.webhook_id, 60)
    if with_tenant:
        name = f"{name} · {safe_text(check.tenant, 40)}"
    since = course.unhealthy_since
    flapping: Cell = (("≈ ", "warn"),) if course.is_flapping else ()
    return Row(
        (
            ((name, ""),),
            ((safe_text(check.url.split("://", 1)[-1], 200), "muted"),),
            ((f"{MARKS[check.outcome]} {check.word}", ROLES[check.outcome]),),
            sparkline(course.marks),
            (*flapping, (age(since, now), "bad")) if since else (*flapping, ("–", "muted")),
            ((duration(check.ms), "muted"),),
        ),
        depth=1,
    )


def sparkline(marks: Sequence[Mark]) -> Cell:
    """The last checks from the oldest to the newest: how long each took, ✗ where it failed.

    The height is told by the time on a logarithmic scale from 1 ms to 10 s, so that one line can be
    compared with another.
    """
    shown = list(reversed(marks[:LAST]))
    return tuple((_spark(mark), ROLES[mark.outcome]) for mark in shown)


def _spark(mark: Mark) -> str:
    if mark.outcome is Outcome.FAIL:
        return MARKS[Outcome.FAIL]
    decades = len(f"{max(int(mark.ms), 1)}") - 1
    step = decades * 2 + (mark.ms >= 3 * 10**decades)
    return SPARKS[min(step, len(SPARKS) - 1)]


def age(at: datetime, now: datetime) -> str:
    """How long something is ago, in few letters: ``now``, ``5 min``, ``2 h``, ``3 days``."""
    return ago(max(0.0, (now - at).total_seconds())).removesuffix(" ago").removeprefix("just ")


# Above the list


def summary(courses: Collection[Course], known: int, now: datetime) -> Content:
    """How many there are of each kind, and how old the news is.

    Args:
        courses: What was checked.
        known: How many webhooks there are; 0 when that is not known.
        now: The present.
    """
    outcomes = [course.latest.outcome for course in courses]
    words = {Outcome.FAIL: "unhealthy", Outcome.WARN: "worth a look", Outcome.OK: "well"}
    parts: list[tuple[str, str] | str] = []
    for outcome, word in words.items():
        number = outcomes.count(outcome)
        colour = COLOURS[outcome] if number else MUTED
        parts += [(f"{MARKS[outcome]} {number:,}", colour), f" {word}   "]
    rest: list[str] = []
    if known > len(courses):
        rest.append(f"{known - len(courses):,} never checked")
    if courses:
        newest = max(course.latest.at for course in courses)
        rest.append(f"checked {ago((now - newest).total_seconds())}")
    return Content.assemble(*parts, (" · ".join(rest), MUTED))


# The detail


def group_detail(group: Group) -> Content:
    """What a whole group has in common, and what to do."""
    worst = group.worst
    title = Content.styled(safe_text(group.title, 300), f"bold {COLOURS.get(group.outcome, '')}")
    parts = [title, *_what_to_do(worst)]
    names = [
        plain(f"{check.webhook_id}  {check.url}", NAMED_WIDTH) for check in group.checks[:LAST]
    ]
    if len(group.checks) > LAST:
        names.append(Content.styled(f"and {len(group.checks) - LAST} more", MUTED))
    return Content("\n\n").join([*parts, Content("\n").join(names)])


def course_detail(course: Course, last_good: Check | None, now: datetime) -> Content:
    """All that is known of a webhook's health: what, since when, whose, and the evidence."""
    check = course.latest
    colour = COLOURS.get(check.outcome, "")
    word = (f"{MARKS[check.outcome]} {check.word}", colour)
    head = Content.assemble(plain(check.webhook_id).stylize("bold"), "  ", word)
    where = plain(check.url, 400).stylize(MUTED)
    summary = plain(f"{check.summary[:1].upper()}{check.summary[1:].rstrip('.')}.", 600)
    parts = [Content("\n").join([head, where]), summary, *_what_to_do(check)]
    parts += [_facts(course, last_good, now), _stages(check)]
    if check.evidence:
        parts.append(Content("\n").join([_title("The endpoint sent"), _table(check.evidence)]))
    if differences := compare(check, last_good):
        lines = [
            Content.assemble(
                (f"{one.what}  ", MUTED), plain(one.before, 100), " → ", plain(one.now, 100)
            )
            for one in differences
        ]
        parts.append(Content("\n").join([_title("Since the last good check"), *lines]))
    return Content("\n\n").join(parts)


def _what_to_do(check: Check) -> list[Content]:
    words = [word for word in (check.hint, check.whom_to_tell) if word]
    return [plain(" ".join(words), 600)] if words else []


def _facts(course: Course, last_good: Check | None, now: datetime) -> Content:
    check, since = course.latest, course.unhealthy_since
    rows = [("checked", ago((now - check.at).total_seconds()))]
    if since is not None:
        rows.append(("unhealthy", f"since {_moment(since)}, {ago((now - since).total_seconds())}"))
    if course.is_flapping:
        rows.append(("flapping", "it comes and goes: one answer tells little"))
    if check.outcome is Outcome.FAIL:
        good = f"{_moment(last_good.at)}, {last_good.word}" if last_good else "never"
        rows.append(("last good", good))
    if check.tls_days_left is not None:
        rows.append(("TLS", f"{check.tls_days_left:,} days left"))
    rows += [("bot", check.bot_id), ("tenant", check.tenant)]
    return _table(rows)


def _stages(check: Check) -> Content:
    lines = [_title("What was done")]
    for stage in check.stages:
        colour = COLOURS.get(stage.outcome, MUTED)
        lines.append(
            Content.assemble(
                (f"{MARKS[stage.outcome]} ", colour),
                f"{stage.name:<{STAGE_WIDTH}}",
                (f"{duration(stage.ms):>8}  ", MUTED),
                plain(stage.summary, 200),
            )
        )
    return Content("\n").join(lines)


def _table(rows: Sequence[tuple[str, str]]) -> Content:
    width = max(LABEL_WIDTH, *(len(name) for name, _ in rows))
    lines = [
        Content.assemble((f"{safe_text(name, 30):<{width}} ", MUTED), plain(value, 300))
        for name, value in rows
    ]
    return Content("\n").join(lines)


def _title(words: str) -> Content:
    return Content.styled(words, "bold")


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


# What is told


def sweep_words(checked: int, unhealthy: int, troubles: Sequence[str]) -> tuple[str, bool]:
    """How a sweep ended, and whether all was found well."""
    sick = f"{unhealthy} unhealthy" if unhealthy else "none is unhealthy"
    sentences = [f"{counted(checked, 'webhook')} checked: {sick}.", *troubles]
    return "\n".join(sentences), not unhealthy and not troubles


def check_words(check: Check) -> tuple[str, bool]:
    """What the check of one webhook found, and whether it is well."""
    words = f"{MARKS[check.outcome]} {check.webhook_id} is {check.word}: {check.summary}"
    return safe_text(f"{words.rstrip('.')}.", 300), check.outcome is Outcome.OK


def news_words(news: Sequence[Check]) -> str:
    """What changed, for a notification: one line for each cause, and no more than a few."""
    lines = []
    told = 0
    groups = group([check for check in news if check.is_unhealthy])
    for one in groups[:MOST_NEWS]:
        told += len(one.checks)
        alone = f"{one.worst.webhook_id}: {one.worst.summary.rstrip('.')}"
        words = one.title if len(one.checks) > 1 else alone
        lines.append(f"{MARKS[one.outcome]} {words}.")
    mended = [check for check in news if not check.is_unhealthy]
    for check in mended[: MOST_NEWS - len(lines)]:
        told += 1
        lines.append(f"✓ {check.webhook_id} is well again.")
    if len(news) > told:
        lines.append(f"and {len(news) - told} more")
    return safe_text("\n".join(lines), 600, multiline=True)
