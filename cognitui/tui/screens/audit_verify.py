"""Asks whether the audit log is complete, and shows what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.tui.render import plain
from cognitui.tui.screens.viewer import Viewer

if TYPE_CHECKING:
    from cognitui.audit.verdict import Verdict
    from cognitui.tui.screens.audit import AuditPlace

TITLE = "Is the audit log complete?"


async def verify(place: AuditPlace) -> None:
    """Verify the whole log, whatever the filter; it can be stopped."""
    with place.taking("verifying the log") as work:

        def show(done: int, last: int) -> None:
            work.total, work.done = last, done

        verdict = await place.workspace.reports.verify(show)
    await place.app.push_screen_wait(Viewer(TITLE, _words(verdict)))


def _words(verdict: Verdict) -> Content:
    mark, colour = ("✓", "$success") if verdict.is_whole else ("✗", "$error")
    first, *others = verdict.lines()
    lines = [Content.styled(f"{mark} {first}", colour), Content(""), *map(plain, others)]
    return Content("\n").join(lines)
