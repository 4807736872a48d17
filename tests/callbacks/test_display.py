from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.display import safe_json, safe_text

anything = st.binary() | st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain", "plain"),
        ("Grüße 日本 🎉".encode(), "Grüße 日本 🎉"),
        (b"[bold]markup[/bold]", "[bold]markup[/bold]"),
        (b"\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        (b"\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        (b"\x00\x08\x7f", "\\x00\\x08\\x7f"),
        (b"a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"", ""),
    ],
)
def test_one_line(data: bytes | str, shown: str) -> None:
    assert safe_text(data) == shown


def test_several_lines() -> None:
    assert safe_text(b"a\r\nb\n\tc\rd", multiline=True) == "a\nb\n    c\\rd"


@pytest.mark.parametrize(
    ("data", "limit", "shown"),
    [
        (b"abcdef", 6, "abcdef"),
        (b"abcdef", 5, "abcde…"),
        (b"abcd\x1b", 5, "abcd…"),
        ("🎉" * 9, 3, "🎉🎉🎉…"),
        (b"x", 0, "…"),
        (b"", 0, ""),
    ],
)
def test_the_limit_is_of_what_is_shown(data: bytes | str, limit: int, shown: str) -> None:
    assert safe_text(data, limit) == shown


@given(anything, st.integers(0, 50), st.booleans())
def test_nothing_that_acts_on_a_terminal_remains(
    data: bytes | str, limit: int, multiline: bool
) -> None:
    shown = safe_text(data, limit, multiline=multiline)
    assert len(shown) <= limit + 1
    rest = shown.replace("\n", "") if multiline else shown
    assert not {unicodedata.category(character)[0] for character in rest} & {"C"}
    assert len(rest.splitlines()) <= 1


json_values = st.recursive(
    # Two halves of a character that happen to meet become one, whoever writes the JSON.
    st.none() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(json_values, st.sampled_from([None, 2]))
def test_json_means_the_same_and_steers_nothing(value: object, indent: int | None) -> None:
    text = safe_json(value, indent=indent)
    assert json.loads(text) == value
    assert safe_text(text, len(text), multiline=True) == text


def test_json_shows_what_is_harmless() -> None:
    assert safe_json({"ü": "日本\x7f\u202e\U000e0041\n"}, indent=None) == (
        '{"ü": "日本\\u007f\\u202e\\udb40\\udc41\\n"}'
    )
