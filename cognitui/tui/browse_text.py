"""Bots, skills and webhooks as a line of the tree and as a detail: pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.render import Runs, plain
from cognitui.webhooks.outcome import Outcome
from cognitui.webhooks.words import MARKS, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.webhooks.endpoint import EndpointReport
    from cognitui.workspace.workspace import TenantStatus

COLOURS = {
    Outcome.OK: "$success",
    Outcome.WARN: "$warning",
    Outcome.FAIL: "$error",
    Outcome.SKIPPED: "$foreground-muted",
}
LABEL_WIDTH = 12


def matches(item: Skill | RegisteredWebhook, typed: str, skills: Sequence[Skill] = ()) -> bool:
    """Whether every typed word occurs in what is shown of the item."""
    if isinstance(item, Skill):
        text = f"{item.id} {item.name}"
    else:
        text = f"{item.id} {item.url} {item.skill_id} {skill_name(item, skills)}"
    return all(word in text.lower() for word in typed.lower().split())


def skill_name(webhook: RegisteredWebhook, skills: Sequence[Skill]) -> str:
    """The name of the webhook's skill; its id while the name is not loaded."""
    return next((s.name for s in skills if s.id == webhook.skill_id and s.name), webhook.skill_id)


def label_of(
    item: Bot | Skill | RegisteredWebhook,
    skills: Sequence[Skill],
    status: TenantStatus | None,
    report: EndpointReport | None,
) -> Runs:
    """One line of the tree."""
    if isinstance(item, Bot):
        name = (safe_text(item.name or item.id, 40), "")
        if status is None or status.bot_is_healthy is None:
            return [name]
        mark, colour = ("●", "success") if status.bot_is_healthy else ("▲", "warning")
        return [name, (f"  {mark} {safe_text(status.bot_status, 16)}", colour)]
    if isinstance(item, Skill):
        return [(safe_text(item.name or item.id, 40), "")]
    runs = [(f"{safe_text(item.id, 24)}  {safe_text(skill_name(item, skills), 24)}", "")]
    if not item.enabled:
        return [*runs, ("  off", "text-muted")]
    if report is not None:
        words = f"  {MARKS[report.outcome]} {report.verdict}"
        return [*runs, (words, COLOURS[report.outcome].removeprefix("$"))]
    return runs


def detail_of(
    item: Bot | Skill | RegisteredWebhook,
    skills: Sequence[Skill],
    status: TenantStatus,
    report: EndpointReport | None,
) -> Content:
    """What stands on the right."""
    if isinstance(item, Bot):
        is_chosen = status.bot_name == (item.name or item.id)
        health = status.bot_status if is_chosen else "enter to load"
        return _rows([("bot", item.name), ("id", item.id), ("engine", health)])
    if isinstance(item, Skill):
        rows = _rows([("skill", item.name), ("id", item.id)])
        return Content.assemble(
            rows, ("\n\nn writes a webhook for this skill", "$foreground-muted")
        )
    return _webhook(item, skills, report)


def _webhook(
    hook: RegisteredWebhook, skills: Sequence[Skill], report: EndpointReport | None
) -> Content:
    delivery = f"{hook.delivery.timeout} ms · {hook.delivery.retries} retries"
    rows = _rows([
        ("webhook", hook.id),
        ("endpoint", hook.url),
        ("skill", f"{skill_name(hook, skills)} ({hook.skill_id})"),
        ("triggers", " · ".join(trigger.event for trigger in hook.triggers)),
        ("delivery", delivery),
        ("signed", hook.auth.type),
        ("state", "on" if hook.enabled else "off: the tenant does not call it"),
    ])  # fmt: skip
    parts: list[Content | str | tuple[str, str]] = [rows]
    if report is not None:
        parts += ["\n\n", _report(report)]
    for trigger in hook.triggers:
        if trigger.payload_template is not None:
            text = json.dumps(trigger.payload_template, indent=2, ensure_ascii=False)
            parts += [
                "\n\n",
                plain(f"template for {trigger.event}").stylize("$foreground-muted"),
                "\n",
            ]
            parts.append(Content("\n").join(plain(line) for line in text.splitlines()))
    return Content.assemble(*parts)


def _report(report: EndpointReport) -> Content:
    lines = [
        Content.styled(
            f"{MARKS[report.outcome]} {report.verdict}: {report.summary}", COLOURS[report.outcome]
        )
    ]
    if report.hint:
        lines.append(Content.styled(report.hint, "$foreground-muted"))
    for stage in report.stages:
        mark = Content.styled(MARKS[stage.outcome], COLOURS[stage.outcome])
        time = Content.styled(f"{duration(stage.ms):>8}", "$foreground-muted")
        lines.append(Content.assemble(mark, f" {stage.name:<13}", time, "  ", plain(stage.summary)))
    return Content("\n").join(lines)


def _rows(rows: Sequence[tuple[str, str]]) -> Content:
    lines = [
        Content.assemble((f"{name:<{LABEL_WIDTH}}", "$foreground-muted"), plain(value))
        for name, value in rows
        if value
    ]
    return Content("\n").join(lines)
