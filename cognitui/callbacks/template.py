"""Payload templates: read from text, filled with what a callback carries."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template_syntax import explain_syntax, line_and_column

MAX_TEMPLATE_BYTES = 64 * 1024
MAX_TEMPLATE_DEPTH = 32
PLACEHOLDERS = (
    "skillId",
    "trigger",
    "timestamp",
    "sessionId",
    "message.text",
    "message.type",
)
"""The names that may stand between ``{{`` and ``}}``."""

PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
"""A placeholder in a text; its first group is the name."""


def parse_template(text: str) -> dict[str, Any]:
    """The JSON object that a person wrote as a payload template.

    Its placeholders are not looked at; `check_template` does that.

    Raises:
        TemplateError: It is not a JSON object, or too long or too deep. The message says what is
            wrong, and where the JSON is broken; ``line`` and ``column`` carry the place.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_TEMPLATE_BYTES:
        raise TemplateError(
            f"The template has {size:,} bytes; at most {MAX_TEMPLATE_BYTES:,} are allowed."
        )
    try:
        decoded = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise _syntax_error(error) from None
    except RecursionError:
        raise _too_deep("$") from None
    except ValueError:
        # The one other complaint of the reader: a whole number of thousands of digits.
        raise TemplateError("The template holds a number that is too long.", field="$") from None
    if not isinstance(decoded, dict):
        raise TemplateError(
            f"The template must be a JSON object, not {_kind_of(decoded)}.",
            hint='Write it in braces, for example {"channel": "web"}.',
            field="$",
        )
    _check_depth(decoded, "$", 1)
    return decoded


def check_template(template: Mapping[str, Any]) -> None:
    """Check that every placeholder of a template is one that we know.

    Raises:
        TemplateError: One is not; the message names it, its path and the names that are allowed.
    """
    render(template, dict.fromkeys(PLACEHOLDERS, ""))


def render(template: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The template with its placeholders filled in.

    A text that is exactly one placeholder becomes the value itself, so that a number stays a
    number; within a longer text the value is inserted as text. Inserted values are not searched
    for placeholders again. Keys are taken as they are.

    Args:
        template: What `parse_template` returned, or the like.
        values: A value for each of `PLACEHOLDERS`.

    Raises:
        TemplateError: A placeholder is unknown, or the template is too deep.
    """
    _check_depth(template, "$", 1)
    return {key: _render(value, values, _below("$", key)) for key, value in template.items()}


def _render(node: Any, values: Mapping[str, Any], path: str) -> Any:
    if isinstance(node, str):
        return _render_text(node, values, path)
    if isinstance(node, Mapping):
        return {key: _render(value, values, _below(path, key)) for key, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [_render(value, values, f"{path}[{index}]") for index, value in enumerate(node)]
    return node


def _render_text(text: str, values: Mapping[str, Any], path: str) -> Any:
    whole = PLACEHOLDER.fullmatch(text)
    if whole is not None:
        return _value_of(whole[1], values, path)
    return PLACEHOLDER.sub(lambda match: str(_value_of(match[1], values, path)), text)


def _value_of(name: str, values: Mapping[str, Any], path: str) -> Any:
    if name in values:
        return values[name]
    near = difflib.get_close_matches(name, values, n=1, cutoff=0.5)
    allowed = ", ".join(f"{{{{{known}}}}}" for known in values)
    meant = f"Did you mean {{{{{near[0]}}}}}? " if near else ""
    raise TemplateError(
        f"{{{{{name[:60]}}}}} at {path} is not a placeholder.",
        hint=f"{meant}Allowed: {allowed}.",
        field=path,
    )


def _check_depth(node: Any, path: str, depth: int) -> None:
    if not isinstance(node, (Mapping, list, tuple)):
        return
    if depth > MAX_TEMPLATE_DEPTH:
        raise _too_deep(path)
    if isinstance(node, Mapping):
        for key, value in node.items():
            _check_depth(value, _below(path, key), depth + 1)
    else:
        for index, value in enumerate(node):
            _check_depth(value, f"{path}[{index}]", depth + 1)


def _below(path: str, key: object) -> str:
    name = str(key)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,60}", name):
        return f"{path}.{name}"
    return f"{path}[{json.dumps(name[:60])}]"


def _too_deep(path: str) -> TemplateError:
    return TemplateError(
        f"The template is nested more than {MAX_TEMPLATE_DEPTH} levels deep.", field=path
    )


def _syntax_error(error: json.JSONDecodeError) -> TemplateError:
    fault = explain_syntax(error)
    line, column = line_and_column(error.doc, fault.offset)
    return TemplateError(
        f"Line {line}, column {column}: {fault.words}.", field="$", line=line, column=column
    )


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise TemplateError("The template holds a number that is too large.", field="$")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise TemplateError(f"{name} is not a JSON value.", hint="Use null or a text.", field="$")


def _kind_of(decoded: object) -> str:
    if decoded is None:
        return "null"
    kinds = {list: "a list", str: "a text", bool: "true or false"}
    return kinds.get(type(decoded), "a number")
