"""Report cards, bursts and explanations as text."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState, Latency, Step
from cognitui.callbacks.explain.cause import Finding
from cognitui.callbacks.explain.explain import Explanation
from cognitui.callbacks.tamper.card import CaseResult, Mark, ReportCard
from cognitui.callbacks.tamper.case import Level, Topic
from cognitui.callbacks.verdict import Freshness, SignatureVerdict, Verdict
from cognitui.tui.explain_text import explanation_text
from cognitui.tui.lab_text import burst_text, case_detail, case_row, conclusion_text

HOSTILE = "[bold red]x[/] \x1b[31m"


def result(mark: Mark, *, statuses: tuple[int | None, ...] = (200,)) -> CaseResult:
    return CaseResult(
        case_id="stale",
        title="An hour old",
        sent="a callback of an hour ago",
        expected="401, 403 or 400",
        why="Whoever captured it can send it again.",
        level=Level.MUST,
        topic=Topic.FRESHNESS,
        mark=mark,
        statuses=statuses,
        summary=f"It accepts: 200. {HOSTILE}",
        ms=1.0,
    )


def card(*results: CaseResult, control: str = "") -> ReportCard:
    at = datetime(2026, 5, 17, tzinfo=UTC)
    return ReportCard("http://127.0.0.1/", "cognigy", None, at, 1.0, control, results)


@pytest.mark.parametrize(
    ("mark", "sign"),
    [
        (Mark.SOUND, "✓"),
        (Mark.WEAK, "!"),
        (Mark.UNSOUND, "✗"),
        (Mark.INCONCLUSIVE, "?"),
    ],
)
def test_each_mark_has_a_sign_and_not_only_a_colour(mark: Mark, sign: str) -> None:
    first, level, answers = case_row(result(mark)).cells
    assert "".join(text for text, _ in first) == f"{sign} An hour old"
    assert (level[0][0], answers[0][0]) == ("must", "200")
    assert ("to do" in case_detail(result(mark)).plain) is (mark in {Mark.UNSOUND, Mark.WEAK})


def test_what_was_not_sent_or_not_answered_says_so() -> None:
    assert case_row(result(Mark.INCONCLUSIVE, statuses=())).cells[2][0][0] == "not sent"
    assert case_row(result(Mark.UNSOUND, statuses=(200, None))).cells[2][0][0] == "200, none"


def test_an_endpoints_words_are_shown_harmlessly() -> None:
    text = case_detail(result(Mark.UNSOUND)).plain
    assert "\x1b" not in text
    assert "[bold red]x[/]" in text


def test_the_conclusion_is_told_by_a_sign_too() -> None:
    assert conclusion_text(card(result(Mark.SOUND))).plain.startswith("✓ Sound")
    assert conclusion_text(card(result(Mark.UNSOUND))).plain.startswith("✗ Unsound: 1 attack")
    assert conclusion_text(card(result(Mark.WEAK))).plain.startswith("! No attack")
    refused = conclusion_text(card(result(Mark.INCONCLUSIVE), control="It was refused."))
    assert refused.plain.startswith("? Nothing can be concluded: It was refused.")


def burst(**changes: object) -> BurstSnapshot:
    values: dict[str, object] = {
        "state": BurstState.COMPLETE,
        "count": 10,
        "sent": 10,
        "ok": 8,
        "failed": 2,
        "failures": {"http_500": 2},
        "latency": Latency(1.0, 2.0, 3.0, 4.0, 1500.0),
        "elapsed_s": 2.0,
        "timeline": (Step(0, 1, 5, 5, 0, 1.0, 2.0), Step(1, 1, 5, 3, 2, 1.0, 4.0)),
        "bars": ((0.5, 1.5, 6), (1.5, 3.0, 2)),
    }
    return BurstSnapshot(**(values | changes))  # type: ignore[arg-type]


def test_a_burst_tells_counts_percentiles_and_what_failed() -> None:
    text = burst_text(burst(), 60).plain
    assert text.startswith("✗ ")
    assert "p95 3 ms" in text
    assert "max 1.5 s" in text
    assert "http_500 2" in text
    assert "▄█" in text
    assert "0.5 – 1.5 ms" in text


@pytest.mark.parametrize("width", [0, 10, 40, 200])
def test_a_burst_is_drawn_at_any_width(width: int) -> None:
    running = burst(state=BurstState.RUNNING, failed=0, failures={}, eta_s=3.0, behind_s=1.2)
    text = burst_text(running, width).plain
    assert text.startswith("◌ ")
    assert "3 s left" in text
    assert "1.2 s behind" in text
    assert burst_text(BurstSnapshot(BurstState.RUNNING, 5), width).plain


def test_an_explanation_tells_the_likeliest_first_and_what_to_do() -> None:
    verdict = Verdict(SignatureVerdict.INVALID, Freshness.FRESH, hints=(HOSTILE,))
    finding = Finding(
        "body", f"It verifies if … {HOSTILE}", "It was written anew.", "Keep the bytes."
    )
    explanation = Explanation("cognigy", verdict, (finding,), "not signed", 1234, is_complete=False)
    text = explanation_text(explanation).plain
    assert text.splitlines()[0] == "✗ the signature does not match this body and secret"
    assert text.index("It verifies if") < text.index("Keep the bytes.") < text.index("! not signed")
    assert "1,234 signatures were computed, which is the bound" in text
    assert "\x1b" not in text


def test_a_short_burst_tells_its_time_in_words() -> None:
    step = Step(at_s=0.0, seconds=1.2, sent=3, ok=3, failed=0, p50=1.0, p95=2.0)
    snapshot = BurstSnapshot(BurstState.COMPLETE, 3, sent=3, ok=3, elapsed_s=1.2, timeline=(step,))
    assert "0 s – 1 s" in burst_text(snapshot, 80).plain
