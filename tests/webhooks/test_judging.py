"""What the answer to a signed ping means."""

from __future__ import annotations

import pytest

from cognitui.network.exchange import Reply
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.judging import judge, judge_ping

V = EndpointVerdict


def answered(status: int, *allow: str, location: str = "", **headers: str) -> Reply:
    kept = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply("POST", status, frozenset(allow), location, kept)


@pytest.mark.parametrize(
    ("status", "verdict", "outcome"),
    [
        (200, V.ACCEPTING, Outcome.OK),
        (202, V.ACCEPTING, Outcome.OK),
        (204, V.ACCEPTING, Outcome.OK),
        (301, V.REDIRECTS, Outcome.FAIL),
        (308, V.REDIRECTS, Outcome.FAIL),
        (400, V.PRESENT, Outcome.WARN),
        (401, V.PRESENT, Outcome.FAIL),
        (403, V.PRESENT, Outcome.FAIL),
        (404, V.MISSING, Outcome.FAIL),
        (405, V.MISSING, Outcome.FAIL),
        (409, V.PRESENT, Outcome.WARN),
        (410, V.GONE, Outcome.FAIL),
        (415, V.PRESENT, Outcome.WARN),
        (422, V.PRESENT, Outcome.WARN),
        (429, V.PRESENT, Outcome.WARN),
        (500, V.SERVER_ERROR, Outcome.FAIL),
        (501, V.SERVER_ERROR, Outcome.FAIL),
        (503, V.SERVER_ERROR, Outcome.FAIL),
    ],
)
def test_statuses(status: int, verdict: EndpointVerdict, outcome: Outcome) -> None:
    found = judge_ping(answered(status))
    assert (found.verdict, found.outcome) == (verdict, outcome)
    assert f"(POST {status})" in found.summary
    assert bool(found.hint) == (verdict is not V.ACCEPTING)


def test_a_route_that_names_post_and_yet_answers_405_is_there() -> None:
    assert judge_ping(answered(405, "POST")).verdict is V.PRESENT
    assert judge_ping(answered(405, "GET")).verdict is V.MISSING


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_signature_is_said(status: int) -> None:
    found = judge_ping(answered(status))
    assert found.summary == f"it answers, but refuses our signature (POST {status})"
    assert found.cause is Cause.SIGNATURE
    assert "cognitui callback explain" in found.hint


@pytest.mark.parametrize(
    ("after", "told"), [("120", "in 120 s"), ("Sat, 28 Nov 2026", "after Sat, 28 Nov 2026")]
)
def test_when_to_try_again_is_said(after: str, told: str) -> None:
    assert told in judge_ping(answered(429, retry_after=after)).hint
    assert told in judge_ping(answered(503, retry_after=after)).hint
    options = Reply("OPTIONS", 503, frozenset(), "")
    head = Reply("HEAD", 503, frozenset(), "", {"retry-after": after})
    assert told in judge(options, head).hint


def test_where_a_redirect_leads_is_said() -> None:
    found = judge_ping(answered(307, location="https://b.example/"))
    assert found.summary == "it redirects to https://b.example/ (POST 307)"
