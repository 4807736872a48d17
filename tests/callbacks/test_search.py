from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.received import Received
from cognitui.callbacks.search import Order, in_order, out_of_order, search
from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict, Verdict
from cognitui.clock import unix_ms
from cognitui.cognigy.models import TriggerEvent

from .support import FakeClock

START = FakeClock().now()


def item(number: int, body: str = "{}", **changes: Any) -> Received:
    values: dict[str, Any] = {
        "number": number,
        "at": START + timedelta(seconds=number),
        "method": "POST",
        "path": "/callback",
        "headers": (("x-cognigy-signature", "sha256=AB"),),
        "other_headers": (),
        "body": body.encode(),
        "body_sha256": "00",
        "verdict": Verdict(SignatureVerdict.VALID, Freshness.FRESH, Replay.NEW),
        "event": TriggerEvent.ON_MESSAGE,
        "skill_id": None,
        "status": 200,
    }
    return Received(**{**values, **changes})


ITEMS = [
    item(1, '{"text":"Grüße"}', delivery_id="msg_one"),
    item(
        2,
        '{"text":"Order 17"}',
        verdict=Verdict(SignatureVerdict.INVALID, Freshness.FRESH),
        status=401,
        event=TriggerEvent.ON_FALLBACK,
    ),
    item(
        3,
        '{"text":"order 18"}',
        verdict=Verdict(SignatureVerdict.VALID, Freshness.STALE),
        status=401,
    ),
    item(4, "\xff", path="/other/hook", status=503, event=None, delivery_id="msg_four"),
]


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [1, 2, 3, 4]),
        ("   ", [1, 2, 3, 4]),
        ("id:msg_one", [1]),
        ("id:#3", [3]),
        ("event:on_message", [1, 3]),
        ("event:FALLBACK", [2]),
        ("verdict:invalid", [2]),
        ("verdict:valid", [1, 3, 4]),
        ("verdict:accepted", [1, 4]),
        ("verdict:refused", [2, 3]),
        ("verdict:stale", [3]),
        ('verdict:"too old"', [3]),
        ("path:other", [4]),
        ("status:401", [2, 3]),
        ("status:4", [2, 3]),
        ("status:4xx", [2, 3]),
        ("status:x", []),
        ("header:sha256=ab", [1, 2, 3, 4]),
        ("body:order", [2, 3]),
        ("grüsse", [1]),
        ("GRÜ", [1]),
        ("order", [2, 3]),
        ('"order 18"', [3]),
        ("-order", [1, 4]),
        ("order -verdict:stale", [2]),
        ("msg_ -path:other", [1]),
        ("hook", [4]),
        ("nosuch:order", []),
        ("verdict:", [1, 2, 3, 4]),
        ('"order', [2, 3]),
        ("-", [1, 2, 3, 4]),
    ],
)
def test_a_query_finds(query: str, numbers: list[int]) -> None:
    assert [each.number for each in search(ITEMS, query)] == numbers


@given(st.text(max_size=60))
def test_any_text_is_a_query(query: str) -> None:
    assert set(search(ITEMS, query)) <= set(ITEMS)


def test_a_thousand_are_searched_in_no_time() -> None:
    body = json.dumps({"text": "x" * 1000})
    many = [item(number, body) for number in range(1000)]
    for query in ("verdict:invalid event:ON_MESSAGE needle", "needle", "body:needle"):
        started = time.perf_counter()
        assert search(many, query) == ()
        assert time.perf_counter() - started < 0.1


def test_by_arrival_and_by_sending() -> None:
    at = unix_ms(START)
    items = [
        item(1, sent_at_ms=at + 100),
        item(2, sent_at_ms=at + 50),
        item(3),  # no time of its own: it stands where it arrived, 3 s after the start
        item(4, sent_at_ms=at + 200),
        item(5, sent_at_ms=at + 150),
        item(6, sent_at_ms=at + 200),
    ]
    mixed = items[::-1]
    assert [each.number for each in in_order(mixed, Order.ARRIVAL)] == [1, 2, 3, 4, 5, 6]
    assert [each.number for each in in_order(mixed, Order.SENT)] == [2, 1, 5, 4, 6, 3]
    assert out_of_order(mixed) == {2, 5}
    assert out_of_order([]) == frozenset()
