"""Verify code from the command line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.ready import COGNIGY, STANDARD
from cognitui.callbacks.snippets import STACKS, snippet

if TYPE_CHECKING:
    from .support import Cli

ACME = """
[schemes.acme]
header = "X-Acme-Signature"
value = "sha256={signature}"
"""


@pytest.mark.parametrize("stack", STACKS)
def test_the_code_alone_is_on_stdout(empty: Cli, stack: str) -> None:
    result = empty.run("callback", "code", stack)
    made = snippet(stack, COGNIGY)
    assert (result.status, result.out) == (0, made.code)
    assert result.err.startswith(f"{made.title}, {made.filename}, scheme cognigy:\n")
    for note in made.notes:
        assert f"  {note}\n" in result.err


@pytest.mark.parametrize(("typed", "stack"), [("FastAPI", "fastapi"), ("C#", "csharp")])
def test_a_stack_as_its_makers_write_it(empty: Cli, typed: str, stack: str) -> None:
    assert empty.run("callback", "code", typed).out == snippet(stack, COGNIGY).code


def test_for_machines(empty: Cli) -> None:
    result = empty.run(
        "callback", "code", "fastapi", "--scheme", "standard", "--path", "/hooks/in", "--json"
    )
    made = snippet("fastapi", STANDARD, path="/hooks/in")
    assert (result.status, result.err) == (0, "")
    assert result.json == {
        "stack": "fastapi",
        "title": "Python, FastAPI",
        "scheme": "standard",
        "language": "python",
        "filename": "callback.py",
        "code": made.code,
        "notes": list(made.notes),
    }


def test_a_process_of_its_own_prints_what_runs(empty: Cli) -> None:
    result = empty.spawn("callback", "code", "flask")
    assert result.status == 0
    ast.parse(result.out)


def test_the_list(empty: Cli) -> None:
    result = empty.run("callback", "code", "--list")
    assert result.status == 0
    assert [line.split()[0] for line in result.out.splitlines()] == ["STACK", *STACKS]
    listed = empty.run("callback", "code", "--list", "--json").json
    assert {entry["stack"]: entry["title"] for entry in listed} == STACKS


def test_a_scheme_of_ones_own(empty: Cli) -> None:
    path = empty.home / "config" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(ACME)
    result = empty.run("callback", "code", "go", "--scheme", "acme")
    assert result.status == 0
    assert '"X-Acme-Signature"' in result.out
    path.write_text(ACME + 'unitt = "s"\n')
    result = empty.run("callback", "code", "go", "--scheme", "acme")
    assert result.status == 2
    assert "line 5" in result.sentence
    assert "'unit'" in result.sentence


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "There are fastapi"),
        (["expres"], "'express'"),
        (["cobol"], "There are fastapi"),
        (["go", "--scheme", "standart"], "Known are"),
        (["go", "--path", "hooks"], "/hooks/cognigy"),
        (["go", "--path", '/a";'], "/hooks/cognigy"),
        (["php", "--path", "/<id>"], "/hooks/cognigy"),
    ],
)
def test_wrong_usage(empty: Cli, arguments: list[str], words: str) -> None:
    result = empty.run("callback", "code", *arguments)
    assert (result.status, result.out) == (2, "")
    assert result.sentence
    assert words in result.err
