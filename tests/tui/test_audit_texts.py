"""Audit records and numbers as words, cards and details: no screen is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.overview import Overview
from cognitui.audit.records import Outcome
from cognitui.audit.tally import Measured
from cognitui.tui.audit_filter import completion, help_line, values_of
from cognitui.tui.audit_reasons import against_webhook
from cognitui.tui.audit_text import (
    COLUMNS,
    OUTCOMES,
    as_json,
    cards_line,
    cards_text,
    changes_text,
    gone_words,
    nothing_text,
    percent,
    record_detail,
    record_row,
    state_text,
)

from .test_audit import CHANGED, FAILED, START, made

if TYPE_CHECKING:
    from cognitui.audit.records import AuditRecord

NONE = Measured()
SOME = Measured(3, 2, 2 / 3, 20.0, 20.0, 900.0, 1400.0, 1400.0, 4, 1400.0)
ALL = Measured(1204, 1204, 1.0, 5.0, 5.0, 5.0, 5.0, 5.0, 1204, 5.0)
EMPTY = Overview(NONE, NONE, NONE, NONE, (), 0.0, (), (), None, None, 0, 0)
FILLED = replace(EMPTY, registrations=SOME, callbacks=ALL, records=1207)


def cells(number: int = 1, *, days: int = 0, **changes: object) -> list[str]:
    row = record_row(made(number, **changes), START + timedelta(days=days, seconds=9))
    return ["".join(text for text, _ in cell) for cell in row.cells]


# Rows


def test_every_outcome_has_a_mark_and_a_word() -> None:
    assert set(OUTCOMES) == {str(outcome) for outcome in Outcome}
    shown = [text for text, _ in OUTCOMES.values()]
    assert len({text.split()[0] for text in shown}) == len(shown)
    assert all(len(text.split()) == 2 for text in shown)


def test_a_row_names_the_nearest_thing_it_is_about() -> None:
    assert len(cells()) == len(COLUMNS)
    assert cells()[1:5] == ["webhook.register", "✓ ok", "10 ms", "wh_0001"]
    assert cells(webhook_id="")[4] == "skill_67890"
    assert cells(webhook_id="", skill_id="")[4] == "https://hooks.example.com/in"
    assert cells(webhook_id="\x1b[2J")[4] == r"\x1b[2J"
    assert cells(latency_ms=None)[3] == "–"
    assert cells(detail="\u202eevil")[6] == r"\u202eevil"


def test_a_row_of_today_has_seconds_and_an_older_one_its_date() -> None:
    assert cells()[0].count(":") == 2
    older = cells(days=2)[0]
    assert older.startswith("05-1")
    assert older.count(":") == 1


# Cards


def test_cards_of_nothing_are_dashes() -> None:
    for overview in (None, EMPTY):
        lines = cards_text(overview, 100).plain.splitlines()
        assert len(lines) == 4
        assert "p50" in lines[0]
        assert lines[2].split()[0] == "sent"
        assert lines[2].count("–") >= 7


def test_cards_of_something() -> None:
    _, registered, sent, _ = cards_text(FILLED, 100).plain.splitlines()
    assert registered.split("!")[1].split() == [
        "66.6", "%", "20", "ms", "20", "ms", "900", "ms", "1.4", "s", "1.4", "s", "1.4", "s",
    ]  # fmt: skip
    assert "1,204  ✓ 100.0 % delivered" in sent


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_cards_fit(width: int) -> None:
    lines = cards_text(FILLED, width).plain.splitlines()
    assert max(map(len, lines)) <= width


def test_the_line_says_the_most_in_the_least_room() -> None:
    assert cards_line(FILLED).plain == "3 registered 66 % · 1,204 sent 100 % · 0 received"
    assert cards_line(None).plain == ""


@pytest.mark.parametrize(
    ("rate", "digits", "shown"),
    [
        (1.0, 1, "100.0 %"),
        (0.99999, 1, "99.9 %"),
        (0.29, 0, "29 %"),
        (0.995, 0, "99 %"),
        (0.0, 1, "0.0 %"),
    ],
)
def test_only_what_is_all_is_a_hundred_per_cent(rate: float, digits: int, shown: str) -> None:
    assert percent(rate, digits=digits) == shown


# One record


def test_the_detail_leaves_out_what_is_empty() -> None:
    text = record_detail(made(1)).plain
    assert text.startswith("webhook.register  ✓ ok  10 ms\n")
    assert "detail" not in text
    assert "before" not in text
    assert "\nby " not in text
    assert "\nby         jo@desk\n" in record_detail(made(1, actor="jo@desk")).plain
    assert "attempt 1  201  10 ms" in text
    assert "attempt 2  –  9 ms  lost" in record_detail(FAILED).plain


def test_the_detail_shows_before_and_after_line_by_line() -> None:
    lines = changes_text(CHANGED).plain.splitlines()
    assert lines[0] == "What changed: - before, + after"
    assert '-   "timeout_ms": 3000,' in lines
    assert '+   "timeout_ms": 5000,' in lines
    assert '    "url": "[b]"' in lines
    spans = {span.style for span in changes_text(CHANGED).spans}
    assert {"$success", "$error"} <= spans


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        (None, {"a": 1}, "What was made"),
        ({"a": 1}, None, "What was there before"),
        ({"a": 1}, {"a": 1}, "Before and after are the same."),
    ],
)
def test_a_change_says_which_kind_it_is(before: object, after: object, title: str) -> None:
    lines = changes_text(made(1, before=before, after=after)).plain.splitlines()
    assert lines[0] == title
    assert {line[0] for line in lines[1:]} <= ({"+"} if before is None else {"-"})


def test_what_a_change_holds_cannot_steer_the_terminal() -> None:
    text = record_detail(made(1, before={"a": "[b]"}, after={"a": "\x1b\u202e"})).plain
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[b]" in text


def test_a_record_is_copied_as_it_is() -> None:
    text = as_json(made(1, detail="\x1b"))
    assert '"at": "2026-05-17T12:00:01+00:00"' in text
    assert "\x1b" not in text


def test_what_is_gone_is_told_by_its_record_where_that_tells() -> None:
    assert gone_words(CHANGED).endswith("The record's detail tells what it was.")
    assert gone_words(made(1)) == "wh_0001 is no more: the tenant has no such webhook."


@pytest.mark.parametrize(
    ("record", "tenant", "reason"),
    [
        (None, "sandbox", "There is no record"),
        (made(1, webhook_id=""), "sandbox", "about no webhook"),
        (made(1), "acme", "belongs to sandbox, and acme is open"),
        (made(1), "", "belongs to sandbox, and no tenant is open"),
        (made(1), "sandbox", ""),
    ],
)
def test_why_a_webhook_cannot_be_looked_for(
    record: AuditRecord | None, tenant: str, reason: str
) -> None:
    found = against_webhook(record, tenant)
    assert reason in found
    assert bool(found) is bool(reason)


# States


def test_what_stands_where_records_would() -> None:
    def words(typed: str = "", within: str = "", problem: str = "", tenant: str = "acme") -> str:
        return nothing_text(
            typed, within=within, tenant=tenant, problem=problem, is_passing=False
        ).strip()

    assert words().startswith("Nothing was done to acme yet.")
    assert words(tenant="").startswith("Nothing was done yet.")
    assert words("x").startswith("No record matches the filter.")
    assert words("x", "24h").startswith("No record in the last 24h matches the filter.")
    assert words(within="24h").startswith("Nothing was done in the last 24h.")
    assert "{audit.widen:4}" in words(within="24h")
    assert words("x", "1h", "It is locked.").startswith("✗ It is locked.")


def test_the_state_says_how_many_and_what_is_new() -> None:
    assert state_text(1234567, 0, is_dated=False).plain == "1,234,567 records"
    assert state_text(1, 0, is_dated=False).plain == "1 record"
    assert state_text(2, 12, is_dated=True).plain == (
        "as far back as the filter says · 2 records  ↑ 12 new above"
    )
    assert state_text(None, 0, is_dated=False).plain == ""


# The filter


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("", ""),
        ("act", "action:"),
        ("-act", "-action:"),
        ("words out", "words outcome:"),
        ("outcome:f", "outcome:failed"),
        ("outcome:failed", ""),
        ("event:on_m", "event:on_mESSAGE"),
        ("action:reg", "action:register"),
        ("webhook:wh_0", "webhook:wh_0001"),
        ("nothing", ""),
        ("words ", ""),
    ],
)
def test_the_last_word_is_completed(typed: str, completed: str) -> None:
    assert completion(typed, [made(1)]) == completed


def test_only_plain_ids_are_suggested() -> None:
    seen = [made(1, webhook_id="wh_\x1b"), made(2, webhook_id=""), made(3), made(3)]
    assert values_of("webhook", seen) == ["wh_0003"]
    assert values_of("nothing", seen) == []


def test_the_line_below_tells_keys_or_what_the_key_means() -> None:
    assert "action:" in help_line("").plain
    assert help_line("out").plain.endswith("outcome:")
    assert help_line("-outcome:").plain.startswith("outcome: what came of it. ok failed")
    assert "since: from then on" in help_line("x since:").plain
