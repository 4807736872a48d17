"""Finds what a few typed letters mean, quickly enough to follow typing over 10,000 things.

Every typed word has to match, in any order. A word matches a text that contains its letters in
order, with restraints that keep chance matches out: a jump from one word of the text to another
lands on the first letter there, and only the text's first line can be jumped about in. So ``ordst``
finds *Order status*, and no letters find every long URL.

That first line holds the names that people know the thing by, with tabs in between. Who types all
of the very first means just this.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# From best to worst; within each, a match that starts a word or comes early counts a little more.
_WHOLE_NAME, _WHOLE_WORD, _WORD_START, _INSIDE = 1000, 700, 500, 350
_SCATTERED, _ACROSS = 200, 100
_IN_NAME, _AT_START, _LATEST = 60, 40, 40
_A_START = r"(?<![^\W_])"
_NAME = re.compile(r"[^\t\n]*")
_TOKENS = re.compile(r"[^\W_]+|[^\w\s]|_")
_AT_A_TIME = 200
SLICE_S = 0.008


@dataclass(frozen=True, slots=True)
class Match:
    """How well a text matches, and which of its characters do.

    Attributes:
        score: Above 0; more is better. Scores of one query can be compared.
        positions: Where the matched characters are, ascending.
    """

    score: int
    positions: tuple[int, ...]


def fold(text: str) -> str:
    """The text as it is compared: in lower case, each character where it was."""
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    # Some capital letters become two characters; those stay as they are.
    return "".join(low if len(low := char.lower()) == 1 else char for char in text)


class Query:
    """What was typed, ready to be compared with many texts. It is false when that was nothing."""

    def __init__(self, typed: str) -> None:
        words = dict.fromkeys(fold(typed).split())
        # Long words are rare in the texts: asked first, they save asking for the others.
        self._words = tuple(_word(word) for word in sorted(words, key=len, reverse=True))

    def __bool__(self) -> bool:
        return bool(self._words)

    def score(self, folded: str) -> int:
        """How well a folded text matches; 0 when it does not."""
        total = 0
        for word in self._words:
            found = word.score(folded)
            if not found:
                return 0
            total += found
        return total

    def match(self, text: str) -> Match | None:
        """How well a text matches and where, for showing it; ``None`` when it does not."""
        folded = fold(text)
        score = self.score(folded)
        if not score:
            return None
        positions = {at for word in self._words for at in word.positions(folded)}
        return Match(score, tuple(sorted(positions)))


class Search:
    """Compares a query with many texts, a slice at a time.

    ::

        search = Search(query, folded)
        while not search.advance():
            await asyncio.sleep(0)
        best_first = search.ranked()

    Args:
        query: What was typed.
        folded: The texts, each as `fold` gives it.
        among: The numbers of those to look at; without it all. What matches a query matches what
            was typed before its last letter, so that whoever types on need not look at the rest.
    """

    def __init__(
        self, query: Query, folded: Sequence[str], among: Iterable[int] | None = None
    ) -> None:
        self._query = query
        self._folded = folded
        self._among = list(range(len(folded)) if among is None else among)
        self._next = 0
        self._found: list[tuple[int, int]] = []

    def extend(self, numbers: Iterable[int]) -> None:
        """Look at these too, which have come since."""
        self._among.extend(numbers)

    def advance(self, budget_s: float = SLICE_S) -> bool:
        """Go on for about so long; whether all texts have been compared."""
        score, folded = self._query.score, self._folded
        until = time.perf_counter() + budget_s
        while self._next < len(self._among):
            end = min(self._next + _AT_A_TIME, len(self._among))
            for number in self._among[self._next : end]:
                if found := score(folded[number]):
                    self._found.append((-found, number))
            self._next = end
            if time.perf_counter() >= until:
                break
        return self._next >= len(self._among)

    def ranked(self) -> list[int]:
        """The numbers of the texts that match: best first, else in the order they were given."""
        return [number for _, number in sorted(self._found)]


def find(typed: str, texts: Sequence[str]) -> list[int]:
    """The numbers of the texts that match, best first; all of them when nothing was typed.

    For a few hundred texts; for more, `Search` does not keep others waiting.
    """
    query = Query(typed)
    if not query:
        return list(range(len(texts)))
    search = Search(query, [fold(text) for text in texts])
    search.advance(float("inf"))
    return search.ranked()


class _Word:
    """One typed word, and its patterns, from the cheapest to the dearest question."""

    def __init__(self, word: str) -> None:
        self.text = word
        first, *rest = (re.escape(letter) for letter in word)
        # Each gap ends at the next letter's first occurrence, so nothing is ever tried twice.
        self._in_order = re.compile(first + "".join(rf"[^{each}]*{each}" for each in rest))
        self._in_one_word = re.compile(first + "".join(rf"[^\W_{each}]*{each}" for each in rest))
        self._at_a_start = re.compile(_A_START + re.escape(word))

    def score(self, folded: str) -> int:
        """How well a folded text matches; 0 when it does not."""
        if self.text in folded:
            return self._score_whole(folded, self._begin(folded))
        if found := self._search_in_one_word(folded):
            return self._score_parts(_SCATTERED, folded, *found.span())
        if path := self._across(folded):
            return self._score_parts(_ACROSS, folded, path[0], path[-1] + 1)
        return 0

    def positions(self, folded: str) -> Sequence[int]:
        """The matched characters of a folded text that does match."""
        if self.text in folded:
            begin = self._begin(folded)
            return range(begin, begin + len(self.text))
        if found := self._search_in_one_word(folded):
            return _in_turn(self.text, folded, found.start())
        return self._across(folded)

    def _search_in_one_word(self, folded: str) -> re.Match[str] | None:
        return self._in_one_word.search(folded) if self.text.isalnum() else None

    def _across(self, folded: str) -> tuple[int, ...]:
        """The letters in the first line, by whatever way there is; empty when there is none."""
        end = folded.find("\n")
        end = len(folded) if end < 0 else end
        found = self._in_order.search(folded, 0, end)
        return _across(self.text, folded, found.start(), end) if found else ()

    def _begin(self, folded: str) -> int:
        """Where the whole word occurs: at the start of a word, if it does so anywhere."""
        begin = folded.find(self.text)
        if not _starts_word(folded, begin) and (found := self._at_a_start.search(folded)):
            return found.start()
        return begin

    def _score_whole(self, folded: str, begin: int) -> int:
        end = begin + len(self.text)
        name = _NAME.match(folded)
        name_end = name.end() if name else 0
        if begin == 0 and end == name_end:
            return _WHOLE_NAME
        score = -(min(begin, _LATEST) // 2) + (_IN_NAME if end <= name_end else 0)
        if not _starts_word(folded, begin):
            return _INSIDE + score
        ends_word = end == len(folded) or not (folded[end - 1].isalnum() and folded[end].isalnum())
        return (_WHOLE_WORD if ends_word else _WORD_START) + score

    def _score_parts(self, base: int, folded: str, begin: int, end: int) -> int:
        gaps = end - begin - len(self.text)
        start = _AT_START if _starts_word(folded, begin) else 0
        return base + start - min(gaps, _LATEST) - min(begin, _LATEST) // 2


@lru_cache(maxsize=64)
def _word(word: str) -> _Word:
    return _Word(word)


def _starts_word(folded: str, at: int) -> bool:
    return at == 0 or not folded[at - 1].isalnum()


def _in_turn(word: str, folded: str, begin: int) -> tuple[int, ...]:
    """Each letter at its first occurrence after the one before."""
    positions = [begin]
    for letter in word[1:]:
        positions.append(folded.index(letter, positions[-1] + 1))
    return tuple(positions)


def _across(word: str, folded: str, begin: int, end: int) -> tuple[int, ...]:
    """The letters in order over several words, each jump landing on the first letter of one.

    For each word of the text it keeps the earliest place there at which the letters so far can end:
    whatever can follow a later place can follow that one.
    """
    spans = [found.span() for found in _TOKENS.finditer(folded, begin, end)]
    paths: list[tuple[int, ...]] = [
        (at,) if (at := folded.find(word[0], first, last)) >= 0 else () for first, last in spans
    ]
    for letter in word[1:]:
        following: list[tuple[int, ...]] = []
        nearest: tuple[int, ...] = ()
        for (first, last), path in zip(spans, paths, strict=True):
            step: tuple[int, ...] = ()
            if nearest and folded[first] == letter:
                step = (*nearest, first)
            elif path and (at := folded.find(letter, path[-1] + 1, last)) >= 0:
                step = (*path, at)
            following.append(step)
            nearest = path or nearest
        paths = following
    return next((path for path in paths if path), ())
