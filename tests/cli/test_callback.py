"""Sending, verifying and receiving callbacks."""

from __future__ import annotations

import hashlib
import hmac
import json
import signal
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from cognitui.audit.records import Action, Outcome
from tests.support.tenants import SIGNING_SECRET

from .support import closed_port, taken_port

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Cli

BODY = b'{"skillId": "skill_1", "n": 1.0}'


def signature(body: bytes, secret: str = SIGNING_SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def now_ms() -> int:
    return int(time.time() * 1000)


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_bytes(BODY)
    return path


def hook(sandbox: Sandbox, name: str) -> str:
    return sandbox.info.webhook_url.replace("receiver", name)


def test_send_delivers(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.spawn("callback", "send", sandbox.info.webhook_url, "--text", "Grüß dich")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("Delivered in 1 attempt: 200 after ")
    assert '{"status":"ok"}' in result.out
    (received,) = sandbox.tenant.endpoint_received
    assert received.verified is True
    sent = json.loads(received.body)
    assert list(sent) == ["skillId", "trigger", "timestamp", "sessionId", "message"]
    assert (sent["trigger"], sent["message"]["text"]) == ("ON_MESSAGE", "Grüß dich")
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.CALLBACK_SEND, Outcome.OK)
    assert record.endpoint == sandbox.info.webhook_url


def test_send_as_json(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("callback", "send", sandbox.info.webhook_url, "--json")
    (received,) = sandbox.tenant.endpoint_received
    assert (result.status, result.json["status"]) == (0, "delivered")
    assert result.json["signature"] == received.headers["x-cognigy-signature"]
    assert str(result.json["timestamp_ms"]) == received.headers["x-cognigy-timestamp"]
    (attempt,) = result.json["attempts"]
    assert (attempt["number"], attempt["status"], attempt["error"]) == (1, 200, None)
    assert attempt["body_sha256"] == hashlib.sha256(received.body).hexdigest()


def test_send_that_is_rejected(cli: Cli, sandbox: Sandbox) -> None:
    cli.environment["COGNITUI_WEBHOOK_SECRET"] = "another secret of more than 32 characters"
    result = cli.run("callback", "send", sandbox.info.webhook_url, "--json")
    assert (result.status, result.json["status"]) == (1, "rejected")
    assert result.json["attempts"][0]["status"] == 401
    (record,) = cli.records()
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "rejected")


def test_send_tries_again_as_often_as_asked(cli: Cli, sandbox: Sandbox) -> None:
    url = hook(sandbox, "hooks/failing")
    result = cli.run("callback", "send", url, "--retries", "1", "--json")
    assert (result.status, result.json["status"]) == (1, "exhausted")
    assert [attempt["status"] for attempt in result.json["attempts"]] == [500, 500]


def test_send_to_a_port_where_nobody_listens(cli: Cli) -> None:
    with closed_port() as port:
        result = cli.run("callback", "send", f"http://127.0.0.1:{port}/hook")
    assert (result.status, result.err) == (1, "")
    assert result.out.startswith("Not delivered in 1 attempt. Last: ")


@pytest.mark.parametrize(
    "wrong",
    [
        ["not-a-url"],
        ["ftp://127.0.0.1/hook"],
        ["http://127.0.0.1/", "--timeout", "0"],
        ["http://127.0.0.1/", "--timeout", "60001"],
        ["http://127.0.0.1/", "--retries", "11"],
        ["http://127.0.0.1/", "--body", "-", "--template", "-"],
        ["http://127.0.0.1/", "--body", "/nowhere/body"],
        ["http://127.0.0.1/", "--secret-file", "/nowhere/secret"],
        ["http://127.0.0.1/", "--secret-file", "/dev/null"],
    ],
)
def test_send_what_cannot_be_sent(cli: Cli, wrong: list[str]) -> None:
    result = cli.run("callback", "send", *wrong)
    assert (result.status, result.out) == (2, "")
    assert result.sentence


@pytest.mark.parametrize("command", ["send http://127.0.0.1/", "listen", "verify {body}"])
def test_without_a_secret_and_a_terminal(empty: Cli, body: Path, command: str) -> None:
    result = empty.run("callback", *command.format(body=body).split())
    assert (result.status, result.out) == (2, "")
    assert result.sentence == "Webhook secret is needed, and there is no terminal to ask."
    assert "COGNITUI_WEBHOOK_SECRET" in result.err


@pytest.mark.parametrize(("typed", "status"), [(SIGNING_SECRET, 0), ("", 2)])
def test_a_secret_can_be_typed(
    empty: Cli, body: Path, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt, stream: typed)
    arguments = [str(body), "--signature", signature(BODY), "--timestamp", str(now_ms())]
    assert empty.run("callback", "verify", *arguments, terminal=True).status == status


def test_send_a_template(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    template = tmp_path / "template.json"
    template.write_text('{"said": "{{message.text}}", "at": "{{timestamp}}"}')
    arguments = ["--template", str(template), "--text", "Hi", "--skill", "skill_7"]
    result = cli.run("callback", "send", sandbox.info.webhook_url, *arguments)
    assert result.status == 0
    sent = json.loads(sandbox.tenant.endpoint_received[0].body)
    assert (sent["said"], sent["at"], sent["skillId"]) == ("Hi", sent["timestamp"], "skill_7")


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ('{"said": "{{mesage.text}}"}', "Did you mean {{message.text}}?"),
        ('{"said": }', "Line 1, column 9"),
        ("[]", "must be a JSON object"),
        (b"\xff", "is not UTF-8 text"),
    ],
)
def test_send_a_template_that_cannot_be_used(
    cli: Cli, sandbox: Sandbox, template: str | bytes, part: str
) -> None:
    arguments = ["send", sandbox.info.webhook_url, "--template", "-"]
    result = cli.run("callback", *arguments, stdin=template)
    assert result.status == 2
    assert part in result.err
    assert sandbox.tenant.endpoint_received == []


