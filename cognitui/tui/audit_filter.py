"""What helps while the filter of the Audit place is typed: pure functions, and a suggester."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.suggester import Suggester

from cognitui.audit.records import Action, Outcome
from cognitui.audit.wanted import FILTER_KEYS
from cognitui.callbacks.display import safe_text
from cognitui.cognigy.models import TriggerEvent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.audit.records import AuditRecord
    from cognitui.errors import CognituiError

EXAMPLE = "/ action:register outcome:failed since:2h slower:500ms words"
MUTED = "$foreground-muted"
_FIXED = {
    "action": [action.partition(".")[2] for action in Action] + [str(action) for action in Action],
    "outcome": [str(outcome) for outcome in Outcome],
    "event": [str(event) for event in TriggerEvent],
    "since": ["30m", "2h", "24h", "7d", "today", "yesterday"],
    "until": ["today", "yesterday"],
    "slower": ["500ms", "100ms", "1s", "5s"],
}
_OF_RECORDS = {
    "webhook": "webhook_id",
    "tenant": "tenant",
    "bot": "bot_id",
    "skill": "skill_id",
    "actor": "actor",
    "operation": "operation_id",
    "error": "error_code",
}


def completion(typed: str, seen: Sequence[AuditRecord] = ()) -> str:
    """The filter with its last word completed; empty when there is nothing to add.

    Args:
        typed: What is typed.
        seen: Records whose ids may be meant.
    """
    before, word = _last_word(typed)
    minus = "-" if word.startswith("-") else ""
    bare = word.removeprefix("-")
    if not bare:
        return ""
    key, colon, value = bare.partition(":")
    options = values_of(key, seen) if colon else [f"{entry.key}:" for entry in FILTER_KEYS]
    start = value if colon else key
    for option in options:
        if option.lower().startswith(start.lower()) and len(option) > len(start):
            lead = f"{key}:" if colon else ""
            # What was typed stays as it was: only what is missing is added.
            return f"{before}{minus}{lead}{start}{option[len(start) :]}"
    return ""


def values_of(key: str, seen: Sequence[AuditRecord] = ()) -> list[str]:
    """The values that a key can have, as far as they are known here."""
    if key in _FIXED:
        return _FIXED[key]
    if key not in _OF_RECORDS:
        return []
    values = dict.fromkeys(str(getattr(record, _OF_RECORDS[key])) for record in seen)
    # Only what is typed as it is shown; nothing else of what a tenant says goes into the field.
    return [value for value in values if value and value.isascii() and value.isprintable()]


def _last_word(typed: str) -> tuple[str, str]:
    before, space, word = typed.rpartition(" ")
    return before + space, word


def help_line(typed: str) -> Content:
    """The keys that can be typed, or the values of the one that is being typed."""
    key, colon, _ = _last_word(typed)[1].removeprefix("-").partition(":")
    meanings = {entry.key: entry for entry in FILTER_KEYS}
    if colon and key in meanings:
        entry = meanings[key]
        values = " ".join(dict.fromkeys(_FIXED.get(key, [entry.example.partition(":")[2]])))
        return Content.assemble((f"{key}: {entry.meaning}. ", MUTED), values)
    keys = " ".join(f"{entry.key}:" for entry in FILTER_KEYS if entry.key.startswith(key))
    shown = keys or " ".join(f"{entry.key}:" for entry in FILTER_KEYS)
    return Content.assemble(("→ completes, - leaves out: ", MUTED), shown)


def problem_line(error: CognituiError) -> Content:
    """What is wrong with the filter, in one line."""
    words = safe_text(f"✗ {error.message} {error.hint}".strip(), 300)
    return Content.styled(words, "$warning")


class FilterSuggester(Suggester):
    """Completes the last word, in the field itself; the arrow to the right takes it."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.seen: Sequence[AuditRecord] = ()

    async def get_suggestion(self, value: str) -> str | None:
        """The filter with its last word completed."""
        return completion(value, self.seen) or None
