"""What quick hands can do to a screen that Textual does not expect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import events
from textual.screen import Screen

if TYPE_CHECKING:
    from textual.await_remove import AwaitRemove
    from textual.geometry import Offset
    from textual.message import Message
    from textual.widget import Widget


class Selection(Screen[Any]):
    """A screen that may be clicked where something is going away, and left before it is there."""

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """The widget and the place in its text, unless it is going away, as a toast does.

        Textual begins to select text there and fails: such a widget lies in nothing any more.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        is_held = isinstance(widget, Screen) or (widget is not None and widget.parent is not None)
        return (widget, offset) if is_held else (None, None)

    def remove(self) -> AwaitRemove:
        """Go away; what it still loads ends first, and not after the parts that it would fill."""
        for node in self.walk_children(with_self=True):
            self.workers.cancel_node(node)
        return super().remove()

    async def _dispatch_message(self, message: Message) -> None:
        # Taken away while its parts are made it gets none, and is told that they are there.
        if not (isinstance(message, events.Mount) and (self._pruning or self._closing)):
            await super()._dispatch_message(message)
