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

EVERY_S = 0.2


class BulkLine(Static):
    """Looks at the progress a few times a second, and takes no room and no time otherwise."""

    def __init__(self, name: str) -> None:
        super().__init__(id=name)
        self.display = False
        self._timer: Timer | None = None

    def follow(self, progress: Callable[[], BulkProgress]) -> None:
        """Show this progress from now on."""
        self.leave()
        self.display = True

        def look() -> None:
            show(self, progress_line(progress(), self.size.width))

        self.call_after_refresh(look)
        self._timer = self.set_interval(EVERY_S, look)

    def leave(self) -> None:
        """It has ended."""
        self.display = False
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
