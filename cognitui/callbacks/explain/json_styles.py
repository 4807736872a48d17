"""How programs write JSON: spaces, order, numbers and escapes."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_NUMBER = 400
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


# Numbers


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
    if len(text) > MAX_NUMBER:
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
