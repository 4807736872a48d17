"""A person's own schemes: what is taken, and what is wrong with all others."""

from __future__ import annotations

import contextlib
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.schemes.custom import FIELDS, problems_of, scheme_from, schemes_from
from cognitui.callbacks.schemes.custom import schemes_of as schemes_of_config
from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders, StaticHeader
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.config import Config, ConfigBroken
from cognitui.errors import UsageError

from .support import SECRET

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_795_467_214_085
BODY = b'{"n": 1.0}'
ACME = """
[acme]
title = "Acme"
header = "X-Acme-Signature"
value = "sha256={signature}"
signs = "{id}.{timestamp}.{body}"
encoding = "base64"
algorithm = "sha512"
key = "literal"
timestamp_header = "X-Acme-Timestamp"
unit = "s"
id_header = "X-Acme-Id"
separator = " "
"""


def fields(**changes: Any) -> dict[str, Any]:
    """A table that can be used, with changes; None leaves a field out."""
    table = {"header": "X-Acme-Signature", "value": "sha256={signature}"} | changes
    return {name: value for name, value in table.items() if value is not None}


def accepts(scheme: Scheme, body: bytes, headers: Any) -> bool:
    return judge(scheme, body, headers, secrets=[SECRET], now_ms=NOW).accepted


def test_every_field_is_read() -> None:
    (scheme,) = schemes_from(tomllib.loads(ACME)).values()
    (part,) = scheme.parts
    assert (scheme.id, scheme.title) == ("acme", "Acme")
    assert isinstance(part, SignedHeaders)
    for name in FIELDS:
        if name != "title":
            assert getattr(part, name) == tomllib.loads(ACME)["acme"][name], name


SIGNED: list[dict[str, Any]] = [
    fields(),
    tomllib.loads(ACME)["acme"],
    fields(value="t={timestamp},v1={signature}", signs="{timestamp}.{body}", unit="s"),
    fields(value="{signature}", signs="v0:{timestamp}:{body}", timestamp_header="X-Time"),
    fields(value="{signature}", signs="{body}\n{timestamp}", timestamp_header="X-Time"),
    fields(encoding="base64", algorithm="sha1", separator=";"),
]


@pytest.mark.parametrize("table", SIGNED)
def test_what_it_signs_it_verifies_and_nothing_else(table: dict[str, Any]) -> None:
    scheme = scheme_from("acme", table)
    headers = sign_with(scheme, BODY, SECRET, Stamp(NOW))
    assert accepts(scheme, BODY, headers)
    assert not accepts(scheme, BODY + b" ", headers)
    assert not accepts(scheme, BODY, headers[:-1])
    (part,) = scheme.parts
    assert isinstance(part, SignedHeaders)
    if part.covers_timestamp and part.timestamp_header:
        newer = [(n, str(int(v) + 1) if n == part.timestamp_header else v) for n, v in headers]
        assert not accepts(scheme, BODY, newer)


def test_a_header_that_says_the_secret() -> None:
    scheme = scheme_from("token", {"header": "Authorization", "value": "Bearer {secret}"})
    assert scheme.parts == (StaticHeader("Authorization", "Bearer {secret}"),)
    assert scheme.title == "token"
    assert accepts(scheme, BODY, [("authorization", f"Bearer {SECRET}")])
    assert not accepts(scheme, BODY, [("authorization", f"bearer {SECRET}")])


WRONG: list[tuple[dict[str, Any], str, str]] = [
    (fields(headr="X"), "headr", "header"),
    (fields(header=None), "header", "missing"),
    (fields(header=""), "header", "cannot be ''"),
    (fields(header="X Acme"), "header", "cannot be 'X Acme'"),
    (fields(header="X-Acme:"), "header", "letters, digits and hyphens"),
    (fields(header="X\r\nEvil: 1"), "header", "printable ASCII"),
    (fields(header="Grüße"), "header", "printable ASCII"),
    (fields(header=3), "header", "a text in quotes, not 3"),
    (fields(header="X" * 101), "header", "up to 100"),
    (fields(header="content-length"), "header", "HTTP itself uses it"),
    (fields(value=None), "value", "{signature} once"),
    (fields(value="sha256="), "value", "{signature} once"),
    (fields(value="{signature}{signature}"), "value", "2 times"),
    (fields(value="{signatur}"), "value", "{signature}"),
    (fields(value="{whatever}"), "value", "There are"),
    (fields(value="sha256={signature"), "value", "brace too many"),
    (fields(value=" {signature}"), "value", "begins or ends with a space"),
    (fields(value="{signature}\n"), "value", "printable ASCII"),
    (fields(value="{secret}{secret}"), "value", "one placeholder"),
    (fields(value="{secret} {signature}"), "value", "one placeholder"),
    (fields(value="Bearer {secret}", signs="{body}"), "signs", "for signatures"),
    (fields(value="{timestamp}{signature}"), "value", "where {timestamp} and {signature} end"),
    (fields(value="{signature}x{timestamp}"), "value", "where {timestamp} and {signature} end"),
    (fields(value="{timestamp},{timestamp},{signature}"), "value", "2 times"),
    (fields(value="{timestamp},{signature}", timestamp_header="X-T"), "timestamp_header", "too much"),
    (fields(signs=""), "signs", "{body} once"),
    (fields(signs="{body}{body}"), "signs", "2 times"),
    (fields(signs="{boddy}"), "signs", "'{body}'"),
    (fields(signs="{timestamp}.{body}"), "signs", "timestamp_header"),
    (fields(signs="{id}.{body}"), "signs", "id_header"),
    (fields(signs="{id}{id}{body}", id_header="X-Id"), "signs", "2 times"),
    (fields(signs="\x00{body}"), "signs", "printable ASCII"),
    (fields(encoding="base46"), "encoding", "'base64'"),
    (fields(encoding=True), "encoding", "hex, base64"),
    (fields(algorithm="md5"), "algorithm", "sha256, sha1, sha512"),
    (fields(algorithm="sha265"), "algorithm", "'sha256'"),
    (fields(key="whsek"), "key", "'whsec'"),
    (fields(unit="seconds"), "unit", "ms, s"),
    (fields(unit=["s"]), "unit", "a list"),
    (fields(timestamp_header="x-acme-signature"), "timestamp_header", "same as header"),
    (fields(id_header="X-T", timestamp_header="x-t"), "id_header", "same as timestamp_header"),
    (fields(separator="a"), "separator", "part of a signature"),
    (fields(separator="----"), "separator", "3 characters"),
    (fields(value="v1,{signature}", separator=","), "separator", "part of a signature"),
    (fields(value="{timestamp},{signature}", separator=" "), "separator", "which one"),
    (fields(title=1), "title", "a text in quotes"),
    (fields(title="\x1b[31m"), "title", "printable ASCII"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "field", "words"), WRONG)
