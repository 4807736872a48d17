"""What stands beside the form, or in its place where there is no room for both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.json_text import json_content
from cognitui.tui.webhook_text import callback_text, diff_text
from cognitui.tui.widgets.tab_line import TabLine
from cognitui.webhooks.callback_preview import preview_callback
from cognitui.webhooks.diff import json_diff
from cognitui.webhooks.draft import preview

if TYPE_CHECKING:
    from cognitui.tui.screens.webhook import WebhookPlace

FORM, REQUEST, CHANGES, CALLBACK, CHECKS = "form", "request", "changes", "callback", "checks"
TITLES = {
    FORM: "Form",
    REQUEST: "Request",
    CHANGES: "Changes",
    CALLBACK: "Callback",
    CHECKS: "Checks",
}
MAX_SHOWN = 100_000


class Views:
    """The request, the changes of an edit, the callback; and which of them is shown.

    Args:
        place: The editor.
    """

    def __init__(self, place: WebhookPlace) -> None:
        self._place = place
        self._beside = REQUEST
        self._chosen = FORM
        self._drawn: object = None
        # The previews tell one moment, so that nothing in them moves but what is typed.
        self._at = datetime.now(UTC)

    @property
    def is_narrow(self) -> bool:
        """Whether the form and a view have to take turns."""
        return self._place.has_class("-narrow")

    @property
    def shown(self) -> str:
        """The view that is shown; ``form`` where only that is."""
        return self._chosen if self.is_narrow else self._beside

    def tabs(self) -> list[str]:
        """The views there are, in the order of the tabs."""
        is_new = self._place.draft.webhook_id is None
        beside = [REQUEST, CALLBACK] if is_new else [CHANGES, REQUEST, CALLBACK]
        if not self.is_narrow:
            return beside
        return [FORM, *beside, *([CHECKS] if self._place.has_class("-short") else [])]

    def begin(self, *, is_new: bool) -> None:
        """Another webhook is in the form: begin with what tells most about it."""
        self._chosen, self._beside = FORM, REQUEST if is_new else CHANGES
        self._at = datetime.now(UTC)

    def leave(self) -> bool:
        """Back to the form from a view that stands in its place; whether one did."""
        if self.shown == FORM or not self.is_narrow:
            return False
        self._chosen = FORM
        self.draw()
        return True

    def choose(self, tab: str) -> None:
        """Show a view."""
        self._chosen = tab
        if tab not in {FORM, CHECKS}:
            self._beside = tab
        self.draw()

    def draw(self) -> None:
        """Draw what is shown, if it is not what is drawn already."""
        if not self._place.is_mounted:
            return
        tabs = self.tabs()
        if self.is_narrow and self._chosen not in tabs:
            self._chosen = FORM
        if self._beside not in tabs:
            self._beside = REQUEST
        shown = self.shown
        self._place.query_one(TabLine).show([(tab, TITLES[tab]) for tab in tabs], shown)
        box = self._place.query_one("#webhook", Container)
        for name in TITLES:
            box.set_class(name == shown, f"-{name}")
        now = self._source(shown)
        if now != self._drawn:
            self._drawn = now
            self._place.query_one("#view", Static).update(self._content(shown))

    def _source(self, view: str) -> object:
        """What the content of a view is made of."""
        place = self._place
        return view, place.draft, place.saved, place.form.template.event, self._at

    def _content(self, view: str) -> Content:
        place = self._place
        match view:
            case "request":
                return json_content(preview(place.draft)[:MAX_SHOWN])
            case "changes":
                return diff_text(json_diff(place.saved, place.draft))
            case "callback":
                return self._callback()
        return Content("")

    def _callback(self) -> Content:
        place, event = self._place, self._place.form.template.event
        secret = None
        if place.app.is_ready and place.draft.webhook_id is not None:
            secret = place.workspace.callbacks.session_secret_of(place.draft.webhook_id)
        shown = preview_callback(place.draft, event, at=self._at, secret=secret)
        return callback_text(shown, event, is_chosen=event in place.draft.triggers)
