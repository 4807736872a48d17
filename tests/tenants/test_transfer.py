from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cognitui.tenants.errors import ProfilesBroken
from cognitui.tenants.profiles import Colour, Profile
from cognitui.tenants.transfer import Arrival, exported, incoming

URL = "https://acme.cognigy.ai/api/v1"
FILE = Path("tenants.json")
ACME = Profile(
    name="acme",
    base_url=URL,
    bot_id="bot_1",
    monitor_url="https://monitor.example/sync",
    colour=Colour.RED,
    is_production=True,
    key_fingerprint="sha256:0123abcd",
    last_used=datetime(2026, 1, 31, tzinfo=UTC),
)


def here(**changes: Any) -> dict[str, Profile]:
    return {"acme": ACME.model_copy(update=changes)}


def only(content: bytes, known: dict[str, Profile], *with_keys: str) -> Any:
    (one,) = incoming(FILE, content, known, with_keys)
    return one


def test_what_belongs_to_this_machine_does_not_go() -> None:
    content, left_out = exported([ACME])
    body = json.loads(content)["profiles"]["acme"]
    assert body == {
        "base_url": URL, "webhook_limit": 50, "requests_per_minute": 100, "bot_id": "bot_1",
        "monitor_url": "https://monitor.example/sync", "colour": "red", "is_production": True,
    }  # fmt: skip
    assert left_out == []


@pytest.mark.parametrize("end", ["?token=t0ken", "#t0ken", "?t0ken"])
def test_a_url_that_may_hold_a_token_does_not_go(end: str) -> None:
    monitored = ACME.model_copy(update={"monitor_url": f"https://monitor.example/sync{end}"})
    content, left_out = exported([monitored])
    assert left_out == ["acme"]
    assert b"t0ken" not in content
    assert b"monitor" not in content


def test_it_comes_back_as_it_went() -> None:
    one = only(exported([ACME])[0], {})
    assert one.arrival is Arrival.NEW
    assert one.profile == ACME.model_copy(update={"key_fingerprint": None, "last_used": None})


def test_what_is_the_same_is_told_to_be_and_keeps_its_own() -> None:
    one = only(exported([ACME])[0], here(), "acme")
    assert (one.arrival, one.differences, one.profile) == (Arrival.SAME, (), ACME)


def test_each_difference_is_told() -> None:
    known = here(colour=Colour.NONE, bot_id=None, is_production=False)
    one = only(exported([ACME])[0], known, "acme")
    assert one.arrival is Arrival.CHANGED
    assert [tuple(difference) for difference in one.differences] == [
        ("bot_id", None, "bot_1"), ("colour", "none", "red"), ("is_production", False, True),
    ]  # fmt: skip
    assert one.profile == ACME


@pytest.mark.parametrize(
    ("url", "arrival"),
    [
        ("https://evil.example/api/v1", Arrival.REFUSED),
        ("https://acme.cognigy.ai:8443/api/v1", Arrival.REFUSED),
        ("https://acme.cognigy.ai.evil.example/api/v1", Arrival.REFUSED),
        ("https://acme.cognigy.ai/api/v2", Arrival.CHANGED),
        ("https://ACME.cognigy.ai/api/v1", Arrival.CHANGED),
    ],
)
def test_a_key_that_is_here_is_never_led_elsewhere(url: str, arrival: Arrival) -> None:
    content, _ = exported([ACME.model_copy(update={"base_url": url})])
    one = only(content, here(), "acme")
    assert one.arrival is arrival
    assert bool(one.reason) is (arrival is Arrival.REFUSED)
    assert only(content, here()).arrival is Arrival.CHANGED  # without a key nothing can be led


def test_a_key_without_a_profile_is_not_given_one() -> None:
    one = only(exported([ACME])[0], {}, "acme")
    assert one.arrival is Arrival.REFUSED
    assert one.reason


def test_a_file_that_is_broken_says_where() -> None:
    with pytest.raises(ProfilesBroken, match=r"tenants\.json, line 1"):
        incoming(FILE, b"{", {}, ())
    with pytest.raises(ProfilesBroken, match="Did you mean 'red'"):
        incoming(FILE, exported([ACME])[0].replace(b'"red"', b'"rad"'), {}, ())


def test_a_file_from_somebody_takes_no_production_mark_away() -> None:
    content, _ = exported([ACME.model_copy(update={"is_production": False})])
    one = only(content, here())
    assert one.arrival is Arrival.SAME
    assert one.profile.is_production
    assert not only(content, here(is_production=False)).profile.is_production
