"""Bytes from strangers, made safe to look at."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

CUT = "…"
# Controls, formats (bidi and zero-width among them), surrogates, private use, unassigned, and the
# separators that terminals take for a line end.
_HOSTILE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_TAB = "    "


def safe_text(data: bytes | str, limit: int = 4096, *, multiline: bool = False) -> str:
    r"""Text that cannot move the cursor, change colours, reorder or hide what is beside it.

    What could do so is shown as an escape such as ``\x1b`` or ``\u202e``; so are bytes that are not
    UTF-8. The result is plain text: markup of the widget that shows it is the widget's concern.

    Args:
        data: What was received.
        limit: The most characters of the result, not counting the ``…`` that marks a cut.
        multiline: Whether line ends stay line ends and tabs become spaces.
    """
    # A character takes four bytes at most, so that a body of a megabyte is not decoded for a line.
    cut = data[: 4 * limit + 4]
    text = cut.decode("utf-8", "backslashreplace") if isinstance(cut, bytes) else cut
    if multiline:
        text = text.replace("\r\n", "\n")
    parts: list[str] = []
    room = limit
    for character in text:
        shown = _shown(character, multiline=multiline)
        room -= len(shown)
        if room < 0:
            return "".join(parts) + CUT
        parts.append(shown)
    return "".join(parts)


def safe_json(value: Any, *, indent: int | None = 2) -> str:
    r"""JSON that is safe to look at, and still means the same when it is read back.

    Everything but ASCII that could steer the terminal stands inside a text there, where JSON has an
    escape for it: ``\u202e``, and two of them for a character beyond the first plane.

    Args:
        value: What `json.dumps` takes.
        indent: Spaces for each level; ``None`` writes it on one line.
    """
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    if text.isascii() and "\x7f" not in text:  # the other controls are escaped already
        return text
    return "".join(
        json.dumps(character)[1:-1] if _is_hostile(character) and character != "\n" else character
        for character in text
    )


def _is_hostile(character: str) -> bool:
    return unicodedata.category(character) in _HOSTILE


def _shown(character: str, *, multiline: bool) -> str:
    if multiline and character == "\n":
        return "\n"
    if multiline and character == "\t":
        return _TAB
    if not _is_hostile(character):
        return character
    # The only printable spelling that Python has for every one of them.
    return character.encode("unicode_escape").decode("ascii")
