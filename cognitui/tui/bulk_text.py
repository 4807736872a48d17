"""What is asked, shown and told about one action on many webhooks: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.network.outcome import Outcome
from cognitui.webhooks.words import MARKS, counted
from cognitui.workspace.bulk import BulkAction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.tui.render import Part
    from cognitui.workspace.bulk import BulkProgress, BulkResult

DOING = {
    BulkAction.CHECK: "Checking",
    BulkAction.ENABLE: "Switching on",
    BulkAction.DISABLE: "Switching off",
    BulkAction.DELETE: "Deleting",
}
DONE = {
    BulkAction.CHECK: "checked",
    BulkAction.ENABLE: "switched on",
    BulkAction.DISABLE: "switched off",
    BulkAction.DELETE: "deleted",
}
QUESTIONS = {
    BulkAction.ENABLE: ("Switch {} on?", "The tenant calls them from then on.", "Switch on"),
    BulkAction.DISABLE: ("Switch {} off?", "The tenant stops calling them.", "Switch off"),
    BulkAction.DELETE: (
        "Delete {}?",
        "The tenant stops calling them. Their configurations stay in the audit log.",
        "Delete",
    ),
}
NAMED = 3
BAR = 20
ROOM_FOR_WORDS = 64
A_MINUTE = 60
ROUNDED_TO_S = 5


def named(webhooks: Sequence[RegisteredWebhook]) -> str:
    """The first few by id, and how many more there are."""
    names = ", ".join(safe_text(webhook.id, 40) for webhook in webhooks[:NAMED])
    more = len(webhooks) - NAMED
    return f"{names} and {more} more" if more > 0 else names


def question(
    action: BulkAction, webhooks: Sequence[RegisteredWebhook], hidden: int
) -> tuple[str, str, str]:
    """What to ask before it: the question, what follows from it, and the word that agrees.

    Args:
        action: What is to be done.
        webhooks: To which.
        hidden: How many of them the filter hides.
    """
    title, consequence, word = QUESTIONS[action]
    names = named(webhooks)
    unseen = f" {hidden} of them are hidden by the filter." if hidden else ""
    return title.format(counted(len(webhooks), "webhook")), f"{names}.{unseen} {consequence}", word


def progress_line(progress: BulkProgress, width: int) -> Content:
    """How far it has come, in a line: as much of it as there is room for."""
    done = f"◌ {DOING[progress.action]} {progress.ended}/{progress.total}  "
    bar_width = min(BAR, max(0, width - ROOM_FOR_WORDS))
    filled = round(bar_width * progress.ended / max(progress.total, 1))
    bar: list[Part] = [("━" * filled, "$primary"), ("─" * (bar_width - filled), "$panel"), "  "]
    line = Content("")
    for words in _words(progress):
        line = Content.assemble(
            (done, "bold"),
            *(bar if bar_width else []),
            (" · ".join(word for word in words if word), "$foreground-muted"),
        )
        if line.cell_length <= width or not width:
            return line
    return line.truncate(width, ellipsis=True)


def _words(progress: BulkProgress) -> list[tuple[str, ...]]:
    """What is said after the numbers, from the most to the least that is of use."""
    failed = f"{progress.failed} failed" if progress.failed else ""
    if progress.is_stopping:
        return [(failed, "stopping: what is under way ends"), (failed, "stopping")]
    if progress.is_waiting:
        return [(failed, "waits for the key's minute", "esc stops"), (failed, "waits", "esc stops")]
    left = left_words(progress.left_s)
    short = left.removeprefix("about ").removesuffix(" left")
    return [(failed, left, "esc stops"), (failed, short, "esc stops"), ("esc stops",)]


def left_words(seconds: float | None) -> str:
    """How long it will still take, no more exactly than anybody can know."""
    if seconds is None:
        return ""
    if seconds < ROUNDED_TO_S:
        return "a few seconds left"
    if seconds < A_MINUTE:
        return f"about {round(seconds / ROUNDED_TO_S) * ROUNDED_TO_S} s left"
    return f"about {round(seconds / A_MINUTE)} min left"


def result_words(result: BulkResult, keys: Callable[[str], str]) -> tuple[str, bool]:
    """How it ended and what to do next, and whether all went well."""
    if result.action is BulkAction.CHECK:
        return _checked(result, keys)
    sentences = [f"{counted(len(result.done), 'webhook')} {DONE[result.action]}."]
    if result.failed:
        sentences.append(f"{len(result.failed)} failed.")
        sentences += [
            f"{number} × {reason}" if len(result.failed) > 1 else reason
            for reason, number in result.reasons[:2]
        ]
    if result.not_begun:
        sentences.append(f"{len(result.not_begun)} were left as they are.")
    if result.ended_by is not None and not result.failed:
        sentences.append(result.ended_by.message)
    is_good = not result.failed and not result.not_begun
    if not is_good:
        sentences.append("They are marked: the same key tries them again.")
    return "\n".join(sentences), is_good


def _checked(result: BulkResult, keys: Callable[[str], str]) -> tuple[str, bool]:
    outcomes = [item.report.outcome for item in result.done if item.report is not None]
    counts = [
        f"{outcomes.count(outcome)} {MARKS[outcome]}"
        for outcome in (Outcome.FAIL, Outcome.WARN, Outcome.OK)
        if outcome in outcomes
    ]
    sentences = [f"{counted(len(result.done), 'webhook')} checked: {' · '.join(counts)}."]
    if result.not_begun:
        sentences.append(f"{len(result.not_begun)} were not looked at.")
    if len(counts) > 1:
        sentences.append(keys("Sorting by state ({browse.sort}) puts what fails first."))
    return "\n".join(sentences), not result.not_begun
