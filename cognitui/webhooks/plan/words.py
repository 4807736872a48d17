"""A plan as people, machines and reviewers read it: pure functions, without any secret."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_text
from cognitui.webhooks.plan.steps import SecretNote, StepKind
from cognitui.webhooks.plan.writing import reason_against
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.webhooks.diff import FieldChange
    from cognitui.webhooks.plan.steps import Plan, PlanStep

SIGNS = {StepKind.CREATE: "+", StepKind.UPDATE: "~", StepKind.DELETE: "-"}
MAX_CELL = 300
_TOLD = {
    SecretNote.NOT_GIVEN: "left as is: no variable or file holds a new one",
    SecretNote.NOT_COMPARED: "not compared: the audit log does not know what is there "
    "(--set-secrets sets what the file names)",
}
_KINDS = (StepKind.CREATE, StepKind.UPDATE, StepKind.DELETE)


def plan_lines(plan: Plan) -> list[str]:
    """The plan for people."""
    lines: list[str] = []
    if not plan.is_home:
        lines += [
            f"The file was written for another place than {plan.bot_id} at {plan.base_url}:",
            "ids in it mean nothing here, and skills are found by their names.",
            "",
        ]
    for step in plan.steps:
        lines += [step_title(step), *(f"    {line}" for line in step_details(step)), ""]
    lines += [f"! {remark}" for remark in plan.remarks]
    lines += problem_lines(plan)
    if lines and lines[-1]:
        lines.append("")
    return [*map(_safe, [*lines, *summary(plan)])]


def problem_lines(plan: Plan) -> list[str]:
    """Why it cannot be applied; nothing when it can."""
    lines: list[str] = []
    for problem in plan.problems:
        head = f"{problem.name}: " if problem.name else ""
        lines.append(f"✗ {head}{problem.sentence}")
        if problem.hint:
            lines.append(f"    {problem.hint}")
    return lines


def summary(plan: Plan) -> list[str]:
    """What it comes to."""
    lines: list[str] = []
    for note in SecretNote:
        number = sum(each is note for _, each in plan.notes)
        if number:
            lines.append(f"{counted(number, 'secret')} {_TOLD[note]}.")
    if plan.left_alone:
        strange = sum(bool(reason_against(webhook)) for webhook in plan.left_alone)
        which = f"; no file can describe {strange} of them" if strange else ""
        left = counted(len(plan.left_alone), "webhook")
        lines.append(f"{left} not in the file, left alone{which}.")
    if plan.problems:
        lines.append("Nothing can be applied as it stands.")
        return lines
    if not plan.steps:
        same = counted(len(plan.unchanged), "webhook")
        lines.append(f"No difference: {same} of {plan.bot_id} as {plan.where} says.")
        return lines
    parts = [f"{plan.count(kind)} to {kind}" for kind in _KINDS if plan.count(kind)]
    lines.append(
        f"{', '.join(parts)}, {len(plan.unchanged)} unchanged; then {plan.bot_id} has "
        f"{plan.used_after}/{plan.limit} webhooks."
    )
    return lines


def step_title(step: PlanStep) -> str:
    """A step on one line."""
    before = step.before
    if step.wanted is None or before is None:
        return _safe(f"{SIGNS[step.kind]} {step.kind} {step.name}  {_skill(step)}  {_url(step)}")
    return _safe(f"{SIGNS[step.kind]} {step.kind} {step.name}  {before.id}")


def step_details(step: PlanStep) -> list[str]:
    """What a step sets or changes, one line for each field."""
    lines: list[str] = []
    if step.kind is StepKind.CREATE and step.wanted is not None:
        one = step.wanted.described
        lines.append(f"triggers  {', '.join(one.templates)}")
        delivery = f"{one.timeout_ms} ms · {counted(one.retry_count, 'retry')}"
        lines.append(f"delivery  {delivery}{' · off' if one.enabled is False else ''}")
        if step.note:
            lines.append(f"secret    {step.note}")
        return [*map(_safe, lines)]
    for change in step.changes:
        lines += _change_lines(change)
    if step.note:
        lines.append(f"secret    {step.note}")
    return [*map(_safe, lines)]


def _change_lines(change: FieldChange) -> list[str]:
    if len(change.before) <= 1 and len(change.after) <= 1:
        before, after = (lines[0] if lines else "none" for lines in (change.before, change.after))
        return [f"{change.field:<9} {before} → {after}"]
    return [change.field, *(f"  {line}" for line in _diff(change.before, change.after))]


def _diff(before: Sequence[str], after: Sequence[str]) -> Iterable[str]:
    for line in difflib.ndiff(before, after):
        if not line.startswith("?"):
            yield line


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan for machines."""
    return {
        "tenant": plan.tenant,
        "bot_id": plan.bot_id,
        "differs": plan.differs,
        "used": plan.used,
        "used_after": plan.used_after,
        "limit": plan.limit,
        "steps": [step_json(step) for step in plan.steps],
        "unchanged": [{"name": name, "id": webhook_id} for name, webhook_id in plan.unchanged],
        "left_alone": [webhook.id for webhook in plan.left_alone],
        "notes": [{"name": name, "note": str(note)} for name, note in plan.notes],
        "problems": [
            {"name": each.name or None, "sentence": each.sentence, "hint": each.hint or None}
            for each in plan.problems
        ],
        "remarks": list(plan.remarks),
    }


def step_json(step: PlanStep) -> dict[str, Any]:
    """A step for machines."""
    before, wanted = step.before, step.wanted
    return {
        "action": str(step.kind),
        "name": step.name,
        "id": before.id if before else None,
        "skill_id": wanted.skill_id if wanted else before.skill_id if before else None,
        "endpoint_url": _url(step),
        "changes": {
            change.field: {"before": list(change.before), "after": list(change.after)}
            for change in step.changes
        },
        "note": step.note or None,
    }


def plan_markdown(plan: Plan) -> str:
    """The plan for a pull request: headings, and each difference as a block."""
    parts = [f"### Webhooks of {_code(plan.bot_id)} from {_code(plan.where)}"]
    for step in plan.steps:
        title = f"**{step.kind}** {_code(step.name)}"
        parts.append(f"{title}, {_code(_url(step))}")
        if details := step_details(step):
            parts.append(_block((re.sub(r"^  ([+-] )", r"\1", line) for line in details), "diff"))
    if problems := problem_lines(plan):
        parts.append(_block(problems, "text"))
    parts.append(_block(summary(plan), "text"))
    return "\n\n".join(parts)


def _code(text: str) -> str:
    """Text that cannot end the code it stands in."""
    shown = safe_text(text, MAX_CELL).replace("`", "'")
    return f"`{shown}`"


def _block(lines: Iterable[str], language: str) -> str:
    text = "\n".join(map(_safe, lines))
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _skill(step: PlanStep) -> str:
    if step.wanted is not None:
        return step.wanted.skill_name or step.wanted.skill_id
    return step.before.skill_id if step.before else ""


def _url(step: PlanStep) -> str:
    if step.wanted is not None:
        return step.wanted.described.endpoint_url
    return step.before.url if step.before else ""


def _safe(line: str) -> str:
    """One line that stays one, whatever the tenant or the file says in it."""
    return safe_text(line, 4 * MAX_CELL)
