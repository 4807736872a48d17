"""From the core's values to words: no screen is needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
from rich.cells import cell_len
from textual.content import Content

from cognitui.callbacks.delivery import Attempt, Delivery, DeliveryStatus
from cognitui.callbacks.received import Received
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.cognigy.breaker import BreakerState
from cognitui.cognigy.models import TriggerEvent
from cognitui.network.outcome import Outcome
from cognitui.tui.callback_text import delivery_text, received_detail, received_row, verdict_cell
from cognitui.tui.places import PLACES
from cognitui.tui.render import error_sentence, frame_line, places_line, plain
from cognitui.tui.screens.help import Row, Section, help_text
from cognitui.tui.widgets.steps import steps_text
from cognitui.webhooks.preflight import Step, StepName
from cognitui.workspace import TenantStatus
from cognitui.workspace.status import ConnectionState

GOOD = TenantStatus(
    tenant="acme-prod",
    connection=ConnectionState.CONNECTED,
    bot_name="Support Bot",
    bot_status="healthy",
    bot_is_healthy=True,
    webhooks_used=37,
    requests_left=82,
)
BAD = TenantStatus(
    tenant="acme-production-eu-central-tenant-no-12",
    connection=ConnectionState.FAILED,
    bot_name="The bot with the very long name that nobody would choose",
    bot_status="degraded-since-yesterday",
    bot_is_healthy=False,
    webhooks_used=50,
    requests_left=3,
    breaker=BreakerState.HALF_OPEN,
)
NONE = TenantStatus()
HOSTILE = TenantStatus(
    tenant="acme",
    connection=ConnectionState.CONNECTED,
    bot_name="\x1b[31m漢字漢字漢字漢字漢字漢字 [red]",
    bot_status="[bold]",
    bot_is_healthy=True,
)


# The frame


@pytest.mark.parametrize("status", [GOOD, BAD, NONE, HOSTILE], ids=["good", "bad", "none", "odd"])
def test_the_frame_is_never_wider_than_the_terminal(status: TenantStatus) -> None:
    for width in range(60, 201):
        line = frame_line(status, width)
        assert cell_len(line.plain) <= width
        assert "\x1b" not in line.plain


@pytest.mark.parametrize(
    "width",
    [80, 100, 120, 160, 200],
)
def test_the_frame_tells_good_from_bad_without_colour(width: int) -> None:
    good, bad = frame_line(GOOD, width).plain, frame_line(BAD, width).plain
    assert good.count("●") == 2
    assert "●" not in bad
    assert "○ not connected" in bad
    assert "▲" in bad
    assert "half-open" in bad


@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_frame_keeps_every_part_at_every_width(width: int) -> None:
    line = frame_line(GOOD, width).plain
    for part in ("acme-prod", "Support", "37/50", "82/100", "breaker"):
        assert part in line


def test_the_wider_the_frame_the_more_it_says() -> None:
    lengths = [len(frame_line(GOOD, width).plain) for width in range(60, 201)]
    assert lengths == sorted(lengths)
    assert "webhooks" in frame_line(GOOD, 120).plain
    assert "connected" in frame_line(GOOD, 120).plain


@pytest.mark.parametrize("connection", list(ConnectionState)[1:])
def test_the_frame_says_how_the_connection_stands(connection: ConnectionState) -> None:
    status = TenantStatus(tenant="acme", connection=connection)
    assert str(connection) in frame_line(status, 120).plain


def test_without_a_tenant_the_frame_says_which_key_helps() -> None:
    assert frame_line(NONE, 80).plain.strip().endswith("no tenant open: press 1")
    assert frame_line(NONE, 80, "ctrl+t").plain.strip().endswith("no tenant open: press ctrl+t")
    assert frame_line(NONE, 80, "").plain.strip().endswith("no tenant open")


@pytest.mark.parametrize("status", [GOOD, BAD, NONE], ids=["good", "bad", "none"])
@pytest.mark.parametrize("width", [80, 120, 200])
def test_the_frame_says_that_nothing_can_be_changed(status: TenantStatus, width: int) -> None:
    assert "read-only" not in frame_line(status, width).plain
    line = frame_line(replace(status, is_read_only=True), width).plain
    assert " read-only" in line
    assert cell_len(line) <= width


def test_the_bar_of_places_knows_other_keys() -> None:
    keys = {place.id: "" for place in PLACES} | {"browse": "b"}
    line = places_line("tenants", 80, keys).plain
    assert line.split() == ["Tenants", "b", "Browse", "Webhook", "Callbacks", "Health", "Audit"]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_bar_of_places_names_all_with_their_keys(width: int) -> None:
    for place in PLACES:
        line = places_line(place.id, width)
        assert cell_len(line.plain) <= width
        assert all(f"{each.key} {each.title}" in line.plain for each in PLACES)


def test_remote_text_is_plain_and_bounded() -> None:
    assert plain("[red]\x1b[0m").plain == r"[red]\x1b[0m"
    assert plain("x" * 500).plain == "x" * 200 + "…"
    assert error_sentence("What.", "") == "What."
    assert "What to do." in error_sentence("What.", "What to do.")


# Callbacks

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def attempt(number: int, status: int | None, *, error: str | None = None) -> Attempt:
    return Attempt(number, NOW, 12.0, status, None, error, (), b"[red]no\x1b[0m", "00")


def delivery(status: DeliveryStatus, *attempts: Attempt) -> str:
    return delivery_text(Delivery(status, attempts, 30.0, "op_1")).plain


def test_a_delivery_begins_with_its_mark() -> None:
    assert delivery(DeliveryStatus.DELIVERED, attempt(1, 204)).startswith("✓ Delivered")
    rejected = delivery(DeliveryStatus.REJECTED, attempt(1, 401, error="401: no."))
    assert rejected.splitlines() == ["✗ 401: no.", r"  answer  [red]no\x1b[0m"]
    assert delivery(DeliveryStatus.CANCELLED).startswith("✗ Cancelled")


def test_every_attempt_has_a_line_when_there_are_several() -> None:
    text = delivery(
        DeliveryStatus.EXHAUSTED, attempt(1, None, error="Refused."), attempt(2, 503, error="503.")
    )
    assert text.splitlines()[1:3] == ["  1     12 ms  Refused.", "  2     12 ms  503"]


@pytest.mark.parametrize(
    ("verdict", "cell"),
    [
        (Verdict(SignatureVerdict.VALID, Freshness.FRESH, Replay.NEW), "✓ verified"),
        (Verdict(SignatureVerdict.VALID, Freshness.STALE), "! stale"),
        (Verdict(SignatureVerdict.VALID, Freshness.FUTURE), "! future"),
        (Verdict(SignatureVerdict.VALID, Freshness.FRESH, Replay.SEEN), "! replay"),
        (Verdict(SignatureVerdict.INVALID, Freshness.FRESH), "✗ invalid"),
        (Verdict(SignatureVerdict.MISSING, Freshness.MISSING), "✗ missing"),
        (Verdict(SignatureVerdict.MALFORMED, Freshness.FRESH), "✗ malformed"),
    ],
)
def test_a_verdict_is_a_mark_and_a_word(verdict: Verdict, cell: str) -> None:
    assert verdict_cell(verdict)[0] == cell


@pytest.mark.parametrize(
    ("signature", "freshness", "replay"), list(product(SignatureVerdict, Freshness, Replay))
)
def test_every_verdict_has_a_mark_and_words(
    signature: SignatureVerdict, freshness: Freshness, replay: Replay
) -> None:
    verdict = Verdict(signature, freshness, replay)
    cell, colour = verdict_cell(verdict)
    marks = {"good": "✓", "warn": "!", "bad": "✗"}
    assert cell.split()[0] == marks[colour]
    assert (cell.startswith("✓")) is verdict.accepted
    assert len(cell.split()) == 2
    assert len(cell) <= 12  # the width of its column


def received(body: bytes, **changes: object) -> Received:
    values: dict[str, object] = {
        "number": 7,
        "at": NOW,
        "method": "POST",
        "path": "/callback",
        "headers": (("x-cognigy-signature", "sha256=\x1b00"),),
        "other_headers": (),
        "body": body,
        "body_sha256": "00",
        "verdict": Verdict(SignatureVerdict.INVALID, Freshness.FRESH, hints=("Look [here].",)),
        "event": TriggerEvent.ON_MESSAGE,
        "skill_id": None,
        "status": 401,
    }
    return Received(**{**values, **changes})  # type: ignore[arg-type]


def test_a_row_of_the_receiver() -> None:
    cells = [cell[0][0] for cell in received_row(received(b"{}")).cells]
    assert cells[0] == "7"
    assert cells[2:] == ["✗ invalid", "ON_MESSAGE", "2 B"]
    assert received_row(received(b"", event=None)).cells[3][0][0] == "–"


def test_the_detail_of_what_arrived_says_why_and_shows_everything_harmlessly() -> None:
    lines = received_detail(received(b'{"a":\n "[red]\x1b[2J"}')).plain.splitlines()
    assert lines == [
        "the signature does not match this body and secret",
        "Look [here].",
        "signature invalid · time fresh · replay unchecked · answered 401",
        r"x-cognigy-signature: sha256=\x1b00",
        "",
        '{"a":',
        r' "[red]\x1b[2J"}',
    ]


# The preflight


def step(name: StepName, outcome: Outcome, hint: str = "") -> Step:
    return Step(name, outcome, f"found [{name}]", hint, 12.0)


def test_steps_that_have_not_run_take_one_line() -> None:
    text = steps_text({}, {}, Content("")).plain
    assert text.startswith("F5 checks")
    assert "\n" not in text


def test_steps_are_waiting_or_under_way_with_their_time() -> None:
    running = {StepName.LIMIT: 90.0, StepName.ENGINE: 1400.0}
    assert steps_text({}, running, Content("")).plain.splitlines() == [
        "◌ limit    under way",
        "○ skill",
        "◌ engine   under way  1.4 s",
        "○ endpoint",
    ]


def test_ended_steps_stand_in_their_order_with_mark_time_and_hint() -> None:
    ended = {
        StepName.ENDPOINT: step(StepName.ENDPOINT, Outcome.FAIL, "Do this."),
        StepName.LIMIT: step(StepName.LIMIT, Outcome.OK),
        StepName.ENGINE: step(StepName.ENGINE, Outcome.WARN),
        StepName.SKILL: step(StepName.SKILL, Outcome.SKIPPED),
    }
    lines = steps_text(ended, {}, Content("✗ no")).plain.splitlines()
    assert lines == [
        "✓ limit    found [limit]  12 ms",
        "– skill    found [skill]  12 ms",
        "! engine   found [engine]  12 ms",
        "✗ endpoint found [endpoint]  12 ms",
        "           Do this.",
        "✗ no",
    ]


def test_long_lines_of_help_are_broken_within_their_column() -> None:
    section = Section("Title", "", (Row("x", "one two three four five", "because of it all"),))
    assert help_text([section], 34).plain.splitlines() == [
        "Title",
        "x               one two three four",
        "                five",
        "                not now: because",
        "                of it all",
    ]
