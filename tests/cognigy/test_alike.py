"""What thousands of webhooks have alike is kept once, and nothing else is."""

from __future__ import annotations

import gc
import json
from typing import Any

import pytest

from cognitui.cognigy import alike
from cognitui.cognigy.models import RegisteredWebhook

DELIVERY = {"timeout": 2000, "retries": 1}


def webhook(number: int = 1, **fields: Any) -> RegisteredWebhook:
    return RegisteredWebhook.model_validate({"id": f"wh_{number}", **fields})


def test_parts_that_say_the_same_are_one() -> None:
    triggers = [{"event": "ON_MESSAGE"}, {"event": "ON_FALLBACK"}]
    one, other = (
        webhook(n, delivery=DELIVERY, triggers=triggers, auth={"type": "none"}) for n in (1, 2)
    )
    assert one.delivery is other.delivery
    assert one.auth is other.auth
    assert [*map(id, one.triggers)] == [*map(id, other.triggers)]
    assert one.triggers[0] is not one.triggers[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (DELIVERY, {"timeout": 2000, "retries": 2}),
        ({"timeout": 3000}, {"timeout": 3000, "retries": 3}),  # the latter is what is not told
        ({**DELIVERY, "jitter": 1}, {**DELIVERY, "jitter": True}),
        ({**DELIVERY, "jitter": 1}, DELIVERY),
    ],
)
def test_parts_that_do_not_are_told_as_they_came(one: Any, other: Any) -> None:
    for given in (one, other, one):
        told = webhook(delivery=given).delivery.model_dump_json(exclude_unset=True)
        assert told == json.dumps(given, separators=(",", ":"))


def test_templates_of_triggers_stay_apart() -> None:
    triggers = [[{"event": "ON_MESSAGE", "payload_template": {"a": a}}] for a in (1, True)]
    first, second = (webhook(triggers=one).triggers[0] for one in triggers)
    assert [first.payload_template, second.payload_template] == [{"a": 1}, {"a": True}]
    assert first is not second


def test_a_secret_is_not_remembered() -> None:
    auth = {"type": "hmac_sha256", "secret": "a secret that a tenant should not tell"}
    one, other = webhook(auth=auth), webhook(auth=auth)
    assert one.auth is not other.auth
    assert one.auth not in alike._first.values()


def test_what_nobody_holds_is_forgotten() -> None:
    before = len(alike._first)
    held = webhook(delivery={"timeout": 987654})
    assert len(alike._first) == before + 1
    del held
    gc.collect()
    assert len(alike._first) <= before
