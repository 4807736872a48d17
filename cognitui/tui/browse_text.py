"""The detail of a bot, a skill or a webhook, in its three views: pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_json, safe_text
from cognitui.network.outcome import Outcome
from cognitui.tui.audit_text import OUTCOMES, when
from cognitui.tui.json_text import json_content
from cognitui.tui.render import MAX_CELL, Part, plain
from cognitui.webhooks.words import MARKS, counted, duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cognitui.audit.records import AuditRecord
    from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
    from cognitui.errors import CognituiError
    from cognitui.webhooks.endpoint_report import EndpointReport
    from cognitui.workspace.catalogue import LoadedBot
    from cognitui.workspace.status import TenantStatus

COLOURS = {
    Outcome.OK: "$success",
    Outcome.WARN: "$warning",
    Outcome.FAIL: "$error",
    Outcome.SKIPPED: "$foreground-muted",
}
LABEL_WIDTH = 12
MAX_JSON = 20_000
"""Characters of JSON that are shown; copying gives all of it."""
MUTED = "$foreground-muted"
Keys = Callable[[str], str]
"""Puts the keys of commands into a text, as the app's ``with_keys``."""


# Overview


def bot_overview(bot: Bot, status: TenantStatus, loaded: LoadedBot | None) -> Content:
    """A bot: its engine, and what is known of it."""
    is_chosen = status.bot_name == (bot.name or bot.id)
    rows = [("bot", bot.name), ("id", bot.id)]
    if not is_chosen or loaded is None:
        return Content.assemble(rows_text(rows), ("\n\nenter opens it", MUTED))
    rows.append(("engine", status.bot_status))
    more = "" if loaded.is_complete else " so far"
    skills = f"{len(loaded.skills.items):,}{more}"
    webhooks = f"{len(loaded.webhooks.items):,} of {status.webhook_limit:,}{more}"
    return rows_text([*rows, ("skills", skills), ("webhooks", webhooks)])


def skill_overview(skill: Skill, loaded: LoadedBot | None, keys: Keys) -> Content:
    """A skill, and how many webhooks it has."""
    hooks = loaded.webhooks.items.values() if loaded is not None else ()
    count = sum(hook.skill_id == skill.id for hook in hooks)
    rows = [("skill", skill.name), ("id", skill.id), ("webhooks", str(count))]
    hint = keys("{browse.new} writes a webhook for this skill")
    return Content.assemble(rows_text(rows), (f"\n\n{hint}", MUTED))


def skills_overview(loaded: LoadedBot) -> Content:
    """All skills of a bot in a number."""
    more = "" if loaded.skills.is_complete else " so far"
    rows = rows_text([("skills", f"{len(loaded.skills.items)}{more}")])
    return Content.assemble(rows, ("\n\n→ and ← unfold and fold", MUTED))


def problem_overview(problem: CognituiError | None, keys: Keys) -> Content:
    """Why the rest of a list could not be had, in full."""
    if problem is None:
        return Content("")
    return Content.assemble(
        plain(f"✗ {problem.message}", 300).stylize("$error"),
        "\n",
        plain(problem.hint, 300),
        ("\n\nWhat was loaded before can be worked with.\n", MUTED),
        (keys("{browse.reload} goes on from here"), MUTED),
    )


def group_overview(
    loaded: LoadedBot,
    limit: int,
    outcomes: Mapping[str, Outcome],
    keys: Keys,
) -> Content:
    """All webhooks of a bot in numbers."""
    hooks = loaded.webhooks.items.values()
    off = sum(not hook.enabled for hook in hooks)
    more = "" if loaded.webhooks.is_complete else " so far"
    counts = Counter(outcomes[name] for name in loaded.webhooks.items if name in outcomes)
    told = " · ".join(f"{counts[each]} {MARKS[each]}" for each in Outcome if counts[each])
    rows = [
        ("webhooks", f"{len(hooks)} of {limit}{more}"),
        ("on", str(len(hooks) - off)),
        ("off", str(off)),
        ("checked", f"{counts.total()}: {told}" if counts else "none yet"),
    ]
    hint = keys(
        "{browse.check} checks all that are shown\n"
        "{browse.mark} marks one, {browse.mark-all} all that are shown"
    )
    return Content.assemble(rows_text(rows), (f"\n\n{hint}", MUTED))


