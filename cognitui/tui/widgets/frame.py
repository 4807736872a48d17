"""The two header lines that every place has."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from cognitui.tui.render import frame_line, places_line
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.timer import Timer

    from cognitui.tui.app import CognituiApp

EVERY_S = 1.0
"""The status is drawn anew at most so often; in seconds."""

LEAST = (60, 16)
NOTHING = object()


class Frame(Static):
    """Tells which tenant, bot, limits and breaker, and where you can go.

    What changes with time alone, as the minute slides over the requests made, is looked at when it
    is due and not before: while nothing changes this costs nothing.

    Args:
        place: The id of the place that it stands in.
        place_keys: The key of each place by its id; empty for one that has none.
    """

    app: CognituiApp

    def __init__(self, place: str, place_keys: Mapping[str, str]) -> None:
        super().__init__(id="frame")
        self._place = place
        self._place_keys = place_keys
        self._shown: object = NOTHING
        self._places = Content()
        self._drawn_at = float("-inf")
        self._next: Timer | None = None
        self._is_due_soon = False

    @property
    def status_line(self) -> str:
        """The first line as it is shown."""
        return str(self.render()).partition("\n")[0]

    def on_resize(self, event: events.Resize) -> None:
        """Choose the forms that fit the new width."""
        self._places = places_line(self._place, event.size.width, self._place_keys)
        self._shown = NOTHING
        self.refresh_status()

    def refresh_soon(self) -> None:
        """Draw what has changed, but not more often than a person can read it."""
        wait_s = self._drawn_at + EVERY_S - monotonic()
        if wait_s <= 0:
            self.refresh_status()
        elif not self._is_due_soon:
            self._look_again_in(wait_s)
            self._is_due_soon = True

    def rest(self) -> None:
        """The place is not shown any more."""
        if self._next is not None:
            self._next.stop()
            self._next = None
        self._is_due_soon = False

    def refresh_status(self) -> None:
        """Draw the status, if it is not what is drawn already, and somebody can see it."""
        self.rest()
        if self.screen not in self.app.screen_stack or not self.size.width:
            return  # or it is still being made; it is drawn once it has a size
        if self.app.size.width < LEAST[0] or self.app.size.height < LEAST[1]:
            self._shown = NOTHING
            words = f"Too small: cognitui needs {LEAST[0]}×{LEAST[1]}."
            show(self, words)
            return
        status = self.app.workspace_status
        if status != self._shown:
            self._shown = status
            self._drawn_at = monotonic()
            line = frame_line(status, self.size.width, self._place_keys["tenants"])
            show(self, Content("\n").join([line, self._places]))
        due_s = self.app.status_changes_in_s
        if due_s is not None:
            self._look_again_in(max(due_s, EVERY_S))

    def _look_again_in(self, seconds: float) -> None:
        self.rest()
        self._next = self.set_timer(seconds, self.refresh_status)
