"""The line above the key bar that tells what is under way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from cognitui.tui.render import plain
from cognitui.tui.under_way import DELAY_S, work_line
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from textual.timer import Timer

    from cognitui.tui.under_way import UnderWay, Work

EVERY_S = 0.5


class Progress(Static):
    """Appears when something takes longer than a moment, and goes when it has ended.

    It lies over the last line of the place, so that nothing moves. While nothing is under way it
    costs nothing.

    Args:
        under_way: What there is to tell.
        place: The place that it stands in.
    """

    def __init__(self, under_way: UnderWay, place: str) -> None:
        super().__init__(id="progress")
        self._under_way = under_way
        self._place = place
        self._words = ""
        self._ticks: Timer | None = None

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        self.display = False
        self._ticks = self.set_interval(EVERY_S, self.draw, pause=True)

    @property
    def shown(self) -> Work | None:
        """The work that is told of right now, which esc may cancel."""
        return self._under_way.latest(self._place) if self.display else None

    def follow(self) -> None:
        """Something began or ended, or the place is shown again."""
        if self._ticks is None:
            return
        if self._under_way.has_any(self._place):
            self._ticks.resume()
            self.set_timer(DELAY_S, self.draw)
        self.draw()

    def rest(self) -> None:
        """The place is not shown any more."""
        if self._ticks is not None:
            self._ticks.pause()

    def draw(self) -> None:
        """Show what there is, if that is not what is shown already."""
        work = self._under_way.latest(self._place)
        if work is None:
            self._words, self.display = "", False
            if not self._under_way.has_any(self._place):
                self.rest()
            return
        words = work_line(work, self._under_way.clock())
        if words != self._words or not self.display:
            self._words = words
            show(self, _line(words, can_cancel=work.cancel is not None))
            self.display = True


def _line(words: str, *, can_cancel: bool) -> Content:
    hint = "   esc cancels" if can_cancel else ""
    return Content.assemble(" ", plain(words), (hint, "bold $footer-key-foreground"))