@pytest.mark.parametrize("raw", [BODY, b"", b"\xff\x00 not json \r\n"])
def test_send_exactly_these_bytes(cli: Cli, sandbox: Sandbox, raw: bytes) -> None:
    arguments = ["send", sandbox.info.webhook_url, "--body", "-"]
    assert cli.run("callback", *arguments, stdin=raw).status == 0
    (received,) = sandbox.tenant.endpoint_received
    assert (received.body, received.verified) == (raw, True)


@pytest.mark.parametrize("source", ["file", "stdin"])
def test_verify_accepts(cli: Cli, body: Path, source: str) -> None:
    cli.environment["COGNITUI_WEBHOOK_SECRET"] = SIGNING_SECRET
    file, stdin = ("-", BODY) if source == "stdin" else (str(body), b"")
    arguments = [file, "--signature", signature(BODY), "--timestamp", str(now_ms())]
    result = cli.run("callback", "verify", *arguments, stdin=stdin)
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("✓ ")


def test_verify_reads_the_secret_from_a_file(empty: Cli, body: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SIGNING_SECRET}\n")
    arguments = ["--signature", signature(BODY), "--timestamp", "1700000000000"]
    moment = ["--now", "1700000300000", "--secret-file", str(secret)]
    result = empty.run("callback", "verify", str(body), *arguments, *moment, "--json")
    assert (result.status, result.json["accepted"]) == (0, True)
    assert (result.json["signature"], result.json["freshness"]) == ("valid", "fresh")


