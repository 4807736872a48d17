from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import (
    MAX_TEMPLATE_BYTES,
    MAX_TEMPLATE_DEPTH,
    check_template,
    parse_template,
    render,
)
from cognitui.errors import ErrorKind

VALUES: dict[str, Any] = {
    "skillId": "skill_1",
    "trigger": "ON_MESSAGE",
    "timestamp": 1_795_467_214_085,
    "sessionId": "sess_1",
    "message.text": "Hi {{skillId}}",
    "message.type": "text",
}


def test_a_template_is_read() -> None:
    assert parse_template('{"a": {"b": [1, "{{timestamp}}"]}}') == {
        "a": {"b": [1, "{{timestamp}}"]}
    }


SYNTAX = [
    ("", 1, 1, "nothing is written here"),
    ("{a: 1}", 1, 2, "a key stands in double quotes"),
    ('{"a": 1\n "b": 2}', 1, 8, "a comma is missing"),
    ('{\n  "a": "\\x"}', 2, 9, "a backslash inside a text"),
]


@pytest.mark.parametrize(("text", "line", "column", "expected"), SYNTAX)
def test_syntax_errors_say_where_and_what(text: str, line: int, column: int, expected: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(text)
    error = caught.value
    assert (error.line, error.column) == (line, column)
    assert expected in error.message
    assert f"Line {line}, column {column}" in error.message
    assert error.kind is ErrorKind.USAGE


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1]", "not a list"),
        ('"x"', "not a text"),
        ("17", "not a number"),
        ("1.5", "not a number"),
        ("true", "not true or false"),
        ("null", "not null"),
        ('{"a": NaN}', "NaN is not a JSON value"),
        ('{"a": -Infinity}', "-Infinity is not a JSON value"),
        ('{"a": ' + "9" * 5000 + "}", "number that is too long"),
        ("[" * 30_000, "levels deep"),
        ('{"a":' * 40 + "1" + "}" * 40, "levels deep"),
        ('{"a": "' + "x" * MAX_TEMPLATE_BYTES + '"}', "at most 65,536"),
    ],
)
def test_what_is_no_template(text: str, words: str) -> None:
    with pytest.raises(TemplateError, match=words):
        parse_template(text)


def test_the_deepest_template_that_is_allowed() -> None:
    depth = MAX_TEMPLATE_DEPTH
    parsed = parse_template('{"a":' * depth + '"{{timestamp}}"' + "}" * depth)
    assert str(VALUES["timestamp"]) in json.dumps(render(parsed, VALUES))


@given(st.text())
def test_reading_raises_nothing_else(text: str) -> None:
    with contextlib.suppress(TemplateError):
        parse_template(text)


@pytest.mark.parametrize(
    ("written", "becomes"),
    [
        ("{{timestamp}}", 1_795_467_214_085),
        ("{{ timestamp }}", 1_795_467_214_085),
        ("at {{timestamp}}", "at 1795467214085"),
        ("{{timestamp}} ", "1795467214085 "),
        ("{{skillId}}/{{trigger}}", "skill_1/ON_MESSAGE"),
        ("{{message.text}}", "Hi {{skillId}}"),
        ("{{message.text}}!", "Hi {{skillId}}!"),
        ("{{skillId}", "{{skillId}"),
        ("{skillId}", "{skillId}"),
        ("plain", "plain"),
        (7, 7),
        (None, None),
        ([{"x": ("{{sessionId}}",)}], [{"x": ["sess_1"]}]),
    ],
)
def test_placeholders(written: object, becomes: object) -> None:
    assert render({"k": written}, VALUES) == {"k": becomes}


def test_keys_are_left_alone() -> None:
    assert render({"{{skillId}}": 1}, VALUES) == {"{{skillId}}": 1}


@pytest.mark.parametrize(
    ("template", "name", "path", "near"),
    [
        ({"a": "{{skillid}}"}, "{{skillid}}", "$.a", "Did you mean {{skillId}}?"),
        ({"a": {"b": [0, "x {{text}}"]}}, "{{text}}", "$.a.b[1]", "Allowed: {{skillId}}"),
        ({"a b": {"é": "{{zzz}}"}}, "{{zzz}}", '$["a b"]["\\u00e9"]', "Allowed: {{skillId}}"),
        ({"a": "{{}}"}, "{{}}", "$.a", "Allowed: {{skillId}}"),
    ],
)
def test_an_unknown_placeholder_is_named(
    template: dict[str, Any], name: str, path: str, near: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        check_template(template)
    assert name in caught.value.message
    assert path in caught.value.message
    assert caught.value.field == path
    assert near in caught.value.hint
    assert "{{message.type}}" in caught.value.hint
