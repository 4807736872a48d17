"""The report, and telling it to the monitor."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.errors import AuditDiskFull
from cognitui.audit.records import Action, Outcome
from cognitui.audit.store import AuditLog
from tests.audit.otlp_collector import collecting
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
    assert empty.records() == []


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
    cli.forget("BASE_URL", "API_KEY", "API_SECRET")
    with closed_port() as port:
        result = cli.run("audit", "sync", "--monitor-url", f"http://127.0.0.1:{port}/")
    assert result.status == 3
    assert "Not recorded" in result.err


def test_an_export_to_standard_output(empty: Cli) -> None:
    fill(empty)
    result = empty.spawn("audit", "export", "--tenant", "acme")
    assert (result.status, result.err) == (0, "")
    *records, last = map(json.loads, result.out.splitlines())
    assert [one["operation_id"] for one in records] == ["op_3", "op_2", "op_1"]
    assert last["export"]["records"] == 3


@pytest.mark.parametrize("form", ["jsonl", "csv", "html"])
def test_an_export_to_a_file(empty: Cli, tmp_path: Path, form: str) -> None:
    fill(empty)
    path = tmp_path / f"log.{form}"
    result = empty.run("audit", "export", "--format", form, "--to", str(path), "--json")
    assert result.status == 0
    size = path.stat().st_size
    assert result.json == {"format": form, "file": str(path), "records": 4, "size": size}
    result = empty.run("audit", "export", "--format", form, "--to", str(path))
    assert (result.out, result.err) == ("", f"Written: {path}, 4 records.\n")


@pytest.mark.parametrize(
    ("since", "count"),
    [
        ("2026-01-31T12:00:03+00:00", 2),
        ("2026-02-01", 0),
        ("5200w", 4),
        ("yesterday", 0),
        ("now", 0),
    ],
)
def test_an_export_since_a_moment(empty: Cli, since: str, count: int) -> None:
    fill(empty)
    result = empty.run("audit", "export", "--since", since)
    assert len(result.out.splitlines()) == count + 1


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["--since", "someday"], "since"),
        (["--since", ""], "since"),
        (["--since", "999999w"], "since"),
        (["--tenant", ""], "tenant"),
        (["--to", "-"], "to"),
        (["--to", ""], "to"),
        (["--to", "/"], "to"),
        (["--to", "/nowhere/at/all.csv"], "to"),
        (["--to", "/dev/null/all.csv"], "to"),
        (["--to", "n" * 300], "to"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value)[:30],
)
def test_an_export_that_cannot_be(empty: Cli, arguments: list[str], field: str) -> None:
    result = empty.run("audit", "export", "--to", "log.jsonl", *arguments, "--json")
    assert (result.status, result.json["error"]["field"]) == (2, field)
    assert result.sentence


def test_an_export_to_a_full_disk(empty: Cli) -> None:
    fill(empty)
    with (
        Path("/dev/full").open("wb") as full,
        empty.process("audit", "export", stdout=full.fileno()) as process,
    ):
        result = process.wait()
    assert result.status == 2
    assert result.sentence == "Standard output cannot be written: No space left on device."


def post(sandbox: Sandbox) -> int:
    return len(sandbox.tenant.monitor_received)


def test_sync_again_and_again_until_a_signal(cli: Cli, sandbox: Sandbox) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        with cli.process("audit", "sync", "--every", "1s", "--json") as process:
            before = post(sandbox)
            for _ in range(2):
                assert json.loads(process.line())["status"] == 200
            assert post(sandbox) >= before + 2
            process.signal(number)
            result = process.wait()
        assert (result.status, result.err) == (0, "")
    assert {one.action for one in cli.records()} == {Action.MONITOR_SYNC}


def test_a_sync_that_fails_is_not_the_end(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.inject("403:path=monitor,times=1")
    with cli.process("audit", "sync", "--every", "1s", "--json") as process:
        assert json.loads(process.line())["error"]["code"] == "monitor_refused"
        told = json.loads(process.line())
        assert (told["status"], told["caught_up"]) == (200, 0)  # nothing was new: it is the same
        process.signal(signal.SIGTERM)
        result = process.wait()
    assert result.status == 0
    assert "refused with 403" in result.err
    assert post(sandbox) == 1


@pytest.mark.parametrize("name", ["report", "sync"])
def test_a_tenant_without_a_name(cli: Cli, name: str) -> None:
    result = cli.run("audit", name, "--tenant", "", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "tenant")
    assert cli.records() == []


@pytest.mark.parametrize("every", ["0s", "soon", "15", "-1m", ""])
def test_a_pace_that_is_none(cli: Cli, every: str) -> None:
    result = cli.run("audit", "sync", f"--every={every}", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "every")


def test_what_can_never_work_is_not_tried_again(empty: Cli) -> None:
    result = empty.spawn("audit", "sync", "--every", "1s")
    assert (result.status, result.sentence) == (2, "No monitor is known.")


def test_a_sync_that_was_killed_goes_out_again_as_it_was(cli: Cli, tmp_path: Path) -> None:
    posts: list[tuple[str, bytes]] = []
    arrived = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.append((self.headers["Idempotency-Key"], body))
            if len(posts) == 1:
                arrived.set()
                self.rfile.read()  # until the other side is gone
                return
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        cli.environment["COGNITUI_MONITOR_URL"] = f"http://127.0.0.1:{server.server_address[1]}/"
        fill(cli)
        with cli.process("audit", "sync") as process:
            assert arrived.wait(20)
            process.signal(signal.SIGKILL)
            process.wait()
        fill(cli)
        result = cli.run("audit", "sync")
        server.shutdown()
        thread.join()
    assert (
        result.out
        == "Synced 8 registrations, after 1 sync from before; the monitor answered 200.\n"
    )
    assert posts[0] == posts[1]
    assert posts[2][0] != posts[1][0]
    assert len(posts) == 3


def test_a_collector_gets_what_a_command_did(cli: Cli) -> None:
    with collecting() as collector:
        cli.environment |= {
            "COGNITUI_OTLP_ENDPOINT": collector.url,
            "COGNITUI_OTLP_HEADERS": "api-key=hush-hush",
        }
        # It goes on, so that no deadline ends the sending on a busy machine.
        with cli.process("audit", "sync", "--every", "1h") as process:
            process.line()
            deadline = time.monotonic() + 20
            while not collector.logs:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            process.signal(signal.SIGTERM)
            result = process.wait()
    assert (result.status, result.err) == (0, "")
    assert [log["cognitui.action"] for log in collector.logs] == ["monitor.sync"]
    assert {headers["api-key"] for headers in collector.headers} == {"hush-hush"}


def test_a_dead_collector_is_no_matter(cli: Cli) -> None:
    with closed_port() as port:
        cli.environment["COGNITUI_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
        result = cli.spawn("audit", "sync")
    assert (result.status, result.err) == (0, "")


def test_a_collector_without_the_extra(cli: Cli) -> None:
    program = """
import sys
sys.modules["opentelemetry"] = None
from cognitui.__main__ import main
sys.argv = ["cognitui", "audit", "sync", "--json"]
sys.exit(main())
"""
    cli.environment["COGNITUI_OTLP_ENDPOINT"] = "http://127.0.0.1:4318"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=cli.full_environment, capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "pip install 'cognitui[otel]'" in json.loads(done.stdout)["error"]["hint"]
