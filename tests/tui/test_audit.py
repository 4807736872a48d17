"""Place 6: what was done, the metrics, and telling the monitor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import DataTable, Input, Static

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.cli.demo import TENANT
from cognitui.tui.screens.ask import Ask

from .support import offering, run_console

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def made(number: int, **changes: object) -> AuditRecord:
    """A registration, `number` seconds after the start."""
    values: dict[str, object] = {
        "at": START + timedelta(seconds=number),
        "monotonic": 100.0 + number,
        "operation_id": f"op_{number}",
        "tenant": TENANT,
        "bot_id": "bot_12345",
        "action": Action.WEBHOOK_REGISTER,
        "outcome": Outcome.OK,
        "webhook_id": f"wh_000{number}",
        "skill_id": "skill_67890",
        "endpoint": "https://hooks.example.com/in",
        "latency_ms": 10.0 * number,
        "attempts": (AttemptEvidence(1, 201, 10.0 * number, None),),
    }
    return AuditRecord(**{**values, **changes})  # type: ignore[arg-type]


FAILED = made(
    3,
    outcome=Outcome.FAILED,
    webhook_id="",
    error_code="server_error",
    detail="The tenant stumbled.",
    attempts=(AttemptEvidence(1, 503, 12.0, "server_error"), AttemptEvidence(2, None, 9.0, "lost")),
)
SENT = made(4, action=Action.CALLBACK_SEND, event="ON_MESSAGE", latency_ms=1400.0)
ELSEWHERE = made(5, tenant="another-tenant")


@pytest_asyncio.fixture(loop_scope="module")
async def log(console: Console) -> Console:
    """The place with five records, one of them another tenant's."""
    for record in (made(1), made(2), FAILED, SENT, ELSEWHERE):
        await console.workspace.log.append(record)
    await console.go("audit")
    return console


def cards(console: Console) -> dict[str, str]:
    texts = [str(card.render()) for card in console.app.screen.query(".card").results(Static)]
    return dict(text.split("\n") for text in texts)


async def test_the_cards_count_what_this_tenant_saw(log: Console) -> None:
    shown = cards(log)
    assert shown["registered"] == "3"
    assert shown["success"] == "66.7 %"
    assert shown["average"] == "20 ms"
    assert shown["p50 / p95 / p99"] == "20 ms / 30 ms / 30 ms"
    assert shown["callbacks"] == "1"
    assert shown["delivered"] == "100.0 %"
    assert shown["verified"] == "0/0"
    assert "3 registrations: 10 ms – 30 ms" in log.shows("#registrations-title")


async def test_the_log_is_newest_first_with_a_mark_for_every_outcome(log: Console) -> None:
    rows = log.rows("#records")
    assert [row[1] for row in rows] == ["callback.send"] + ["webhook.register"] * 3
    assert [row[2] for row in rows] == ["✓ ok", "✗ failed", "✓ ok", "✓ ok"]
    assert rows[0][3:] == ["1.4 s", "wh_0004"]
    assert rows[1][3:] == ["30 ms", "skill_67890"]
    assert log.focused == "records"


async def test_the_detail_follows_the_cursor(log: Console) -> None:
    assert "ON_MESSAGE" in log.shows("#record-detail")
    await log.press("down")
    detail = log.shows("#record-detail")
    for part in ("The tenant stumbled.", "op_3", "https://hooks.example.com/in",
                 "attempt 1  503  12 ms  server_error", "attempt 2  –  9 ms  lost",
                 "2026-05-17T12:00:03.000+00:00"):  # fmt: skip
        assert part in detail


async def test_a_row_that_is_gone_when_it_is_told_of_leaves_the_detail(log: Console) -> None:
    shown = log.shows("#record-detail")
    table = log.app.screen.query_one("#records", DataTable)
    # What Textual sends when the rows were exchanged while the cursor moved.
    table.post_message(DataTable.RowHighlighted(table, 99, None))  # type: ignore[arg-type]
    await log.settle()
    assert log.shows("#record-detail") == shown


async def test_the_filter_searches_the_whole_log(log: Console) -> None:
    await log.press("slash")
    assert log.focused == "audit-filter"
    await log.type("#audit-filter", "stumbled")
    await log.settle()
    assert [row[2] for row in log.rows("#records")] == ["✗ failed"]
    await log.type("#audit-filter", "nothing like it")
    await log.settle()
    assert "No record matches" in log.shows("#audit-empty")
    await log.press("escape")
    assert len(log.rows("#records")) == 4


async def test_sync_tells_the_monitor_once_and_records_it(log: Console, sandbox: Sandbox) -> None:
    await log.press("s")
    (body,) = sandbox.tenant.monitor_received
    assert len(body["audit_trail"]) == 3
    assert body["metrics"]["total_registrations"] == 3
    assert body["metrics"]["avg_latency_ms"] == 20.0
    assert "✓ 3 registrations sent" in log.last_told
    assert log.rows("#records")[0][1:3] == ["monitor.sync", "✓ ok"]


async def test_a_monitor_that_refuses_is_told_and_recorded(log: Console, sandbox: Sandbox) -> None:
    sandbox.inject("500:path=monitor")
    await log.press("s")
    assert sandbox.tenant.monitor_received == []
    assert "✓" not in log.last_told
    await log.press("r")
    assert log.rows("#records")[0][1:3] == ["monitor.sync", "✗ failed"]


async def test_without_a_monitor_it_asks_for_one_and_remembers_it(
    settings: Settings, sandbox: Sandbox
) -> None:
    info = sandbox.info
    prepare = offering(info.base_url, key=info.api_key, secret=info.api_secret)
    async with run_console(settings, prepare) as console:
        await console.connected()
        await console.go("audit")
        await console.answered("s")
        assert isinstance(console.app.screen, Ask)
        assert "Which monitor?" in console.text
        await console.press("escape")
        assert sandbox.tenant.monitor_received == []

        await console.answered("s")
        console.app.screen.query_one(Input).value = "no url"
        await console.press("enter")
        assert sandbox.tenant.monitor_received == []
        assert console.last_told

        await console.answered("s")
        console.app.screen.query_one(Input).value = info.monitor_url
        await console.press("enter")
        await console.press("s")
        assert len(sandbox.tenant.monitor_received) == 2


async def test_a_log_that_cannot_be_read_is_told_where_the_records_would_be(
    console: Console, settings: Settings
) -> None:
    await console.workspace.log.append(made(1))
    await console.go("audit")
    assert len(console.rows("#records")) == 1
    path = settings.paths.data / "audit.db"
    whole = path.read_bytes()
    for file in path.parent.glob("audit.db*"):
        file.write_bytes(b"no database" * 500)
    await console.press("r")
    shown = console.shows("#audit-empty")
    assert shown.startswith("\n✗ ")
    assert "r    reads it again" in shown
    assert not console.screen_one("#records").display
    path.write_bytes(whole)


async def test_the_filter_may_find_nothing_and_esc_clears_it(log: Console) -> None:
    await log.type("#audit-filter", "nothing like it")
    await log.settle()
    assert log.shows("#audit-empty") == "\nNo record matches the filter.\n\n  esc  clears it"
    await log.press("escape")
    assert len(log.rows("#records")) == 4


async def test_it_shows_what_was_done_meanwhile_on_each_visit(console: Console) -> None:
    await console.go("audit")
    assert "Nothing was done to sandbox yet." in console.shows("#audit-empty")
    assert cards(console)["success"] == "–"
    await console.go("tenants")
    await console.workspace.log.append(made(1))
    await console.go("audit")
    assert len(console.rows("#records")) == 1
