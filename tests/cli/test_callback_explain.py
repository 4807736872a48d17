"""``cognitui callback explain``: the reason on the terminal, and as JSON for a script."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest

from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from .support import Cli

NOW = 1_779_019_200_000
BODY = b'{"skillId": "skill_1", "trigger": "ON_MESSAGE"}'
OTHER = "the_secret_of_another_webhook_altogether"


def signature(body: bytes, secret: str = SIGNING_SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def request(signed: str, body: bytes = BODY) -> bytes:
    head = f"POST /hook HTTP/1.1\r\nX-Cognigy-Signature: {signed}\r\nX-Cognigy-Timestamp: {NOW}"
    return f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.fixture
def secret(tmp_path: Path) -> list[str]:
    path = tmp_path / "secret.txt"
    path.write_text(f"{SIGNING_SECRET}\n")
    return ["--secret-file", str(path)]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other.txt"
    path.write_text(OTHER)
    return path


def test_what_verifies(empty: Cli, secret: list[str]) -> None:
    arguments = ["callback", "explain", "-", *secret, "--now", str(NOW)]
    result = empty.run(*arguments, stdin=request(signature(BODY)))
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("✓ valid and fresh")
    assert "the timestamp is not signed" in result.out
    as_json = empty.run(*arguments, "--json", stdin=request(signature(BODY))).json
    assert as_json["accepted"] is True
    assert as_json["findings"] == []
    assert "the timestamp is not signed" in as_json["warning"]


def test_what_does_not(empty: Cli, secret: list[str], tmp_path: Path) -> None:
    file = tmp_path / "request.http"
    file.write_bytes(request(signature(BODY), BODY.replace(b" ", b"")))
    result = empty.spawn("callback", "explain", str(file), *secret, "--now", str(NOW + 3_000_000))
    assert (result.status, result.err) == (1, "")
    assert result.out.startswith("✗ the signature does not match this body and secret; it is too")
    assert "1. It verifies if the body had not been re-serialised by a JSON parser" in result.out
    assert "2. The timestamp is 50 minutes behind this clock." in result.out
    assert "   → " in result.out
    as_json = empty.run("callback", "explain", str(file), *secret, "--now", str(NOW), "--json")
    assert as_json.status == 1
    (finding,) = as_json.json["findings"]
    assert (finding["code"], finding["proven"], finding["also"]) == ("json_python", True, [])
    for said in (result.out, as_json.out):
        assert SIGNING_SECRET not in said
        assert signature(BODY)[7:] not in said


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("--candidate=acme-test={}", ("key_other", "acme-test")),
        ("--previous-secret-file={}", ("key_previous", "the previous one")),
    ],
)
def test_other_secrets(
    empty: Cli, secret: list[str], other: Path, option: str, told: tuple[str, str]
) -> None:
    arguments = ["callback", "explain", "-", *secret, "--now", str(NOW), option.format(other)]
    stdin = request(signature(BODY, OTHER))
    (finding,) = empty.run(*arguments, "--json", stdin=stdin).json["findings"]
    assert finding["code"] == told[0]
    assert told[1] in finding["sentence"]
    assert OTHER not in empty.run(*arguments, stdin=stdin).out


def test_a_curl_command_and_another_scheme(empty: Cli, secret: list[str]) -> None:
    command = f"curl https://a.example/hook -H 'X-Cognigy-Signature: {signature(BODY)}' "
    command += f"-H 'X-Cognigy-Timestamp: {NOW}' -d '{BODY.decode()}'"
    arguments = ["callback", "explain", "-", *secret, "--now", str(NOW)]
    assert empty.run(*arguments, stdin=command).status == 0
    result = empty.run(*arguments, "--scheme", "standard", "--json", stdin=command)
    assert result.status == 1
    assert result.json["findings"][0]["code"] == "scheme_other"


def test_the_bound_and_the_notes_are_told(empty: Cli, secret: list[str]) -> None:
    arguments = ["callback", "explain", "-", *secret, "--now", str(NOW)]
    result = empty.run(*arguments, stdin=request(signature(BODY)) + b"\n")
    assert result.status == 0
    assert "Note: a line end after the body was left out" in result.out
    huge = b'{"a":[' + b"1," * 200_000 + b"1]}"
    result = empty.run(*arguments, stdin=request(signature(BODY), huge))
    assert result.status == 1
    assert "The search ended at its bound, after " in result.out


def test_a_strangers_bytes_are_shown_safely(empty: Cli, secret: list[str]) -> None:
    body = '{"ok": 1, "\u202e\\u001b[2J": 2}'.encode()
    arguments = ["callback", "explain", "-", *secret, "--now", str(NOW)]
    result = empty.run(*arguments, stdin=request(signature(b'{"ok":1}'), body))
    assert "had not been added" in result.out
    assert not set(result.out) & {"\x1b", "\u202e"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["/nowhere/request"], "/nowhere/request cannot be read"),
        (["-"], "This is neither an HTTP request nor a curl command."),
        (["-", "--scheme", "none"], "There is no scheme none."),
        (["-", "--candidate", "name"], "--candidate wants a name and a file."),
        (["-", "--candidate", "=file"], "--candidate wants a name and a file."),
        (["-", "--candidate", "a=/nowhere/x"], "The secret file /nowhere/x cannot be read"),
        (["-", "--previous-secret-file", "/nowhere/x"], "The secret file /nowhere/x cannot"),
    ],
)
def test_wrong_usage(empty: Cli, secret: list[str], arguments: list[str], sentence: str) -> None:
    stdin = b"{}" if arguments == ["-"] else request("sha256=00")
    result = empty.run("callback", "explain", *arguments, *secret, stdin=stdin)
    assert (result.status, result.out) == (2, "")
    assert result.sentence.startswith(sentence)


def test_without_a_secret(empty: Cli) -> None:
    result = empty.run("callback", "explain", "-", stdin=request("sha256=00"))
    assert result.status == 2
    assert result.sentence == "Webhook secret is needed, and there is no terminal to ask."
