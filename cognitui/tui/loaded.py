"""The bots, skills and webhooks that are loaded, and how to show one: the palette's way to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.cognigy.models import Bot
    from cognitui.tui.app import CognituiApp


@dataclass(frozen=True, slots=True)
class Thing:
    """Something of the tenant's that one can go to.

    Attributes:
        kind: ``webhook``, ``skill`` or ``bot``.
        id: Its id, as the tenant spells it.
        name: What it is called beside its id; may be empty.
        detail: What else it is known by.
        bot: Whose it is, or the bot itself.
    """

    kind: str
    id: str
    name: str
    detail: str
    bot: Bot

    @property
    def text(self) -> str:
        """What is searched: its names, then everything else."""
        return f"{self.id}\t{self.name}\n{self.kind} {self.detail}"


def things(app: CognituiApp) -> Iterator[Thing]:
    """Everything that is loaded, webhooks first."""
    if not app.is_ready:
        return
    bots = list(app.workspace.catalogue.bots.values())
    for loaded in bots:
        for hook in list(loaded.webhooks.items.values()):
            yield Thing("webhook", hook.id, loaded.skill_name(hook), hook.url, loaded.bot)
    for loaded in bots:
        for skill in list(loaded.skills.items.values()):
            yield Thing("skill", skill.id, skill.name, "", loaded.bot)
        yield Thing("bot", loaded.bot.id, loaded.bot.name, "", loaded.bot)


def show_thing(app: CognituiApp, thing: Thing) -> None:
    """Go to Browse, with the cursor on this."""
    app.action_go("browse")
    place = app.places.browse
    place.call_after_refresh(place.show_item, thing.bot, f"{thing.kind}:{thing.id}")
