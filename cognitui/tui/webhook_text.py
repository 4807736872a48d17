"""What the editor says, as text: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import MIN_SECRET_LENGTH
from cognitui.tui.json_text import json_content
from cognitui.tui.render import plain
from cognitui.webhooks.diff import LineKind
from cognitui.webhooks.strength import Strength, strength
from cognitui.webhooks.words import counted, draft_title

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import SecretStr

    from cognitui.cognigy.models import Skill
    from cognitui.webhooks.callback_preview import CallbackPreview
    from cognitui.webhooks.diff import DiffLine
    from cognitui.webhooks.draft import Draft

MUTED = "$foreground-muted"
UNCHANGED = "Nothing is changed yet: what the tenant has is what the form says."
DIFF_STYLES = {
    LineKind.SAME: "",
    LineKind.ADDED: "$success",
    LineKind.REMOVED: "$error",
    LineKind.GAP: MUTED,
}
FIELD_WORDS = {
    "skill_id": "skill",
    "endpoint_url": "endpoint",
    "triggers": "triggers",
    "secret_key": "secret",
    "timeout_ms": "timeout",
    "retry_count": "retries",
}


def title_text(draft: Draft, bot: str, *, is_dirty: bool) -> Content:
    """What stands above the form: what it is, where, and whether it is what the tenant has."""
    parts = [plain(draft_title(draft)).stylize("bold")]
    if is_dirty:
        state = "not saved" if draft.webhook_id else "not registered"
        parts.append(Content.styled(f"  ● {state}", "$warning"))
    if bot:
        parts.append(plain(f"  {bot}", 40).stylize(MUTED))
    return Content.assemble(*parts)


def correct_first(problems: Mapping[str, str]) -> str:
    """Why it cannot be sent yet, such as ``2 fields to correct first: skill, secret``."""
    names = [FIELD_WORDS.get(name, f"template of {name.partition('.')[2]}") for name in problems]
    return f"{counted(len(names), 'field')} to correct first: {', '.join(names)}"


def secret_note(secret: SecretStr, *, is_wide: bool) -> Content:
    """What is known of a secret without showing it.

    Args:
        secret: What was typed.
        is_wide: Whether there is room for its fingerprint.
    """
    length = len(secret.get_secret_value())
    if not length:
        return Content.styled("F3 makes one", MUTED)
    found = strength(secret)
    if found is Strength.SHORT:
        return Content.styled(f"{length} of {MIN_SECRET_LENGTH} chars", MUTED)
    mark, colour = ("!", "$warning") if found is Strength.WEAK else ("✓", "$success")
    note = Content.styled(f"{mark} {length} chars, {found}", colour)
    if is_wide:
        note += Content.styled(f"  {fingerprint(secret)}", MUTED)
    return note


def skill_note(skill_id: str, skills: Sequence[Skill], *, state: str) -> Content:
    """The name of the typed skill, or what is known about it.

    Args:
        skill_id: What was typed.
        skills: The bot's, as far as they are loaded.
        state: ``loading``, ``loaded``, ``not listed`` or empty.
    """
    typed = skill_id.strip()
    found = next((skill for skill in skills if skill.id == typed), None)
    if found is not None:
        return Content.assemble("✓ ", plain(found.name or found.id, 24)).stylize("$success")
    if state == "loading":
        return Content.styled("◌ loading the skills …", MUTED)
    if state == "not listed":
        return Content.styled("type the id: skills are not listed", MUTED)
    if typed and state == "loaded":
        return Content.styled(f"! not among the {counted(len(skills), 'skill')}", "$warning")
    return Content("")


def diff_text(lines: Sequence[DiffLine]) -> Content:
    """The difference line by line; the sign in front says what the colour does."""
    if all(line.kind in {LineKind.SAME, LineKind.GAP} for line in lines):
        return Content.styled(UNCHANGED, MUTED)
    return Content("\n").join(
        Content.styled(f"{line.kind} {line.text}", DIFF_STYLES[line.kind]) for line in lines
    )


def callback_text(preview: CallbackPreview, event: str, *, is_chosen: bool) -> Content:
    """The callback for an event: headers, then the body."""
    if preview.problem:
        return Content.styled(f"✗ {preview.problem}", "$error")
    when = f"What {event} will send" if is_chosen else f"{event} is not ticked; it would send"
    lines = [Content.styled(f"{when}, with a sample message:", MUTED), Content("")]
    for name, value in preview.headers:
        is_missing = not preview.is_signed and name.endswith("Signature")
        style = "$warning" if is_missing else ""
        lines.append(Content.assemble((f"{name}: ", MUTED), Content.styled(value, style)))
    lines += [Content(""), json_content(preview.body), Content("")]
    lines.append(
        Content.styled(f"{preview.size:,} bytes: it is sent and signed on one line.", MUTED)
    )
    return Content("\n").join(lines)
