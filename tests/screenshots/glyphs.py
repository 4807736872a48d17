"""Lines and blocks as shapes, so that they meet whatever font the reader has."""

from __future__ import annotations

import unicodedata

LIGHT, HEAVY = 0.125, 0.25
"""How thick lines are, in widths of a cell."""
Box = tuple[float, float, float, float]
"""Left, top, width and height in parts of a cell."""

_SIDES = {"UP": "n", "DOWN": "s", "LEFT": "w", "RIGHT": "e", "VERTICAL": "ns", "HORIZONTAL": "we"}
_QUADRANTS: dict[str, Box] = {
    "UPPER LEFT": (0, 0, 0.5, 0.5),
    "UPPER RIGHT": (0.5, 0, 0.5, 0.5),
    "LOWER LEFT": (0, 0.5, 0.5, 0.5),
    "LOWER RIGHT": (0.5, 0.5, 0.5, 0.5),
}
_EIGHTHS = {
    "ONE EIGHTH": 1, "ONE QUARTER": 2, "THREE EIGHTHS": 3, "HALF": 4, "FIVE EIGHTHS": 5,
    "THREE QUARTERS": 6, "SEVEN EIGHTHS": 7,
}  # fmt: skip


def boxes(character: str, aspect: float) -> list[Box] | None:
    """What a character is made of; ``None`` when it is left to the font.

    Args:
        character: One character.
        aspect: The height of a cell in its widths, so that lines are as thick both ways.
    """
    name = unicodedata.name(character, "")
    if name.startswith("BOX DRAWINGS "):
        sides = _sides(name.removeprefix("BOX DRAWINGS "))
        return _lines(sides, aspect) if sides else None
    if 0x2580 <= ord(character) <= 0x259F:
        return _block(name)
    return None


def _sides(words: str) -> dict[str, float]:
    """How thick the line to each side is: ``LEFT HEAVY AND RIGHT LIGHT`` and the like.

    An arc is drawn as the corner that it rounds. Nothing for doubles, dashes and diagonals.
    """
    sides: dict[str, float] = {}
    unknown = set(words.split()) - {*_SIDES, "LIGHT", "HEAVY", "AND", "ARC"}
    if unknown:
        return sides
    for part in words.replace("ARC ", "").split(" AND "):
        tokens = part.split()
        weight = HEAVY if "HEAVY" in tokens else LIGHT if "LIGHT" in tokens else None
        if weight is None:  # LIGHT DOWN AND RIGHT: the weight is said once
            weight = next(iter(sides.values()))
        for token in tokens:
            for side in _SIDES.get(token, ""):
                sides[side] = weight
    return sides


def _lines(sides: dict[str, float], aspect: float) -> list[Box]:
    found: list[Box] = []
    thickest = max(sides.values())
    for side, weight in sides.items():
        across, along = weight, weight / aspect
        reach = thickest / 2
        if side in "ns":
            # A little over the middle, so that the lines of a corner make one.
            end = 0.5 + reach / aspect
            top = 0.0 if side == "n" else 1 - end
            found.append((0.5 - across / 2, top, across, end))
        else:
            end = 0.5 + reach
            left = 0.0 if side == "w" else 1 - end
            found.append((left, 0.5 - along / 2, end, along))
    return found


def _block(name: str) -> list[Box] | None:
    if name == "FULL BLOCK":
        return [(0, 0, 1, 1)]
    if name.startswith("QUADRANT "):
        return [_QUADRANTS[words] for words in name.removeprefix("QUADRANT ").split(" AND ")]
    where, _, amount = name.removesuffix(" BLOCK").partition(" ")
    part = _EIGHTHS.get(amount, 0) / 8
    found: dict[str, Box] = {
        "UPPER": (0, 0, 1, part),
        "LOWER": (0, 1 - part, 1, part),
        "LEFT": (0, 0, part, 1),
        "RIGHT": (1 - part, 0, part, 1),
    }
    return [found[where]] if part else None
