"""What a file of webhooks would change at a tenant, and in which order: pure functions.

Changes come first, then new webhooks, and deletions last, so that nothing is taken away before its
successor is there; unless there is no room for the successor: then one deletion goes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_json, safe_text
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import check_template
from cognitui.cognigy.credentials import fingerprint
from cognitui.webhooks.diff import FieldChange
from cognitui.webhooks.plan.matching import Problem, normal_url, same_json
from cognitui.webhooks.plan.steps import KnownSecret, PlanStep, SecretNote, StepKind
from cognitui.webhooks.plan.writing import reason_against

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pydantic import SecretStr

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.plan.matching import Bound, Match, Matching

UNKNOWN_SECRET = "(nobody here knows)"  # noqa: S105  # that is no secret


@dataclass(frozen=True, slots=True)
class Judged:
    """What a matching comes to, before it is put in order."""

    updates: list[PlanStep]
    creates: list[PlanStep]
    unchanged: list[tuple[str, str]]
    notes: list[tuple[str, SecretNote]]
    problems: list[Problem]


def judge(
    matching: Matching,
    secrets: Mapping[str, SecretStr | None],
    known: Mapping[str, KnownSecret],
    *,
    sets_secrets: bool,
) -> Judged:
    """What has to be done for each webhook of the file.

    Args:
        matching: Which is which.
        secrets: By the file's names; ``None`` where the place that the file names has none.
        known: By id, what the audit log knows.
        sets_secrets: Whether a secret that nobody can compare is set.
    """
    judged = Judged([], [], [], [], list(matching.problems))
    for one in matching.matches:
        name = one.wanted.described.name
        secret = secrets.get(name)
        if one.found is None:
            judged.creates.append(_create(one.wanted, secret))
            judged.problems.extend(_in_the_way(one.wanted, secret, one.wanted.events))
            continue
        changes = _changes(one.wanted, one.found)
        secret_change, note = _secret(one, secret, known, sets_secrets=sets_secrets)
        if secret_change is not None:
            changes.append(secret_change)
        if not changes:
            judged.unchanged.append((name, one.found.id))
            if note:
                judged.notes.append((name, note))
            continue
        changed = frozenset(change.field for change in changes)
        judged.problems.extend(_bad_templates(one.wanted, changed))
        step = PlanStep(
            StepKind.UPDATE, name, one.found, one.wanted, tuple(changes),
            secret if secret_change else None, str(note or ""),
        )  # fmt: skip
        judged.updates.append(step)
    return judged


def _create(wanted: Bound, secret: SecretStr | None) -> PlanStep:
    source = wanted.described.secret
    note = ""
    if source is not None:
        missing = f"new, into {source.words}" if source.generate else "missing"
        note = missing if secret is None else f"from {source.words}"
    return PlanStep(StepKind.CREATE, wanted.described.name, None, wanted, (), secret, note)


def deletions(
    others: Iterable[RegisteredWebhook], *, prune: bool
) -> tuple[list[PlanStep], list[RegisteredWebhook]]:
    """What is deleted of the webhooks that the file does not name, and what is left alone.

    One that a file cannot describe is never deleted: whoever wrote the file could not name it.
    """
    steps: list[PlanStep] = []
    left: list[RegisteredWebhook] = []
    for webhook in others:
        if prune and not reason_against(webhook):
            steps.append(PlanStep(StepKind.DELETE, webhook.id, webhook))
        else:
            left.append(webhook)
    return steps, left


def in_order(
    updates: Sequence[PlanStep], creates: Sequence[PlanStep], deletes: Sequence[PlanStep], room: int
) -> tuple[PlanStep, ...]:
    """The steps, so that the bot never holds more than it may.

    Args:
        updates: They need no room.
        creates: They need room for one each.
        deletes: They make room for one each.
        room: For how many there is room now; below 0 when there are too many already.
    """
    steps, waiting = list(updates), list(deletes)
    for create in creates:
        while room <= 0 and waiting:
            steps.append(waiting.pop(0))
            room += 1
        steps.append(create)
        room -= 1
    return (*steps, *waiting)


def over_limit(used: int, limit: int, creates: int, deletes: int, left_alone: int) -> list[Problem]:
    """What is to be said when there is no room for all of it."""
    after = used + creates - deletes
    if after <= limit or not creates:
        return []
    hint = "Delete webhooks that are no longer needed."
    if left_alone:
        hint = f"{left_alone} of them are not in the file: --prune deletes those."
    sentence = f"The bot would have {after} webhooks, and may have {limit}."
    return [Problem("", sentence, hint)]


def _in_the_way(
    wanted: Bound, secret: SecretStr | None, changed: frozenset[str]
) -> Iterable[Problem]:
    source, name = wanted.described.secret, wanted.described.name
    if secret is None and source is None:
        yield Problem(
            name,
            "A new webhook needs a secret, and the file names none.",
            'Write secret = { env = "NAME" } or { file = "PATH" }.',
        )
    elif secret is None and source is not None and not source.generate:
        what = f"{source.env} is not set" if source.env else f"{source.file} is not there"
        hint = "Put it there" + (", or write generate = true beside it." if source.file else ".")
        yield Problem(name, f"A new webhook needs its secret: {safe_text(what, 200)}.", hint)
    yield from _bad_templates(wanted, changed)


def _bad_templates(wanted: Bound, changed: frozenset[str]) -> Iterable[Problem]:
    for event, template in wanted.described.templates.items():
        if template is None or event not in changed:
            continue
        try:
            check_template(template)
        except TemplateError as error:
            sentence = f"The template of {event}: {error.message}"
            yield Problem(wanted.described.name, sentence, error.hint)


def _changes(wanted: Bound, found: RegisteredWebhook) -> list[FieldChange]:
    one = wanted.described
    changes: list[FieldChange] = []

    def differ(field: str, before: object, after: object) -> None:
        if before != after:
            changes.append(FieldChange(field, (str(before),), (str(after),)))

    differ("skill", found.skill_id, wanted.skill_id)
    if normal_url(found.url) != one.endpoint_url:
        differ("endpoint", found.url, one.endpoint_url)
    changes += _trigger_changes(one.templates, found)
    differ("timeout", found.delivery.timeout, one.timeout_ms)
    differ("retries", found.delivery.retries, one.retry_count)
    if one.enabled is not None:
        differ("state", _state(found.enabled), _state(one.enabled))
    return changes


def _state(enabled: bool) -> str:  # noqa: FBT001
    return "on" if enabled else "off"


def _trigger_changes(
    wanted: Mapping[str, dict[str, Any] | None], found: RegisteredWebhook
) -> list[FieldChange]:
    had = {trigger.event: trigger.payload_template for trigger in found.triggers}
    events = [*wanted, *(event for event in had if event not in wanted)]
    return [
        FieldChange(event, _lines(had, event), _lines(wanted, event))
        for event in events
        if (event in had) != (event in wanted) or not same_json(had[event], wanted[event])
    ]


def _lines(templates: Mapping[str, dict[str, Any] | None], event: str) -> tuple[str, ...]:
    if event not in templates:
        return ()
    template = templates[event]
    return ("on",) if template is None else tuple(safe_json(template).splitlines())


def _secret(
    one: Match,
    secret: SecretStr | None,
    known: Mapping[str, KnownSecret],
    *,
    sets_secrets: bool,
) -> tuple[FieldChange | None, SecretNote | None]:
    """How the secret differs, and what is to be said when nobody can tell."""
    source, found = one.wanted.described.secret, one.found
    if source is None or found is None:
        return None, None
    if secret is None:
        return None, SecretNote.NOT_GIVEN
    mine, last = fingerprint(secret), known.get(found.id)
    if last is None:
        if sets_secrets:
            return FieldChange("secret", (UNKNOWN_SECRET,), (mine,)), None
        return None, SecretNote.NOT_COMPARED
    if last.fingerprint == mine and last.is_certain:
        return None, None
    before = last.fingerprint if last.is_certain else UNKNOWN_SECRET
    return FieldChange("secret", (before,), (mine,)), None
