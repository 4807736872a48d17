"""Place 6: what was done, the numbers and charts of it, and telling the monitor."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import httpx
import pytest
import pytest_asyncio
from textual.widgets import Input

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.audit.wanted import Wanted
from cognitui.cli.demo import TENANT
from cognitui.tui.audit_rows import PAGE
from cognitui.tui.screens.ask import Ask
from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.viewer import Viewer
from cognitui.tui.widgets.chart import Chart
from cognitui.tui.widgets.chart_row import ChartRow
from cognitui.tui.widgets.row_list import RowList

from .support import offering, run_console, with_sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

START = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
FAILS = "✗ failed"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log is looked at again at once, rather than after half a second."""
    monkeypatch.setattr("cognitui.tui.screens.audit_live.POLL_S", 0.01)
    monkeypatch.setattr("cognitui.tui.screens.audit_live.LEAST_PAUSE_S", 0.0)


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
CHANGED = made(
    6,
    action=Action.WEBHOOK_UPDATE,
    before={"timeout_ms": 3000, "url": "[b]"},
    after={"timeout_ms": 5000, "url": "[b]"},
)


async def record(console: Console, *records: AuditRecord) -> None:
    for each in records:
        await console.workspace.log.append(each)


@pytest_asyncio.fixture(loop_scope="module")
async def log(console: Console) -> Console:
    """The place with five records, one of them another tenant's."""
    await record(console, made(1), made(2), FAILED, SENT, ELSEWHERE)
    await console.go("audit")
    return console


def actions(console: Console) -> list[str]:
    return [row[1] for row in console.rows("#records")]


def list_of(console: Console) -> RowList:
    rows = console.screen_one("#records")
    assert isinstance(rows, RowList)
    return rows


async def ask_for(console: Console, text: str) -> None:
    await console.type("#audit-filter", text)
    await console.settle()


def cards(console: Console) -> dict[str, list[str]]:
    lines = console.shows("#cards").splitlines()[1:]
    return {line.split()[0]: line.split()[1:] for line in lines}


# Numbers and charts


async def test_the_cards_count_what_this_tenant_saw(log: Console) -> None:
    shown = cards(log)
    assert shown["registered"][:5] == ["3", "!", "66.6", "%", "20"]
    assert shown["registered"][4:14:2] == ["20", "20", "30", "30", "30"]
    assert shown["sent"][:5] == ["1", "✓", "100.0", "%", "delivered"]
    assert shown["received"][:2] == ["0", "–"]
    assert log.shows("#audit-state") == "4 records"


async def test_one_chart_two_or_three_are_beside_each_other(open_console: OpenConsole) -> None:
    for width, shown in ((80, 1), (120, 2), (200, 3)):
        async with open_console(size=(width, 40)) as console:
            await record(console, made(1), SENT)
            await console.go("audit")
            charts = [chart.id for chart in console.place.query(Chart) if chart.display]
            assert charts == ["chart-latency", "chart-distribution", "chart-success"][:shown]
            assert "Latency" in console.text
            assert ("1/3" in console.text) is (shown < 3)


async def test_the_charts_take_turns(open_console: OpenConsole) -> None:
    async with open_console(size=(80, 24)) as console:
        await record(console, made(1), SENT, made(7, webhook_id="wh_x", outcome=Outcome.FAILED))
        await console.go("audit")
        assert "⠒ p50  • p95" in console.text
        await console.press("c")
        assert "how many took how long" in console.text
        assert "█" in console.text
        await console.press("c")
        assert "Success rate by webhook" in console.text
        assert "wh_x" in console.text.split("Success rate")[1].splitlines()[1]
        await console.press("b")
        await console.settle()
        assert "Success rate by tenant" in console.text
        await console.press("c")
        assert "⠒ p50  • p95" in console.text


async def test_a_low_terminal_has_no_charts_and_says_so(open_console: OpenConsole) -> None:
    async with open_console(size=(60, 16)) as console:
        await record(console, made(1))
        await console.go("audit")
        assert "Latency" not in console.text
        assert "1 registered 100 % · 0 sent · 0 received" in console.text
        await console.press("c")
        assert console.last_told == "Charts need a terminal of 20 lines."


