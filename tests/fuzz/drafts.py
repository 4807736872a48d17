"""What stands in the editor, as far as whoever wrote it may rely on it."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from pydantic import SecretStr
from textual.widgets import Input

from cognitui.callbacks.display import safe_text
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.webhook_form import INPUTS, MAX_SHOWN
from cognitui.webhooks.draft import NO_SECRET, Draft

if TYPE_CHECKING:
    from cognitui.tui.app import CognituiApp


class DraftLost(AssertionError):
    """Something that was typed into the editor is gone, and nobody agreed to that."""


def unfinished(app: CognituiApp) -> Draft | None:
    """What was typed into the editor and is not registered."""
    if "webhook" not in app.places or not app.places.webhook.is_mounted:
        return None
    editor = app.places.webhook
    return editor.draft if editor.is_dirty else None


class DraftWatch:
    """Compares what stands in the editor before and after each deed.

    A draft may change while the editor or a dialog is in front: there hands are at work on it, or
    somebody has agreed to something. From anywhere else a key may fill one field, as the skill of a
    new webhook, and registering ends it; that is all.
    """

    def __init__(self) -> None:
        self._before: Draft | None = None
        self._was_in_reach = True

    def look(self, app: CognituiApp) -> None:
        """Look after a deed.

        Raises:
            DraftLost: It is not what it has to be.
        """
        now, before = unfinished(app), self._before
        in_reach = _is_in_reach(app)
        if before is not None and not (self._was_in_reach or in_reach):
            changed = _differences(before, now) if now is not None else ["all of it"]
            if len(changed) > 1 or (now is None and not _is_registered(app, before)):
                raise DraftLost(f"{', '.join(changed)} of the draft changed from outside")
        self._before, self._was_in_reach = now, in_reach

    def fields_hold_it(self, app: CognituiApp) -> None:
        """What the fields show is what the draft holds.

        Raises:
            DraftLost: It is not.
        """
        if "webhook" not in app.places or not app.places.webhook.is_mounted:
            return
        editor = app.places.webhook
        for name in INPUTS:
            held = getattr(editor.draft, name)
            text = held.get_secret_value() if isinstance(held, SecretStr) else held
            shown = editor.query_one(f"#{name}", Input).value
            if shown not in (text, safe_text(text, MAX_SHOWN)):
                raise DraftLost(f"{name} shows {shown[:60]!r} and holds {text[:60]!r}")

    def came_back(self, app: CognituiApp, left: Draft | None) -> None:
        """After a new start on the same home.

        Raises:
            DraftLost: The editor does not have what was left in it, but for the secret.
        """
        self._before, self._was_in_reach = None, True
        if left is None or left.with_(secret_key=NO_SECRET) == Draft():
            return
        found = app.places.webhook.draft
        if found != left.with_(secret_key=NO_SECRET):
            changed = ", ".join(_differences(left.with_(secret_key=NO_SECRET), found))
            raise DraftLost(f"a new start did not bring back the draft: {changed}")


def _is_in_reach(app: CognituiApp) -> bool:
    screen = app.screen
    return not isinstance(screen, Place) or screen.PLACE == "webhook"


def _differences(one: Draft, other: Draft) -> list[str]:
    return [f.name for f in fields(Draft) if getattr(one, f.name) != getattr(other, f.name)]


def _is_registered(app: CognituiApp, before: Draft) -> bool:
    draft = app.places.webhook.draft
    changed = set(_differences(before, draft))
    return draft.webhook_id is not None and changed <= {"webhook_id", "home"}
