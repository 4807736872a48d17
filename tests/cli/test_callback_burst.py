"""Bursts from the command line."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.records import Action, Outcome

from .support import MODULE, closed_port

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli


def hook(sandbox: Sandbox, name: str) -> str:
    return sandbox.info.webhook_url.replace("receiver", name)


def test_a_burst_delivers(cli: Cli, sandbox: Sandbox) -> None:
    url = f"{sandbox.info.webhook_url}?token=hush"
    result = cli.run("callback", "burst", url, "--count", "40", "--event", "ON_FALLBACK")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith("40 of 40 delivered in ")
    assert " p50 " in result.out
    assert "█" in result.out
    received = sandbox.tenant.endpoint_received
    assert len(received) == 40
    assert all(each.verified for each in received)
    assert {json.loads(each.body)["trigger"] for each in received} == {"ON_FALLBACK"}
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.CALLBACK_BURST, Outcome.OK)
    assert (record.endpoint, record.event) == (sandbox.info.webhook_url, "ON_FALLBACK")
    assert record.detail.startswith("40 of 40 delivered in ")


def test_a_burst_as_json(cli: Cli, sandbox: Sandbox) -> None:
    url = sandbox.info.webhook_url
    arguments = ["--count", "30", "--rate", "1000", "--in-flight", "3", "--json"]
    result = cli.run("callback", "burst", url, *arguments)
    assert result.status == 0
    found = result.json
    assert (found["state"], found["count"], found["sent"], found["ok"]) == ("complete", 30, 30, 30)
    assert (found["failed"], found["statuses"], found["failures"]) == (0, {"200": 30}, {})
    latency = found["latency_ms"]
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]
    assert sum(step["ok"] for step in found["timeline"]) == 30


def test_what_was_not_delivered_is_told(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("callback", "burst", hook(sandbox, "hooks/failing"), "--count", "5")
    assert result.status == 1
    assert result.out.startswith("0 of 5 delivered in ")
    assert "http_500" in result.out
    assert "the endpoint failed while it worked on the callback" in result.out
    (record,) = cli.records()
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "not_delivered")


def test_where_nobody_listens(cli: Cli) -> None:
    with closed_port() as port:
        result = cli.run("callback", "burst", f"http://127.0.0.1:{port}/", "--count", "5")
    assert result.status == 1
    assert "nothing answers there" in result.out


@pytest.mark.parametrize(
    "wrong",
    [
        ["http://127.0.0.1/"],
        ["nowhere", "--count", "1"],
        ["http://127.0.0.1/", "--count", "0"],
        ["http://127.0.0.1/", "--count", "1000001"],
        ["http://127.0.0.1/", "--count", "1", "--rate", "nan"],
        ["http://127.0.0.1/", "--count", "1", "--rate", "0"],
        ["http://127.0.0.1/", "--count", "1", "--in-flight", "501"],
        ["http://127.0.0.1/", "--count", "1", "--timeout", "0"],
        ["http://127.0.0.1/", "--count", "1", "--scheme", "stadnard"],
        ["http://127.0.0.1/", "--count", "1", "--event", "ON_NOTHING"],
        ["http://127.0.0.1/", "--count", "1", "--secret-file", "/dev/null"],
        ["https://hooks.acme.example/", "--count", "1"],
        ["https://hooks.acme.example/", "--count", "1", "--confirm", "acme.example"],
    ],
)
def test_what_cannot_be(cli: Cli, wrong: list[str]) -> None:
    result = cli.run("callback", "burst", *wrong)
    assert (result.status, result.out) == (2, "")
    assert result.sentence
    assert not [record for record in cli.records() if record.outcome is Outcome.OK]


def test_another_machine_says_how_to_confirm(cli: Cli) -> None:
    result = cli.run("callback", "burst", "https://hooks.acme.example/", "--count", "1", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "confirm")
    assert "--confirm" in result.err
    assert "hooks.acme.example" in result.sentence


def test_a_confirmed_host_that_is_nowhere(cli: Cli) -> None:
    host = "nowhere.invalid"
    result = cli.run("callback", "burst", f"http://{host}/", "--count", "1", "--confirm", host)
    assert (result.status, result.out) == (1, "")
    assert result.sentence == f"There is no host called {host}."
    (record,) = cli.records()
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "burst")


def test_read_only_sends_nothing(cli: Cli, sandbox: Sandbox) -> None:
    cli.environment["COGNITUI_READ_ONLY"] = "1"
    result = cli.run("callback", "burst", sandbox.info.webhook_url, "--count", "5")
    assert (result.status, result.out) == (1, "")
    assert result.sentence.startswith("This is read-only")
    assert sandbox.tenant.endpoint_received == []


def wait_for_the_first(sandbox: Sandbox) -> None:
    until = time.monotonic() + 15
    while not sandbox.tenant.endpoint_received and time.monotonic() < until:
        time.sleep(0.02)
    assert sandbox.tenant.endpoint_received


def test_an_interrupt_stops_it_and_still_tells_the_result(cli: Cli, sandbox: Sandbox) -> None:
    arguments = ["--count", "1000", "--rate", "5", "--json"]
    with cli.process("callback", "burst", sandbox.info.webhook_url, *arguments) as process:
        wait_for_the_first(sandbox)
        process.signal(signal.SIGINT)
        result = process.wait()
    assert (result.status, result.err) == (1, "")
    assert (result.json["state"], result.json["failed"]) == ("stopped", 0)
    assert 1 <= result.json["sent"] < 1000
    (record,) = cli.records()
    assert (record.outcome, record.error_code) == (Outcome.CANCELLED, "stopped")


def test_a_termination_is_recorded(cli: Cli, sandbox: Sandbox) -> None:
    arguments = ["--count", "1000", "--rate", "5"]
    with cli.process("callback", "burst", sandbox.info.webhook_url, *arguments) as process:
        wait_for_the_first(sandbox)
        process.signal(signal.SIGTERM)
        result = process.wait()
    assert (result.status, result.out) == (128 + signal.SIGTERM, "")
    (record,) = cli.records()
    assert record.outcome is Outcome.CANCELLED


def test_on_a_terminal_its_progress_is_seen(cli: Cli, sandbox: Sandbox) -> None:
    here, there = pty.openpty()
    arguments = ["--count", "30", "--rate", "30"]
    with subprocess.Popen(
        [*MODULE, "callback", "burst", sandbox.info.webhook_url, *arguments],
        env=cli.full_environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=there,
    ) as process:
        os.close(there)
        out, _ = process.communicate(timeout=30)
        seen = os.read(here, 100_000).decode()
        os.close(here)
    assert process.returncode == 0
    assert out.decode().startswith("30 of 30 delivered in ")
    assert " of 30, 0 failed, " in seen
    assert seen.endswith("\r\x1b[K")
