"""Asks once more before something is changed at a production tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.tenants.errors import ProductionNotConfirmed

if TYPE_CHECKING:
    from textual.screen import Screen

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.tui.screens.place import Place

CALLED_OFF = "Nothing was changed: the tenant's name was not typed."
SWITCHED = "Nothing was changed: another tenant was opened while the question stood there."


async def is_meant(place: Place, what: str, question: Screen[bool] | None = None) -> bool:
    """Whether a change is meant for the tenant that is open.

    At a tenant that is marked as production its name has to be typed as well. The answers are for
    the tenant that was open when the question came up: at another one nothing is done.

    Args:
        place: Where the person is.
        what: What would be done, such as ``Deleting wh_03f2``.
        question: What is asked at every tenant, where something is.
    """
    client = place.workspace.client if place.workspace.profile is not None else None
    if question is not None and not await place.app.push_screen_wait(question):
        return False
    await place.workspace.tenants.look_at_marks()
    if client is None:
        return place.workspace.profile is None
    if place.workspace.has_open(client) and not await _is_named(place, what, client):
        return False
    if not place.workspace.has_open(client):
        place.tell(SWITCHED, warning=True)
        return False
    return True


async def _is_named(place: Place, what: str, client: CognigyClient) -> bool:
    """Whether the name of a production tenant was typed; true as soon as another one is open."""
    tenants, profile = place.workspace.tenants, place.workspace.profile
    if profile is None or not tenants.needs_confirmation():
        return True
    from cognitui.tui.screens.ask import Ask

    name, problem, typed = safe_text(profile.name, 40), "", ""
    words = f"{safe_text(what, 200)}: that is for real there. Type {name} to go on."
    while True:
        ask = Ask(f"{name} is a production tenant", words, value=typed, problem=problem)
        answer = await place.app.push_screen_wait(ask)
        if not place.workspace.has_open(client):
            return True
        if answer is None:
            place.tell(CALLED_OFF)
            return False
        try:
            tenants.confirm(answer.strip())
        except ProductionNotConfirmed as error:
            problem, typed = error.message, answer
        else:
            return True
