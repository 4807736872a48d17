"""Selecting text with the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.geometry import Offset
    from textual.widget import Widget


class Selection(Screen[Any]):
    """A screen on which one may press the mouse on what is just going away, such as a toast.

    Textual begins a selection there and fails: such a widget lies in nothing any more.
    """

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """The widget and the place in its text, unless it is going away."""
        widget, offset = super().get_widget_and_offset_at(x, y)
        is_held = isinstance(widget, Screen) or (widget is not None and widget.parent is not None)
        return (widget, offset) if is_held else (None, None)
