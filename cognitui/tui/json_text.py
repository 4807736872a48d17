"""JSON in colours: pure functions.

No text of JSON goes over a line's end, so each line is coloured by itself; nothing has to be parsed
anew when a key changes one of them, and half-written JSON has colours too.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from textual.content import Content, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_LINE = 2_000
"""Longer lines stay plain: colouring them again and again would be felt."""

_PIECE = re.compile(
    r'(?P<key>"(?:[^"\\]|\\.)*"(?=\s*:))|(?P<text>"(?:[^"\\]|\\.)*"?)'
    r"|(?P<number>-?\d[\d.eE+-]*)|(?P<constant>\b(?:true|false|null)\b)"
)
_PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")


class Kind(StrEnum):
    """What a piece of JSON is."""

    KEY = "key"
    TEXT = "text"
    NUMBER = "number"
    CONSTANT = "constant"
    PLACEHOLDER = "placeholder"


STYLES = {
    Kind.KEY: "$text-primary",
    Kind.TEXT: "$text-success",
    Kind.NUMBER: "$text-warning",
    Kind.CONSTANT: "bold $text-warning",
    Kind.PLACEHOLDER: "bold $text-accent",
}


class Piece(NamedTuple):
    """Where a piece begins and ends in its line, and what it is."""

    start: int
    end: int
    kind: Kind


def pieces(line: str) -> Iterator[Piece]:
    """The pieces of one line that have a colour; a placeholder lies on the text around it."""
    if len(line) > MAX_LINE:
        return
    for found in _PIECE.finditer(line):
        kind = Kind(found.lastgroup or Kind.TEXT)
        yield Piece(found.start(), found.end(), kind)
        if kind is Kind.TEXT:
            for held in _PLACEHOLDER.finditer(found[0]):
                start = found.start() + held.start()
                yield Piece(start, start + len(held[0]), Kind.PLACEHOLDER)


def json_content(text: str) -> Content:
    """JSON to look at. The text must be safe already, as `safe_json` makes it."""
    spans: list[Span] = []
    at = 0
    for line in text.split("\n"):
        spans += [Span(at + p.start, at + p.end, STYLES[p.kind]) for p in pieces(line)]
        at += len(line) + 1
    return Content(text, spans=spans)
