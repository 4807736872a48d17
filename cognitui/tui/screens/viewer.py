"""Shows a text that can be read, scrolled and copied."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.render import plain
from cognitui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.tui.parts import Keys

HELP = "↑↓ scroll · y copies all of it · esc closes"


class Viewer(Dialog[None]):
    """A text in front of a place.

    Args:
        title: What it is.
        shown: As it is shown.
        text: As it is copied; the same where left out.
        notes: What has to be known about it, above.
    """

    AUTO_FOCUS = "#viewer-scroll"
    KEYS: ClassVar[Keys] = (("y", "Copy all of it"), ("esc", "Close"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close", id="dialog.cancel"),
        Binding("y", "copy", "Copy", id="viewer.copy"),
    ]

    def __init__(
        self, title: str, shown: Content | str, *, text: str | None = None, notes: str = ""
    ) -> None:
        super().__init__()
        self._title, self._notes = title, notes
        self._shown = Content(shown) if isinstance(shown, str) else shown
        self._text = self._shown.plain if text is None else text

    def compose(self) -> ComposeResult:
        """Title, notes, text, keys."""
        with Vertical(classes="dialog lab"):
            yield Static(plain(self._title, 200), classes="dialog-title")
            if self._notes:
                yield Static(plain(self._notes, 1000), classes="dialog-text")
            with VerticalScroll(id="viewer-scroll", can_focus=True):
                yield Static(self._shown, id="viewer-text")
            yield Static(HELP, classes="dialog-help")

    def action_close(self) -> None:
        """It was read."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy all of it."""
        work = partial(self.app.copy_text, self._text, "The text")
        _: Worker[None] = self.run_worker(work, group="copy", exit_on_error=True)
