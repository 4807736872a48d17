"""The keys of wherever you are, on a sheet that scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

KEY_WIDTH = 12
MOVING = (
    ("tab, ⇧tab", "To the next part, to the one before"),
    ("esc", "Out of a field, then back to the place before"),
    ("ctrl+q", "Quit, also while you type"),
)


class Help(Dialog[None]):
    """What a place is for, its keys, and those that work everywhere.

    Args:
        title: The place's name.
        text: What it is for, in a sentence or two.
        keys: Keys and meaning of what can be done there, in the key bar's order.
        anywhere: The same of what can be done anywhere.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss(None)", "Close", id="help.close"),
    ]

    def __init__(
        self,
        title: str,
        text: str,
        keys: Sequence[tuple[str, str]],
        anywhere: Sequence[tuple[str, str]],
    ) -> None:
        super().__init__()
        self._words = help_text(title, text, keys, anywhere)

    def compose(self) -> ComposeResult:
        """One sheet."""
        with VerticalScroll(classes="dialog help"):
            yield Static(self._words)

    def on_mount(self) -> None:
        """The arrow keys scroll."""
        self.query_one(VerticalScroll).focus()


def help_text(
    title: str,
    text: str,
    keys: Sequence[tuple[str, str]],
    anywhere: Sequence[tuple[str, str]],
) -> Content:
    """The sheet as text."""
    parts: list[Content] = [Content.styled(title, "bold $primary"), Content(text), Content("")]
    parts += [_line(key, meaning) for key, meaning in keys]
    parts += [Content(""), Content.styled("Everywhere", "bold $primary")]
    parts += [_line(key, meaning) for key, meaning in (*anywhere, *MOVING)]
    parts += [Content(""), Content.styled("↑↓ scroll · esc closes", "$foreground-muted")]
    return Content("\n").join(parts)


def _line(key: str, meaning: str) -> Content:
    return Content.assemble((f"{key:<{KEY_WIDTH}}", "bold"), meaning)
