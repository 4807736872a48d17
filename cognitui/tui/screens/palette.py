"""The palette as a screen: Textual's, which neither a late click nor a late letter does harm to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete
from textual.command import CommandList, CommandPalette

from cognitui.tui.widgets.options import LateClicks

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.events import Mount
    from textual.worker import Worker


class Found(LateClicks, CommandList, can_focus=False):
    """What was found; it changes with each letter, also between a click and its handling."""


class Palette(CommandPalette):
    """Everything by name.

    A letter that was typed before esc may reach Textual's palette after it, and begin a search
    that ends when the list is gone already: that raised, and the console with it.
    """

    _is_closing = False

    def compose(self) -> ComposeResult:
        """Textual's parts, but for the list."""
        for part in super().compose():
            yield Found() if isinstance(part, CommandList) else part

    def _on_mount(self, event: Mount) -> None:
        # One that was closed before it was there has no screen below it to ask.
        if self not in self.app.screen_stack[1:]:
            event.prevent_default()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that is quicker than the palette has nothing to work on."""
        return self.is_mounted and super().check_action(action, parameters)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, once; nothing is looked for from here on."""
        if self._is_closing or not self.is_active:
            return AwaitComplete()  # it would take away what is in front by now
        self._is_closing = True
        self._cancel_gather_commands()
        self._stop_no_matches_countdown()
        self._stop_busy_countdown()
        return super().dismiss(result)

    def _gather_commands(self, search_value: str) -> Worker[None] | None:  # type: ignore[override]
        if self._is_closing:
            return None
        return super()._gather_commands(search_value)