@pytest.mark.parametrize(
    ("arguments", "signed", "freshness"),
    [
        (["--signature", signature(BODY, "wrong" * 8), "--timestamp", "now"], "invalid", "fresh"),
        (["--signature", signature(BODY), "--timestamp", "1700000000000"], "valid", "stale"),
        (["--signature", signature(BODY)], "valid", "missing"),
        (["--signature", "sha1=00", "--timestamp", "now"], "malformed", "fresh"),
        (["--timestamp", "now"], "missing", "fresh"),
        ([], "missing", "missing"),
    ],
)
def test_verify_says_no(
    cli: Cli, body: Path, arguments: list[str], signed: str, freshness: str
) -> None:
    cli.environment["COGNITUI_WEBHOOK_SECRET"] = SIGNING_SECRET
    given = [str(now_ms()) if word == "now" else word for word in arguments]
    result = cli.run("callback", "verify", str(body), *given, "--json")
    assert result.status == 1
    assert (result.json["accepted"], result.json["signature"]) == (False, signed)
    assert result.json["freshness"] == freshness
    assert result.json["reason"]
    assert cli.run("callback", "verify", str(body), *given).out.startswith("✗ ")


@pytest.mark.parametrize("file", ["/nowhere/body.json", "/"])
def test_verify_what_cannot_be_read(cli: Cli, file: str) -> None:
    result = cli.run("callback", "verify", file, "--json")
    assert result.status == 2
    assert result.sentence.startswith(f"{file} cannot be read")
    assert result.json["error"]["code"] == "usage"


@pytest.mark.parametrize(("secret", "status"), [(SIGNING_SECRET, 0), ("another" * 6, 1)])
def test_listen_for_one(cli: Cli, secret: str, status: int) -> None:
    cli.environment["COGNITUI_WEBHOOK_SECRET"] = SIGNING_SECRET
    with cli.process("callback", "listen", "--count", "1", "--json") as process:
        url = json.loads(process.line())["url"]
        cli.environment["COGNITUI_WEBHOOK_SECRET"] = secret
        assert cli.run("callback", "send", url, "--event", "ON_FALLBACK").status == status
        result = process.wait()
    assert (result.status, result.err) == (status, "1 received.\n")
    assert result.json["accepted"] is (status == 0)
    assert (result.json["number"], result.json["event"]) == (1, "ON_FALLBACK")
    received = [each for each in cli.records() if each.action is Action.CALLBACK_RECEIVE]
    assert [each.outcome for each in received] == [(Outcome.OK, Outcome.FAILED)[status]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_listen_until_a_signal(cli: Cli, number: int) -> None:
    """At once after the first line, when a script may already know enough."""
    with cli.process("callback", "listen") as process:
        assert process.line().startswith("Listening at http://127.0.0.1:")
        process.signal(number)
        result = process.wait()
    assert (result.status, result.out, result.err) == (0, "", "0 received.\n")


def test_listen_ends_when_nobody_reads(cli: Cli) -> None:
    with cli.process("callback", "listen", "--json") as process:
        url = json.loads(process.line())["url"]
        process.close_stdout()
        httpx.post(url, content=BODY, trust_env=False)
        result = process.wait()
    assert (result.status, result.err) == (0, "")


def test_listen_shows_a_strangers_bytes_safely(cli: Cli) -> None:
    with cli.process("callback", "listen", "--count", "2") as process:
        url = process.line().removeprefix("Listening at ")
        evil = '{"skillId": "\\u001b[2J\\ud800", "trigger": "\u202e"}'.encode()
        for content in (evil, b"\xff\x1b[2J"):
            httpx.post(url, content=content, trust_env=False)
        result = process.wait()
    assert result.status == 1
    assert len(result.out.splitlines()) == 2
    assert not set(result.out) & {"\x1b", "\u202e"}
    assert len(cli.records()) == 2


def test_listen_at_a_port_that_is_taken(cli: Cli) -> None:
    with taken_port() as port:
        result = cli.spawn("callback", "listen", "--port", str(port))
    assert result.status == 2
    assert result.sentence == f"Port {port} of 127.0.0.1 is taken by another program."


def test_listen_at_a_port_that_does_not_exist(cli: Cli) -> None:
    assert cli.spawn("callback", "listen", "--port", "65536").status == 2
