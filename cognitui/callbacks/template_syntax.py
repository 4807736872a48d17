"""Where the text of a template is broken, and what to do about it, in plain words: pure functions.

Python's reader says what it expected; a person wants to know what is missing, or too much, and
where to put the cursor. What is missing is pointed to where it belongs, not where it was missed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import json
    from collections.abc import Iterator

CLOSERS = {"{": "}", "[": "]"}
MAX_WORD = 30

_TOKEN = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+|"')
_WORD = re.compile(r'[^\s{}\[\],:"]+')
_PLACEHOLDER_AHEAD = re.compile(r"\{\{[^{}\n]*\}\}")
_CONSTANTS = {"true": "true", "false": "false", "null": "null", "none": "null", "nil": "null"}
# What may stand where only a comma or a closing bracket can, and what to say about it.
_NO_COMMA = {
    "}": "{here} stands where {closer} belongs",
    "]": "{here} stands where {closer} belongs",
    ":": "a colon stands only between a key and its value",
    ";": "what follows is parted by a comma, not by a semicolon",
}


class Token(NamedTuple):
    """A piece of JSON text: a string with its quotes, a sign, or a bare word."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a text, and where.

    Attributes:
        words: What is wrong, without a capital and a full stop.
        offset: Characters from the start of the text.
    """

    words: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Spot:
    """What stands around the place where the reader gave up.

    Attributes:
        offset: Where it gave up.
        here: The character there; empty at the end of the text.
        word: The bare word that begins there.
        last: The token before, if there is one.
        opened: The brackets that are open there, outermost first.
    """

    text: str
    offset: int
    here: str
    word: str
    last: Token | None
    opened: tuple[Token, ...]

    @property
    def after_last(self) -> int:
        """Where something that is missing belongs."""
        return self.last.end if self.last is not None else self.offset

    @property
    def closer(self) -> str:
        """What would close the innermost bracket."""
        return CLOSERS[self.opened[-1].text] if self.opened else "}"

    @property
    def touches(self) -> bool:
        """Whether nothing stands between the token before and this place."""
        return self.last is not None and self.last.end == self.offset


def tokens(text: str) -> Iterator[Token]:
    """The pieces of a JSON text, from left to right."""
    return (Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text))


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """The place of a character as people count: both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def explain_syntax(error: json.JSONDecodeError) -> Fault:
    """What is wrong where Python's reader gave up."""
    spot = _spot(error.doc, error.pos)
    for start, explain in _EXPLAINERS:
        if error.msg.startswith(start):
            return explain(spot)
    return Fault("this is not JSON", error.pos)


def _spot(text: str, offset: int) -> _Spot:
    last: Token | None = None
    opened: list[Token] = []
    for token in tokens(text):
        if token.end > offset:
            break
        last = token
        if token.text in CLOSERS:
            opened.append(token)
        elif token.text in CLOSERS.values() and opened:
            opened.pop()
    found = _WORD.match(text, offset)
    word = found[0] if found else ""
    return _Spot(text, offset, text[offset : offset + 1], word, last, tuple(opened))


def _key(spot: _Spot) -> Fault:
    if (common := _commas(spot) or _foreign(spot, "key")) is not None:
        return common
    if not spot.here and spot.last is not None and spot.last.text == ",":
        return Fault("a key in double quotes is missing after the comma", spot.after_last)
    if not spot.here:
        return Fault("the closing } is missing", spot.after_last)
    # As a value its first brace was taken for the start of an object.
    for offset in (spot.offset, spot.offset - 1):
        if _PLACEHOLDER_AHEAD.match(spot.text, offset):
            return Fault("a placeholder stands in double quotes, as any text", offset)
    return Fault("a key in double quotes is missing", spot.offset)


def _colon(spot: _Spot) -> Fault:
    if spot.here == "=":
        return Fault("a key and its value are joined by a colon, not by =", spot.offset)
    if spot.touches and spot.word:
        return _quote_inside(spot)
    return Fault("a colon is missing after the key", spot.after_last)


def _comma(spot: _Spot) -> Fault:
    if not spot.here:
        return Fault(f"the closing {spot.closer} is missing", spot.after_last)
    if spot.here in _NO_COMMA:
        words = _NO_COMMA[spot.here].format(here=spot.here, closer=spot.closer)
        if spot.here == ":" and spot.closer == "]":
            words = "a list holds no keys: put keys and values in { }"
        return Fault(words, spot.offset)
    if _is_comment(spot):
        return Fault("JSON has no comments", spot.offset)
    if spot.touches and spot.word and spot.text[spot.offset - 1] == '"':
        return _quote_inside(spot)
    if (start := _word_start(spot)) < spot.offset:
        # The reader took the 1 of 1x for a number.
        return _no_number(spot.text, start)
    return Fault("a comma is missing", spot.after_last)


