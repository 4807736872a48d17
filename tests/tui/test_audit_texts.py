"""Audit records and metrics as words: no screen is needed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cognitui.audit.metrics import ActionMetrics, Metrics
from cognitui.audit.records import Outcome
from cognitui.tui.audit_text import (
    OUTCOMES,
    cards,
    histogram_text,
    latencies,
    record_detail,
    record_row,
    series_title,
)

from .test_audit import FAILED, START, made

EMPTY = ActionMetrics(0, 0, None, None, None, None, None, (), (("≤ 5 ms", 0), ("≤ 10 ms", 0)))
SOME = ActionMetrics(
    3, 2, 2 / 3, 20.0, 20.0, 1400.0, 1400.0, (10.0, 1400.0), (("≤ 5 ms", 0), ("≤ 10 ms", 4))
)


def cells(number: int = 1, *, days: int = 0, **changes: object) -> list[str]:
    row = record_row(made(number, **changes), START + timedelta(days=days, seconds=9))
    return [text for text, _ in row]


def test_every_outcome_has_a_mark_and_a_word() -> None:
    assert set(OUTCOMES) == {str(outcome) for outcome in Outcome}
    shown = [text for text, _ in OUTCOMES.values()]
    assert len({text.split()[0] for text in shown}) == len(shown)
    assert all(len(text.split()) == 2 for text in shown)


def test_a_row_names_the_nearest_thing_it_is_about() -> None:
    assert cells()[1:] == ["webhook.register", "✓ ok", "10 ms", "wh_0001"]
    assert cells(webhook_id="")[-1] == "skill_67890"
    assert cells(webhook_id="", skill_id="")[-1] == "https://hooks.example.com/in"
    assert cells(webhook_id="\x1b[2J")[-1] == r"\x1b[2J"
    assert cells(latency_ms=None)[3] == "–"


def test_a_row_of_today_has_seconds_and_an_older_one_its_date() -> None:
    assert cells()[0].count(":") == 2
    older = cells(days=2)[0]
    assert older.startswith("05-1")
    assert older.count(":") == 1


def test_the_detail_leaves_out_what_is_empty() -> None:
    text = record_detail(made(1)).plain
    assert "detail" not in text
    assert "before" not in text
    assert "attempt 1  201  10 ms" in text
    assert "attempt 2  –  9 ms  lost" in record_detail(FAILED).plain


def test_the_detail_shows_before_and_after_as_json() -> None:
    text = record_detail(made(1, before={"a": "[b]"}, after={"a": "\x1b"})).plain
    assert 'before\n{\n  "a": "[b]"\n}' in text
    assert "\x1b" not in text


def test_cards_of_nothing_are_dashes() -> None:
    shown = {title: value.plain for title, value in cards(Metrics(EMPTY, EMPTY, EMPTY))}
    assert shown["registered"] == "0"
    assert {shown["success"], shown["average"], shown["delivered"]} == {"–"}
    assert shown["p50 / p95 / p99"] == "– / – / –"


def test_cards_of_something() -> None:
    shown = {title: value.plain for title, value in cards(Metrics(SOME, EMPTY, SOME))}
    assert shown["registered"] == "3"
    assert shown["success"] == "66.7 %"
    assert shown["p50 / p95 / p99"] == "20 ms / 1.4 s / 1.4 s"
    assert shown["verified"] == "2/3"


def test_a_series_says_its_scale() -> None:
    assert series_title("callback", ()).plain.endswith("none yet")
    assert series_title("callback", (10.0,)).plain == "1 callback: 10 ms – 10 ms"
    assert series_title("callback", (10.0, 1400.0)).plain == "2 callbacks: 10 ms – 1.4 s"


@pytest.mark.parametrize(
    ("counts", "lines"),
    [
        ([("a", 0), ("b", 0)], ["no latencies yet"]),
        ([("a", 0), ("b", 2), ("c", 0), ("d", 1), ("e", 0)], ["b", "c", "d"]),
    ],
)
def test_the_histogram_begins_and_ends_with_what_it_holds(
    counts: list[tuple[str, int]], lines: list[str]
) -> None:
    shown = histogram_text(counts).plain.splitlines()
    assert [line.strip() if len(lines) == 1 else line.split()[0] for line in shown] == lines


def test_bars_are_as_long_as_their_counts() -> None:
    shown = histogram_text([("a", 100), ("b", 50), ("c", 1)]).plain.splitlines()
    assert [line.count("█") for line in shown] == [20, 10, 1]
    assert [line.split()[-1] for line in shown] == ["100", "50", "1"]


def test_registrations_and_callbacks_are_counted_together() -> None:
    assert latencies(Metrics(SOME, SOME, EMPTY)) == [("≤ 5 ms", 0), ("≤ 10 ms", 8)]
