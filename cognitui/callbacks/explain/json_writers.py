"""The same JSON as other programs would have written it, byte for byte where that can be told."""

from __future__ import annotations

import json
import math
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_JSON_BYTES = 1024 * 1024
MAX_FIELDS = 24
_MAX_NUMBER = 400
# Measured: a number or a text costs as much as copying so many bytes; indented JSON is written by
# Python's slower encoder.
_PART_COST = 60
_INDENT_COST = 4
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")
_MAX_INDEX = 2**32 - 2
_ESCAPED = re.compile(r"\\(u[0-9a-f]{4}|.)", re.DOTALL)
_JS_INTEGER_END = 1e21
_JS_SMALL = 1e-6
_MOMENT_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Style:
    """How a program writes JSON.

    Attributes:
        code: A stable word for it.
        name: Completes "the same JSON …".
    """

    code: str
    name: str
    separators: tuple[str, str] = (",", ":")
    indent: int | str | None = None
    is_ascii: bool = False
    is_sorted: bool = False
    after: Callable[[str], str] | None = None
    numbers: Callable[[str], str] | None = None
    order: Callable[[Any], Any] | None = None


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


# Numbers


def _short_int(digits: str) -> int | float:
    return int(digits) if len(digits) < _MAX_NUMBER else float(digits)


def javascript_number(text: str) -> str:
    """A number as JavaScript spells it: 1.0 is 1, and large ones lose their last digits."""
    value = _float(text)
    if value is None:
        return text
    if not math.isfinite(value):
        return "null"
    shortest = repr(value).removesuffix(".0") if value else "0"
    if "e" not in shortest:
        return shortest
    if _JS_SMALL <= abs(value) < _JS_INTEGER_END:
        return _plain(shortest)
    return re.sub(r"e([+-])0+", r"e\1", shortest)


def _float(text: str) -> float | None:
    if len(text) > _MAX_NUMBER:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def _plain(shortest: str) -> str:
    """A number without an exponent: its digits, and zeros for the rest."""
    sign = "-" if shortest.startswith("-") else ""
    digits, _, exponent = shortest.lstrip("-").partition("e")
    whole, _, fraction = digits.partition(".")
    point = len(whole) + int(exponent)
    figures = whole + fraction
    if point <= 0:
        return f"{sign}0.{'0' * -point}{figures}"
    return f"{sign}{figures.ljust(point, '0')}"


def python_number(text: str) -> str:
    """A number as Python spells it: 1.50 is 1.5, and 1E2 is 100.0."""
    value = None if text.lstrip("-").isdigit() else _float(text)
    return text if value is None else repr(value)


def with_fraction(text: str) -> str:
    """A whole number with .0 behind it, but for moments."""
    short = len(text) < _MOMENT_DIGITS
    return f"{text}.0" if text.lstrip("-").isdigit() and short else text


# Order and escapes


def javascript_order(tree: Any) -> Any:
    """Keys that look like an index first, as JavaScript's objects have them."""
    if isinstance(tree, list):
        return [javascript_order(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    indexes = [key for key in tree if _INDEX.fullmatch(key) and int(key) <= _MAX_INDEX]
    first = sorted(indexes, key=int)
    chosen = set(indexes)
    keys = [*first, *(key for key in tree if key not in chosen)]
    return {key: javascript_order(tree[key]) for key in keys}


def _slashes(text: str) -> str:
    return text.replace("/", "\\/")  # a slash stands in texts only


def _html(text: str) -> str:
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _gson(text: str) -> str:
    return _html(text).replace("=", "\\u003d").replace("'", "\\u0027")


def _dotnet(text: str) -> str:
    def upper(match: re.Match[str]) -> str:
        found = match[1]
        if found == '"':
            return "\\u0022"
        return f"\\u{found[1:].upper()}" if len(found) > 1 else match[0]

    text = _ESCAPED.sub(upper, text)
    for character in "<>&'+`\x7f":
        text = text.replace(character, f"\\u{ord(character):04X}")
    return text


def _crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


_SPACED = (", ", ": ")
_INDENTED = (",", ": ")
COMPACT = Style("json_compact", "without spaces, as JSON.stringify and most libraries write it")
JAVASCRIPT = Style(
    "json_javascript", "as JavaScript reads and writes it (1.0 as 1, large numbers rounded, "
    "numbered keys first)", numbers=javascript_number, order=javascript_order,
)  # fmt: skip
PYTHON = Style("json_python", "as Python's json.dumps writes it (a space after each comma and "
               "colon, \\u escapes)", _SPACED, is_ascii=True)  # fmt: skip
SPACED = Style("json_spaced", "with a space after each comma and colon", _SPACED)
STYLES = (
    COMPACT, JAVASCRIPT, PYTHON, SPACED,
    Style("json_ascii", "without spaces, with \\u escapes beyond ASCII", is_ascii=True),
    Style("json_slashes", "with slashes written as \\/", after=_slashes),
    Style("json_slashes", "as PHP's json_encode writes it (slashes as \\/, \\u escapes)",
          is_ascii=True, after=_slashes),
    Style("json_html", "with <, > and & written as escapes, as Go and Rails do", after=_html),
    Style("json_html", "as Gson writes it (<, >, &, = and ' as escapes)", after=_gson),
    Style("json_html", "as System.Text.Json writes it (upper-case \\u escapes)",
          is_ascii=True, after=_dotnet),
    *(
        Style("json_indented", f"indented by {name}{more}", _INDENTED, by, is_ascii=is_ascii)
        for by, name in ((2, "2 spaces"), (4, "4 spaces"), ("\t", "a tab"))
        for is_ascii, more in ((False, ""), (True, ", with \\u escapes"))
    ),
    Style("json_indented", "indented by 2 spaces, with Windows line ends", _INDENTED, 2,
          after=_crlf),
    Style("json_indented", "indented by 4 spaces, as PHP writes it", _INDENTED, 4,
          is_ascii=True, after=_slashes),
    *(
        Style("json_sorted", f"with its keys sorted, {name}", separators, indent,
              is_ascii=is_ascii, is_sorted=True)
        for name, separators, indent, is_ascii in (
            ("without spaces", (",", ":"), None, False),
            ("as Python's json.dumps writes it", _SPACED, None, True),
            ("without spaces and with \\u escapes", (",", ":"), None, True),
            ("with spaces", _SPACED, None, False),
            ("indented by 2 spaces", _INDENTED, 2, False),
            ("indented by 4 spaces", _INDENTED, 4, False),
            ("indented by 4 spaces, with \\u escapes", _INDENTED, 4, True),
        )
    ),
    Style("json_sorted", "with its keys sorted, as Go writes a map", is_sorted=True, after=_html),
    Style("json_sorted", "with its keys sorted and numbers as JavaScript writes them",
          is_sorted=True, numbers=javascript_number),
    Style("json_numbers", "as JavaScript writes its numbers, with spaces", _SPACED,
          numbers=javascript_number),
    Style("json_numbers", "as Python writes its numbers", numbers=python_number),
    Style("json_numbers", "as Python reads and writes it", _SPACED, is_ascii=True,
          numbers=python_number),
    Style("json_numbers", "with whole numbers written as 1.0", numbers=with_fraction),
    Style("json_numbers", "with whole numbers written as 1.0, as Python does", _SPACED,
          is_ascii=True, numbers=with_fraction),
    Style("json_numbers", "with whole numbers written as 1.0, and spaces", _SPACED,
          numbers=with_fraction),
)  # fmt: skip
