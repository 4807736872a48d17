"""From a widget that can have the focus to what it is called and is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tui.parts import Kind, Part, kind_of
from cognitui.tui.widgets.field import Field

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.widget import Widget


def kind_of_widget(widget: Widget) -> Kind:
    """What it has in common with others of its class."""
    return kind_of(cls.__name__ for cls in type(widget).__mro__)


def part_of_widget(widget: Widget, parts: Sequence[Part]) -> Part:
    """What it is called and is for.

    Args:
        widget: It.
        parts: What its place or dialog says; what is missing there is called by the label beside
            it, or by its kind.
    """
    found = next((part for part in parts if part.id == widget.id), None)
    if found is not None:
        return found
    fields = [node for node in widget.ancestors if isinstance(node, Field)]
    label = fields[0].label if fields else str(getattr(widget, "label", ""))
    return Part(widget.id or "", label or kind_of_widget(widget).name, "")
