"""The palette as a screen: Textual's, whose list a late click does no harm to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.command import CommandList, CommandPalette

from cognitui.tui.widgets.options import LateClicks

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Found(LateClicks, CommandList, can_focus=False):
    """What was found; it changes with each letter, also between a click and its handling."""


class Palette(CommandPalette):
    """Everything by name."""

    def compose(self) -> ComposeResult:
        """Textual's parts, but for the list."""
        for part in super().compose():
            yield Found() if isinstance(part, CommandList) else part
