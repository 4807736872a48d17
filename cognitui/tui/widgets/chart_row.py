"""As many of the charts beside each other as there is room for."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Horizontal

from cognitui.tui.audit_charts import LATENCY, TITLES, draw
from cognitui.tui.widgets.chart import Chart

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult

    from cognitui.audit.overview import Overview

TWO_FROM, THREE_FROM = 110, 165
LEAST_STEPS, MOST_STEPS = 12, 60
STEP_WIDTH = 3
LABELS_WIDTH = 8


class ChartRow(Horizontal):
    """Latency, distribution and success rate: one, two or all three of them.

    Attributes:
        first: The one that is shown where there is room for one.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.first = LATENCY
        self._overview: Overview | None = None
        self._noun = ""

    def compose(self) -> ComposeResult:
        """The charts."""
        for name in TITLES:
            yield Chart(id=f"chart-{name}")

    @property
    def room(self) -> int:
        """How many of them fit beside each other."""
        width = self.app.size.width
        return 3 if width >= THREE_FROM else 2 if width >= TWO_FROM else 1

    @property
    def shown(self) -> list[str]:
        """Those that are shown."""
        names = list(TITLES)
        at = names.index(self.first)
        return [names[(at + number) % len(names)] for number in range(self.room)]

    @property
    def steps(self) -> int:
        """How many steps of time there is room for."""
        width = self.app.size.width // self.room - LABELS_WIDTH
        return min(max(width // STEP_WIDTH, LEAST_STEPS), MOST_STEPS)

    def show(self, overview: Overview | None, noun: str) -> None:
        """Draw this; ``None`` leaves the charts empty.

        Args:
            overview: What the log says.
            noun: What the success rates are by.
        """
        self._overview, self._noun = overview, noun
        self._arrange()

    def choose(self, name: str) -> None:
        """Show this chart, and as many after it as there is room for."""
        self.first = name
        self._arrange()

    def step(self) -> None:
        """Show the next one in the place of the first."""
        names = list(TITLES)
        self.choose(names[(names.index(self.first) + 1) % len(names)])

    def on_resize(self, event: events.Resize) -> None:
        """Show as many as fit now."""
        del event
        self._arrange()

    def _arrange(self) -> None:
        shown, names = self.shown, list(TITLES)
        for number, name in enumerate(names, 1):
            chart = self.query_one(f"#chart-{name}", Chart)
            chart.display = name in shown
            place = "" if len(shown) == len(names) else f"{number}/{len(names)}"
            if self._overview is None:
                chart.show(None, None)
            elif chart.display:
                drawing = partial(draw, name, self._overview, noun=self._noun, place=place)
                chart.show(drawing, (self._overview, self._noun, place))
