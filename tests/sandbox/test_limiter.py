from __future__ import annotations

import random
from typing import TYPE_CHECKING

from cognitui.sandbox.limiter import SlidingWindow

from .support import Api

if TYPE_CHECKING:
    from .conftest import Start


def test_the_hundred_and_first_request_of_a_minute_is_refused(api: Api) -> None:
    statuses = [api.get("/bots").status_code for _ in range(99)]
    assert statuses == [200] * 99
    answer = api.get("/bots")
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "rate_limit_exceeded"
    assert 55 <= int(answer.headers["retry-after"]) <= 60


def test_the_token_exchange_counts_and_is_limited_too(start: Start) -> None:
    api = start(requests_per_minute=2)
    assert [api.exchange().status_code for _ in range(3)] == [200, 200, 429]


def test_each_key_has_a_limit_of_its_own(start: Start) -> None:
    api = start(requests_per_minute=2)
    assert [api.get("/bots").status_code for _ in range(2)] == [200, 429]
    with Api(api.sandbox, api.sandbox.tenant.keys["read-only"]) as other:
        assert other.get("/bots").status_code == 200


def test_waiting_as_long_as_told_is_enough() -> None:
    window = SlidingWindow(3, 60)
    assert [window.take(moment) for moment in (0.0, 0.4, 10.0)] == [None] * 3
    wait = window.take(10.5)
    assert wait == 50
    assert window.take(10.5 + wait) is None
    assert window.take(60.6) is None
    assert window.take(69.9) == 1
    assert window.take(70.9) is None


def test_no_window_ever_holds_more_than_the_limit() -> None:
    source = random.Random(7)
    window = SlidingWindow(20, 60)
    granted: list[float] = []
    moment = 0.0
    for _ in range(4000):
        moment += source.expovariate(1.5)
        if window.take(moment) is None:
            granted.append(moment)
    most = max(sum(1 for other in granted if one <= other < one + 60) for one in granted)
    assert most == 20
