"""The line that shows how far something has come that is done to many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from cognitui.tui.bulk_text import progress_line
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from cognitui.workspace.bulk import BulkProgress

EVERY_S = 1.0


class BulkLine(Static):
    """Looks at the progress every second, or when it is told to; hidden, it costs nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.display = False
        self._timer: Timer | None = None
        self._progress: Callable[[], BulkProgress] | None = None

    def follow(self, progress: Callable[[], BulkProgress]) -> None:
        """Show this progress from now on."""
        self.leave()
        self.display = True
        self._progress = progress
        self.call_after_refresh(self.look)
        self._timer = self.set_interval(EVERY_S, self.look)

    def look(self) -> None:
        """Show how far it is now."""
        if self._progress is not None:
            show(self, progress_line(self._progress(), self.size.width))

    def leave(self) -> None:
        """It has ended."""
        self.display = False
        self._progress = None
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
