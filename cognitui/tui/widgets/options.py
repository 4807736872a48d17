"""A list of options that changes while one clicks on it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from textual.widgets import OptionList

if TYPE_CHECKING:
    from textual import events


class LateClicks:
    """For an option list: what is done to what is gone, or is not laid out yet, does no harm."""

    option_count: int

    def _move_page(self, direction: int) -> None:
        # Until it is laid out it does not know in which lines its options are.
        with suppress(KeyError):
            super()._move_page(direction)  # type: ignore[misc]

    async def _on_click(self, event: events.Click) -> None:
        """Choose what was clicked, unless the list has become too short for that meanwhile."""
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked >= self.option_count:
            event.prevent_default()  # which would look for it


class Options(LateClicks, OptionList):
    """An option list that a late click does no harm to."""
