"""The examination of a tenant as text."""

from __future__ import annotations

import pytest

from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor import Cause, CheckName, Line, Report
from cognitui.tui.doctor_text import checks_text, state_text

OK = Line(CheckName.URL, Outcome.OK, "https://acme.cognigy.ai/api/v1", ms=1.0)
WARN = Line(
    CheckName.URL, Outcome.WARN, "It was read as https://acme.cognigy.ai/api/v1: a query.",
    "Correct it.", cause=Cause.URL, correction="https://acme.cognigy.ai/api/v1",
)  # fmt: skip
API = Line(CheckName.API, Outcome.OK, "the bots API v1", ms=12.0)
HOSTILE = Line(CheckName.API, Outcome.FAIL, "\x1b[2J[bold]gone", "\u202eevil", cause=Cause.PROXY)


def test_what_stands_above_the_checks() -> None:
    running = state_text(Report([OK]), CheckName.PROXY, can_use=True)
    assert running.plain == "◌ proxy …  1 of 12"
    ended = state_text(Report([WARN, API]), None, can_use=True)
    assert ended.plain.splitlines() == [
        "! wrong base URL: It was read as https://acme.cognigy.ai/api/v1: a query.",
        "Correct it.",
        "u  takes over the base URL https://acme.cognigy.ai/api/v1",
    ]
    assert "u  " not in state_text(Report([WARN]), None, can_use=True).plain  # nobody answers there


def test_words_of_strangers_are_harmless() -> None:
    for text in (
        state_text(Report([HOSTILE]), None, can_use=True),
        checks_text(Report([HOSTILE]), CheckName.KEY, 80),
    ):
        assert "\x1b" not in text.plain
        assert "\u202e" not in text.plain
        assert "[bold]gone" in text.plain


@pytest.mark.parametrize("width", [30, 54, 70, 104])
def test_no_line_is_wider_than_there_is_room(width: int) -> None:
    words = "one word after the other " * 6
    lines = [
        Line(name, Outcome.WARN, words, words, ms=12345.0, cause=Cause.CLOCK) for name in CheckName
    ]
    text = checks_text(Report(lines), CheckName.URL, width)
    assert max(map(len, text.plain.splitlines())) <= max(width, 17 + 20 + 9)