async def test_a_failure_is_in_the_chart_as_a_number(log: Console) -> None:
    await log.drawn()
    failed = next(line for line in log.text.splitlines() if line.startswith(" failed┤"))
    assert failed.split("┤")[1].split()[0] == "1"


# The range


async def test_the_range_is_chosen_by_keys_and_shown(log: Console) -> None:
    await log.press("right_square_bracket")
    assert log.last_told == "It looks back to the first record already."
    await record(log, made(9, at=datetime.now(UTC) - timedelta(hours=3), webhook_id="wh_young"))
    await log.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
    assert log.audit.range == "24h"
    assert [row[4] for row in log.rows("#records")] == ["wh_young"]
    assert log.shows("#audit-state") == "1 record"
    await log.press(*["left_square_bracket"] * 2)
    assert log.audit.range == "1h"
    assert log.shows("#audit-empty") == (
        "\nNothing was done in the last 1h.\n\n  ]    looks further back"
    )
    await log.press("left_square_bracket")
    assert log.last_told == "1h is the shortest: ] looks further back."
    await log.press(*["right_square_bracket"] * 5)
    assert len(log.rows("#records")) == 5


async def test_a_filter_that_is_dated_has_its_way(log: Console) -> None:
    await log.press("left_square_bracket")
    await ask_for(log, "since:2026-05-17T11:00 until:2026-05-17")
    assert len(log.rows("#records")) == 4
    assert log.shows("#audit-state") == "as far back as the filter says · 4 records"
    log.screen_one("#records").focus()
    await log.press("left_square_bracket")
    assert log.last_told == "The filter says itself how far back it looks."


