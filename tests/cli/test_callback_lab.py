"""Schemes, answers as told, handing on, captures and exports, by the commands."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from cognitui.callbacks.captures import SUFFIX
from cognitui.callbacks.compose import compose_raw
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.schemes.ready import KEY, READY, STANDARD, scheme_of
from cognitui.callbacks.verdict import Replay
from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .support import Cli, Process

WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def cli(empty: Cli) -> Cli:
    empty.environment["COGNITUI_WEBHOOK_SECRET"] = WHSEC
    return empty


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver([WHSEC])
    receiver.start()
    yield receiver
    receiver.stop()


def send(cli: Cli, url: str, *arguments: str) -> Any:
    return cli.run("callback", "send", url, "--json", *arguments).json


def url_of(process: Process) -> str:
    url: str = json.loads(process.line())["url"]
    return url


@pytest.mark.parametrize("scheme", READY)
def test_send_by_each_scheme(cli: Cli, receiver: Receiver, scheme: str) -> None:
    receiver.set_scheme(scheme_of(scheme))
    told = send(cli, receiver.url, "--scheme", scheme, "--tracked")
    (received,) = receiver.received
    assert (told["status"], told["scheme"]) == ("delivered", scheme)
    assert received.delivery_id == told["delivery_id"] == json.loads(received.body)["deliveryId"]
    assert received.sent_at_ms == told["timestamp_ms"]
    assert bool(told["signature"]) is READY[scheme].is_signed
    assert WHSEC not in json.dumps(told)
    assert told["attempts"][0]["timings"]["wait_ms"] > 0


def test_send_tells_its_waits_and_its_times(cli: Cli, receiver: Receiver) -> None:
    from cognitui.callbacks.answers import parse_plan

    receiver.set_answers(parse_plan("503"))
    result = cli.run("callback", "send", receiver.url, "--retries", "1")
    assert result.status == 0
    assert result.err.startswith("Attempt 2 in 0.")
    assert "  attempt 1: connect " in result.out
    assert "  attempt 2: " in result.out


@pytest.mark.parametrize("number", range(2))
def test_a_scheme_that_is_not_there(cli: Cli, tmp_path: Path, number: int) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"{}")
    commands = (["callback", "send", "http://127.0.0.1/"], ["callback", "verify", str(body)])
    result = cli.run(*commands[number], "--scheme", "cognify")
    assert result.status == 2
    assert result.sentence == "There is no scheme cognify."


@pytest.mark.parametrize("scheme", READY)
def test_verify_by_each_scheme(cli: Cli, tmp_path: Path, scheme: str) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"\xff any")
    one = compose_raw(body.read_bytes(), secret=WHSEC, scheme=READY[scheme])
    lines = [word for name, value in one.headers for word in ("-H", f"{name}: {value}")]
    result = cli.run("callback", "verify", str(body), "--scheme", scheme, *lines, "--json")
    assert (result.status, result.json["accepted"], result.json["scheme"]) == (0, True, scheme)
    cli.environment["COGNITUI_WEBHOOK_SECRET"] = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
    assert cli.run("callback", "verify", str(body), "--scheme", scheme, *lines).status == 1


def test_a_header_that_is_none(cli: Cli, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(b"{}")
    result = cli.run("callback", "verify", str(body), "-H", "hush-hush")
    assert result.status == 2
    assert "hush-hush" not in result.out + result.err


def test_listen_answers_as_told_and_keeps_what_it_got(cli: Cli, tmp_path: Path) -> None:
    kept, archive = tmp_path / "kept", tmp_path / "all.har"
    options = ["--scheme", "standard", "--answer", "503 retry-after=0,close"]
    options += ["--save", str(kept), "--export-har", str(archive), "--count", "3", "--json"]
    with cli.process("callback", "listen", *options) as process:
        url = url_of(process)
        told = send(cli, url, "--scheme", "standard", "--tracked", "--retries", "2")
        result = process.wait()
    assert told["status"] == "delivered"
    assert [attempt["status"] for attempt in told["attempts"]] == [503, None, 200]
    assert (result.status, result.err) == (0, "3 received.\n")
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert [line["status"] for line in lines] == [503, 0, 200]
    assert [line["told"] for line in lines] == ["503 retry-after=0", "close", None]
    assert {line["delivery_id"] for line in lines} == {told["delivery_id"]}
    assert {line["scheme"] for line in lines} == {"standard"}
    assert len({line["secret"] for line in lines}) == 1
    names = {f"{line['capture']}{SUFFIX}" for line in lines}
    assert {path.name for path in kept.iterdir()} == names
    for name in names:
        explained = cli.run("callback", "explain", str(kept / name), "--scheme", "standard")
        assert (explained.status, explained.out.startswith("✓ valid and fresh")) == (0, True)
    entries = json.loads(archive.read_text())["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [503, 0, 200]
    assert archive.stat().st_mode & 0o777 == 0o600


def test_listen_hands_on_what_verifies(cli: Cli, receiver: Receiver) -> None:
    options = ["--forward", receiver.url, "--count", "2", "--json"]
    with cli.process("callback", "listen", *options) as process:
        url = url_of(process)
        assert send(cli, url)["status"] == "delivered"
        cli.environment["COGNITUI_WEBHOOK_SECRET"] = SIGNING_SECRET
        assert send(cli, url)["status"] == "rejected"
        result = process.wait()
    assert result.status == 1
    lines = [json.loads(line) for line in result.out.splitlines()]
    (outcome,) = [line for line in lines if "forwarded" in line]
    assert (outcome["number"], outcome["forwarded"]["status"]) == (1, 200)
    (received,) = receiver.received
    assert received.verdict.accepted


@pytest.mark.parametrize(
    "wrong",
    [
        ["--answer", "soon"],
        ["--scheme", "cognify"],
        ["--forward", "http://hooks.acme.example/"],
        ["--forward-anywhere"],
        ["--export-har", "/nowhere/at/all.har"],
    ],
)
def test_listen_refuses_what_it_cannot_do(cli: Cli, wrong: list[str]) -> None:
    result = cli.spawn("callback", "listen", *wrong)
    assert (result.status, result.out) == (2, "")
    assert result.sentence


def test_listen_cannot_save_where_nothing_can_be_written(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = cli.spawn("callback", "listen", "--save", str(tmp_path / "file"))
    assert (result.status, result.out) == (1, "")
    assert "cannot be read: Not a directory" in result.sentence


def capture(cli: Cli, tmp_path: Path, scheme: str = "cognigy", body: bytes = b"{}") -> Path:
    kept = tmp_path / "kept"
    options = ["--save", str(kept), "--scheme", scheme, "--json"]
    with cli.process("callback", "listen", *options) as process:
        url = url_of(process)
        cli.run("callback", "send", url, "--scheme", scheme, "--body", "-", stdin=body)
        process.line()
        process.signal(signal.SIGTERM)
        process.wait()
    (path,) = kept.iterdir()
    return path


@pytest.mark.parametrize("scheme", [STANDARD.id, KEY.id])
def test_resend_brings_the_same_bytes(
    cli: Cli, receiver: Receiver, tmp_path: Path, scheme: str
) -> None:
    body = b"\xff\r\n\x00"
    path = capture(cli, tmp_path, scheme, body)
    receiver.set_scheme(scheme_of(scheme))
    if scheme == STANDARD.id:
        cli.forget("WEBHOOK_SECRET")  # what was signed needs no secret to be sent again
    for _ in range(2):
        cli.run("callback", "send", receiver.url, "--resend", str(path), "--retries", "0")
    first, second = receiver.received
    assert first.body == second.body == body
    assert first.raw_headers == second.raw_headers
    assert first.verdict.accepted
    seen = second.verdict.replay
    assert seen is (Replay.SEEN if scheme == STANDARD.id else Replay.UNCHECKED)


def test_resend_without_the_secret_that_it_needs(cli: Cli, tmp_path: Path) -> None:
    path = capture(cli, tmp_path, KEY.id)
    assert WHSEC not in path.read_text()
    cli.forget("WEBHOOK_SECRET")
    result = cli.run("callback", "send", "http://127.0.0.1:1/", "--resend", str(path))
    assert (result.status, result.out) == (2, "")
    assert result.sentence == "Webhook secret is needed, and there is no terminal to ask."


@pytest.mark.parametrize(
    "more", [["--body", "-"], ["--template", "-"], ["--tracked"], ["--scheme", "key"]]
)
def test_resend_changes_nothing(cli: Cli, tmp_path: Path, more: list[str]) -> None:
    file = str(tmp_path / "none")
    result = cli.run("callback", "send", "http://127.0.0.1:1/", "--resend", file, *more)
    assert result.status == 2
    assert result.sentence == "--resend sends what was kept as it is."


def test_tracked_raw_bytes_would_not_be_raw(cli: Cli) -> None:
    result = cli.run("callback", "send", "http://127.0.0.1:1/", "--body", "-", "--tracked")
    assert result.status == 2


@pytest.mark.parametrize("command", ["export", "send"])
def test_a_capture_that_is_none(cli: Cli, tmp_path: Path, command: str) -> None:
    (tmp_path / "broken").write_text("{}")
    for name, part in (("nowhere", "There is no capture"), ("broken", "cannot be read")):
        file = str(tmp_path / name)
        given = [file] if command == "export" else ["http://127.0.0.1:1/", "--resend", file]
        result = cli.run("callback", command, *given)
        assert (result.status, result.out) == (1, "")
        assert part in result.sentence


def test_export_in_each_form(cli: Cli, receiver: Receiver, tmp_path: Path) -> None:
    path = str(capture(cli, tmp_path, body='{"text": "Grüße"}'.encode()))
    shell = cli.run("callback", "export", path, "--url", receiver.url)
    assert shell.status == 0
    subprocess.run(["sh", "-c", shell.out], capture_output=True, timeout=20, check=True)
    assert receiver.received[0].verdict.accepted
    made = cli.run("callback", "export", path, "--as", "http", "--json").json
    assert made["format"] == "http"
    assert made["text"].endswith('\n\n{"text": "Grüße"}')
    (entry,) = json.loads(cli.run("callback", "export", path, "--as", "har").out)["log"]["entries"]
    assert entry["_accepted"] is True
    case = tmp_path / "test_it.py"
    written = cli.run("callback", "export", path, "--as", "pytest", "--output", str(case))
    assert (written.status, written.out, written.err) == (0, "", f"Written: {case}.\n")
    compile(case.read_text(), "case", "exec")
    assert os.stat(case).st_mode & 0o777 == 0o600  # noqa: PTH116


def test_export_of_bytes_that_are_no_text(cli: Cli, tmp_path: Path) -> None:
    path = str(capture(cli, tmp_path, body=b"\xff\x00"))
    refused = cli.run("callback", "export", path, "--as", "http")
    assert (refused.status, refused.out) == (2, "")
    assert "--output" in refused.err
    file = tmp_path / "it.http"
    done = cli.run("callback", "export", path, "--as", "http", "--output", str(file), "--json")
    assert done.json["files"] == [str(file), str(tmp_path / "it.body")]
    assert file.read_text().endswith("\n\n< ./it.body\n")
    assert (tmp_path / "it.body").read_bytes() == b"\xff\x00"


@pytest.mark.parametrize("wrong", [["--url", "nowhere"], ["--as", "smoke"], ["--output", "/no/x"]])
def test_export_refuses(cli: Cli, tmp_path: Path, wrong: list[str]) -> None:
    path = str(capture(cli, tmp_path))
    assert cli.run("callback", "export", path, *wrong).status == 2


def test_listen_with_metrics(cli: Cli) -> None:
    with cli.process("callback", "listen", "--metrics", "--json") as process:
        told = json.loads(process.line())
        assert send(cli, told["url"])["status"] == "delivered"
        process.line()
        with urlopen(told["metrics_url"], timeout=10) as answer:
            text = answer.read().decode()
        samples = {
            sample.name: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if family.name == "cognitui_callbacks_received" or not sample.labels
        }
        assert samples["cognitui_callbacks_received_total"] == 1
        assert samples["cognitui_receiver_up"] == 1
        assert told["metrics_url"].startswith("http://127.0.0.1:")
        process.signal(signal.SIGTERM)
        assert process.wait().status == 0


@pytest.mark.parametrize(
    "where",
    ["x", ":1", "99999", "127.0.0.1:", "-1", "[:0", "[]:0", "]:0", "9" * 5000, "٣"],
    ids=[
        "word",
        "no-host",
        "no-such",
        "no-port",
        "minus",
        "open",
        "empty",
        "shut",
        "long",
        "arabic",
    ],
)
def test_metrics_where_nothing_can_be(cli: Cli, where: str) -> None:
    result = cli.spawn("callback", "listen", f"--metrics={where}", "--json")
    assert result.status == 2
    assert result.sentence


def test_metrics_for_other_machines_are_said_to_be(cli: Cli) -> None:
    result = cli.spawn("callback", "listen", "--metrics", "0.0.0.0:0", "--count", "0")
    assert result.status == 0
    assert result.sentence.startswith("Other machines may read the metrics too")