def webhook_overview(
    hook: RegisteredWebhook, skill_name: str, report: EndpointReport | None, keys: Keys
) -> Content:
    """A webhook: where it goes, when, and what the last check found out."""
    rows = rows_text([
        ("webhook", hook.id),
        ("endpoint", hook.url),
        ("skill", f"{skill_name} ({hook.skill_id})"),
        ("triggers", " · ".join(trigger.event for trigger in hook.triggers)),
        ("delivery", f"{hook.delivery.timeout} ms · {counted(hook.delivery.retries, 'retry')}"),
        ("signed", hook.auth.type),
        ("state", "on" if hook.enabled else "off: the tenant does not call it"),
    ])  # fmt: skip
    parts: list[Content | Part] = [rows]
    if report is not None:
        parts += ["\n\n", _report(report)]
    for trigger in hook.triggers:
        if trigger.payload_template is not None:
            title = plain(f"template for {trigger.event}").stylize(MUTED)
            shown = json_content(_bounded(safe_json(trigger.payload_template), keys))
            parts += ["\n\n", title, "\n", shown]
    return Content.assemble(*parts)


def _report(report: EndpointReport) -> Content:
    words = safe_text(f"{MARKS[report.outcome]} {report.verdict}: {report.summary}", MAX_CELL)
    lines = [Content.styled(words, COLOURS[report.outcome])]
    if report.hint:
        lines.append(Content.styled(report.hint, MUTED))
    for stage in report.stages:
        mark = Content.styled(MARKS[stage.outcome], COLOURS[stage.outcome])
        time = Content.styled(f"{duration(stage.ms):>8}", MUTED)
        lines.append(Content.assemble(mark, f" {stage.name:<13}", time, "  ", plain(stage.summary)))
    return Content("\n").join(lines)


def rows_text(rows: Sequence[tuple[str, str]]) -> Content:
    """Names and values, one a line; those without a value are left out."""
    lines = [
        Content.assemble((f"{name:<{LABEL_WIDTH}}", MUTED), plain(value))
        for name, value in rows
        if value
    ]
    return Content("\n").join(lines)


# JSON


def as_json(item: Bot | Skill | RegisteredWebhook) -> str:
    """What the tenant tells of it, unknown fields included; a webhook's secret never is."""
    return safe_json(item.model_dump(mode="json", by_alias=True))


def json_view(item: Bot | Skill | RegisteredWebhook, keys: Keys) -> Content:
    """The same in colours, as much as anybody would scroll through."""
    return json_content(_bounded(as_json(item), keys))


def _bounded(text: str, keys: Keys) -> str:
    if len(text) <= MAX_JSON:
        return text
    kept = text[:MAX_JSON].rpartition("\n")[0] or text[:MAX_JSON]
    rest = len(text) - len(kept)
    more = keys("more: {browse.copy-json} copies all of it")
    return f"{kept}\n… and {counted(rest, 'character')} {more}"


# History


def history_view(
    records: Sequence[AuditRecord], now: datetime, keys: Keys, *, is_all: bool
) -> Content:
    """What was done with a webhook from this machine, newest first.

    Args:
        records: The records.
        now: For telling today from other days.
        keys: Puts the keys of commands into a text.
        is_all: Whether there are no older ones.
    """
    if not records:
        return Content.styled(
            "Nothing was done with it from this machine yet.\n\n"
            "What is done here or by a command is kept in the audit log.",
            MUTED,
        )
    cells = [_cells(record, now) for record in records]
    widths = [max(len(row[column]) for row in cells) for column in range(4)]
    lines: list[Content] = []
    for record, (at, action, outcome, latency) in zip(records, cells, strict=True):
        colour = OUTCOMES.get(str(record.outcome), ("", ""))[1]
        lines.append(
            Content.assemble(
                (f"{at:<{widths[0]}}  ", MUTED),
                f"{action:<{widths[1]}}  ",
                (f"{outcome:<{widths[2]}}  ", f"${colour}" if colour else ""),
                (f"{latency:>{widths[3]}}", MUTED),
            )
        )
        if record.detail:
            lines.append(Content.assemble("  ", plain(record.detail, 300).stylize(MUTED)))
    if not is_all:
        lines.append(Content.styled(keys("older ones are in {app.go-audit} Audit"), MUTED))
    return Content("\n").join(lines)


def _cells(record: AuditRecord, now: datetime) -> tuple[str, str, str, str]:
    """When, what, what came of it, and how long it took."""
    return (
        when(record.at, now),
        str(record.action).removeprefix("webhook.").replace(".", " "),
        OUTCOMES.get(str(record.outcome), (str(record.outcome), ""))[0],
        "" if record.latency_ms is None else duration(record.latency_ms),
    )
