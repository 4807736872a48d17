"""Bots, skills and webhooks as rows, details and sentences: no screen is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.records import Action, AuditRecord
from cognitui.audit.records import Outcome as RecordOutcome
from cognitui.cognigy.breaker import BreakerState
from cognitui.cognigy.errors import Forbidden, NotFound
from cognitui.cognigy.models import Bot, RegisteredWebhook, Skill
from cognitui.errors import CognituiError, UsageError
from cognitui.fuzzy import Query, fold
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Stage
from cognitui.tui.bindings import with_keys
from cognitui.tui.browse_cells import (
    bot_row,
    bot_text,
    group_row,
    lit,
    skill_row,
    skill_text,
    state_rank,
    state_run,
    webhook_row,
    webhook_text,
)
from cognitui.tui.browse_states import empty_state
from cognitui.tui.browse_text import (
    MAX_JSON,
    as_json,
    bot_overview,
    history_view,
    json_view,
    skill_overview,
    webhook_overview,
)
from cognitui.tui.bulk_text import left_words, named, progress_line, question, result_words
from cognitui.tui.commands import COMMANDS
from cognitui.webhooks.copy_as import Target, as_curl, wire_of_registered
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.workspace import TenantStatus
from cognitui.workspace.bulk import BulkAction, BulkItem, BulkProgress, BulkResult
from cognitui.workspace.status import ConnectionState
from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from cognitui.tui.widgets.row_text import Row

STATUS = TenantStatus(
    tenant="acme",
    connection=ConnectionState.CONNECTED,
    bot_name="Support Bot",
    bot_status="healthy",
    bot_is_healthy=True,
    breaker=BreakerState.CLOSED,
)
SKILL = Skill(id="skill_1", name="Order status")
HOOK = RegisteredWebhook.model_validate({
    "id": "wh_03f2",
    "skillId": "skill_1",
    "url": "https://hooks.acme.example/cognigy",
    "triggers": [{"event": "ON_MESSAGE", "payload_template": {"a": "[b]"}}],
    "auth": {"type": "hmac_sha256", "secret": SIGNING_SECRET},
    "colour": "green",
})  # fmt: skip
OFF = HOOK.model_copy(update={"enabled": False})
BAD = EndpointReport(
    EndpointVerdict.UNREACHABLE,
    "nobody listens",
    "Start it.",
    (Stage("url", Outcome.OK, "fine", 0.1), Stage("tcp", Outcome.FAIL, "refused", 1.0)),
)
GOOD = EndpointReport(EndpointVerdict.PRESENT, "it takes POST", "", (), 63)
UNSURE = replace(GOOD, verdict=EndpointVerdict.INCONCLUSIVE)
HOSTILE = "[red]\x1b[2J\u202e\n\t"


LABELS = {command.id: command.keys[0] for command in COMMANDS if command.keys}


def keys(text: str) -> str:
    return with_keys(text, LABELS.__getitem__)


def cells(row: Row) -> list[str]:
    return ["".join(text for text, _ in cell) for cell in (*row.cells, row.tail)]


# Rows


@pytest.mark.parametrize(
    ("hook", "report", "state"),
    [
        (HOOK, None, ("on", "muted")),
        (HOOK, GOOD, ("✓ present", "good")),
        (HOOK, UNSURE, ("! inconclusive", "warn")),
        (HOOK, BAD, ("✗ unreachable", "bad")),
        # What is off is not called, so that its endpoint is no trouble.
        (OFF, BAD, ("off", "muted")),
    ],
)
def test_the_row_of_a_webhook(
    hook: RegisteredWebhook, report: EndpointReport | None, state: tuple[str, str]
) -> None:
    row = webhook_row(hook, "Order status", report)
    assert cells(row) == ["wh_03f2", "Order status", "hooks.acme.example/cognigy", state[0], ""]
    assert state_run(hook, report) == state


def test_what_fails_is_looked_at_first() -> None:
    by_rank = [(HOOK, BAD), (HOOK, UNSURE), (OFF, BAD), (HOOK, None), (HOOK, GOOD)]
    ranks = [state_rank(hook, report.outcome if report else None) for hook, report in by_rank]
    assert ranks == sorted(set(ranks))


def test_plain_http_is_seen_and_https_goes_without_saying() -> None:
    row = webhook_row(HOOK.model_copy(update={"url": "http://a.example/x"}), "S", None)
    assert cells(row)[2] == "http://a.example/x"


def test_the_rows_of_bots_skills_and_groups() -> None:
    bot = Bot(id="bot_1", name="Support Bot")
    assert cells(bot_row(bot, is_open=True, health=("● healthy", "good"))) == [
        "Support Bot", "● healthy",
    ]  # fmt: skip
    assert cells(bot_row(Bot(id="bot_1"), is_open=False, health=None)) == ["bot_1", ""]
    assert cells(skill_row(SKILL)) == ["Order status", ""]
    assert cells(skill_row(Skill(id="skill_2"))) == ["skill_2", ""]
    row = group_row("Webhooks", "3/50", " …", "2 marked", is_open=True)
    assert cells(row) == ["Webhooks (3/50) …", "2 marked"]


def test_a_row_of_hostile_names_is_harmless() -> None:
    hook = HOOK.model_copy(update={"id": HOSTILE, "url": HOSTILE})
    rows = [
        webhook_row(hook, HOSTILE, None),
        bot_row(Bot(id=HOSTILE, name=HOSTILE), is_open=False, health=None),
        skill_row(Skill(id=HOSTILE, name=HOSTILE)),
    ]
    for row in rows:
        assert all(text.isprintable() for text in cells(row))
        assert r"[red]\x1b[2J\u202e\n\t" in cells(row)[0]


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("03f", [("wh_", ""), ("03f", "match"), ("2", "")]),
        ("ordst", [("Ord", "match"), ("er ", ""), ("st", "match"), ("atus", "")]),
        ("cogn", [("hooks.acme.example/", "muted"), ("cogn", "match"), ("igy", "muted")]),
    ],
)
def test_the_letters_that_matched_stand_out_where_they_are(
    typed: str, marked: list[tuple[str, str]]
) -> None:
    match = Query(typed).match(webhook_text(HOOK, "Order status"))
    assert match is not None
    row = webhook_row(HOOK, "Order status", None, match)
    assert tuple(marked) in row.cells


def test_letters_that_matched_in_hostile_names_are_those_that_are_shown() -> None:
    hook = HOOK.model_copy(update={"id": "\x1bwh"})
    text = webhook_text(hook, "S")
    match = Query("wh").match(text)
    assert match is not None
    row = webhook_row(hook, "S", None, match)
    assert row.cells[0] == ((r"\x1b", ""), ("wh", "match"))


def test_what_is_searched_is_what_is_shown() -> None:
    for typed in ("wh_03f2", "order", "hooks.acme", "skill_1", "ordst"):
        assert Query(typed).score(fold(webhook_text(HOOK, "Order status"))), typed
    assert not Query("on_message").score(fold(webhook_text(HOOK, "Order status")))
    assert Query("skill_1").match(skill_text(SKILL))
    assert Query("bot_1").match(bot_text(Bot(id="bot_1", name="B")))


def test_lit_without_letters_is_one_piece() -> None:
    assert lit("", {0}) == (("", ""),)
    assert lit("abc", set(), role="muted") == (("abc", "muted"),)


# Details


def test_the_overview_of_a_webhook() -> None:
    text = webhook_overview(HOOK, "Order status", BAD, keys).plain
    assert text.splitlines()[:4] == [
        "webhook     wh_03f2",
        "endpoint    https://hooks.acme.example/cognigy",
        "skill       Order status (skill_1)",
        "triggers    ON_MESSAGE",
    ]
    assert "✗ unreachable: nobody listens\nStart it.\n✓ url" in text
    assert '"a": "[b]"' in text
    assert "off: the tenant does not call it" in webhook_overview(OFF, "S", None, keys).plain


def test_the_overview_of_a_bot_and_a_skill() -> None:
    assert "enter opens it" in bot_overview(Bot(id="bot_2", name="Other"), STATUS, None).plain
    assert "n writes a webhook" in skill_overview(SKILL, None, keys).plain
    assert "webhooks    0" in skill_overview(SKILL, None, keys).plain


def test_json_has_what_the_tenant_told_and_no_secret() -> None:
    text = as_json(HOOK)
    assert '"skillId": "skill_1"' in text
    assert '"colour": "green"' in text
    assert SIGNING_SECRET not in text
    assert json_view(HOOK, keys).plain == text


def test_json_that_is_too_long_to_look_at_says_how_much_there_is() -> None:
    template = {f"field_{number}": "x" * 100 for number in range(500)}
    trigger: dict[str, Any] = {"event": "ON_MESSAGE", "payload_template": template}
    hook = RegisteredWebhook.model_validate({"id": "wh", "triggers": [trigger]})
    whole = as_json(hook)
    shown = json_view(hook, keys).plain
    kept, _, last = shown.rpartition("\n")
    assert len(kept) <= MAX_JSON
    assert whole.startswith(kept)
    assert last == f"… and {len(whole) - len(kept):,} characters more: Y copies all of it"


NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def record(**changes: Any) -> AuditRecord:
    fields: dict[str, Any] = {
        "at": NOW, "monotonic": 0.0, "operation_id": "op", "tenant": "acme", "bot_id": "b",
        "action": Action.WEBHOOK_UPDATE, "outcome": RecordOutcome.OK, "latency_ms": 12.0,
    }  # fmt: skip
    return AuditRecord(**fields | changes)


def test_the_history_is_a_table_with_reasons() -> None:
    failed = record(
        at=NOW - timedelta(days=2),
        action=Action.CALLBACK_SEND,
        outcome=RecordOutcome.FAILED,
        latency_ms=None,
        detail=f"No: {HOSTILE}",
    )
    lines = history_view([record(), failed], NOW, keys, is_all=True).plain.splitlines()
    assert [line.split() for line in lines[:1]] == [
        [lines[0].split()[0], "update", "✓", "ok", "12", "ms"]
    ]
    assert lines[1].split()[2:] == ["callback", "send", "✗", "failed"]
    assert lines[0].index("✓") == lines[1].index("✗")
    assert lines[2].strip() == rf"No: {'[red]'}\x1b[2J\u202e\n\t"
    more = history_view([record()], NOW, keys, is_all=False).plain
    assert more.endswith("older ones are in 6 Audit")
    assert "Nothing was done" in history_view([], NOW, keys, is_all=True).plain


def test_a_script_registers_it_again_without_its_secret() -> None:
    script = as_curl(Target("https://t.example/api/v1", "bot 1"), wire_of_registered(HOOK))
    assert SIGNING_SECRET not in script
    assert "$COGNITUI_WEBHOOK_SECRET" in script
    assert "-X POST" in script
    assert '"payload_template": {' in script
    assert "/bots/bot%201/webhooks" in script


# States


@pytest.mark.parametrize(
    ("given", "said", "helps"),
    [
        ({"is_open": False}, "Nothing to browse yet.", "1"),
        ({"is_loading": True}, "◌ loading …", ""),
        ({"failure": UsageError("It is down.", hint="Wait.")}, "✗ It is down.\nWait.", "ro1"),
        ({"lists_bots": False}, "does not list its bots", "o1"),
        ({"lists_bots": True}, "has no bots", "ro1"),
    ],
)
def test_why_there_is_nothing_and_what_helps(given: dict[str, Any], said: str, helps: str) -> None:
    state: dict[str, Any] = {
        "is_open": True, "is_loading": False, "lists_bots": None, "failure": None,
    }  # fmt: skip
    text = empty_state(keys, **state | given).plain
    assert said in text
    offered = [line.split()[0] for line in text.splitlines() if line.startswith("  ")]
    assert offered == list(helps)


# Several at once


def hooks(number: int) -> list[RegisteredWebhook]:
    return [RegisteredWebhook(id=f"wh_{each}") for each in range(number)]


@pytest.mark.parametrize(
    ("number", "names"),
    [(1, "wh_0"), (3, "wh_0, wh_1, wh_2"), (12, "wh_0, wh_1, wh_2 and 9 more")],
)
def test_the_first_few_are_named(number: int, names: str) -> None:
    assert named(hooks(number)) == names


def test_the_question_names_how_many_and_what_follows() -> None:
    title, text, word = question(BulkAction.DELETE, hooks(12), 0)
    assert (title, word) == ("Delete 12 webhooks?", "Delete")
    assert text.startswith("wh_0, wh_1, wh_2 and 9 more. The tenant stops calling them.")
    assert "2 of them are hidden by the filter" in question(BulkAction.ENABLE, hooks(3), 2)[1]
    assert question(BulkAction.DISABLE, hooks(1), 0)[0] == "Switch 1 webhook off?"


def progress(**changes: Any) -> BulkProgress:
    fields: dict[str, Any] = {
        "action": BulkAction.DELETE, "total": 120, "ended": 30, "failed": 0, "left_s": 42.0,
        "is_waiting": False, "is_stopping": False,
    }  # fmt: skip
    return BulkProgress(**fields | changes)


@pytest.mark.parametrize(
    ("changes", "width", "line"),
    [
        ({}, 120, "◌ Deleting 30/120  ━━━━━───────────────  about 40 s left · esc stops"),
        ({}, 64, "◌ Deleting 30/120  about 40 s left · esc stops"),
        ({}, 45, "◌ Deleting 30/120  40 s · esc stops"),
        ({}, 30, "◌ Deleting 30/120  esc stops"),
        ({}, 22, "◌ Deleting 30/120  es…"),
        ({"failed": 2}, 64, "◌ Deleting 30/120  2 failed · about 40 s left · esc stops"),
        ({"left_s": None, "ended": 0}, 64, "◌ Deleting 0/120  esc stops"),
        ({"is_waiting": True}, 64, "◌ Deleting 30/120  waits for the key's minute · esc stops"),
        ({"is_waiting": True}, 40, "◌ Deleting 30/120  waits · esc stops"),
        ({"is_stopping": True}, 40, "◌ Deleting 30/120  stopping"),
        ({"is_stopping": True}, 64, "◌ Deleting 30/120  stopping: what is under way ends"),
    ],
)
def test_the_line_of_progress(changes: dict[str, Any], width: int, line: str) -> None:
    assert progress_line(progress(**changes), width).plain == line


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, ""),
        (0.0, "a few seconds left"),
        (12.4, "about 10 s left"),
        (59.0, "about 60 s left"),
        (100.0, "about 2 min left"),
    ],
)
def test_the_estimate_is_no_more_exact_than_it_can_be(seconds: float | None, words: str) -> None:
    assert left_words(seconds) == words


def result(
    action: BulkAction = BulkAction.DELETE,
    done: int = 0,
    failed: tuple[CognituiError, ...] = (),
    not_begun: int = 0,
    ended_by: CognituiError | None = None,
) -> BulkResult:
    return BulkResult(
        action,
        tuple(BulkItem(hook) for hook in hooks(done)),
        tuple(BulkItem(hooks(1)[0], error=error) for error in failed),
        tuple(hooks(not_begun)),
        ended_by,
    )


REFUSED = Forbidden("The key lacks a scope.", scope="webhook:manage", status=403)
GONE = NotFound("It is gone.", status=404)


@pytest.mark.parametrize(
    ("given", "words", "is_good"),
    [
        (result(done=2), "2 webhooks deleted.", True),
        (
            result(done=1, failed=(GONE,)),
            (
                "1 webhook deleted.\n1 failed.\nIt is gone.\n"
                "They are marked: the same key tries them again."
            ),
            False,
        ),
        (
            result(BulkAction.ENABLE, failed=(GONE, REFUSED, REFUSED)),
            (
                "0 webhooks switched on.\n3 failed.\n2 × The key lacks a scope.\n1 × It is gone.\n"
                "They are marked: the same key tries them again."
            ),
            False,
        ),
        (
            result(BulkAction.DISABLE, done=1, not_begun=4, ended_by=UsageError("Closed.")),
            (
                "1 webhook switched off.\n4 were left as they are.\nClosed.\n"
                "They are marked: the same key tries them again."
            ),
            False,
        ),
    ],
)
def test_how_it_ended(given: BulkResult, words: str, is_good: bool) -> None:
    assert result_words(given, keys) == (words, is_good)


def test_how_a_check_of_many_ended() -> None:
    reports = (GOOD, GOOD, BAD, UNSURE)
    items = tuple(BulkItem(hooks(1)[0], report=report) for report in reports)
    words, is_good = result_words(BulkResult(BulkAction.CHECK, items, (), (), None), keys)
    assert words == (
        "4 webhooks checked: 1 ✗ · 1 ! · 2 ✓.\nSorting by state (s) puts what fails first."
    )
    assert is_good
    words, is_good = result_words(
        BulkResult(BulkAction.CHECK, items[:1], (), tuple(hooks(2)), None), keys
    )
    assert words == "1 webhook checked: 1 ✓.\n2 were not looked at."
    assert not is_good
