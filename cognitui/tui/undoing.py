"""Undo of what was done last to a webhook, wherever one is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from cognitui.audit.records import Action
from cognitui.cognigy.models import MIN_SECRET_LENGTH
from cognitui.tui.production import is_meant
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.secret_clipboard import CLEARED_WORDS
from cognitui.workspace.undo import SecretSource

if TYPE_CHECKING:
    from cognitui.audit.records import AuditRecord
    from cognitui.tui.screens.place import Place

WORDS = {
    Action.WEBHOOK_UPDATE: "the change",
    Action.WEBHOOK_ENABLE: "the switching on",
    Action.WEBHOOK_DISABLE: "the switching off",
    Action.WEBHOOK_DELETE: "the deletion",
}
FIELDS = {
    "skill_id": "skill",
    "endpoint_url": "endpoint",
    "timeout_ms": "timeout",
    "retry_count": "retries",
    "enabled": "on",
}
MAX_VALUE = 60
NOTHING = "There is nothing to undo: nothing of this bot was changed or deleted."


async def undo_last(place: Place) -> None:
    """Take back the last change or deletion of the open bot, after showing what that means.

    Raises:
        CognituiError: It cannot be taken back, or the tenant did not do it.
    """
    undo = place.workspace.undo
    record = await undo.last()
    if record is None:
        place.tell(NOTHING, warning=True)
        return
    question = Confirm(
        f"Undo {WORDS[record.action]} of {record.webhook_id}?",
        consequence(record),
        action="Undo",
        key="y",
    )
    if not await is_meant(place, "Undoing that", question):
        return
    secret = None
    if undo.needs_secret(record):
        answer = await _ask_for_secret(place, record)
        if answer is None:
            return
        secret = SecretStr(answer) if answer else None
    undone = await undo.undo(record, secret=secret)
    place.app.webhook_registered(undone.webhook)
    if undone.secret is SecretSource.NEW:
        _hand_out_secret(place, undone.webhook.id, undone.sentence)
    else:
        place.tell(undone.sentence)


async def _ask_for_secret(place: Place, record: AuditRecord) -> str | None:
    """The secret that was typed, empty for a new one; ``None`` when it was called off."""
    problem, value = "", ""
    while True:
        ask = Ask(
            f"The secret of {record.webhook_id}",
            "The tenant never tells it. Type the one that the endpoint knows, or leave it empty "
            "to have a new one made.",
            value=value,
            problem=problem,
            is_secret=True,
        )
        answer = await place.app.push_screen_wait(ask)
        if answer is None or not answer or len(answer) >= MIN_SECRET_LENGTH:
            return answer
        value, problem = answer, f"It needs {MIN_SECRET_LENGTH} characters or more."


def _hand_out_secret(place: Place, webhook_id: str, sentence: str) -> None:
    secret = place.workspace.callbacks.session_secret_of(webhook_id)
    if secret is not None:
        place.app.copy_secret(secret.get_secret_value())
    place.tell(f"{sentence} It was {CLEARED_WORDS}.")


def consequence(record: AuditRecord) -> str:
    """What an undo does, field by field."""
    before, after = record.before or {}, record.after or {}
    if record.action is Action.WEBHOOK_DELETE:
        return (
            f"It is registered again for {before.get('endpoint_url', '')}, with another id. "
            "What calls it by its id has to be told."
        )
    parts = [
        f"{FIELDS[name]} {_shown(after[name])} → {_shown(before[name])}"
        for name in FIELDS
        if name in before and name in after and before[name] != after[name]
    ]
    if before.get("triggers") != after.get("triggers"):
        parts.append("triggers and templates as they were")
    return "; ".join(parts) + "." if parts else "Its secret as it was."


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
