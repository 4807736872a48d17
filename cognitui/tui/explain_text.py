"""An explanation as text: a pure function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.tui.render import plain

if TYPE_CHECKING:
    from cognitui.callbacks.explain.explain import Explanation

MOST = 2000


def explanation_text(explanation: Explanation) -> Content:
    """What was found, the likeliest first, with what it means and what to do."""
    colour, mark = ("$success", "✓") if explanation.accepted else ("$error", "✗")
    verdict = explanation.verdict
    lines = [plain(f"{mark} {verdict.reason}", 600).stylize(colour)]
    lines += [plain(hint, 300).stylize("$foreground-muted") for hint in verdict.hints]
    for finding in explanation.findings:
        lines += [
            Content(""),
            plain(finding.sentence, MOST).stylize("bold"),
            plain(finding.meaning, MOST),
            Content.assemble(("to do  ", "$foreground-muted"), plain(finding.remedy, MOST)),
        ]
    lines.append(Content(""))
    if explanation.warning:
        lines.append(plain(f"! {explanation.warning}", MOST).stylize("$warning"))
    lines += [plain(note, 300).stylize("$foreground-muted") for note in explanation.notes]
    if explanation.tried:
        more = "" if explanation.is_complete else ", which is the bound: there may be more to find"
        told = f"{explanation.tried:,} signatures were computed{more}"
        lines.append(plain(told).stylize("$foreground-muted"))
    return Content("\n").join(lines)
