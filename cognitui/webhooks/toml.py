"""Writes the few kinds of TOML that a webhook file is made of; Python only reads it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def toml_value(value: Any) -> str:
    """A value of decoded JSON, on one line.

    Raises:
        ValueError: It holds a null or half of a character, which TOML cannot say.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return _string(value)
        case list() | tuple():
            return f"[{', '.join(map(toml_value, value))}]"
        case dict():
            return _table(value)
    raise ValueError(f"TOML has no {type(value).__name__}")


def _table(value: Mapping[str, Any]) -> str:
    pairs = [f"{_key(key)} = {toml_value(each)}" for key, each in value.items()]
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _string(text: str) -> str:
    return f'"{"".join(map(_character, text))}"'


def _character(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    if safe_text(character) == character:
        return character
    number = ord(character)
    if 0xD800 <= number <= 0xDFFF:  # noqa: PLR2004  # the surrogates
        raise ValueError("TOML has no half characters")
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004
