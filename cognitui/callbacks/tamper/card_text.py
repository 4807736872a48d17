"""A report card as text for a terminal, and as Markdown."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.tamper.advice import fix_for
from cognitui.callbacks.tamper.card import Mark

if TYPE_CHECKING:
    from cognitui.callbacks.tamper.card import CaseResult, ReportCard

WIDTH = 88
SIGNS = {Mark.SOUND: "✓", Mark.WEAK: "!", Mark.UNSOUND: "✗", Mark.INCONCLUSIVE: "?"}
_MAX_URL = 300
_TOLD = (
    (Mark.UNSOUND, "What goes wrong"),
    (Mark.WEAK, "What is weak"),
    (Mark.INCONCLUSIVE, "What could not be told"),
)


def as_line(result: CaseResult) -> str:
    """One result in one line."""
    return f"{SIGNS[result.mark]} {result.case_id:<22} {result.summary}"


def as_text(card: ReportCard) -> str:
    """The card for a terminal."""
    lines = [f"{safe_text(card.url, _MAX_URL)}, scheme {card.scheme}", card.conclusion]
    for mark, title in _TOLD:
        found = card.marked(mark)
        if not found:
            continue
        lines += ["", title]
        if mark is Mark.INCONCLUSIVE:
            lines += _wrapped(", ".join(result.case_id for result in found), "  ")
            if not card.control:
                lines += _wrapped(found[0].summary, "  ")
            continue
        for result in found:
            lines += [f"  {SIGNS[mark]} {result.case_id}: {result.title}"]
            lines += _wrapped(f"Sent: {result.sent}.", "      ")
            lines += _wrapped(f"{result.summary} Expected: {result.expected}.", "      ")
            lines += _wrapped(result.why, "      ")
    if card.topics:
        lines += ["", "How to mend it"]
        for topic in card.topics:
            lines += _wrapped(f"{topic}: {fix_for(topic, card.framework)}", "  ", "    ")
    return "\n".join([*lines, "", f"Score: {card.score}."])


def as_markdown(card: ReportCard) -> str:
    """The card as Markdown, for a pull request or a wiki."""
    when = card.started_at.strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        "# Callback report card",
        "",
        f"{_code(card.url)}, scheme {_code(card.scheme)}, {when}",
        "",
        f"**{_escaped(card.conclusion)}** {card.score}.",
    ]
    for mark in (Mark.UNSOUND, Mark.WEAK):
        for result in card.marked(mark):
            lines += [
                "",
                f"## {SIGNS[mark]} {_escaped(result.title)} ({result.case_id})",
                "",
                f"- Sent: {_escaped(result.sent)}",
                f"- Answered: {_escaped(result.summary)} Expected: {result.expected}.",
                f"- Why it matters: {_escaped(result.why)}",
            ]
    if card.topics:
        lines += ["", "## How to mend it", ""]
        lines += [f"- **{t}**: {_escaped(fix_for(t, card.framework))}" for t in card.topics]
    lines += ["", "## All cases", "", "| | case | level | answers | |", "|---|---|---|---|---|"]
    for result in card.results:
        statuses = ", ".join(str(status or "none") for status in result.statuses) or "not sent"
        lines.append(
            f"| {SIGNS[result.mark]} | {result.case_id} | {result.level} | {statuses} | "
            f"{_escaped(result.summary)} |"
        )
    return "\n".join(lines)


def _wrapped(text: str, indent: str, further: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent if further is None else further,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _code(text: str) -> str:
    return f"`{safe_text(text, _MAX_URL).replace('`', '%60')}`"


def _escaped(text: str) -> str:
    """Our own sentences hold names of hosts and code; none of it may be markup."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in text)
