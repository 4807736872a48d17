"""The report card: what it concludes, its three forms, and the advice in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.advice import Framework, fix_for
from cognitui.callbacks.tamper.card import CaseResult, Mark, ReportCard
from cognitui.callbacks.tamper.card_text import as_line, as_markdown, as_text
from cognitui.callbacks.tamper.case import Topic
from cognitui.callbacks.tamper.cases import CASES
from cognitui.callbacks.tamper.judging import Judged, result_of


def result(name: str, mark: Mark, summary: str = "It says so.") -> CaseResult:
    return result_of(CASES[name], COGNIGY, Judged(mark, summary), statuses=(200,), ms=1.25)


def card(*results: CaseResult, control: str = "", framework: Framework | None = None) -> ReportCard:
    return ReportCard(
        url="http://127.0.0.1:8000/hook",
        scheme="cognigy",
        framework=framework,
        started_at=datetime(2026, 5, 17, 12, 0, tzinfo=UTC),
        ms=1234.56,
        control=control,
        results=results,
    )


HONEST = result("honest", Mark.SOUND)
REPLAY = result("replay", Mark.UNSOUND, "It accepts: 200.")
STALE = result("stale", Mark.UNSOUND, "It accepts: 200.")
GZIP = result("gzip-signed-plain", Mark.WEAK, "It accepts: 200.")
UNKNOWN = result("unsigned", Mark.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("found", "has_failed", "conclusion", "score"),
    [
        (card(HONEST), False, "Sound: every case was answered as it should be.", "1 of 1 sound"),
        (
            card(HONEST, GZIP),
            False,
            "No attack succeeds, but the endpoint could be stronger.",
            "1 of 2 sound, 1 weak",
        ),
        (card(HONEST, REPLAY), True, "Unsound: 1 attack succeeds.", "1 of 2 sound, 1 unsound"),
        (
            card(HONEST, REPLAY, STALE, GZIP),
            True,
            "Unsound: 2 attacks succeed.",
            "1 of 4 sound, 2 unsound, 1 weak",
        ),
        (
            card(HONEST, UNKNOWN),
            False,
            "No attack succeeds, but not all of them could be tried.",
            "1 of 2 sound, 1 inconclusive",
        ),
        (
            card(UNKNOWN, control="the honest callback was refused."),
            True,
            "Nothing can be concluded: the honest callback was refused.",
            "0 of 1 sound, 1 inconclusive",
        ),
    ],
)
def test_what_a_card_concludes(
    found: ReportCard, has_failed: bool, conclusion: str, score: str
) -> None:
    assert (found.has_failed, found.conclusion, found.score) == (has_failed, conclusion, score)


def test_text_says_what_goes_wrong_why_and_how_to_mend_it() -> None:
    text = as_text(card(HONEST, GZIP, REPLAY, framework=Framework.EXPRESS))
    lines = text.splitlines()
    assert lines[:4] == [
        "http://127.0.0.1:8000/hook, scheme cognigy",
        "Unsound: 1 attack succeeds.",
        "",
        "What goes wrong",
    ]
    assert "  ✗ replay: The same callback twice" in lines
    assert "      It accepts: 200. Expected: 401, 403 or 400." in lines
    assert "      What a callback sets off happens as often as somebody sends it again." in lines
    assert text.index("What goes wrong") < text.index("What is weak") < text.index("How to mend it")
    assert "inflate: false" in text
    assert lines[-1] == "Score: 1 of 3 sound, 1 unsound, 1 weak."
    assert all(len(line) <= 90 for line in lines)


def test_text_of_a_card_without_a_control_lists_the_rest_shortly() -> None:
    text = as_text(card(HONEST, UNKNOWN, control="the honest callback was refused."))
    assert "Nothing can be concluded: the honest callback was refused." in text
    assert "What could not be told\n  unsigned\n" in text


def test_json_has_a_version_and_everything_in_it() -> None:
    found = json.loads(json.dumps(card(HONEST, REPLAY, framework=Framework.GO).as_dict()))
    assert found["version"] == 1
    assert list(found) == [
        "version", "url", "scheme", "framework", "started_at", "ms", "failed", "control_accepted",
        "conclusion", "score", "counts", "results", "fixes",
    ]  # fmt: skip
    assert (found["failed"], found["control_accepted"], found["framework"]) == (True, True, "go")
    assert found["counts"] == {"sound": 1, "weak": 0, "unsound": 1, "inconclusive": 0}
    assert found["results"][1] == {
        "id": "replay",
        "title": "The same callback twice",
        "level": "must",
        "topic": "replay",
        "verdict": "unsound",
        "statuses": [200],
        "sent": "an honest callback, and then the same bytes and headers again",
        "expected": "401, 403 or 400",
        "summary": "It accepts: 200.",
        "why": "What a callback sets off happens as often as somebody sends it again.",
        "ms": 1.2,
    }
    assert list(found["fixes"]) == ["replay"]


def test_markdown_has_a_table_of_all_cases_and_nothing_in_it_is_markup() -> None:
    evil = replace(HONEST, summary="a|b <img> [x](y) `c`")
    odd = replace(card(evil, REPLAY), url="http://127.0.0.1/`\x1b[2J")
    text = as_markdown(odd)
    assert text.startswith("# Callback report card\n\n`http://127.0.0.1/%60\\x1b[2J`, scheme")
    assert "| ✓ | honest | must | 200 | a\\|b \\<img\\> \\[x\\](y) \\`c\\` |" in text
    assert "## ✗ The same callback twice (replay)" in text
    assert "- **replay**: Remember the signed delivery id" in text
    assert "\x1b" not in text


def test_one_result_in_one_line() -> None:
    assert as_line(REPLAY) == "✗ replay                 It accepts: 200."


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize("framework", [None, *Framework])
def test_there_is_advice_for_every_topic_in_every_framework(
    topic: Topic, framework: Framework | None
) -> None:
    general = fix_for(topic, None)
    fix = fix_for(topic, framework)
    assert fix.startswith(general)
    assert general.endswith(".")
    assert fix.endswith(".")


def test_each_framework_has_its_own_way_to_the_raw_body_and_to_a_limit() -> None:
    for topic in (Topic.RAW_BODY, Topic.COMPARE, Topic.LIMITS):
        assert all(fix_for(topic, f) != fix_for(topic, None) for f in Framework)
