"""The detail of what the cursor is on, in several views; one is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from cognitui.tui.widgets.show import show
from cognitui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.content import Content


class DetailScroll(VerticalScroll):
    """Text that scrolls; left and right go to the view beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "scroll_down", show=False),
        Binding("up,k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
        Binding("right", "screen.next_tab", show=False),
        Binding("left", "screen.previous_tab", show=False),
    ]


class DetailPane(Vertical):
    """A line of tabs over a text.

    Args:
        name: Begins the ids of its parts.
    """

    def __init__(self, name: str) -> None:
        super().__init__(id=f"{name}-right")
        self._name_of_parts = name

    def compose(self) -> ComposeResult:
        """The tabs, and the text."""
        yield TabLine(f"{self._name_of_parts}-tabs")
        with DetailScroll(id=f"{self._name_of_parts}-scroll"):
            yield Static("", id=f"{self._name_of_parts}-detail")

    @property
    def tabs(self) -> TabLine:
        """The line of tabs."""
        return self.query_one(TabLine)

    def show_view(
        self, tabs: Sequence[tuple[str, str]], active: str, text: Content | str, *, is_other: bool
    ) -> None:
        """Show a view.

        Args:
            tabs: The views that there are, each an id and a title.
            active: The one that is shown.
            text: What it shows.
            is_other: Whether it is about something else than before, and so begins at its top.
        """
        self.tabs.show(tabs, active)
        show(self.query_one(f"#{self._name_of_parts}-detail", Static), text)
        if is_other:
            self.scroller.scroll_home(animate=False)

    @property
    def scroller(self) -> DetailScroll:
        """What scrolls the text."""
        return self.query_one(DetailScroll)
