"""Texts of records, which strangers may have written, made harmless for those who read them."""

from __future__ import annotations

import unicodedata

CUT = "…"
# Controls, formats (bidi and zero-width among them), surrogates, private use, unassigned, and the
# separators that are taken for a line end.
_HOSTILE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def shown(text: str, limit: int = 0) -> str:
    r"""Text on one line that can neither steer what shows it nor reorder what is beside it.

    What could do so becomes an escape such as ``\x1b``.

    Args:
        text: What was recorded.
        limit: The most characters of the result, not counting the ``…`` that marks a cut; 0 for
            any number.
    """
    cut = text[: limit + 1] if limit else text
    if not (cut.isascii() and cut.isprintable()):
        cut = "".join(map(_shown, cut))
    return cut[:limit] + CUT if limit and len(cut) > limit else cut


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HOSTILE:
        return character
    return character.encode("unicode_escape").decode("ascii")
