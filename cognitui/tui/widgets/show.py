"""Text that changes at every key, without laying the whole screen out each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from textual.widgets import Static


def show(static: Static, content: Content | str) -> None:
    """Change what a ``Static`` shows; a plain string is text, never markup.

    Nothing happens when it shows that already. The screen is laid out anew, which costs as much as
    all the rest of a key, only when the text takes another number of lines, or another width where
    the width follows from it.
    """
    new = content if isinstance(content, Content) else Content(content)
    old = static.visual
    if not isinstance(old, Content):
        static.update(new)
    elif not old.is_same(new):
        static.update(new, layout=not _is_as_large(static, old, new))


def _is_as_large(static: Static, old: Content, new: Content) -> bool:
    styles, width = static.styles, static.content_size.width
    if not styles.auto_dimensions:
        return True
    if styles.is_auto_width and _width(old) != _width(new):
        return False
    rules = styles.get_rules()
    return width > 0 and old.get_height(rules, width) == new.get_height(rules, width)


def _width(content: Content) -> int:
    return max((line.cell_length for line in content.split(allow_blank=True)), default=0)
