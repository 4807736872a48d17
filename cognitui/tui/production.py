"""Asks once more before something is changed at a production tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.tenants.errors import ProductionNotConfirmed

if TYPE_CHECKING:
    from cognitui.tui.screens.place import Place

CALLED_OFF = "Nothing was changed: the tenant's name was not typed."


async def is_meant(place: Place, what: str) -> bool:
    """Whether a change is meant for the tenant that is open.

    At a tenant that is marked as production its name has to be typed; elsewhere nobody is asked.

    Args:
        place: Where the person is.
        what: What would be done, such as ``Deleting wh_03f2``.
    """
    tenants, profile = place.workspace.tenants, place.workspace.profile
    if profile is None or not tenants.needs_confirmation():
        return True
    from cognitui.tui.screens.ask import Ask

    name, problem, typed = safe_text(profile.name, 40), "", ""
    words = f"{safe_text(what, 200)} changes it for real. Type {name} to go on."
    while True:
        ask = Ask(f"{name} is a production tenant", words, value=typed, problem=problem)
        answer = await place.app.push_screen_wait(ask)
        if answer is None:
            place.tell(CALLED_OFF)
            return False
        try:
            tenants.confirm(answer.strip())
        except ProductionNotConfirmed as error:
            problem, typed = error.message, answer
        else:
            return True
