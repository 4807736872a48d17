"""The clocks, the requests that are left, and the proxy: judged without a network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cognitui.cognigy.limiter import SlidingWindowLimiter
from cognitui.cognigy.origin import Origin
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.counts import Heard, judge_clock, judge_rate
from cognitui.tenants.doctor.proxy import proxy_variable
from tests.support.servers import serving

from .support import examined, tenant

NOON = datetime(2026, 5, 17, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def heard(date: str, took_s: float = 0.0) -> Heard:
    return Heard(date, NOON, NOON + took_s * SECOND)


@pytest.mark.parametrize(
    ("date", "took_s", "outcome", "words"),
    [
        ("Sun, 17 May 2026 12:00:00 GMT", 0.0, Outcome.OK, "less than 2 s apart"),
        ("Sun, 17 May 2026 12:00:10 GMT", 20.0, Outcome.OK, "less than 2 s apart"),
        ("Sun, 17 May 2026 12:00:20 GMT", 0.0, Outcome.OK, "20 s apart"),
        ("Sun, 17 May 2026 12:00:45 GMT", 0.0, Outcome.WARN, "46 s behind"),
        ("Sun, 17 May 2026 11:59:15 GMT", 0.0, Outcome.WARN, "44 s ahead of"),
        ("Sun, 17 May 2026 12:10:00 GMT", 0.0, Outcome.FAIL, "10 min 0 s behind"),
        ("Sun, 17 May 2026 11:50:00 GMT", 0.0, Outcome.FAIL, "10 min 0 s ahead of"),
        ("Sun, 17 May 2026 14:00:00 +0200", 0.0, Outcome.OK, "apart"),
        ("Sat, 17 May 2025 12:00:00 GMT", 0.0, Outcome.FAIL, "8,760 h 0 min ahead of"),
        ("", 0.0, Outcome.SKIPPED, "does not tell"),
        ("yesterday", 0.0, Outcome.SKIPPED, "does not tell"),
        ("Sun, 17 May 99999 12:00:00 GMT", 0.0, Outcome.SKIPPED, "does not tell"),
    ],
)
def test_clocks(date: str, took_s: float, outcome: Outcome, words: str) -> None:
    line = judge_clock(heard(date, took_s))
    assert line.outcome is outcome
    assert words in line.summary
    assert bool(line.hint) is (outcome in (Outcome.WARN, Outcome.FAIL))


@pytest.mark.parametrize(
    ("headers", "outcome", "words"),
    [
        ({"x-ratelimit-remaining": "87", "x-ratelimit-limit": "100"}, Outcome.OK, "87 of 100"),
        ({"ratelimit-remaining": "87"}, Outcome.OK, "87 requests left"),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-limit": "100"}, Outcome.WARN, "3 of 100"),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-limit": "4"}, Outcome.OK, "3 of 4"),
        ({"x-ratelimit-remaining": "-1"}, Outcome.OK, "100 of 100 requests left"),
        ({"x-ratelimit-remaining": "9" * 40}, Outcome.OK, "as counted here"),
        ({"x-ratelimit-remaining": "\u0663"}, Outcome.OK, "as counted here"),
        ({}, Outcome.OK, "as counted here"),
    ],
    ids=["both", "left", "low", "few", "negative", "huge", "arabic", "none"],
)
def test_requests_left(headers: dict[str, str], outcome: Outcome, words: str) -> None:
    line = judge_rate(headers, SlidingWindowLimiter(100))
    assert line.outcome is outcome
    assert words in line.summary


async def test_a_minute_that_is_used_up_here_already() -> None:
    limiter = SlidingWindowLimiter(100)
    limiter.close_for(40.0)
    async with serving(tenant()) as server:
        report = await examined(f"{server.origin}/api/v1", limiter=limiter)
    assert report.cause.value == "requests used up"
    assert not any("authorization" in request.headers for request in server.requests)


@pytest.mark.parametrize(
    ("url", "environ", "variable"),
    [
        ("https://acme.cognigy.ai", {}, ""),
        ("https://acme.cognigy.ai", {"HTTPS_PROXY": "p"}, "HTTPS_PROXY"),
        ("https://acme.cognigy.ai", {"HTTP_PROXY": "p"}, ""),
        ("https://acme.cognigy.ai", {"all_proxy": "p", "NO_PROXY": "b.example"}, "all_proxy"),
        ("https://acme.cognigy.ai", {"HTTPS_PROXY": "p", "NO_PROXY": "*"}, ""),
        ("https://acme.cognigy.ai", {"HTTPS_PROXY": "p", "NO_PROXY": "b, .cognigy.ai:443"}, ""),
        ("https://acme.cognigy.ai", {"HTTPS_PROXY": "p", "no_proxy": "cognigy.ai"}, ""),
        ("https://acme.cognigy.ai", {"HTTPS_PROXY": "p", "NO_PROXY": "gy.ai"}, "HTTPS_PROXY"),
        ("http://127.0.0.1:8000", {"HTTP_PROXY": "p"}, ""),
    ],
)
def test_proxies(url: str, environ: dict[str, str], variable: str) -> None:
    assert proxy_variable(Origin.of(url), environ) == variable
