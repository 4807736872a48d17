"""A check box that can be read without colour: ``[x]`` or ``[ ]``."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox


class Tick(Checkbox):
    """On or off; space and enter change it."""

    def render(self) -> Content:
        """The box and its label."""
        mark = ("[x]", "bold $success") if self.value else ("[ ]", "$foreground-muted")
        label = self._label.pad(1, 1).stylize_before(self.get_visual_style("toggle--label"))
        return Content.assemble(mark, label)
