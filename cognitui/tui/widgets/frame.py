"""The two header lines that every place has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from cognitui.tui.render import frame_line, places_line
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual import events
    from textual.app import ComposeResult

    from cognitui.workspace.workspace import TenantStatus

REFRESH_S = 1.0
LEAST = (60, 16)
NOTHING = object()


class Frame(Static):
    """Tells which tenant, bot, limits and breaker, and where you can go.

    The numbers change with time alone, so they are looked at once a second, and drawn only when
    they differ.

    Args:
        place: The place that it stands above.
        read_status: Tells what there is to tell now.
        place_keys: The key of each place by its id; empty for one that has none.
    """

    def __init__(
        self,
        place: str,
        read_status: Callable[[], TenantStatus | None],
        place_keys: Mapping[str, str],
    ) -> None:
        super().__init__(id="frame")
        self._place = place
        self._read_status = read_status
        self._place_keys = place_keys
        self._shown: object = NOTHING

    def compose(self) -> ComposeResult:
        """Two lines."""
        yield Static(id="frame-status")
        yield Static(id="frame-places")

    def on_mount(self) -> None:
        """Begin to watch."""
        self.set_interval(REFRESH_S, self.refresh_status)

    def on_resize(self, event: events.Resize) -> None:
        """Choose the forms that fit the new width."""
        line = places_line(self._place, event.size.width, self._place_keys)
        show(self.query_one("#frame-places", Static), line)
        self._shown = NOTHING
        self.refresh_status()

    def refresh_status(self) -> None:
        """Draw the status, if it is not what is drawn already, and somebody can see it."""
        if self.screen not in self.app.screen_stack:
            return
        if self.app.size.width < LEAST[0] or self.app.size.height < LEAST[1]:
            self._shown = NOTHING
            words = f"Too small: cognitui needs {LEAST[0]}×{LEAST[1]}."
            show(self.query_one("#frame-status", Static), words)
            return
        status = self._read_status()
        if status != self._shown and self.size.width:
            self._shown = status
            line = frame_line(status, self.size.width, self._place_keys["tenants"])
            show(self.query_one("#frame-status", Static), line)
