from __future__ import annotations

import asyncio
import json
import socket
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.errors import MonitorRefused, MonitorUnreachable
from cognitui.audit.metrics import EfficiencyReport
from cognitui.audit.monitor import monitor_body
from cognitui.audit.monitor_post import MonitorPost
from cognitui.audit.monitor_sync import MonitorSync, SyncPolicy, SyncResult
from cognitui.audit.records import Action, Outcome
from cognitui.errors import ErrorKind, UsageError
from tests.support.listening import listening

from .support import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.audit.store import AuditLog


ONCE = SyncPolicy(attempts=1)


async def sync(log: AuditLog, url: str, *, tenant: str | None = None) -> SyncResult:
    """One try, with a spool beside the log."""
    return await MonitorSync(log, log.path.parent / "monitor", policy=ONCE).sync(url, tenant=tenant)


@dataclass
class Monitor:
    """A real HTTP server that keeps what it is sent and answers as it is told."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b'{"status": "ok"}'
    drip_s: float = 0.0
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    state = Monitor()
    ended = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append((self.path, dict(self.headers.items()), body))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(state.answer)))
            self.end_headers()
            try:
                self._answer()
            except OSError:
                self.close_connection = True

        def _answer(self) -> None:
            if not state.drip_s:
                self.wfile.write(state.answer)
            for byte in state.answer if state.drip_s else b"":
                if ended.wait(state.drip_s):
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}/api/webhook-sync"
    yield state
    ended.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_entry_has_exactly_the_tutorials_form() -> None:
    good = record(0, latency_ms=12.5)
    bad = record(1, webhook_id="", outcome=Outcome.FAILED, latency_ms=None)
    body = monitor_body([good, bad], EfficiencyReport(12.5, 0.5, 2))
    assert body == {
        "audit_trail": [
            {
                "timestamp": "2026-01-31T12:00:00+00:00",
                "webhook_id": "wh_0",
                "skill_id": "skill_1",
                "latency_ms": 12.5,
                "success": True,
                "event": "WEBHOOK_REGISTERED",
            },
            {
                "timestamp": "2026-01-31T12:00:01+00:00",
                "webhook_id": "unknown",
                "skill_id": "skill_1",
                "latency_ms": 0.0,
                "success": False,
                "event": "WEBHOOK_REGISTRATION_FAILED",
            },
        ],
        "metrics": {"avg_latency_ms": 12.5, "success_rate": 0.5, "total_registrations": 2},
    }


def test_the_trail_is_the_last_ten_registrations_oldest_first_in_whatever_order_they_come() -> None:
    records = [record(number, id=number + 1) for number in range(15)]
    records.insert(14, record(99, action=Action.CALLBACK_SEND, id=16))
    records.insert(14, record(98, outcome=Outcome.CANCELLED, id=17))
    expected = [f"wh_{number}" for number in range(5, 15)]
    for order in (records, records[::-1]):
        trail = monitor_body(order, EfficiencyReport())["audit_trail"]
        assert [entry["webhook_id"] for entry in trail] == expected


def test_a_clock_that_was_set_back_does_not_change_the_order() -> None:
    records = [record(100, id=1), record(3, id=2)]
    trail = monitor_body(records, EfficiencyReport())["audit_trail"]
    assert [entry["webhook_id"] for entry in trail] == ["wh_100", "wh_3"]


async def test_the_monitor_receives_the_body(log: AuditLog, monitor: Monitor) -> None:
    for number in range(12):
        outcome = Outcome.UNCONFIRMED if number == 11 else Outcome.OK
        await log.append(record(number, latency_ms=100.0, outcome=outcome))
        await log.append(record(number, action=Action.CALLBACK_SEND, latency_ms=1.0))
    result = await sync(log, monitor.url)
    assert (result.status, result.entries, result.answer) == (200, 10, '{"status": "ok"}')
    assert result.ms > 0
    [(path, headers, raw)] = monitor.received
    body: dict[str, Any] = json.loads(raw)
    assert path == "/api/webhook-sync"
    assert headers["Content-Type"] == "application/json"
    assert "Cookie" not in headers
    assert "Authorization" not in headers
    assert list(body) == ["audit_trail", "metrics"]
    assert [entry["webhook_id"] for entry in body["audit_trail"]] == [
        f"wh_{number}" for number in range(2, 12)
    ]
    assert body["audit_trail"][-1]["success"] is False
    assert body["metrics"] == {
        "avg_latency_ms": 100.0,
        "success_rate": 0.9167,
        "total_registrations": 12,
    }


async def test_an_empty_log_is_told_as_such(log: AuditLog, monitor: Monitor) -> None:
    assert (await sync(log, monitor.url)).entries == 0
    assert json.loads(monitor.received[0][2]) == {
        "audit_trail": [],
        "metrics": {"avg_latency_ms": 0, "success_rate": 0, "total_registrations": 0},
    }


async def test_one_tenants_registrations(log: AuditLog, monitor: Monitor) -> None:
    await log.append(record(1))
    await log.append(record(2, tenant="beta"))
    assert (await sync(log, monitor.url, tenant="beta")).entries == 1
    body = json.loads(monitor.received[0][2])
    assert body["audit_trail"][0]["webhook_id"] == "wh_2"
    assert body["metrics"]["total_registrations"] == 1


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 405, 413, 429, 500, 503])
async def test_a_refusal_has_its_status_and_a_hint(
    log: AuditLog, monitor: Monitor, status: int
) -> None:
    monitor.status = status
    monitor.headers = {"Location": monitor.url, "Connection": "close"}
    monitor.answer = b"no \x1b[31mway\x1b[0m"
    with pytest.raises(MonitorRefused) as caught:
        await sync(log, monitor.url)
    error = caught.value
    assert error.status == status
    assert str(status) in error.message
    assert error.hint
    assert error.answer == "no [31mway [0m"
    assert len(monitor.received) == 1  # neither followed nor repeated


async def test_the_tokens_in_a_url_are_in_no_message(log: AuditLog, monitor: Monitor) -> None:
    monitor.status = 500
    with pytest.raises(MonitorRefused) as caught:
        await sync(log, f"{monitor.url}?token=t0ken")
    assert monitor.received[0][0].endswith("?token=t0ken")
    assert "t0ken" not in caught.value.message + caught.value.hint


async def test_nobody_there(log: AuditLog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(MonitorUnreachable) as caught:
        await sync(log, f"http://127.0.0.1:{port}/")
    assert caught.value.kind is ErrorKind.UNREACHABLE
    assert caught.value.hint


async def test_an_answer_that_drips_ends_in_time(monitor: Monitor) -> None:
    monitor.drip_s, monitor.answer = 0.05, b"x" * 1000
    async with MonitorPost(monitor.url, timeout_s=0.3) as post:
        with pytest.raises(MonitorUnreachable, match=r"did not answer within 0\.3 s"):
            await asyncio.wait_for(post.send(b"{}", "key"), 5)


async def test_of_a_long_answer_only_the_beginning_is_read(log: AuditLog, monitor: Monitor) -> None:
    monitor.answer = b"y" * 5_000_000
    assert (await sync(log, monitor.url)).answer == "y" * 200 + "…"


async def test_a_hostile_cookie_is_no_matter(log: AuditLog, monitor: Monitor) -> None:
    monitor.headers = {"Set-Cookie": "a=\xff\xfe; Path=/"}
    assert (await sync(log, monitor.url)).status == 200


async def test_garbage_instead_of_http(log: AuditLog) -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"\x00\xff garbage\r\n\r\n")

    async with listening(answer) as port:
        with pytest.raises(MonitorUnreachable):
            await sync(log, f"http://127.0.0.1:{port}/")


async def test_a_proxy_is_not_asked_for_this_machine(
    log: AuditLog, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    assert (await sync(log, monitor.url)).status == 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "monitor.example/sync",
        "ftp://monitor.example/",
        "https://",
        "https://user:t0ken@monitor.example/",
        "https://monitor.example/a b",
        "https://monitor.example:99999/",
        "https://[broken/",
    ],
)
async def test_a_url_that_cannot_be_one(log: AuditLog, url: str) -> None:
    with pytest.raises(UsageError) as caught:
        await sync(log, url)
    assert caught.value.field == "monitor_url"
    assert "t0ken" not in caught.value.message
