"""Why something cannot be done in the editor right now, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tui.webhook_text import correct_first

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.tui.commands import Command
    from cognitui.tui.screens.webhook import WebhookPlace

NO_BOT = "No bot is chosen: choose one in Browse, or with b once no field has the cursor."


def reason_against(place: WebhookPlace, command: Command) -> str:
    """The reason against a command of the editor; empty when it can be used."""
    find = _REASONS.get(command.name)
    return find(place) if find is not None else ""


def _register(place: WebhookPlace) -> str:
    if place.draft.webhook_id is not None:
        return "It is registered already: save it."
    return _send(place)


def _save(place: WebhookPlace) -> str:
    draft = place.draft
    if draft.webhook_id is None:
        return "It is not registered yet: register it."
    if not place.has_changes:
        return "Nothing is changed."
    if draft.home != place.home:
        return (
            f"{draft.webhook_id} belongs to {draft.home}, and {place.home} is open: "
            "open that tenant and bot again."
        )
    return _send(place)


def _send(place: WebhookPlace) -> str:
    if place.problems:
        return f"{correct_first(place.problems)}."
    return _preflight(place)


def _preflight(place: WebhookPlace) -> str:
    return "" if place.workspace.bot is not None else NO_BOT


def _pick_bot(place: WebhookPlace) -> str:
    return "" if place.workspace.tenant_name else "No tenant is open: press 1 and choose one."


def _reveal(place: WebhookPlace) -> str:
    typed = place.draft.secret_key.get_secret_value()
    return "" if typed else "There is no secret to show: F3 makes one."


def _clear(place: WebhookPlace) -> str:
    is_empty = place.draft.webhook_id is None and not place.has_changes
    return "The form is empty." if is_empty else ""


def _problem(place: WebhookPlace) -> str:
    is_marked = place.form.template.area.fault is not None
    return "" if place.problems or is_marked else "Nothing is wrong."


def _duplicate(place: WebhookPlace) -> str:
    is_empty = place.draft.webhook_id is None and not place.has_changes
    return "There is nothing to duplicate yet." if is_empty else ""


def _drafts(place: WebhookPlace) -> str:
    return "" if place.desk.others else "There is no other draft."


def _copy_as(place: WebhookPlace) -> str:
    # The secret is never copied, so that one may be missing.
    others = {name: text for name, text in place.problems.items() if name != "secret_key"}
    if others:
        return f"{correct_first(others)}."
    return _preflight(place)


def _test(place: WebhookPlace) -> str:
    if place.draft.webhook_id is None:
        return "It is not registered yet: register it first."
    return "" if place.before is not None else "It is not loaded from the tenant yet."


def _format(place: WebhookPlace) -> str:
    template = place.form.template
    if not template.text.strip():
        return "There is no template to format."
    problem = template.problem
    return problem.sentence if problem is not None and problem.blocks else ""


_REASONS: dict[str, Callable[[WebhookPlace], str]] = {
    "register": _register,
    "save": _save,
    "preflight": _preflight,
    "pick-bot": _pick_bot,
    "reveal": _reveal,
    "clear": _clear,
    "problem": _problem,
    "duplicate": _duplicate,
    "drafts": _drafts,
    "copy-as": _copy_as,
    "test": _test,
    "format": _format,
}
