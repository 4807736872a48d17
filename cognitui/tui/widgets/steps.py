"""The list of preflight steps: waiting, under way, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from cognitui.tui.browse_text import COLOURS
from cognitui.tui.render import plain
from cognitui.webhooks.preflight import Step, StepName
from cognitui.webhooks.words import MARKS, duration

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTH = 9


class Steps(Static):
    """Shows each step as ○ not run, ◌ under way, or its outcome; and one closing line."""

    def __init__(self) -> None:
        super().__init__(id="steps")
        self._done: dict[StepName, Step] = {}
        self._under_way = False
        self._verdict = Content("")

    def on_mount(self) -> None:
        """Nothing has run yet."""
        self.reset()

    def reset(self) -> None:
        """Back to not run."""
        self._done, self._under_way, self._verdict = {}, False, Content("")
        self._draw()

    def begin(self) -> None:
        """All steps are under way."""
        self._done, self._under_way, self._verdict = {}, True, Content("")
        self._draw()

    def end(self, step: Step) -> None:
        """One step has ended."""
        self._done[step.name] = step
        self._draw()

    def close(self, text: str, colour: str) -> None:
        """Say how it all ended."""
        self._under_way = False
        self._verdict = plain(text).stylize(colour)
        self._draw()

    def _draw(self) -> None:
        self.update(steps_text(self._done, running=self._under_way, closing=self._verdict))


def steps_text(ended: Mapping[StepName, Step], *, running: bool, closing: Content) -> Content:
    """The list as text."""
    lines: list[Content] = []
    for name in StepName:
        step = ended.get(name)
        if step is None:
            mark = ("◌", "$warning") if running else ("○", "$foreground-muted")
            lines.append(Content.assemble(mark, (f" {name:<{WIDTH}}", "$foreground-muted")))
            continue
        mark = (MARKS[step.outcome], COLOURS[step.outcome])
        lines.append(
            Content.assemble(
                mark,
                f" {name:<{WIDTH}}",
                plain(step.summary, 120),
                (f"  {duration(step.ms)}", "$foreground-muted"),
            )
        )
        if step.hint:
            lines.append(
                Content.assemble(" " * (WIDTH + 2), plain(step.hint, 120)).stylize(
                    "$foreground-muted"
                )
            )
    if closing.plain:
        lines.append(closing)
    elif not ended and not running:
        lines.append(Content.styled("f5 checks these before you register", "$foreground-muted"))
    return Content("\n").join(lines)