async def test_how_it_is_looked_at_is_kept_for_the_next_run(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        await record(console, made(1))
        await console.go("audit")
        await console.press("left_square_bracket", "b", "c")
        await console.settle()
        await console.pilot.press("ctrl+q")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.connected()
        await console.go("audit")
        assert console.audit.range == "30d"
        assert console.audit.charts.first == "distribution"
        assert console.audit.view()["group"] == "tenant"


# The list


async def test_the_log_is_newest_first_with_a_mark_for_every_outcome(log: Console) -> None:
    rows = log.rows("#records")
    assert [row[1] for row in rows] == ["callback.send"] + ["webhook.register"] * 3
    assert [row[2] for row in rows] == ["✓ ok", "✗ failed", "✓ ok", "✓ ok"]
    assert rows[0][3:6] == ["1.4 s", "wh_0004", "ON_MESSAGE"]
    assert rows[1][3:5] == ["30 ms", "skill_67890"]
    assert log.focused == "records"


async def test_older_pages_are_read_as_one_goes(console: Console) -> None:
    many = [made(number % 9, webhook_id=f"wh_{number}") for number in range(3 * PAGE + 50)]
    await asyncio.gather(*(console.workspace.log.append(each) for each in many))
    await console.go("audit")
    assert len(console.rows("#records")) > PAGE
    rows = list_of(console)
    for _ in range(6):
        await console.press("end")
    assert len(rows.source) == len(many)
    shown = [row[4] for row in console.rows("#records")]
    assert shown == [f"wh_{number}" for number in reversed(range(len(many)))]
    assert "wh_0" in console.shows("#record-detail")
    await console.press("home")
    assert f"wh_{len(many) - 1}" in console.shows("#record-detail")


async def test_whoever_comes_back_finds_the_cursor_where_it_was(console: Console) -> None:
    many = [made(number % 9) for number in range(3 * PAGE)]
    await asyncio.gather(*(console.workspace.log.append(each) for each in many))
    await console.go("audit")
    await console.press("end", "end", "up")
    rows = list_of(console)
    key, at = rows.cursor_key, rows.cursor
    assert at > PAGE
    await console.go("tenants")
    await record(console, made(1), made(2))
    await console.go("audit")
    assert (rows.cursor_key, rows.cursor) == (key, at + 2)
    assert "↑ 2 new above" in console.shows("#audit-state")


# What comes meanwhile


async def test_on_the_first_line_the_cursor_follows_what_comes(log: Console) -> None:
    await record(log, made(8, webhook_id="wh_new"))
    await log.until(lambda: len(log.rows("#records")) == 5)
    await log.until(lambda: cards(log)["registered"][0] == "4")
    assert list_of(log).cursor == 0
    await log.settle()
    assert "wh_new" in log.shows("#record-detail")
    assert log.shows("#audit-state") == "5 records"


async def test_elsewhere_it_stays_where_it_is(log: Console) -> None:
    await log.press("down", "down")
    key = list_of(log).cursor_key
    await record(log, made(8), ELSEWHERE, made(9, webhook_id="wh_new"))
    await log.until(lambda: len(log.rows("#records")) == 6)
    assert list_of(log).cursor_key == key
    await log.until(lambda: log.shows("#audit-state") == "6 records  ↑ 2 new above")
    await log.press("home")
    assert log.shows("#audit-state") == "6 records"
    assert "wh_new" in log.shows("#record-detail")


async def test_only_what_is_asked_for_comes(log: Console) -> None:
    await ask_for(log, "outcome:failed")
    await record(log, made(8), replace(FAILED, operation_id="op_again"))
    await log.until(lambda: len(log.rows("#records")) == 2)
    assert {row[2] for row in log.rows("#records")} == {FAILS}


async def test_a_callback_that_arrives_is_seen_as_it_does(open_console: OpenConsole) -> None:
    async with open_console(receiver=True) as console:
        await console.go("callbacks")
        await console.press("f6", "ctrl+s")
        await console.go("audit")
        before = len(console.rows("#records"))
        async with httpx.AsyncClient() as stranger:
            await stranger.post(console.workspace.callbacks.receiver.url, content=b"{}")
        await console.until(lambda: len(console.rows("#records")) == before + 1)
        assert actions(console)[0] == "callback.receive"


async def test_a_flood_is_read_anew(log: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognitui.tui.screens.audit_live.MOST_NEW", 1)
    await log.press("down")
    await asyncio.gather(*(log.workspace.log.append(made(8)) for _ in range(PAGE + 5)))
    await log.until(lambda: log.shows("#audit-state").startswith(f"{PAGE + 9} records"))


# The filter


async def test_the_filter_searches_the_whole_log(log: Console) -> None:
    await log.press("slash")
    assert log.focused == "audit-filter"
    await ask_for(log, "stumbled")
    assert [row[2] for row in log.rows("#records")] == [FAILS]
    assert cards(log)["registered"][:2] == ["1", "!"]
    await ask_for(log, "nothing like it")
    assert "No record matches the filter." in log.shows("#audit-empty")
    await log.press("escape")
    assert len(log.rows("#records")) == 4


async def test_the_filter_language_finds_by_key(log: Console) -> None:
    for text, found in (
        ("action:register outcome:failed", 1),
        ("action:webhook -outcome:failed", 2),
        ("slower:1s", 1),
        ("webhook:wh_0001", 1),
        ("tenant:another-tenant", 1),
    ):
        await ask_for(log, text)
        assert len(log.rows("#records")) == found, text


async def test_a_mistake_in_it_is_said_below_it_and_the_list_stays(log: Console) -> None:
    await log.press("slash")
    assert "action:" in log.shows("#audit-note")
    await ask_for(log, "outcome:fa")
    assert log.shows("#audit-note").startswith("outcome: what came of it")
    assert len(log.rows("#records")) == 4
    await ask_for(log, "outcome:fialed")
    assert log.shows("#audit-note").startswith("✗ 'fialed' is no outcome.")
    assert "failed" in log.shows("#audit-note")
    assert len(log.rows("#records")) == 4
    await ask_for(log, "outcome:failed")
    assert log.shows("#audit-note").startswith("outcome: what came of it")
    await log.press("enter")
    assert log.focused == "records"
    assert log.shows("#audit-note") == ""


async def test_the_arrow_takes_what_is_suggested(log: Console) -> None:
    await log.press("slash", *"outc")
    await log.until(lambda: "outcome:" in log.text)
    await log.press("right", *"fa", "right")
    await log.settle()
    assert log.value("#audit-filter") == "outcome:failed"
    assert [row[2] for row in log.rows("#records")] == [FAILS]


async def test_one_moves_in_the_list_while_typing(log: Console) -> None:
    await log.press("slash", "down", "down")
    assert log.focused == "audit-filter"
    assert list_of(log).cursor == 2
    await log.press("pageup")
    assert list_of(log).cursor == 0


async def test_the_filter_may_find_nothing_and_esc_clears_it(log: Console) -> None:
    await ask_for(log, "nothing like it")
    assert log.shows("#audit-empty") == (
        "\nNo record matches the filter.\n\n  esc  clears the filter"
    )
    await log.press("escape")
    assert len(log.rows("#records")) == 4


# The detail


async def test_the_detail_follows_the_cursor(log: Console) -> None:
    assert "ON_MESSAGE" in log.shows("#record-detail")
    await log.press("down")
    detail = log.shows("#record-detail")
    for part in ("The tenant stumbled.", "op_3", "https://hooks.example.com/in",
                 "attempt 1  503  12 ms  server_error", "attempt 2  –  9 ms  lost"):  # fmt: skip
        assert part in detail


async def test_the_detail_tells_what_changed(log: Console) -> None:
    await record(log, CHANGED)
    await log.press("r")
    detail = log.shows("#record-detail")
    assert '-   "timeout_ms": 3000' in detail
    assert '+   "timeout_ms": 5000' in detail
    assert '    "url": "[b]"' in detail


async def test_where_there_is_room_for_one_pane_v_shows_the_detail(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(80, 24)) as console:
        await record(console, made(1), FAILED)
        await console.go("audit")
        assert "The tenant stumbled." not in console.text
        await console.press("v")
        assert console.focused == "record-box"
        assert "The tenant stumbled." in console.text
        await console.press("escape")
        assert console.focused == "records"
        assert "The tenant stumbled." not in console.text


async def test_the_id_and_the_record_can_be_copied(log: Console) -> None:
    await log.press("down", "y")
    assert log.app.clipboard == "op_3"
    assert log.last_told.startswith("op_3 was sent to the terminal's clipboard")
    await log.press("Y")
    copied = json.loads(log.app.clipboard)
    assert copied["operation_id"] == "op_3"
    assert copied["attempts"][0]["status"] == 503
    assert copied["at"] == "2026-05-17T12:00:03+00:00"


# From a record to its webhook


async def test_enter_shows_the_webhook_in_browse(log: Console) -> None:
    webhook = (await log.workspace.list_webhooks())[3]
    await record(log, made(8, webhook_id=webhook.id, bot_id=log.workspace.bot_id))
    await log.press("r")
    await log.press("enter")
    await log.until(lambda: isinstance(log.place, BrowsePlace))
    await log.until(lambda: log.browse.webhook == webhook)


async def test_it_opens_the_bot_that_the_webhook_belongs_to(log: Console) -> None:
    workspace = log.workspace
    other = next(bot for bot in await workspace.bots() if bot.id != workspace.bot_id)
    webhooks = await workspace.client.webhooks(other.id).all()
    if not webhooks:
        other = workspace.bot or other
        webhooks = await workspace.list_webhooks()
    await record(log, made(8, webhook_id=webhooks[0].id, bot_id=other.id))
    await log.press("r")
    await log.press("o")
    await log.until(lambda: isinstance(log.place, BrowsePlace))
    await log.until(lambda: log.browse.webhook == webhooks[0])
    assert workspace.bot_id == other.id


async def test_a_webhook_that_is_no_more_is_told(log: Console) -> None:
    await record(log, made(8, webhook_id="wh_gone", before={"timeout_ms": 1}))
    await log.press("r")
    await log.press("enter")
    assert log.last_told == (
        "wh_gone is no more: the tenant has no such webhook. The record's detail tells what it was."
    )
    assert log.place.PLACE == "audit"


async def test_why_a_record_has_no_webhook_to_show(log: Console) -> None:
    await log.press("down", "enter")
    assert log.last_told == "This record is about no webhook that the tenant has given an id."
    await ask_for(log, "tenant:another-tenant")
    list_of(log).focus()
    await log.press("enter")
    assert log.last_told == (
        "It belongs to another-tenant, and sandbox is open: 1 goes to the tenants."
    )


# The monitor


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
    assert log.rows("#records")[0][1:3] == ["monitor.sync", FAILS]


async def test_what_a_sync_gave_up_is_told(log: Console, sandbox: Sandbox) -> None:
    sandbox.inject("403:path=monitor")
    await log.press("s")
    await asyncio.to_thread(tear, log.app.settings.paths.state / "monitor")
    sandbox.clear_faults()
    await log.press("s")
    assert log.last_told.endswith(" ms. Given up: 1 of earlier syncs.")


def tear(spool: Path) -> None:
    (path,) = spool.glob("*/*.json")
    path.write_text("{")


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


# States


async def test_a_log_that_cannot_be_read_is_told_where_the_records_would_be(
    console: Console, settings: Settings
) -> None:
    await record(console, made(1))
    await console.go("audit")
    assert len(console.rows("#records")) == 1
    path = settings.paths.data / "audit.db"
    whole = path.read_bytes()
    for file in path.parent.glob("audit.db*"):
        file.write_bytes(b"no database" * 500)
    # It is looked at again and again; what is wrong is told once, and nobody asks any more.
    await console.until(lambda: console.shows("#audit-empty").startswith("\n✗ "))
    shown = console.shows("#audit-empty")
    assert "r    reads it again" in shown
    assert console.screen_one("#audit-log").has_class("-empty")
    told = len(console.told)
    await console.settle()
    assert len(console.told) == told
    path.write_bytes(whole)


async def test_it_shows_what_was_done_meanwhile_on_each_visit(console: Console) -> None:
    await console.go("audit")
    assert "Nothing was done to sandbox yet." in console.shows("#audit-empty")
    assert "stays when the console is closed" in console.shows("#audit-empty")
    assert cards(console)["registered"] == ["0"] + ["–"] * 7
    await console.go("tenants")
    await record(console, made(1))
    await console.go("audit")
    assert len(console.rows("#records")) == 1


async def test_a_log_that_goes_with_the_console_promises_nothing(
    settings: Settings, sandbox: Sandbox
) -> None:
    passing = replace(settings, is_passing=True)
    async with run_console(passing, with_sandbox(sandbox)) as console:
        await console.connected()
        await console.go("audit")
        assert "The demo's log ends with the demo" in console.shows("#audit-empty")
        assert "stays when" not in console.text


async def test_a_log_that_was_tampered_with_is_called_so(open_console: OpenConsole) -> None:
    async with open_console() as console:
        for number in range(1, 4):
            await console.workspace.log.append(made(number))
        with closing(sqlite3.connect(console.workspace.log.path)) as other:
            other.execute("UPDATE records SET detail = 'nothing to see' WHERE id = 2")
            other.commit()
        await console.go("audit")
        await console.pilot.press("V")
        await console.until(lambda: isinstance(console.app.screen, Viewer))
        shown = console.shows("#viewer-text")
    assert shown.startswith("✗ Damaged (edited). Record 2 was changed after it was written.")
    assert "The 1 record before it" in shown


async def test_numbers_that_come_when_the_place_has_gone_are_not_drawn(
    open_console: OpenConsole, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading what draws them takes a while, in which the console may go away."""
    async with open_console() as console:
        await console.go("audit")
        audit = console.audit

        async def until_gone(*_: object) -> None:
            while audit.query(ChartRow):  # noqa: ASYNC110 - an event would come too late
                await asyncio.sleep(0)

        monkeypatch.setattr("cognitui.tui.screens.audit.asyncio.to_thread", until_gone)
        audit.start(audit.measure(Wanted()), "slow")
        await asyncio.sleep(0)
        await console.app._shutdown()
