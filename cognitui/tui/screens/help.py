"""The keys of wherever you are, on a sheet that scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cognitui.tui.places import PLACES
from cognitui.tui.screens.dialog import Dialog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

KEY_WIDTH = 12
EVERYWHERE = (
    ("tab, ⇧tab", "to the next part, to the one before"),
    ("esc", "out of a field, then back to the place before"),
    ("ctrl+p", "the palette: everything by name"),
    ("F1, ?", "this sheet (? is a letter while you type)"),
    ("q", "quit; ctrl+q also while you type"),
)


class Help(Dialog[None]):
    """What a place is for, its keys, and those that work everywhere.

    Args:
        title: The place's name.
        text: What it is for, in a sentence or two.
        keys: Key and meaning, in the footer's order.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,question_mark,q", "dismiss(None)", "Close", id="help.close"),
    ]

    def __init__(self, title: str, text: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._text, self._keys = title, text, keys

    def compose(self) -> ComposeResult:
        """One sheet."""
        with VerticalScroll(classes="dialog help"):
            yield Static(help_text(self._title, self._text, self._keys))

    def on_mount(self) -> None:
        """The arrow keys scroll."""
        self.query_one(VerticalScroll).focus()


def help_text(title: str, text: str, keys: Sequence[tuple[str, str]]) -> Content:
    """The sheet as text."""
    places = [(place.key, f"{place.title}: {place.help}") for place in PLACES]
    parts: list[Content] = [Content.styled(title, "bold $primary"), Content(text), Content("")]
    parts += [_line(key, meaning) for key, meaning in keys]
    parts += [Content(""), Content.styled("Everywhere", "bold $primary")]
    parts += [_line(key, meaning) for key, meaning in (*places, *EVERYWHERE)]
    parts += [Content(""), Content.styled("↑↓ scroll · esc closes", "$foreground-muted")]
    return Content("\n").join(parts)


def _line(key: str, meaning: str) -> Content:
    return Content.assemble((f"{key:<{KEY_WIDTH}}", "bold"), meaning)
