"""Which letter jumps to which part of a place: a pure mapping."""

from __future__ import annotations

from string import ascii_lowercase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def letters_for(names: Sequence[str]) -> list[str]:
    """A letter for each name: the first of its words' initials, then of its letters, that is free.

    Names that come first choose first. When all letters are taken the rest get an empty string.
    """
    taken: set[str] = set()
    letters = []
    for name in names:
        letter = next((wish for wish in _wishes(name) if wish not in taken), "")
        taken.add(letter)
        letters.append(letter)
    return letters


def _wishes(name: str) -> str:
    lower = name.lower()
    initials = "".join(word[0] for word in lower.split())
    return "".join(char for char in initials + lower if char in ascii_lowercase) + ascii_lowercase