def test_what_is_wrong_is_named(table: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        scheme_from("acme", table)
    error = caught.value
    assert error.field == f"acme.{field}"
    assert error.message.startswith("Scheme acme: ")
    assert error.message.endswith((".", "?"))
    assert words in f"{error.message} {error.hint}"
    assert (error.message + error.hint).isprintable()


@pytest.mark.parametrize("name", ["", "Acme", "a b", "a" * 33, "-a", "a\x1b", 3, None])
def test_a_name_is_a_word(name: object) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        scheme_from(name, fields())


@pytest.mark.parametrize("name", READY)
def test_a_ready_scheme_stays_what_it_is(name: str) -> None:
    with pytest.raises(UsageError, match="there already"):
        schemes_from({name: fields()})


@pytest.mark.parametrize("tables", [None, 3, "x", [], [{}], {"acme": 3}, {"acme": [fields()]}])
def test_only_tables_of_tables(tables: object) -> None:
    with pytest.raises(UsageError, match="table"):
        schemes_from(tables)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)
pieces = st.sampled_from(
    ["{signature}", "{timestamp}", "{body}", "{id}", "{secret}", "{", "}", ".", ",", " ", "v1", "é"]
)
texts = st.lists(pieces, max_size=5).map("".join)
tables = st.dictionaries(st.sampled_from(FIELDS) | st.text(), anything | texts, max_size=8) | (
    st.fixed_dictionaries(
        {"header": st.just("X-A"), "value": texts},
        optional={
            name: texts | st.just("X-B") for name in FIELDS if name not in {"header", "value"}
        },
    )
)


@given(tables)
def test_any_table_is_a_scheme_that_works_or_a_usage_error(table: dict[str, Any]) -> None:
    with contextlib.suppress(UsageError):
        assert_works(scheme_from("acme", table))


def assert_works(scheme: Scheme) -> None:
    headers = sign_with(scheme, BODY, SECRET, Stamp(NOW))
    assert accepts(scheme, BODY, headers)
    assert accepts(scheme, BODY + b"!", headers) == (not scheme.is_signed)


def config(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path, {})


def test_from_the_file_of_settings(tmp_path: Path) -> None:
    text = ACME.replace("[acme]", "[schemes.acme]")
    found = schemes_of_config(config(tmp_path, text))
    assert found == schemes_from(tomllib.loads(ACME))
    assert schemes_of_config(Config()) == {}


def test_what_is_wrong_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    text = (
        'theme = "dark"\n'
        '[schemes.one]\nheader = "X-A"\nvalue = "{signature}"\nencodin = "hex"\n'
        '[schemes.good]\nheader = "X-A"\nvalue = "{signature}"\n'
        '[schemes."two.too"]\nheader = "X-A"\n'
        '[schemes.three]\nheader = "X-A"\nvalue = "{signatur}"\n'
        "[schemes.cognigy]\n"
    )
    loaded = config(tmp_path, text)
    found = problems_of(loaded)
    assert [problem.line for problem in found] == [5, 9, 13, 14]
    assert "Did you mean 'encoding'?" in found[0].message
    assert [problem.field for problem in found] == [
        "schemes.one.encodin",
        "schemes.two.too",
        "schemes.three.value",
        "schemes.cognigy",
    ]
    with pytest.raises(ConfigBroken, match="line 5"):
        schemes_of_config(loaded)


def test_schemes_is_a_table(tmp_path: Path) -> None:
    with pytest.raises(ConfigBroken, match=r"write \[schemes\.NAME\]"):
        config(tmp_path, "schemes = 3")
