"""Listing the audit log, and the report over a part of it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.records import Action, AttemptEvidence, Outcome
from cognitui.audit.store import AuditLog
from cognitui.audit.wanted import MOST_LETTERS, MOST_TERMS
from tests.audit.support import record

if TYPE_CHECKING:
    from .support import Cli


@pytest.fixture
def filled(empty: Cli) -> Cli:
    """Five records, the last two of a minute ago."""
    just_now = datetime.now(UTC) - timedelta(minutes=1)
    changes: list[dict[str, Any]] = [
        {"latency_ms": 100.0},
        {"latency_ms": 50.5, "tenant": "other"},
        {"action": Action.CALLBACK_SEND, "event": "ON_MESSAGE", "webhook_id": ""},
        {
            "at": just_now,
            "outcome": Outcome.FAILED,
            "error_code": "timeout",
            "detail": "Nothing was \x1b[31mheard\x1b[0m.",
            "latency_ms": 3000.0,
            "attempts": (AttemptEvidence(1, None, 3000.0, "timeout"),),
            "before": {"timeout_ms": 3000},
        },
        {"at": just_now, "latency_ms": None, "outcome": Outcome.CANCELLED},
    ]

    async def write() -> None:
        async with await AuditLog.open(empty.home / "data" / "audit.db") as log:
            for number, those in enumerate(changes, 1):
                await log.append(record(number, **those))

    asyncio.run(write())
    return empty


def ids(result: Any) -> list[int]:
    assert result.status == 0, result.err
    return [one["id"] for one in result.json["records"]]


def test_a_record_as_json_has_all_of_it(filled: Cli) -> None:
    result = filled.spawn("audit", "list", "outcome:failed", "--json")
    (found,) = result.json["records"]
    assert (result.status, result.json["count"]) == (0, 1)
    assert found["attempts"] == [{"number": 1, "status": None, "ms": 3000.0, "error": "timeout"}]
    assert (found["id"], found["action"], found["before"]) == (
        4,
        "webhook.register",
        {"timeout_ms": 3000},
    )
    assert datetime.fromisoformat(found["at"]).tzinfo is not None
    assert "\x1b" not in result.out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [5, 4, 3, 2, 1]),
        (["--limit", "2"], [5, 4]),
        (["--limit", "2", "--before", "4"], [3, 2]),
        (["since:2h"], [5, 4]),
        (["action:register", "tenant:acme", "until:1h"], [1]),
        (["action:register -outcome:ok"], [5, 4]),
        (["--", "-action:register"], [3]),
        (["slower:60ms"], [4, 1]),
        (["on_message"], [3]),
        (["tenant:nobody"], []),
    ],
    ids=lambda value: " ".join(map(str, value)) or "all",
)  # fmt: skip
def test_filters_and_pages(filled: Cli, arguments: list[str], expected: list[int]) -> None:
    assert ids(filled.run("audit", "list", "--json", *arguments)) == expected


def test_the_list_for_people(filled: Cli) -> None:
    result = filled.run("audit", "list", "--limit", "3")
    head, *rows = result.out.splitlines()
    assert head.split() == ["ID", "WHEN", "ACTION", "OUTCOME", "TOOK", "TENANT", "TARGET", "DETAIL"]
    assert [row.split()[0] for row in rows] == ["5", "4", "3"]
    assert "webhook.register  failed" in rows[1]
    assert "3000.0 ms" in rows[1]
    assert "\x1b" not in result.out
    assert result.err == "3 of 5 records\n"
    nothing = filled.run("audit", "list", "tenant:nobody")
    assert (nothing.status, nothing.out, nothing.err) == (0, "", "0 of 0 records\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["acton:register"], "'acton' is no key of the filter."),
        (["outcome:faild"], "'faild' is no outcome."),
        (["since:soon"], "'soon' is no time."),
        (["--limit", "0"], "--limit is a number from 1 to 100000."),
        (["--limit", "100001"], "--limit is a number from 1 to 100000."),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_what_cannot_be_listed(empty: Cli, arguments: list[str], sentence: str) -> None:
    result = empty.run("audit", "list", "--json", *arguments)
    assert result.status == 2
    assert result.json["error"]["message"] == sentence
    assert sentence in result.sentence


@pytest.mark.parametrize(
    "words",
    [["w"] * 1200, ["w" * 60_000], ["--", *["-bot:b"] * 1500], ["action:register"] * 1500],
    ids=["words", "long", "exclusions", "actions"],
)
def test_a_filter_that_asks_for_too_much(filled: Cli, words: list[str]) -> None:
    result = filled.run("audit", "list", "--json", *words)
    assert (result.status, result.json["error"]["code"]) == (2, "usage")
    assert result.sentence.startswith("A filter has at most ")


@pytest.mark.parametrize(
    "words",
    [["w"] * MOST_TERMS, ["w" * MOST_LETTERS], ["--", *["-w"] * MOST_TERMS]],
    ids=["words", "long", "exclusions"],
)
def test_a_filter_that_asks_for_as_much_as_it_may(filled: Cli, words: list[str]) -> None:
    assert filled.run("audit", "list", "--json", *words).status == 0


def test_the_help_tells_the_keys_of_the_filter(empty: Cli) -> None:
    out = empty.run("audit", "list", "--help").out
    assert "action:     what was done" in out
    assert "slower:     took longer than this, as slower:500ms" in out


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [1050.17, 0.6667, 3]),
        (["--since", "2h"], [3000.0, 0.0, 1]),
        (["--filter", "until:1h"], [75.25, 1.0, 2]),
        (["--filter", "until:1h", "--tenant", "other"], [50.5, 1.0, 1]),
        (["--filter", "action:send"], [0, 0, 0]),
    ],
    ids=lambda value: " ".join(map(str, value)) or "all",
)
def test_the_report_of_a_part(filled: Cli, arguments: list[str], expected: list[float]) -> None:
    result = filled.run("audit", "report", "--json", *arguments)
    assert list(result.json) == ["avg_latency_ms", "success_rate", "total_registrations"]
    assert list(result.json.values()) == expected


def test_a_report_since_no_time(empty: Cli) -> None:
    result = empty.run("audit", "report", "--since", "soon")
    assert (result.status, result.sentence) == (2, "'soon' is no time.")
