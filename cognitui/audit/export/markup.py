"""HTML and SVG put together so that no text can become markup by oversight."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VOID = frozenset({"meta", "br"})


class Html(str):
    """Text that is markup already. Only what this module makes is of this kind."""

    __slots__ = ()


def element(name: str, /, *children: str, **attributes: str | float) -> Html:
    """An element; children that are not `Html` are text, and are escaped.

    Args:
        name: The element's name.
        children: What stands in it.
        attributes: An underscore in a name stands for a dash, one at its end for nothing.
    """
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    if name in _VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{join(children)}</{name}>")


def join(parts: Iterable[str]) -> Html:
    """Parts one after the other; those that are not `Html` are escaped."""
    return Html("".join(part if isinstance(part, Html) else escape(part) for part in parts))


def _value(value: str | float) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return escape(str(value))
