"""The examination of a tenant as text: pure functions."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.line import CheckName
from cognitui.tenants.doctor.report import is_timed
from cognitui.tui.browse_text import COLOURS
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from cognitui.tenants.doctor.line import Line
    from cognitui.tenants.doctor.report import Report

NAME_WIDTH = 15
INDENT = NAME_WIDTH + 2
LEAST = 20
MAX_WORDS = 600
MUTED = "$foreground-muted"
USE_IT = "u  takes over the base URL "
SET_IT = "Set COGNITUI_BASE_URL to "
STOPPED = "– stopped; r tests again, esc closes"


def state_text(report: Report, running: CheckName | None, *, can_use: bool) -> Content:
    """What stands above the checks: what is under way, or what to put right first and how.

    Args:
        report: What was found by now.
        running: The check under way; ``None`` when it is over.
        can_use: Whether the corrected base URL can be taken over from here.
    """
    if running is not None:
        done = f"  {len(report.lines)} of {len(CheckName)}"
        return Content.assemble(("◌ ", "$warning"), str(running), " …", (done, MUTED))
    first = report.first
    colour = COLOURS[first.outcome] if first else COLOURS[Outcome.OK]
    lines = [Content.styled(safe_text(report.conclusion, MAX_WORDS), colour)]
    if first is not None and first.hint:
        lines.append(Content(safe_text(first.hint, MAX_WORDS)))
    if report.correction:
        lead = USE_IT if can_use else SET_IT
        lines.append(
            Content.assemble(lead, (safe_text(report.correction, MAX_WORDS), "$text-accent"))
        )
    return Content("\n").join(lines)


def checks_text(report: Report, running: CheckName | None, width: int) -> Content:
    """All checks: ended, under way, and those to come.

    Args:
        report: What was found by now.
        running: The check under way; ``None`` when it is over.
        width: In columns.
    """
    ended = {line.name: line for line in report.lines}
    # What to do about the first stands above already.
    told = report.first if running is None else None
    rows: list[Content] = []
    for name in CheckName:
        if (line := ended.get(name)) is not None:
            rows += _told(line) if line is told else _ended(line, width)
        elif name is running:
            rows.append(Content.assemble(("◌", "$warning"), f" {name:<{NAME_WIDTH}}", ("…", MUTED)))
        else:
            rows.append(Content.styled(f"○ {name}", MUTED))
    return Content("\n").join(rows)


def _told(line: Line) -> list[Content]:
    """The line whose words stand above."""
    return [_row(line, str(line.cause), COLOURS[line.outcome])]


def _ended(line: Line, width: int) -> list[Content]:
    style = MUTED if line.outcome is Outcome.SKIPPED else ""
    first, *more = _wrapped(line.summary, width)
    rows = [_row(line, first, style)]
    rows += [Content.styled(" " * INDENT + words, style) for words in more]
    if is_timed(line):
        # The time goes where the sentence ends.
        rows[-1] = Content.assemble(rows[-1], (f"  {duration(line.ms)}", MUTED))
    rows += [Content.styled(" " * INDENT + words, MUTED) for words in _hint(line, width)]
    return rows


def _row(line: Line, words: str, style: str) -> Content:
    return Content.assemble(
        (line.outcome.mark, COLOURS[line.outcome]), f" {line.name:<{NAME_WIDTH}}", (words, style)
    )


def _hint(line: Line, width: int) -> list[str]:
    return _wrapped(line.hint, width) if line.hint else []


def _wrapped(text: str, width: int) -> list[str]:
    room = max(LEAST, width - INDENT - len("  999 ms"))
    return textwrap.wrap(safe_text(text, MAX_WORDS), room) or [""]
