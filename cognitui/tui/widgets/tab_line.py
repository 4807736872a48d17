"""Names of views in one line; one of them is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widgets import Static

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


class TabLine(Static):
    """A line of tabs. It takes clicks; keys belong to the place, which calls `step`.

    Args:
        name: The widget's id.
    """

    ALLOW_SELECT = False

    class Chosen(Message):
        """Another view is wanted."""

        def __init__(self, line: TabLine, tab: str) -> None:
            super().__init__()
            self.line, self.tab = line, tab

        @property
        def control(self) -> TabLine:
            """The line of tabs."""
            return self.line

    def __init__(self, name: str) -> None:
        super().__init__(id=name, classes="tab-line")
        self._tabs: Sequence[tuple[str, str]] = ()
        self.active = ""

    def show(self, tabs: Sequence[tuple[str, str]], active: str) -> None:
        """Draw these tabs, each an id and a title, with one of them active."""
        if (list(tabs), active) != (list(self._tabs), self.active):
            self._tabs, self.active = tabs, active
            self.update(tab_text(tabs, active))

    def step(self, by: int = 1) -> None:
        """Ask for the view beside the active one, round and round."""
        ids = [tab for tab, _ in self._tabs]
        if ids:
            at = ids.index(self.active) if self.active in ids else 0
            self.post_message(self.Chosen(self, ids[(at + by) % len(ids)]))

    def on_click(self, event: events.Click) -> None:
        """The tab under the pointer."""
        left = 0
        for tab, title in self._tabs:
            width = Content(f" {title} ").cell_length + 1
            if left <= event.x < left + width:
                self.post_message(self.Chosen(self, tab))
            left += width


def tab_text(tabs: Sequence[tuple[str, str]], active: str) -> Content:
    """The line: the active one stands out by reversed colours, not by a hue."""
    parts = [
        part
        for tab, title in tabs
        for part in ((f" {title} ", "reverse bold" if tab == active else "$foreground-muted"), " ")
    ]
    return Content.assemble(*parts)
