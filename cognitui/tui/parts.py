"""What the parts of a place are called and how they are used: words for help and for jumping.

A part is anything that can have the focus. A place names its own; what it does not name is called
by the label beside it, or by its kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Keys = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a place.

    Attributes:
        id: Its widget's id.
        name: What it is called, such as ``Filter``.
        help: What it is for, in a sentence.
        keys: Its own keys and what they do, beside those that its kind has.
    """

    id: str
    name: str
    help: str
    keys: Keys = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """What all widgets of one class have in common."""

    name: str
    help: str
    keys: Keys


KINDS = {
    "Input": Kind(
        "Text",
        "A line to type into.",
        (
            ("enter", "To the next part"),
            ("esc", "Out of it: then letters and digits are keys again"),
            ("ctrl+a, ctrl+e", "To the start, to the end"),
            ("ctrl+u, ctrl+k", "Delete to the start, to the end"),
            ("ctrl+w", "Delete the word before the cursor"),
        ),
    ),
    "TextArea": Kind(
        "Text",
        "Lines to type into.",
        (
            ("tab", "To the next part"),
            ("esc", "Out of it: then letters and digits are keys again"),
            ("shift+arrows", "Select; ctrl+c copies, ctrl+x cuts"),
            ("ctrl+z, ctrl+y", "Undo, redo"),
        ),
    ),
    "RowList": Kind(
        "List",
        "",
        (
            ("↑ ↓, k j", "Move"),
            ("page up/down", "Move by a page"),
            ("home end, g G", "To the first, to the last"),
        ),
    ),
    "OptionList": Kind("List", "", (("↑ ↓", "Move"), ("enter", "Choose"))),
    "Select": Kind("Choice", "One of several.", (("enter", "Open it; ↑ ↓ and enter choose"),)),
    "ToggleButton": Kind("Tick", "On or off.", (("space", "Switch it"),)),
    "Button": Kind("Button", "", (("enter", "Press it"),)),
    "VerticalScroll": Kind("Text", "It scrolls.", (("↑ ↓", "Scroll"),)),
    "ScrollableContainer": Kind("Text", "It scrolls.", (("↑ ↓", "Scroll"),)),
}
OTHER = Kind("Part", "", ())


def kind_of(class_names: Iterable[str]) -> Kind:
    """The kind of a widget, from the names of its class and those that it is made from."""
    return next((KINDS[name] for name in class_names if name in KINDS), OTHER)
