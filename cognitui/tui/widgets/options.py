"""A list of options that changes while one clicks on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual import events


class Options(OptionList):
    """An option list that a late click does no harm to."""

    async def _on_click(self, event: events.Click) -> None:
        """Choose what was clicked, unless the list has become too short for that meanwhile."""
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked >= self.option_count:
            event.prevent_default()  # which would look for it
