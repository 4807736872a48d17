"""Bots, skills and webhooks as rows of Browse's list, and as texts to search: pure functions.

What is searched is what is shown, so that the letters that matched can be pointed out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.network.outcome import Outcome
from cognitui.tui.widgets.row_text import Column, Row
from cognitui.webhooks.words import MARKS

if TYPE_CHECKING:
    from collections.abc import Collection

    from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
    from cognitui.fuzzy import Match
    from cognitui.tui.widgets.row_text import Cell, Run
    from cognitui.webhooks.endpoint_report import EndpointReport

COLUMNS = (
    Column("id", "ID", 12, share=1, most=30),
    Column("skill", "SKILL", 12, share=2, rank=2, most=30),
    Column("endpoint", "ENDPOINT", 13, share=4, rank=3, keeps_end=True),
    Column("state", "STATE", 14, share=1, rank=1, most=24),
)
HEADER_INDENT = 4
"""Where the ids begin: behind the indentation of a webhook."""

ROLES = {
    Outcome.OK: "good",
    Outcome.WARN: "warn",
    Outcome.FAIL: "bad",
    Outcome.SKIPPED: "muted",
}
NAME, ID, URL = 80, 60, 200


def shown_skill(name: str) -> str:
    """The name of a skill, harmless."""
    return safe_text(name, NAME)


def shown_address(url: str) -> str:
    """A URL as the list has room for it: https goes without saying, http does not."""
    return safe_text(url.removeprefix("https://"), URL)


def webhook_text(webhook: RegisteredWebhook, skill_name: str) -> str:
    """What a webhook is searched in: id and skill first, then the rest."""
    return (
        f"{safe_text(webhook.id, ID)}\t{shown_skill(skill_name)}"
        f"\n{shown_address(webhook.url)}\n{safe_text(webhook.skill_id, ID)}"
    )


def skill_text(skill: Skill) -> str:
    """What a skill is searched in."""
    return f"{shown_skill(skill.name or skill.id)}\n{safe_text(skill.id, ID)}"


def bot_text(bot: Bot) -> str:
    """What a bot is searched in."""
    return f"{safe_text(bot.name or bot.id, NAME)}\n{safe_text(bot.id, ID)}"


def webhook_row(
    webhook: RegisteredWebhook,
    skill_name: str,
    report: EndpointReport | None,
    match: Match | None = None,
    doing: str = "",
) -> Row:
    """One webhook.

    Args:
        webhook: As the tenant holds it.
        skill_name: The name of its skill.
        report: What the last check of its endpoint found out.
        match: Where `webhook_text` matched what is typed.
        doing: What is being done to it, in a word.
    """
    positions = frozenset(match.positions) if match else frozenset()
    name, skill = safe_text(webhook.id, ID), shown_skill(skill_name)
    address = shown_address(webhook.url)
    skill_at = len(name) + 1
    return Row(
        (
            lit(name, positions),
            lit(skill, positions, skill_at),
            lit(address, positions, skill_at + len(skill) + 1, "muted"),
            ((f"◌ {doing}", "warn") if doing else state_run(webhook, report),),
        ),
        depth=1,
    )


def state_run(webhook: RegisteredWebhook, report: EndpointReport | None) -> Run:
    """How a webhook is: switched off, or what the last check said."""
    if not webhook.enabled:
        return ("off", "muted")
    if report is None:
        return ("on", "muted")
    return (f"{MARKS[report.outcome]} {report.verdict}", ROLES[report.outcome])


def state_rank(webhook: RegisteredWebhook, outcome: Outcome | None) -> int:
    """What to look at first when sorting by state: what fails."""
    if not webhook.enabled:
        return 2
    if outcome is None:
        return 3
    return {Outcome.FAIL: 0, Outcome.WARN: 1}.get(outcome, 4)


def skill_row(skill: Skill, match: Match | None = None) -> Row:
    """One skill."""
    positions = frozenset(match.positions) if match else frozenset()
    return Row((lit(shown_skill(skill.name or skill.id), positions),), depth=1)


def bot_row(bot: Bot, *, is_open: bool, health: Run | None, match: Match | None = None) -> Row:
    """One bot, with its engine's health at the end of the line where it is known."""
    positions = frozenset(match.positions) if match else frozenset()
    name = lit(safe_text(bot.name or bot.id, NAME), positions, role="strong" if is_open else "")
    return Row((name,), is_open=is_open, tail=(health,) if health else ())


def group_row(title: str, counts: str, more: str, tail: str, *, is_open: bool) -> Row:
    """The line above skills or webhooks.

    Args:
        title: Their name.
        counts: How many there are.
        more: Says that there may be more.
        tail: What stands at the end of the line.
        is_open: Whether they are shown.
    """
    tails: Cell = ((tail, "muted"),) if tail else ()
    return Row((((f"{title} ({counts}){more}", ""),),), depth=1, is_open=is_open, tail=tails)


def note_row(text: str, role: str = "muted") -> Row:
    """A line that says something about the rows around it."""
    return Row((((safe_text(text, URL), role),),), depth=1)


def lit(text: str, positions: Collection[int], offset: int = 0, role: str = "") -> Cell:
    """A text with the characters at some positions pointed out.

    Args:
        text: The text.
        positions: Counted from the start of a longer text …
        offset: … in which this one begins here.
        role: What the rest looks like.
    """
    if not positions:
        return ((text, role),)
    runs: list[Run] = []
    for number, letter in enumerate(text, offset):
        letter_role = "match" if number in positions else role
        if runs and runs[-1][1] == letter_role:
            runs[-1] = (runs[-1][0] + letter, letter_role)
        else:
            runs.append((letter, letter_role))
    return tuple(runs) or (("", role),)
