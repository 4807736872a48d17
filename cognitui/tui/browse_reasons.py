"""Why something cannot be done where the cursor is in Browse, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.tui.browse_view import GROUP, WEBHOOKS

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.tui.browse_view import Item
    from cognitui.tui.commands import Command
    from cognitui.tui.screens.browse import BrowsePlace

NO_TENANT = "No tenant is open: press {app.go-tenants} and open one."
NOTHING = "There is nothing here yet: {browse.reload} loads it again."
ON_A_HEADING = "The cursor is on a heading: move to what you want to copy."


def reason_against(command: Command, place: BrowsePlace) -> str:
    """A sentence; empty when it can be done."""
    against = _AGAINST.get(command.name)
    reason = against(place) if against is not None else ""
    if place.workspace.profile is None:
        reason = NO_TENANT
    return place.app.with_keys(reason) if reason else ""


def _against_new(place: BrowsePlace) -> str:
    bot, item = place.workspace.bot, place.item
    if isinstance(item, Bot) and item != bot:
        return "This bot is not open: enter opens it."
    return "" if bot is not None else NOTHING


def _against_listed(place: BrowsePlace) -> str:
    return "" if place.shown.chosen is not None else NOTHING


def _against_one(place: BrowsePlace) -> str:
    item = place.item
    return "" if isinstance(item, RegisteredWebhook) else _where(item)


def _against_marked(place: BrowsePlace) -> str:
    return "" if place.rows.marks else _against_one(place)


def _against_check(place: BrowsePlace) -> str:
    is_on_all = place.rows.cursor_key == GROUP + WEBHOOKS and place.shown.webhook_ids()
    return "" if is_on_all else _against_marked(place)


def _against_copy(place: BrowsePlace) -> str:
    return "" if place.rows.marks or place.item is not None else ON_A_HEADING


def _against_copy_json(place: BrowsePlace) -> str:
    return "" if place.item is not None else ON_A_HEADING


def _against_unmark(place: BrowsePlace) -> str:
    return "" if place.rows.marks else "Nothing is marked: {browse.mark} marks a webhook."


def _against_stop(place: BrowsePlace) -> str:
    return "" if place.is_bulk_under_way else "Nothing is being done to several webhooks."


def _where(item: Item | None) -> str:
    thing = "skill" if isinstance(item, Skill) else "bot" if isinstance(item, Bot) else "heading"
    return f"The cursor is on a {thing}: move to a webhook."


_AGAINST: dict[str, Callable[[BrowsePlace], str]] = {
    "new": _against_new,
    "check": _against_check,
    "copy": _against_copy,
    "copy-json": _against_copy_json,
    "unmark": _against_unmark,
    "stop": _against_stop,
    **dict.fromkeys(("edit", "callback", "copy-url", "copy-curl", "mark"), _against_one),
    **dict.fromkeys(("switch", "enable", "disable", "delete"), _against_marked),
    **dict.fromkeys(
        (
            "filter",
            "sort",
            "reverse",
            "mark-all",
            "sort-tenant",
            "sort-id",
            "sort-skill",
            "sort-endpoint",
            "sort-state",
        ),
        _against_listed,
    ),
}
