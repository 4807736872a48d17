"""What has the focus, what it is for, and the keys of wherever you are: a sheet that scrolls."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cognitui.callbacks.display import safe_text
from cognitui.tui.places import PLACES
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.described import kind_of_widget, part_of_widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.screen import Screen
    from textual.widget import Widget

    from cognitui.tui.commands import Command
    from cognitui.tui.parts import Part

KEY_WIDTH = 16
MOVING = (
    ("tab, shift+tab", "To the next part, to the one before"),
    ("esc", "Stop what is under way, else out of a field, else back"),
    ("ctrl+q", "Quit, also while you type"),
)
MOUSE = ("shift+drag", "Select text, as the terminal does it; without shift it is ours")


@dataclass(frozen=True, slots=True)
class Row:
    """A key, what it does, and why not now."""

    key: str
    meaning: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Some of the keys, under a title."""

    title: str
    text: str
    rows: tuple[Row, ...]


class Help(Dialog[None]):
    """Explains.

    Args:
        sections: From what is nearest to what works anywhere.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss(None)", "Close", id="help.close"),
    ]

    def __init__(self, sections: Sequence[Section]) -> None:
        super().__init__()
        self._sections = sections

    def compose(self) -> ComposeResult:
        """One sheet."""
        with VerticalScroll(classes="dialog help") as sheet:
            sheet.border_subtitle = "↑ ↓ scroll · esc closes"
            yield Static("", id="help-text")

    def on_mount(self) -> None:
        """The arrow keys scroll."""
        self.query_one(VerticalScroll).focus()

    @on(events.Resize)
    def _fit(self) -> None:
        """Break the lines anew."""
        self.once_drawn(self._draw)

    def _draw(self) -> None:
        width = self.query_one(VerticalScroll).scrollable_content_region.width
        self.query_one("#help-text", Static).update(help_text(self._sections, width))


def sheet_of(screen: Screen[object]) -> list[Section]:
    """What there is to explain on a screen right now."""
    sections = []
    if screen.focused is not None and isinstance(screen, (Place, Dialog)):
        sections.append(_part_section(screen.focused, screen.PARTS))
    if isinstance(screen, Place):
        sections += [_place_section(screen), _anywhere_section(screen)]
    elif isinstance(screen, Dialog):
        rows = [Row(*row) for row in (*screen.KEYS, *MOVING[:1])]
        sections.append(Section("This dialog", "", tuple(rows)))
    return sections


def _part_section(widget: Widget, parts: Sequence[Part]) -> Section:
    """The part that has the focus: its own keys, then those of its kind."""
    part, kind = part_of_widget(widget, parts), kind_of_widget(widget)
    keys = {**dict(part.keys), **{key: to for key, to in kind.keys if key not in dict(part.keys)}}
    return Section(part.name, part.help or kind.help, tuple(Row(*row) for row in keys.items()))


def _place_section(place: Place) -> Section:
    title = next(info.title for info in PLACES if info.id == place.PLACE)
    commands = [c for c in place.PLACE_COMMANDS if not place.is_stood_in_for(c)]
    return Section(title, place.HELP or "", tuple(_row(place, c) for c in commands))


def _anywhere_section(place: Place) -> Section:
    rows = [_row(place, command) for command in place.app.COMMANDS_ANYWHERE]
    rows += [Row(*row) for row in MOVING]
    if place.app.has_mouse:
        rows.append(Row(*MOUSE))
    return Section("Everywhere", "", tuple(rows))


def _row(place: Place, command: Command) -> Row:
    keys = ", ".join(place.app.key_label(key) for key in place.app.keys_of(command))
    return Row(keys or "palette", command.help, place.reason_against(command))


def help_text(sections: Sequence[Section], width: int) -> Content:
    """The sheet as text.

    Args:
        sections: What it says.
        width: In columns; what a key does is broken within its own column.
    """
    lines: list[Content] = []
    for section in sections:
        lines.append(Content.styled(section.title, "bold $primary"))
        lines += [Content(line) for line in wrap(section.text, max(width, 1))]
        if section.text and section.rows:
            lines.append(Content(""))
        for row in section.rows:
            lines += _lines(row, width)
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])


def _lines(row: Row, width: int) -> list[Content]:
    room = max(width - KEY_WIDTH, KEY_WIDTH)
    first, *more = wrap(row.meaning, room) or [""]
    indent = " " * KEY_WIDTH
    meaning = "\n".join([first, *(indent + line for line in more)])
    if not row.reason:
        return [Content.assemble((f"{row.key:<{KEY_WIDTH}}", "bold"), meaning)]
    reason = wrap(f"not now: {safe_text(row.reason, 300)}", room)
    return [
        Content.styled(f"{row.key:<{KEY_WIDTH}}{meaning}", "$foreground-disabled"),
        *(Content.styled(indent + line, "$foreground-muted") for line in reason),
    ]
