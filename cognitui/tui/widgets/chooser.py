"""One of several, in a line that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Select
from textual.widgets._select import SelectCurrent, SelectOverlay

from cognitui.tui.widgets.options import LateClicks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult


class ChooserList(LateClicks, SelectOverlay):
    """What a chooser opens; a key that comes before it is laid out does no harm."""


class Chooser(Select[str]):
    """A choice that always has a value.

    Args:
        options: What is shown and what is chosen by it.
        value: What is chosen at first.
        id: The widget's id.
    """

    def __init__(self, options: Sequence[tuple[str, str]], value: str, *, id: str) -> None:  # noqa: A002
        super().__init__(options, value=value, allow_blank=False, compact=True, id=id)

    def compose(self) -> ComposeResult:
        """As Textual does it, with our list."""
        yield SelectCurrent(self.prompt)
        yield ChooserList().data_bind(compact=Select.compact)
