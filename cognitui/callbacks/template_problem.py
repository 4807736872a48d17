"""The first thing wrong with a template as it is being written, with its line and column."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import (
    MAX_TEMPLATE_DEPTH,
    PLACEHOLDER,
    PLACEHOLDERS,
    check_template,
    parse_template,
)
from cognitui.callbacks.template_syntax import CLOSERS, Token, line_and_column, tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLACE = re.compile(r"Line \d+, column \d+: ")
_UNCLOSED = re.compile(r"\{\{(?!\s*[^{}]*\}\})")
_SINGLE = re.compile(rf"(?<!\{{)\{{\s*({'|'.join(map(re.escape, PLACEHOLDERS))})\s*\}}(?!\}})")


@dataclass(frozen=True, slots=True)
class TemplateProblem:
    """What is wrong with a template.

    Attributes:
        words: What is wrong, without a capital and a full stop.
        hint: What to do about it; empty when the words say it already.
        line: The line, from 1; ``None`` when it is about the whole.
        column: The column in that line in characters, from 1; ``None`` likewise.
        blocks: Whether the template cannot be sent; else it is a remark on what it would do.
    """

    words: str
    hint: str = ""
    line: int | None = None
    column: int | None = None
    blocks: bool = True

    @property
    def place(self) -> str:
        """``line 3, column 7``; empty when it is about the whole."""
        return f"line {self.line}, column {self.column}" if self.line is not None else ""

    @property
    def sentence(self) -> str:
        """The whole, such as ``Line 3, column 7: a comma is missing.``."""
        words = f"{self.place}: {self.words}" if self.place else self.words
        return f"{words[:1].upper()}{words[1:]}."


def find_problem(text: str) -> TemplateProblem | None:
    """The first thing wrong with a template's text; ``None`` when it does what it says.

    A template that can be sent may still have a remark: braces that nobody fills in, or a key that
    is there twice.
    """
    try:
        template = parse_template(text)
    except TemplateError as error:
        return _broken(text, error)
    try:
        check_template(template)
    except TemplateError as error:
        name, offset = _unknown_placeholder(text)
        line, column = line_and_column(text, offset)
        words = f"{{{{{name}}}}} is not a placeholder"
        return TemplateProblem(words, error.hint, line, column)
    return next(_remarks(text), None)


def _broken(text: str, error: TemplateError) -> TemplateProblem:
    line, column = error.line, error.column
    words = _PLACE.sub("", error.message, count=1).removesuffix(".")
    if line is None and (offset := _offset_of(text, error)) is not None:
        line, column = line_and_column(text, offset)
        words = words.replace("The template is", "this is", 1).replace("The template", "this", 1)
    return TemplateProblem(words, error.hint, line, column)


def _offset_of(text: str, error: TemplateError) -> int | None:
    """Where that is which the reader refuses without saying where; ``None`` for the whole."""
    depth = 0
    for token in tokens(text):
        if token.text in CLOSERS:
            depth += 1
        elif token.text in CLOSERS.values():
            depth -= 1
        if "levels deep" in error.message and depth > MAX_TEMPLATE_DEPTH:
            return token.start
        if "not a JSON value" in error.message and error.message.startswith(f"{token.text} "):
            return token.start
        if "too long" in error.message and re.fullmatch(r"-?\d{4000,}", token.text):
            return token.start
        if "too large" in error.message and _is_too_large(token.text):
            return token.start
    return None


def _is_too_large(word: str) -> bool:
    return re.fullmatch(r"-?[\d.]+([eE][-+]?\d+)?", word) is not None and math.isinf(float(word))


def _unknown_placeholder(text: str) -> tuple[str, int]:
    for value in _values(text):
        for found in PLACEHOLDER.finditer(value.text):
            if found[1] not in PLACEHOLDERS:
                return found[1][:60], value.start + found.start()
        # Written with escapes, such as \u007b, it is found only in what the text means.
        for found in PLACEHOLDER.finditer(json.loads(value.text)):
            if found[1] not in PLACEHOLDERS:
                return found[1][:60], value.start
    return "", 0


def _remarks(text: str) -> Iterator[TemplateProblem]:
    """What a template that can be sent does otherwise than one may think."""

    def remark(words: str, offset: int) -> TemplateProblem:
        line, column = line_and_column(text, offset)
        return TemplateProblem(words, line=line, column=column, blocks=False)

    for value in _values(text):
        if found := _UNCLOSED.search(value.text):
            words = "{{ without }} is sent as it stands"
            yield remark(words, value.start + found.start())
        if found := _SINGLE.search(value.text):
            words = f"{found[0]} is sent as it stands; a placeholder is {{{{{found[1]}}}}}"
            yield remark(words, value.start + found.start())
    yield from (
        remark(f"the key {key.text} is here twice; only the last one counts", key.start)
        for key in _repeated_keys(text)
    )


def _values(text: str) -> Iterator[Token]:
    """The texts of a JSON document that are values, with their quotes."""
    held: Token | None = None
    for token in tokens(text):
        if held is not None and token.text != ":":
            yield held
        held = token if token.text.startswith('"') else None


def _repeated_keys(text: str) -> Iterator[Token]:
    seen: list[set[str]] = []
    held: Token | None = None
    for token in tokens(text):
        if token.text in CLOSERS:
            seen.append(set())
        elif token.text in CLOSERS.values():
            seen.pop()
        elif token.text == ":" and held is not None:
            key = json.loads(held.text)
            if key in seen[-1]:
                yield held
            seen[-1].add(key)
        held = token if token.text.startswith('"') else None
