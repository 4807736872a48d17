"""A check box that can be read without colour: ``[x]`` or ``[ ]``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.widgets import Checkbox

if TYPE_CHECKING:
    from textual.binding import BindingType


class Tick(Checkbox):
    """On or off; space and enter change it, the arrows go to the one beside it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down", "app.focus_next", show=False),
        Binding("left,up", "app.focus_previous", show=False),
    ]

    def render(self) -> Content:
        """The box and its label."""
        mark = ("[x]", "bold $success") if self.value else ("[ ]", "$foreground-muted")
        label = self._label.pad(1, 1).stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble(mark, label)
