"""A JSON text written again as other programs would have written it, byte for byte."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.explain.json_styles import COMPACT, MAX_NUMBER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.explain.json_styles import Style

MAX_JSON_BYTES = 1024 * 1024
MAX_FIELDS = 24
# Measured: a number or a text costs as much as copying so many bytes; indented JSON is written by
# Python's slower encoder.
_PART_COST = 60
_INDENT_COST = 4
# Texts are matched too, so that nothing inside one is taken for a number; moments are too long.
_WHOLE = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?P<whole>(?<![0-9.eE+-])-?[0-9]{1,9}(?![0-9.eE]))|[-+0-9.eE]+', re.DOTALL
)
_MAX_WHOLE = 16
_FEW_WHOLE = 5


class JsonDocument:
    """A JSON text that can be written again. Numbers keep their spelling unless a style says else.

    Args:
        tree: What the text holds, with numbers as marked texts.
        mark: What marks them.
        cost: What it costs to write it once, as compared with copying bytes.
    """

    def __init__(self, tree: Any, mark: str, cost: int) -> None:
        self._tree = tree
        self._cost = cost
        self._number = re.compile(f'"{mark}([^"]*)"')

    @classmethod
    def read(cls, body: bytes) -> JsonDocument | None:
        """The document of a body; ``None`` when it is no JSON, or too long to be tried."""
        if len(body) > MAX_JSON_BYTES:
            return None
        # Nobody can guess the mark, so no text of the body can be taken for a number.
        mark = secrets.token_hex(8)

        def marked(text: str) -> str:
            return mark + text

        try:
            text = body.decode("utf-8-sig")
            tree = json.loads(text, parse_int=marked, parse_float=marked, parse_constant=marked)
        except (ValueError, RecursionError):
            return None
        parts = body.count(b",") + body.count(b":")
        return cls(tree, mark, len(body) + _PART_COST * parts)

    def cost_in(self, style: Style) -> int:
        """What it costs to write it in a style."""
        return self._cost if style.indent is None else _INDENT_COST * self._cost

    def written(self, style: Style) -> bytes | None:
        """The document in a style; ``None`` where that cannot be done."""
        return self._written(self._tree, style)

    def _written(self, tree: Any, style: Style) -> bytes | None:
        try:
            text = json.dumps(
                style.order(tree) if style.order else tree,
                ensure_ascii=style.is_ascii,
                separators=style.separators,
                indent=style.indent,
                sort_keys=style.is_sorted,
            )
        except (RecursionError, ValueError):
            return None
        if style.after is not None:
            text = style.after(text)
        spelled = style.numbers or str
        text = self._number.sub(lambda match: spelled(match[1]), text)
        return text.encode("utf-8", "backslashreplace")  # half characters, as JavaScript has them

    def with_some_fractions(self, style: Style) -> Iterator[bytes]:
        """The document with .0 behind some of its whole numbers, where a parser has dropped it.

        Of a few numbers every choice is made, of more each alone, of very many none.
        """
        text = (self._written(self._tree, replace(style, numbers=None)) or b"").decode()
        found = [match for match in _WHOLE.finditer(text) if match["whole"]]
        if len(found) > _MAX_WHOLE:
            return
        choices: list[tuple[re.Match[str], ...]] = [(match,) for match in found]
        if len(found) <= _FEW_WHOLE:
            sizes = range(2, len(found) + 1)
            choices += [each for size in sizes for each in combinations(found, size)]
        for chosen in choices:
            parts, at = [], 0
            for match in chosen:
                parts += [text[at : match.end()], ".0"]
                at = match.end()
            yield "".join([*parts, text[at:]]).encode()

    def without_fields(self, style: Style) -> Iterator[tuple[str, bytes | None]]:
        """The document without each of its first fields, and the field's name."""
        if isinstance(self._tree, dict):
            for name in list(self._tree)[:MAX_FIELDS]:
                rest = {key: value for key, value in self._tree.items() if key != name}
                yield name, self._written(rest, style)

    def members(self, style: Style) -> Iterator[tuple[str, bytes | None]]:
        """What each of its first fields holds, where that is an object, a list or a text."""
        if isinstance(self._tree, dict):
            for name, value in list(self._tree.items())[:MAX_FIELDS]:
                if isinstance(value, (dict, list)):
                    yield name, self._written(value, style)
                elif isinstance(value, str) and not self._number.fullmatch(f'"{value}"'):
                    yield name, value.encode("utf-8", "surrogatepass")

    def python_text(self) -> bytes | None:
        """What ``str()`` makes of the decoded body in Python."""
        plain = self._written(self._tree, COMPACT)
        try:
            decoded = json.loads(plain or b"", parse_int=_short_int)
            return repr(decoded).encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError):
            return None

    @property
    def text(self) -> bytes | None:
        """The text that the document is, where it is one: JSON that was encoded twice."""
        if not isinstance(self._tree, str) or self._number.fullmatch(f'"{self._tree}"'):
            return None
        return self._tree.encode("utf-8", "surrogatepass")


def _short_int(digits: str) -> int | float:
    return int(digits) if len(digits) < MAX_NUMBER else float(digits)
