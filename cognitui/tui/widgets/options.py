"""A list of options that changes while one clicks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual import events


class LateClicks:
    """For an option list: a click on what is gone does no harm."""

    option_count: int

    async def _on_click(self, event: events.Click) -> None:
        """Choose what was clicked, unless the list has become too short for that meanwhile."""
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked >= self.option_count:
            event.prevent_default()  # which would look for it


class Options(LateClicks, OptionList):
    """An option list that a late click does no harm to."""
