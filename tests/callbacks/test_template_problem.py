"""What is wrong with a template is said in plain words, at the place where it is put right."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import PLACEHOLDERS, check_template, parse_template
from cognitui.callbacks.template_problem import TemplateProblem, find_problem
from cognitui.callbacks.template_syntax import line_and_column

# The text, with a | where the cursor has to go, and what is said about it.
BROKEN = [
    ('{\n  "a": 1,\n  "b"| 2\n}', "a colon is missing after the key"),
    ('{"a"|', "a colon is missing after the key"),
    ('{"a" |= 1}', "a key and its value are joined by a colon, not by ="),
    ('{"a": 1|\n "b": 2}', "a comma is missing"),
    ('{"a": "x"| "b": 2}', "a comma is missing"),
    ('{"a": "x"|"b"}', "a comma is missing"),
    ('{"a": [1| 2]}', "a comma is missing"),
    ('{"a": {}| "b": 2}', "a comma is missing"),
    ('{"a": 1|; "b": 2}', "what follows is parted by a comma, not by a semicolon"),
    ('{"a": 1|,}', "nothing follows this comma: take it out"),
    ('{"a": [1|, ]}', "nothing follows this comma: take it out"),
    ('{"a": 1,|, "b": 2}', "there is one comma too many"),
    ('{"a": [1,|,2]}', "there is one comma too many"),
    ('{|, "b": 2}', "there is one comma too many"),
    ("{|", "the closing } is missing"),
    ('{"a": 1|', "the closing } is missing"),
    ('{"a": {"b": 1}|', "the closing } is missing"),
    ('{"a": [1|', "the closing ] is missing"),
    ('{"a": [|', "the closing ] is missing"),
    ('{"a": 1,|', "a key in double quotes is missing after the comma"),
    ('{"a": [1,|', "a value is missing after the comma"),
    ('{"a": [1|}', "} stands where ] belongs"),
    ('{"a": {"b": 1|]}', "] stands where } belongs"),
    ('{"a":|', "a value is missing after the colon"),
    ('{"a":| }', "a value is missing after the colon"),
    ('{"a":|, "b": 1}', "a value is missing after the colon"),
    ('{"a": [|, 1]}', "a value is missing here"),
    ("{|a: 1}", 'a key stands in double quotes: "a"'),
    ("{|'a': 1}", "a key stands in double quotes, not in single ones"),
    ("{|7: 1}", "a key in double quotes is missing"),
    ("{|{{sessionId}}: 1}", "a placeholder stands in double quotes, as any text"),
    ('{"a": |{{sessionId}}}', "a placeholder stands in double quotes, as any text"),
    ("{\"a\": |'x'}", "a text stands in double quotes, not in single ones"),
    ('{"a": |hello}', 'a text stands in double quotes: "hello"'),
    ('{"a": |True}', "write true, not True"),
    ('{"a": |None}', "write null, not None"),
    ('{"a": |.5}', ".5 is not a number as JSON writes it"),
    ('{"a": |+1}', "+1 is not a number as JSON writes it"),
    ('{"a": |01}', "01 is not a number as JSON writes it"),
    ('{"a": |1x}', "1x is not a number as JSON writes it"),
    ('{"a": |1.}', "1. is not a number as JSON writes it"),
    ('{"a": |-}', "- is not a number as JSON writes it"),
    ('{"a": "say |"hi""}', 'the text ends at this quote: one inside a text is written \\"'),
    ('{"a|"b": 1}', 'the text ends at this quote: one inside a text is written \\"'),
    ('{"a": ["x"|: 1]}', "a list holds no keys: put keys and values in { }"),
    ('{"a": "b"|: 1}', "a colon stands only between a key and its value"),
    ('{"a": 1 |// one\n}', "JSON has no comments"),
    ('{|// one\n"a": 1}', "JSON has no comments"),
    ('{"a": |# one\n1}', "JSON has no comments"),
    ('{"a": "x|\n"}', "the closing double quote is missing on this line"),
    ('{"a": "x|\ty"}', "a tab inside a text is written \\t"),
    ('{"a": "x|\x01y"}', "a control character inside a text is written \\u and four digits"),
    ('{"a": |"x', "the text that begins here has no closing double quote"),
    ('{"a": "|\\x"}', "a backslash inside a text is written \\\\"),
    ('{"a": "\\|u12"}', "\\u has to be followed by four hex digits"),
    ('{"a": 1}|}', "there is one } too many"),
    ('{"a": 1} |x', "nothing may follow the closing brace"),
    ('{"a": 1}|, "b": 2', "nothing may follow the closing brace"),
    ("|", "nothing is written here: a template is a JSON object in braces"),
    ('|\ufeff{"a": 1}', "an invisible mark (BOM) stands before the template: take it out"),
    ('{"a": [1,\n |NaN]}', "NaN is not a JSON value"),
    ('{"a": |-Infinity}', "-Infinity is not a JSON value"),
    ('{"ü": "é",\n "a": |' + "9" * 5000 + "}", "this holds a number that is too long"),
    ('{"a": [1e99, |-1e999]}', "this holds a number that is too large"),
    ('{"a":' * 32 + '|{"a":1}' + "}" * 32, "this is nested more than 32 levels deep"),
    ('{"a": "x |{{skillid}}"}', "{{skillid}} is not a placeholder"),
    ('{"{{any}}": 1,\n "a": ["|{{ text }}"]}', "{{text}} is not a placeholder"),
    ('{"a": |"\\u007b\\u007bx}}"}', "{{x}} is not a placeholder"),
    ('{"a": "\\"|{{}}"}', "{{}} is not a placeholder"),
]


def parted(marked: str) -> tuple[str, int, int]:
    text = marked.replace("|", "", 1)
    return text, *line_and_column(text, marked.index("|"))


@pytest.mark.parametrize(("marked", "words"), BROKEN, ids=lambda value: ascii(value)[:40])
def test_what_is_broken_and_where(marked: str, words: str) -> None:
    text, line, column = parted(marked)
    problem = find_problem(text)
    assert problem is not None
    assert (problem.words, problem.line, problem.column) == (words, line, column)
    assert problem.blocks
    assert problem.sentence == f"Line {line}, column {column}: {words}."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[1]", "The template must be a JSON object, not a list."),
        ('{"a": "' + "x" * 70_000 + '"}', "The template has 70,009 bytes; at most 65,536 are allowed."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_whole_has_no_place(text: str, sentence: str) -> None:
    problem = find_problem(text)
    assert problem is not None
    assert (problem.sentence, problem.place, problem.line) == (sentence, "", None)


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ('{"a": "|{{sessionId"}', "{{ without }} is sent as it stands"),
        ('{"a": "|{{sessionId}"}', "{{ without }} is sent as it stands"),
        ('{"a": "x |{sessionId}"}', "{sessionId} is sent as it stands; a placeholder is {{sessionId}}"),
        ('{"a": 1, "b": {"a": 2},\n |"a": 3}', 'the key "a" is here twice; only the last one counts'),
        ('{"a": [{"b": 1, |"\\u0062": 2}]}', 'the key "\\u0062" is here twice; only the last one counts'),
    ],
)  # fmt: skip
def test_a_remark_does_not_block(marked: str, words: str) -> None:
    text, line, column = parted(marked)
    assert find_problem(text) == TemplateProblem(words, "", line, column, blocks=False)
    check_template(parse_template(text))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"a": "{{sessionId}} {{ message.text }}", "{{any}}": {"a": [{"a": "}} { }"}]}}',
        '{"a": "\\"{{skillId}}", "b": [[], {}], "c": ["x", "x"]}',
    ],
)
def test_nothing_is_wrong(text: str) -> None:
    assert find_problem(text) is None


def test_the_nearest_placeholder_is_offered() -> None:
    problem = find_problem('{"a": "{{skillid}}"}')
    assert problem is not None
    assert problem.hint.startswith("Did you mean {{skillId}}? Allowed: {{skillId}}, ")


JSON_LIKE = st.text(alphabet="{}[],:\"\\ \n\tab1.-e{{}}/'=nulltrue", max_size=30)


@given(st.one_of(JSON_LIKE, st.text(max_size=30)))
def test_whatever_is_written_has_a_place_inside_it(text: str) -> None:
    problem = find_problem(text)
    try:
        check_template(parse_template(text))
    except TemplateError:
        assert problem is not None
        assert problem.blocks
    else:
        assert problem is None or not problem.blocks
    if problem is not None and problem.line is not None and problem.column is not None:
        lines = text.split("\n")
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(
        [f"{{{{{name}}}}}" for name in PLACEHOLDERS]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
))  # fmt: skip
def test_one_character_taken_away_is_found_or_harmless(value: object) -> None:
    text = json.dumps({"a": value}, indent=1)
    for at in range(len(text)):
        shortened = text[:at] + text[at + 1 :]
        problem = find_problem(shortened)
        try:
            json.loads(shortened)
        except ValueError:
            assert problem is not None
            assert problem.words != "this is not JSON"
