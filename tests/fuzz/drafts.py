"""What was written in the editor, as far as whoever wrote it may rely on it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from pydantic import SecretStr
from textual.widgets import Input

from cognitui.callbacks.display import safe_text
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.webhook_form import INPUTS, MAX_SHOWN
from cognitui.webhooks.draft import NO_SECRET, Draft, check
from cognitui.webhooks.drafts import DraftStore

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.tui.app import CognituiApp
    from cognitui.tui.screens.webhook import WebhookPlace


class DraftLost(AssertionError):
    """Something that was typed into the editor is gone, and nobody agreed to that."""


@dataclass(frozen=True, slots=True)
class Written:
    """A draft as it was last seen in the editor."""

    draft: Draft
    base: Draft | None

    @property
    def may_be_done(self) -> bool:
        """Whether it could have been registered, and so have ended by itself."""
        return check(self.draft).is_valid

    @property
    def without_secret(self) -> Draft:
        """What may be asked of the disk."""
        return self.draft.with_(secret_key=NO_SECRET)


class DraftWatch:
    """Knows every draft that has to exist, from looking at the editor after each deed.

    The open one changes while the editor or a dialog is in front: there hands are at work on it. It
    goes when somebody has agreed to that. From anywhere else a key may fill one field of it, as the skill
    of a new webhook. One that could be registered may be gone, for it may have been.
    """

    def __init__(self) -> None:
        self._written: dict[str, Written] = {}
        self._was_in_reach, self._was_asked, self._was_open = True, False, ""

    def look(self, app: CognituiApp) -> None:
        """Look after a deed.

        Raises:
            DraftLost: One is not what it has to be.
        """
        in_reach = _is_in_reach(app)
        if (editor := _editor(app)) is not None:
            open_key = editor.desk.key
            for key, written in list(self._written.items()):
                if key != open_key:
                    self._look_at_kept(editor, key, written)
            self._look_at_open(editor, may_change=in_reach or self._was_in_reach)
            self._was_open = open_key
        self._was_in_reach, self._was_asked = in_reach, isinstance(app.screen, Confirm)

    def _look_at_open(self, editor: WebhookPlace, *, may_change: bool) -> None:
        key, now = editor.desk.key, editor.draft
        before = self._written.pop(key, None)
        if before is not None and not may_change and not before.may_be_done:
            changed = _differences(before.draft, now)
            # What is edited follows what the tenant has; what was begun anew follows nobody.
            if before.draft.webhook_id is None and len(changed) > 1:
                raise DraftLost(f"{', '.join(changed)} of the draft changed from outside")
            if not editor.has_changes and changed:
                raise DraftLost(f"the draft of {before.draft.webhook_id} was given up from outside")
        if editor.has_changes:
            self._written[key] = Written(now, editor.desk.base)

    def _look_at_kept(self, editor: WebhookPlace, key: str, written: Written) -> None:
        kept = editor.desk.kept(key)
        was_agreed = self._was_asked and key == self._was_open
        if kept is None and (written.may_be_done or was_agreed):
            del self._written[key]
        elif kept is None:
            raise DraftLost(f"draft {key} is not kept: {_shown(written.draft)}")
        elif changed := _differences(written.draft, kept.draft):
            raise DraftLost(f"{', '.join(changed)} of draft {key} is not what was typed")

    def fields_hold_it(self, app: CognituiApp) -> None:
        """What the fields show is what the draft holds.

        Raises:
            DraftLost: It is not.
        """
        if (editor := _editor(app)) is None:
            return
        for name in INPUTS:
            held = getattr(editor.draft, name)
            text = held.get_secret_value() if isinstance(held, SecretStr) else held
            shown = editor.query_one(f"#{name}", Input).value
            if shown not in {text, safe_text(text, MAX_SHOWN)}:
                raise DraftLost(f"{name} shows {shown[:60]!r} and holds {text[:60]!r}")

    def ended(self, state: Path) -> None:
        """The console has ended: what was written lies on the disk, without its secrets.

        Raises:
            DraftLost: It does not.
        """
        kept = {draft.key: draft for draft in DraftStore(state / "drafts").list()}
        for key, written in self._written.items():
            if key in kept:
                if changed := _differences(written.without_secret, kept[key].draft):
                    raise DraftLost(f"{', '.join(changed)} of draft {key} is not on the disk")
            elif not (written.may_be_done or written.without_secret in {Draft(), written.base}):
                raise DraftLost(f"draft {key} is not on the disk: {_shown(written.draft)}")
        # Secrets end with the console, and so do drafts that held nothing else.
        self._written = {
            key: Written(kept[key].draft, written.base)
            for key, written in self._written.items()
            if key in kept
        }
        self._was_in_reach, self._was_asked, self._was_open = True, False, ""


def _editor(app: CognituiApp) -> WebhookPlace | None:
    if "webhook" not in app.places:
        return None
    editor = app.places.webhook
    return editor if editor.is_mounted else None


def is_settled(app: CognituiApp) -> bool:
    """Whether the editor has read the drafts of before, or was not gone to."""
    return not any(worker.group == "webhook.open" for worker in app.workers)


def _is_in_reach(app: CognituiApp) -> bool:
    screen = app.screen
    return not isinstance(screen, Place) or screen.PLACE == "webhook"


def _differences(one: Draft, other: Draft) -> list[str]:
    return [f.name for f in fields(Draft) if getattr(one, f.name) != getattr(other, f.name)]


def _shown(draft: Draft) -> str:
    return ", ".join(f"{f.name} {getattr(draft, f.name)!s:.60}" for f in fields(Draft))
