"""What the snippets say, for every stack and scheme; that they work is tried in `test_snippets_run`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.custom import scheme_from
from cognitui.callbacks.schemes.ready import COGNIGY, READY, STANDARD
from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
from cognitui.callbacks.snippets import STACKS, snippet
from cognitui.callbacks.snippets.dialect import escaped, quoted_for_php
from cognitui.callbacks.snippets.template import fill
from cognitui.errors import UsageError

from .test_snippets_run import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERY = [(stack, name) for stack in STACKS for name in SCHEMES]
EQUAL_IN_CONSTANT_TIME = {
    "python": "hmac.compare_digest(",
    "javascript": "timingSafeEqual(",
    "go": "hmac.Equal(",
    "java": "MessageDigest.isEqual(",
    "csharp": "CryptographicOperations.FixedTimeEquals(",
    "php": "hash_equals(",
}
PAIRS = {")": "(", "]": "[", "}": "{"}


@pytest.mark.parametrize(("stack", "name"), EVERY)
def test_every_one_is_whole(stack: str, name: str) -> None:
    scheme = SCHEMES[name]
    made = snippet(stack, scheme, path="/in/here")
    assert (made.stack, made.title) == (stack, STACKS[stack])
    assert made.code.endswith("\n")
    assert not re.search("[«»]|^%", made.code, re.MULTILINE)
    assert not re.search(r"[ \t]$|\n\n\n\n", made.code, re.MULTILINE)
    assert "401" in made.code or "StatusUnauthorized" in made.code
    assert "WEBHOOK_SECRET" in made.code
    equal = EQUAL_IN_CONSTANT_TIME[made.language]
    if stack == "go" and not scheme.is_signed:
        equal = "subtle.ConstantTimeCompare("
    assert equal in made.code
    for header in scheme.headers:
        assert header in made.code
    if stack != "php":  # there the file itself is the endpoint
        assert "in/here" in made.code


@pytest.mark.parametrize(("stack", "name"), EVERY)
def test_the_notes_tell_what_the_scheme_leaves_open(stack: str, name: str) -> None:
    scheme = SCHEMES[name]
    notes = snippet(stack, scheme).notes
    assert "WEBHOOK_SECRET" in notes[0]
    assert all(note.endswith(".") for note in notes)
    assert (scheme.warning.lower() in " ".join(notes).lower()) == bool(scheme.warning) or (
        not scheme.warning
    )
    asks_for_a_memory = "remember" in notes[-1]
    assert asks_for_a_memory == scheme.is_signed


@pytest.mark.parametrize("name", SCHEMES)
def test_the_brackets_of_csharp_match(name: str) -> None:
    """There is no compiler for it here, so this much is read by eye of the machine."""
    code = snippet("csharp", SCHEMES[name]).code
    opened: list[str] = []
    for sign in _outside_of_texts(code):
        if sign in PAIRS.values():
            opened.append(sign)
        elif sign in PAIRS:
            assert opened.pop() == PAIRS[sign]
    assert not opened
    called = set(re.findall(r"\b(Is\w+|Only|BodyAgrees|RequireSecret)\(", code))
    declared = set(re.findall(r"static (?:bool|string|void) (\w+)\(", code))
    assert called <= declared | {"IsMatch", "IsNullOrEmpty"}


def _outside_of_texts(code: str) -> Iterator[str]:
    texts = r'@"(?:[^"]|"")*"|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\]|\\.)\'|//[^\n]*'
    yield from re.sub(texts, "", code)


def test_a_key_that_is_base64_is_decoded_and_one_that_is_not_is_not() -> None:
    assert "b64decode" in snippet("flask", STANDARD).code
    assert "b64decode" not in snippet("flask", COGNIGY).code


def test_a_body_without_a_signed_timestamp_is_asked_for_its_own() -> None:
    for name, scheme in READY.items():
        asks = "body_agrees" in snippet("flask", scheme).code
        assert asks == (name in {"cognigy", "transitional"})


@pytest.mark.parametrize("stack", ["expres", "", "Gopher"])
def test_there_is_no_such_stack(stack: str) -> None:
    with pytest.raises(UsageError) as caught:
        snippet(stack, COGNIGY)
    assert caught.value.field == "stack"
    assert caught.value.hint


@pytest.mark.parametrize("path", ["", "hooks", "/", "/a b", '/"', "/{id}", "/<id>", "/a//b", "/é"])
def test_a_path_that_would_be_more_than_a_text(path: str) -> None:
    with pytest.raises(UsageError) as caught:
        snippet("go", COGNIGY, path=path)
    assert caught.value.field == "path"


def test_several_timestamps_in_one_header_are_refused() -> None:
    part = SignedHeaders("X-A", "t={timestamp},v1={signature}", separator=" ")
    with pytest.raises(UsageError, match="several timestamps"):
        snippet("go", Scheme("several", "", (part,)))


def test_texts_stay_texts() -> None:
    assert quoted_for_php("it's $a \\") == "'it\\'s $a \\\\'"
    assert quoted_for_php("a\n$b") == '"a\\n\\$b"'
    assert re.fullmatch(escaped("a.b*c/[d]"), "a.b*c/[d]")
    scheme = scheme_from("odd", {"header": "X-A", "value": "{signature}", "signs": "{body}\n$a"})
    assert '"\\n\\$a"' in snippet("php", scheme).code
    assert "'\\n$a'" not in snippet("php", scheme).code


def test_a_template_is_filled_in() -> None:
    text = "%if a\nA\n%elif b\nB\n%else\nC\n%end\n%each\n«x»\n%if !a\nno «y»\n%end\n%end"
    parts: list[dict[str, str | bool]] = [{"x": "1"}, {"x": "2", "a": True}]
    values: dict[str, str | bool] = {"a": False, "b": True, "y": "z"}
    assert fill(text, values, parts) == "B\n1\nno z\n2\n"
    assert fill(text, values | {"a": True}, []) == "A\n"
    assert fill(text, values | {"b": False}, []) == "C\n"
    with pytest.raises(KeyError):
        fill("«unknown»", values, [])
