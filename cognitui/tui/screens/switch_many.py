"""Asks which way several webhooks are to be switched."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from cognitui.tui.bulk_text import named
from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog
from cognitui.webhooks.words import counted
from cognitui.workspace.bulk import BulkAction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.tui.parts import Keys


class SwitchMany(Dialog[BulkAction | None]):
    """Answers enable, disable or ``None``. What is chosen is asked about once more.

    Args:
        webhooks: Which.
    """

    KEYS: ClassVar[Keys] = (
        ("+", "All of them on"),
        ("-", "All of them off"),
        ("esc", "Cancel: nothing is switched"),
    )
    AUTO_FOCUS = "#cancel"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "answer('')", "Cancel", id="dialog.cancel"),
        Binding("plus", "answer('enable')", "On", id="dialog.on"),
        Binding("minus", "answer('disable')", "Off", id="dialog.off"),
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(self, webhooks: Sequence[RegisteredWebhook]) -> None:
        super().__init__()
        self._webhooks = webhooks

    def compose(self) -> ComposeResult:
        """The question and three buttons."""
        on_now = sum(webhook.enabled for webhook in self._webhooks)
        now = f"{on_now} on and {len(self._webhooks) - on_now} off now"
        with Vertical(classes="dialog"):
            title = f"Switch {counted(len(self._webhooks), 'webhook')}?"
            yield Static(plain(title), classes="dialog-title")
            yield Static(plain(f"{named(self._webhooks)}: {now}."), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel (esc)", id="cancel")
                yield Button("On (+)", id="enable")
                yield Button("Off (-)", id="disable")

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.action_answer((event.button.id or "").replace("cancel", ""))

    def action_answer(self, name: str) -> None:
        """Answer."""
        self.dismiss(BulkAction(name) if name else None)
