"""What a collector gets of the records, and that nobody waits for one that is slow or dead."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui import logs
from cognitui.audit.otlp import pipeline
from cognitui.audit.otlp.export import OtlpExport
from cognitui.audit.otlp.target import OtlpTarget
from cognitui.audit.records import Action, AttemptEvidence, Outcome
from cognitui.errors import UsageError
from tests.cli.support import closed_port

from .otlp_collector import collecting
from .support import FULL, record

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord

PATIENCE_S = 30.0
HEADERS = SecretStr("api-key=hush-hush%2C1234, x-scope=team")


async def send(export: OtlpExport, *records: AuditRecord) -> None:
    for one in records:
        export.observe(one)
    await asyncio.wait_for(export.aclose(), PATIENCE_S)


def patient(url: str, headers: SecretStr | None = None) -> OtlpExport:
    """One that waits for a collector that answers, however busy the machine is."""
    return OtlpExport(OtlpTarget.of(url, headers), deadline_s=PATIENCE_S)


async def test_each_record_is_a_log() -> None:
    good = record(1, id=11, attempts=(AttemptEvidence(1, 200, 3.0, None),))
    full = record(7, id=12, **{name: getattr(FULL, name) for name in (
        "action", "outcome", "event", "latency_ms", "attempts", "error_code", "detail",
        "before", "after",
    )})  # fmt: skip
    with collecting() as collector:
        await send(patient(collector.url), good, full)
    first, second = collector.logs
    assert first["time"] == int(good.at.timestamp()) * 10**9
    assert (first["severity"], second["severity"]) == ("INFO", "ERROR")
    assert (first["event"], second["event"]) == (
        "cognitui.webhook.register", "cognitui.webhook.update",
    )  # fmt: skip
    assert first["cognitui.record_id"] == 11
    assert first["cognitui.webhook_id"] == "wh_1"
    assert first["body"] == "webhook.register: ok"
    assert second["body"] == FULL.detail
    assert second["error.type"] == "timeout"
    assert second["cognitui.attempts"] == 2
    assert json.loads(second["cognitui.before"]) == FULL.before
    assert first["resource"]["service.name"] == "cognitui"


async def test_operations_are_counted_and_timed() -> None:
    records = [
        record(0, latency_ms=100.0, attempts=(AttemptEvidence(1, 200, 3.0, None),) * 2),
        record(1, latency_ms=300.0),
        record(2, outcome=Outcome.FAILED, latency_ms=50.0),
        record(3, action=Action.CALLBACK_SEND, tenant="beta", latency_ms=None),
    ]
    with collecting() as collector:
        await send(patient(collector.url), *records)

    def labelled(action: str, outcome: str, tenant: str) -> tuple[tuple[str, str], ...]:
        return (
            ("cognitui.action", action), ("cognitui.outcome", outcome), ("cognitui.tenant", tenant),
        )  # fmt: skip

    good = labelled("webhook.register", "ok", "acme")
    failed = labelled("webhook.register", "failed", "acme")
    sent = labelled("callback.send", "ok", "beta")
    assert collector.counters["cognitui.operations"] == {good: 2, failed: 1, sent: 1}
    assert collector.counters["cognitui.operation.attempts"] == {good: 2}
    timed = collector.histograms["cognitui.operation.duration"]
    assert {labels: (count, round(total, 9)) for labels, (count, total) in timed.items()} == {
        good: (2, 0.4), failed: (1, 0.05),
    }  # fmt: skip


async def test_many_records_all_arrive() -> None:
    with collecting() as collector:
        export = patient(collector.url)
        await send(export, *(record(number, id=number) for number in range(1500)))
    assert sorted(log["cognitui.record_id"] for log in collector.logs) == list(range(1500))
    assert sum(collector.counters["cognitui.operations"].values()) == 1500
    assert export.dropped == 0


async def test_the_headers_reach_the_collector_and_nobody_else(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    try:
        with collecting(status=401) as collector:
            target = OtlpTarget.of(collector.url, HEADERS)
            await send(OtlpExport(target, deadline_s=PATIENCE_S), record(1))
        assert {headers["api-key"] for headers in collector.headers} == {"hush-hush,1234"}
        assert {headers["x-scope"] for headers in collector.headers} == {"team"}
        log = (tmp_path / "cognitui.log").read_text()
    finally:
        logs.configure(None)
    assert "otlp_trouble" in log
    assert "hush-hush" not in log + repr(target)


async def test_a_token_in_a_url_is_in_no_log() -> None:
    with collecting() as collector:
        await send(
            patient(collector.url), record(1, endpoint="https://h.example/in?token=t0ken-1234")
        )
    assert collector.logs[0]["cognitui.endpoint"].startswith("https://h.example/in?token=sha256:")
    assert not any(b"t0ken-1234" in body for body in collector.raw)


async def test_half_a_surrogate_pair_stops_nothing() -> None:
    with collecting() as collector:
        odd = record(1, detail="\ud800", tenant="\ud800", webhook_id="\ud800", error_code="\ud800")
        await send(patient(collector.url), odd, record(2))
    assert len(collector.logs) == 2


async def test_a_dead_collector_ends_with_the_deadline(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with closed_port() as port:
        export = OtlpExport(OtlpTarget.of(f"http://127.0.0.1:{port}"), deadline_s=0.5)
        await send(export, *(record(number) for number in range(100)))
    assert capfd.readouterr() == ("", "")


async def test_so_does_one_that_never_answers() -> None:
    with collecting(hangs=True) as collector:
        export = OtlpExport(OtlpTarget.of(collector.url), deadline_s=0.5)
        await send(export, *(record(number) for number in range(100)))


async def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, go_on = threading.Event(), threading.Event()
    emitted: list[AuditRecord] = []

    class Slow:
        def __init__(self, _target: OtlpTarget) -> None:
            pass

        def emit(self, one: AuditRecord) -> None:
            busy.set()
            go_on.wait(PATIENCE_S)
            emitted.append(one)

        def close(self, _patience_s: float) -> None:
            pass

    monkeypatch.setattr(pipeline, "Pipeline", Slow)
    export = OtlpExport(OtlpTarget.of("http://127.0.0.1:1"), most=10, deadline_s=PATIENCE_S)
    export.observe(record(0))
    assert busy.wait(PATIENCE_S)
    for number in range(1, 101):
        export.observe(record(number))
    assert export.dropped == 90
    go_on.set()
    await export.aclose()
    assert [one.operation_id for one in emitted] == [f"op_{number}" for number in range(11)]


async def test_one_that_fails_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_target: OtlpTarget) -> None:
        raise RuntimeError("hush-hush")

    monkeypatch.setattr(pipeline, "Pipeline", fail)
    export = OtlpExport(OtlpTarget.of("http://127.0.0.1:1"), deadline_s=PATIENCE_S)
    await send(export, record(0), record(1))
    export.observe(record(2))
    assert export.dropped >= 1


async def test_without_a_record_nothing_is_started() -> None:
    export = OtlpExport(OtlpTarget.of("http://127.0.0.1:1"))
    await export.aclose()
    assert export._thread is None


async def test_the_sdk_complains_to_our_log_only() -> None:
    with collecting() as collector:
        await send(patient(collector.url), record(1))
    assert logging.getLogger("opentelemetry").propagate is False
    assert logging.getLogger("urllib3").propagate is False


@pytest.mark.parametrize(
    ("endpoint", "headers"),
    [
        ("collector:4318", None),
        ("ftp://collector.example/", None),
        ("http://127.0.0.1:4318/?token=hush-hush", None),
        ("http://user:hush-hush@127.0.0.1:4318/", None),
        ("http://collector.example:4318", "api-key=hush-hush"),
        ("http://127.0.0.1:4318", "hush-hush"),
        ("http://127.0.0.1:4318", "a b=hush-hush"),
        ("http://127.0.0.1:4318", "a=hush-hush%0D%0AX: y"),
    ],
    ids=range(8),
)
def test_a_collector_that_cannot_be(endpoint: str, headers: str | None) -> None:
    with pytest.raises(UsageError) as caught:
        OtlpTarget.of(endpoint, SecretStr(headers) if headers else None)
    assert caught.value.field in {"otlp_endpoint", "otlp_headers"}
    assert "hush-hush" not in caught.value.message + caught.value.hint
