"""The floor of every console's measurements: Textual with one line that changes with each key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Static

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

READY = "press keys"


class Floor(App[None]):
    """As little as an application can be that answers."""

    def compose(self) -> ComposeResult:
        """The line."""
        yield Static(READY, id="line")

    def on_key(self, event: events.Key) -> None:
        """Show what was pressed."""
        self.query_one("#line", Static).update(f"{READY}: {event.key}")


if __name__ == "__main__":
    Floor().run()
