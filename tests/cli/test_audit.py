"""The report, and telling it to the monitor."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.errors import AuditDiskFull
from cognitui.audit.records import Action, Outcome
from cognitui.audit.store import AuditLog
from tests.audit.support import record

from .support import closed_port

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli

KEYS = ["avg_latency_ms", "success_rate", "total_registrations"]


def fill(cli: Cli, **changes: Any) -> None:
    """Three registrations of one tenant, of which one failed, and one of another."""

    async def write() -> None:
        async with await AuditLog.open(*cli.audit) as log:
            await log.append(record(1, latency_ms=100.0))
            await log.append(record(2, latency_ms=50.5, **changes))
            await log.append(record(3, latency_ms=0.0, outcome=Outcome.FAILED, webhook_id=""))
            await log.append(record(4, latency_ms=10.0, tenant="other"))

    asyncio.run(write())


def test_the_report_has_exactly_the_tutorials_keys(empty: Cli) -> None:
    fill(empty)
    result = empty.spawn("audit", "report", "--tenant", "acme", "--json")
    assert (result.status, result.err) == (0, "")
    assert list(result.json) == KEYS
    assert list(result.json.values()) == [50.17, 0.6667, 3]
    assert empty.run("audit", "report", "--json").json["total_registrations"] == 4


def test_the_report_for_people(empty: Cli) -> None:
    assert empty.run("audit", "report").out == "No registration is recorded yet.\n"
    fill(empty)
    out = empty.run("audit", "report", "--tenant", "acme").out
    assert out == "registrations    3\nsuccess rate     66.67 %\naverage latency  50.17 ms\n"


@pytest.mark.parametrize("arguments", [[], ["--tenant", "nobody"]])
def test_an_empty_report_is_all_zero(empty: Cli, arguments: list[str]) -> None:
    result = empty.run("audit", "report", "--json", *arguments)
    assert result.out == json.dumps(dict.fromkeys(KEYS, 0)) + "\n"


def test_the_monitor_gets_exactly_the_tutorials_body(cli: Cli, sandbox: Sandbox) -> None:
    fill(cli)
    result = cli.spawn("audit", "sync", "--tenant", "acme", "--json")
    assert (result.status, result.err) == (0, "")
    assert (result.json["status"], result.json["entries"]) == (200, 3)
    (body,) = sandbox.tenant.monitor_received
    del body["receivedAt"]  # the sandbox's own
    assert list(body) == ["audit_trail", "metrics"]
    assert list(body["metrics"]) == KEYS
    assert [list(entry) for entry in body["audit_trail"]] == [
        ["timestamp", "webhook_id", "skill_id", "latency_ms", "success", "event"]
    ] * 3
    assert [entry["success"] for entry in body["audit_trail"]] == [True, True, False]
    last = cli.records()[-1]
    assert (last.action, last.outcome, last.tenant) == (Action.MONITOR_SYNC, Outcome.OK, "acme")


def test_sync_for_people(cli: Cli) -> None:
    assert cli.run("audit", "sync").out == "Synced 0 registrations; the monitor answered 200.\n"


def test_no_monitor_is_known(empty: Cli) -> None:
    result = empty.run("audit", "sync", "--json")
    assert (result.status, result.sentence) == (2, "No monitor is known.")
    assert result.json["error"]["field"] == "monitor_url"
    assert empty.records() == []


@pytest.mark.parametrize("url", ["monitor.example.com", "ftp://monitor.example.com"])
def test_a_monitor_that_cannot_be(empty: Cli, url: str) -> None:
    result = empty.run("audit", "sync", "--monitor-url", url)
    assert result.status == 2
    assert result.sentence


def test_a_monitor_that_refuses(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.inject("403:path=monitor")
    result = cli.run("audit", "sync", "--json")
    assert result.status == 1
    assert result.json["error"]["code"] == "monitor_refused"
    (failed,) = cli.records()
    assert (failed.outcome, failed.error_code) == (Outcome.FAILED, "monitor_refused")


def test_a_monitor_that_cannot_be_reached(cli: Cli) -> None:
    with closed_port() as port:
        url = f"http://127.0.0.1:{port}/sync?token=hush-hush"
        result = cli.run("audit", "sync", "--monitor-url", url, "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "monitor_unreachable"
    assert "hush-hush" not in result.out + result.err


def test_an_audit_log_of_something_else_is_left_alone(empty: Cli) -> None:
    path = empty.home / "data" / "audit.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"something else " * 100)
    result = empty.run("audit", "report", "--json")
    assert (result.status, result.json["error"]["code"]) == (1, "audit_damaged")
    assert result.sentence
    assert path.read_bytes() == b"something else " * 100


def test_an_action_that_could_not_be_recorded_is_said(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise AuditDiskFull("The disk is full.")

    monkeypatch.setattr(AuditLog, "append", fail)
    result = cli.run("audit", "sync")
    assert result.status == 0
    assert result.err == "Not recorded in the audit log: The disk is full.\n"
    cli.environment["COGNITUI_MONITOR_URL"] = "monitor"
    cli.forget("BASE_URL", "API_KEY", "API_SECRET")
    result = cli.run("audit", "sync")
    assert result.status == 2
    assert "Not recorded" in result.err