def _value(spot: _Spot) -> Fault:
    last = spot.last.text if spot.last is not None else ""
    if not last and not spot.here:
        return Fault("nothing is written here: a template is a JSON object in braces", 0)
    if not spot.here and last == "[":
        return Fault("the closing ] is missing", spot.after_last)
    if (common := _commas(spot)) is not None:
        return common
    if constant := _CONSTANTS.get(spot.word.lower()):
        return Fault(f"write {constant}, not {_short(spot.word)}", spot.offset)
    if re.match(r"[-+.]?\d|[-+]", spot.word):
        return _no_number(spot.text, spot.offset)
    what = {":": "after the colon", ",": "after the comma"}.get(last, "here")
    return _foreign(spot, "text") or Fault(f"a value is missing {what}", spot.after_last)


def _commas(spot: _Spot) -> Fault | None:
    """A comma with nothing after it, or with nothing before it."""
    last = spot.last
    after_comma = last is not None and last.text == ","
    if last is not None and after_comma and spot.here in {"}", "]"}:
        return _trailing_comma(last.start)
    if spot.here == "," and (after_comma or (last is not None and last.text == "{")):
        return Fault("there is one comma too many", spot.offset)
    return None


def _foreign(spot: _Spot, what: str) -> Fault | None:
    """What other languages write for a key or a text, and what Python's dicts look like."""
    if spot.here == "'":
        return Fault(f"a {what} stands in double quotes, not in single ones", spot.offset)
    if _is_comment(spot):
        return Fault("JSON has no comments", spot.offset)
    if spot.word and spot.word[0].isalpha():
        return Fault(f'a {what} stands in double quotes: "{_short(spot.word)}"', spot.offset)
    return None


def _rest(spot: _Spot) -> Fault:
    if spot.here in {"}", "]"}:
        return Fault(f"there is one {spot.here} too many", spot.offset)
    return Fault("nothing may follow the closing brace", spot.offset)


def _control(spot: _Spot) -> Fault:
    if spot.here == "\n":
        return Fault("the closing double quote is missing on this line", spot.offset)
    if spot.here == "\t":
        return Fault("a tab inside a text is written \\t", spot.offset)
    return Fault("a control character inside a text is written \\u and four digits", spot.offset)


def _escape(spot: _Spot) -> Fault:
    return Fault("a backslash inside a text is written \\\\", spot.offset)


def _unicode(spot: _Spot) -> Fault:
    return Fault("\\u has to be followed by four hex digits", spot.offset)


def _unterminated(spot: _Spot) -> Fault:
    return Fault("the text that begins here has no closing double quote", spot.offset)


def _mark(spot: _Spot) -> Fault:
    return Fault("an invisible mark (BOM) stands before the template: take it out", spot.offset)


def _trailing_comma(offset: int) -> Fault:
    return Fault("nothing follows this comma: take it out", offset)


def _illegal_comma(spot: _Spot) -> Fault:
    return _trailing_comma(spot.offset)


def _quote_inside(spot: _Spot) -> Fault:
    return Fault('the text ends at this quote: one inside a text is written \\"', spot.offset - 1)


def _no_number(text: str, start: int) -> Fault:
    found = _WORD.match(text, start)
    word = _short(found[0]) if found else ""
    return Fault(f"{word} is not a number as JSON writes it", start)


def _word_start(spot: _Spot) -> int:
    start = spot.offset
    while start and _WORD.match(spot.text[start - 1]):
        start -= 1
    return start


def _is_comment(spot: _Spot) -> bool:
    return spot.word.startswith(("//", "/*", "#"))


def _short(word: str) -> str:
    return word if len(word) <= MAX_WORD else f"{word[:MAX_WORD]}…"


_EXPLAINERS = (
    ("Expecting property name", _key),
    ("Illegal trailing comma", _illegal_comma),
    ("Expecting ':'", _colon),
    ("Expecting ','", _comma),
    ("Expecting value", _value),
    ("Extra data", _rest),
    ("Unterminated string", _unterminated),
    ("Invalid control character", _control),
    ("Invalid \\escape", _escape),
    ("Invalid \\uXXXX escape", _unicode),
    ("Unexpected UTF-8 BOM", _mark),
)
