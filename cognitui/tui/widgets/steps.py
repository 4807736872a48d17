"""The list of preflight steps: waiting, under way, ended."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Static

from cognitui.tui.browse_text import COLOURS
from cognitui.tui.render import plain
from cognitui.webhooks.preflight import Step, StepName
from cognitui.webhooks.words import MARKS, duration

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from textual.timer import Timer

WIDTH = 9
REDRAW_S = 0.25
SHOWN_AFTER_MS = 400
IDLE = "F5 checks whether it would go well"


class Steps(Static):
    """Shows each step as ○ not run, ◌ under way, or its outcome; and one closing line.

    While steps are under way their time is drawn a few times a second, and not at all otherwise.
    """

    def __init__(self) -> None:
        super().__init__(id="steps")
        self._ended: dict[StepName, Step] = {}
        self._began: dict[StepName, float] = {}
        self._verdict = Content("")
        self._redraw: Timer | None = None

    def on_mount(self) -> None:
        """Nothing has run yet."""
        self._redraw = self.set_interval(REDRAW_S, self._draw, pause=True)
        self.reset()

    @property
    def is_under_way(self) -> bool:
        """Whether a step is running."""
        return bool(self._began)

    @property
    def outcomes(self) -> Mapping[StepName, Step]:
        """The steps that have ended."""
        return self._ended

    def reset(self) -> None:
        """Back to not run."""
        self._ended, self._began, self._verdict = {}, {}, Content("")
        self._draw()

    def forget(self, names: Collection[StepName]) -> None:
        """What these steps found is no longer true."""
        kept = {name: step for name, step in self._ended.items() if name not in names}
        if kept != self._ended or self._verdict.plain:
            self._ended, self._verdict = kept, Content("")
            self._draw()

    def begin(self, names: Collection[StepName] = frozenset(StepName)) -> None:
        """These steps are under way; what others found stays."""
        now = monotonic()
        self.forget(names)
        self._verdict = Content("")
        self._began = dict.fromkeys(names, now)
        if self._redraw is not None:
            self._redraw.resume()
        self._draw()

    def end(self, step: Step) -> None:
        """One step has ended."""
        self._began.pop(step.name, None)
        self._ended[step.name] = step
        self._draw()

    def stop(self) -> None:
        """Nothing is under way any more; what has not ended counts as not run."""
        self._began = {}
        self._draw()

    def close(self, text: str, colour: str) -> None:
        """Say how it all ended."""
        self._began = {}
        self._verdict = plain(text).stylize(colour)
        self._draw()

    def _draw(self) -> None:
        if not self._began and self._redraw is not None:
            self._redraw.pause()
        now = monotonic()
        running = {name: (now - began) * 1000 for name, began in self._began.items()}
        self.update(steps_text(self._ended, running, self._verdict))


def steps_text(
    ended: Mapping[StepName, Step], running: Mapping[StepName, float], closing: Content
) -> Content:
    """The list as text; one line while there is nothing to list.

    Args:
        ended: The steps that have ended.
        running: Those under way, with the milliseconds since they began.
        closing: How it all ended.
    """
    lines: list[Content] = []
    for name in StepName if ended or running else ():
        step = ended.get(name)
        if step is None:
            lines.append(_open_line(name, running.get(name)))
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
            hint = Content.assemble(" " * (WIDTH + 2), plain(step.hint, 120))
            lines.append(hint.stylize("$foreground-muted"))
    if closing.plain:
        lines.append(closing)
    elif not lines:
        lines.append(Content.styled(IDLE, "$foreground-muted"))
    return Content("\n").join(lines)


def _open_line(name: StepName, running_ms: float | None) -> Content:
    if running_ms is None:
        return Content.styled(f"○ {name}", "$foreground-muted")
    # What ends in a moment needs no time that flickers by.
    time = f"  {duration(running_ms)}" if running_ms >= SHOWN_AFTER_MS else ""
    return Content.assemble(
        ("◌", "$warning"), f" {name:<{WIDTH}}", ("under way" + time, "$foreground-muted")
    )
