"""Payload templates: what a trigger adds to the standard body of its callbacks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cognitui.sandbox.answers import Detail

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACEHOLDERS = (
    "skillId",
    "trigger",
    "timestamp",
    "sessionId",
    "message.text",
    "message.type",
)
MAX_DEPTH = 20

_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}")


def render(template: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """The standard body with the rendered keys of a template laid over it."""
    values = {name: _lookup(body, name) for name in PLACEHOLDERS}
    return {**body, **{key: _fill(value, values) for key, value in template.items()}}


def check(template: Any, path: str, depth: int = 0) -> Iterator[Detail]:
    """What is wrong with a template, with the path of each place."""
    if depth > MAX_DEPTH:
        yield Detail(path, f"is nested more than {MAX_DEPTH} levels deep")
    elif isinstance(template, dict):
        for key, value in template.items():
            yield from check(value, f"{path}.{key}", depth + 1)
    elif isinstance(template, list):
        for index, value in enumerate(template):
            yield from check(value, f"{path}[{index}]", depth + 1)
    elif isinstance(template, str):
        for name in _PLACEHOLDER.findall(template):
            if name not in PLACEHOLDERS:
                known = ", ".join(PLACEHOLDERS)
                yield Detail(path, f"unknown placeholder {{{{{name}}}}}; known are {known}")


def _lookup(body: dict[str, Any], name: str) -> Any:
    value: Any = body
    for part in name.split("."):
        value = value[part]
    return value


def _fill(value: Any, values: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(each, values) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, values) for each in value]
    if not isinstance(value, str):
        return value
    whole = _PLACEHOLDER.fullmatch(value)
    if whole and whole[1] in values:
        return values[whole[1]]
    return _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), value)
