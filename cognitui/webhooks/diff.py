"""What a draft changes of the webhook as the tenant has it: pure functions, without secrets."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_json
from cognitui.webhooks.draft import wire_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.webhooks.draft import Draft

CONTEXT = 3
KEPT = {"type": "hmac_sha256", "secret": "the one that the tenant has"}
_NAMES = {
    "skillId": "skill",
    "url": "endpoint",
    "auth": "secret",
    "timeout": "timeout",
    "retries": "retries",
}


class LineKind(StrEnum):
    """What a line of a difference is; its value is the sign that stands before it."""

    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    GAP = "⋯"


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of the two texts; of a gap, how many lines it leaves out."""

    kind: LineKind
    text: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that differs: its lines before and after; none where it was or is absent.

    Attributes:
        field: ``skill``, ``endpoint``, ``secret``, ``timeout``, ``retries``, or an event's name.
    """

    field: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def changes(before: Draft, after: Draft) -> list[FieldChange]:
    """The fields that differ, in the order in which they are sent.

    Args:
        before: The draft that changes nothing, as `Draft.of` makes it.
        after: The draft as it stands.
    """
    old, new = _fields(before), _fields(after)
    names = [*old, *(name for name in new if name not in old)]
    return [
        FieldChange(name, old.get(name, ()), new.get(name, ()))
        for name in names
        if old.get(name, ()) != new.get(name, ())
    ]


def json_diff(before: Draft, after: Draft, *, context: int = CONTEXT) -> list[DiffLine]:
    """The JSON of both as one list of lines, with lines far from any change left out.

    Args:
        before: The draft that changes nothing.
        after: The draft as it stands.
        context: Lines to keep before and after each change.
    """
    return value_diff(_whole(before), _whole(after), context=context)


def value_diff(before: Any, after: Any, *, context: int = CONTEXT) -> list[DiffLine]:
    """Two JSON values as one list of lines, with lines far from any change left out.

    Args:
        before: The one; ``None`` for none at all, so that every line of the other is new.
        after: The other; ``None`` likewise.
        context: Lines to keep before and after each change.
    """
    old, new = ([] if value is None else _lines(value) for value in (before, after))
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    lines: list[DiffLine] = []
    for tag, start, end, new_start, new_end in matcher.get_opcodes():
        if tag == "equal":
            is_last = end == len(old)
            lines += _context(old[start:end], context, is_first=start == 0, is_last=is_last)
        else:
            lines += [DiffLine(LineKind.REMOVED, text) for text in old[start:end]]
            lines += [DiffLine(LineKind.ADDED, text) for text in new[new_start:new_end]]
    return lines


def _context(lines: Sequence[str], keep: int, *, is_first: bool, is_last: bool) -> list[DiffLine]:
    head = 0 if is_first else keep
    tail = 0 if is_last else keep
    left_out = len(lines) - head - tail
    if left_out <= 1:  # a gap would take a line itself
        return [DiffLine(LineKind.SAME, text) for text in lines]
    words = f"{left_out} lines are the same"
    return [
        *(DiffLine(LineKind.SAME, text) for text in lines[:head]),
        DiffLine(LineKind.GAP, words),
        *(DiffLine(LineKind.SAME, text) for text in lines[len(lines) - tail :]),
    ]


def _whole(draft: Draft) -> dict[str, Any]:
    """The webhook with a word in place of a secret that stays."""
    wire = wire_of(draft)
    return {
        name: wire.get(name, KEPT) for name in ("skillId", "url", "triggers", "auth", "delivery")
    }


def _fields(draft: Draft) -> dict[str, tuple[str, ...]]:
    wire = _whole(draft)
    fields: dict[str, tuple[str, ...]] = {
        _NAMES["skillId"]: (wire["skillId"],),
        _NAMES["url"]: (wire["url"],),
    }
    for trigger in wire["triggers"]:
        template = trigger["payload_template"]
        shown = ["on"] if template is None else _lines(template)
        # An event that cannot be listed twice may be so while it is being written.
        fields[trigger["event"]] = (*fields.get(trigger["event"], ()), *shown)
    fields[_NAMES["auth"]] = (str(wire["auth"]["secret"]),)
    for name in ("timeout", "retries"):
        fields[_NAMES[name]] = (str(wire["delivery"][name]),)
    return fields


def _lines(value: Any) -> list[str]:
    return safe_json(value).splitlines()
