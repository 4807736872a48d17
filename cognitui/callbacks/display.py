"""Bytes from strangers, made safe to look at."""

from __future__ import annotations

import unicodedata

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


def _shown(character: str, *, multiline: bool) -> str:
    if multiline and character == "\n":
        return "\n"
    if multiline and character == "\t":
        return _TAB
    if unicodedata.category(character) not in _HOSTILE:
        return character
    # The only printable spelling that Python has for every one of them.
    return character.encode("unicode_escape").decode("ascii")
