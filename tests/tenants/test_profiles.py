from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from cognitui.tenants.profiles import Colour, Profile, explain_profile_error

GOOD = {"name": "acme-prod", "base_url": "https://acme.cognigy.ai/api/v1"}


def profile(**changes: Any) -> Profile:
    return Profile.model_validate(GOOD | changes)


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        profile(**changes)
    return explain_profile_error(caught.value)


def test_the_defaults_are_the_platforms() -> None:
    made = profile()
    assert (made.webhook_limit, made.requests_per_minute) == (50, 100)
    assert (made.bot_id, made.monitor_url, made.key_fingerprint) == (None, None, None)
    assert made.last_used is None


@pytest.mark.parametrize("name", ["a", "0", "acme-prod", "a.b_c-d", "9" * 40])
def test_names(name: str) -> None:
    assert profile(name=name).name == name


@pytest.mark.parametrize(
    "name", ["A", "-a", ".a", "_a", "a b", "a/b", "a" * 41, "ä", "a\n", "../a", None, 7]
)
def test_names_that_are_none(name: object) -> None:
    found = problems(name=name)
    assert list(found) == ["name"]
    assert found["name"].startswith("A name is 1 to 40")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://acme.cognigy.ai/api/v1/", "https://acme.cognigy.ai/api/v1"),
        ("  https://acme.cognigy.ai  ", "https://acme.cognigy.ai"),
        ("https://acme.cognigy.ai:8443/api/v1//", "https://acme.cognigy.ai:8443/api/v1"),
        ("http://127.0.0.1:9000/api/v1", "http://127.0.0.1:9000/api/v1"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("http://[::1]:9000", "http://[::1]:9000"),
    ],
)
def test_base_urls(given: str, kept: str) -> None:
    assert profile(base_url=given).base_url == kept


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "The base URL is needed"),
        ("acme.cognigy.ai", "scheme must be http or https"),
        ("htps://acme.cognigy.ai", "scheme must be http or https"),
        ("https://", "no host"),
        ("https://user:t0ken@acme.example", "user name"),
        ("https://acme.example?x=1", "query or a fragment"),
        ("https://acme.example?", "query or a fragment"),
        ("https://acme.example#top", "query or a fragment"),
        ("https://acme .example", "spaces or control characters"),
        ("https://acme.example:99999", "cannot be used"),
        ("https://[broken", "cannot be used"),
        ("http://acme.example", "over http the key would travel in clear"),
        ("http://127.0.0.1.evil.example", "over http the key would travel in clear"),
        (None, "The base URL is a text"),
    ],
)
def test_base_urls_that_are_none(url: object, words: str) -> None:
    found = problems(base_url=url)
    assert list(found) == ["base_url"]
    assert words in found["base_url"]
    assert found["base_url"].endswith(".")
    assert "t0ken" not in found["base_url"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("webhook_limit", 0),
        ("webhook_limit", "many"),
        ("webhook_limit", 10_001),
        ("requests_per_minute", 0),
        ("requests_per_minute", 1.5),
        ("bot_id", ""),
        ("bot_id", "a b"),
        ("bot_id", "a/b"),
        ("bot_id", "b" * 201),
        ("monitor_url", ""),
        ("monitor_url", "ftp://monitor.example"),
        ("monitor_url", 5),
        ("key_fingerprint", "sha256:XYZ"),
        ("last_used", "yesterday"),
        ("last_used", datetime(2026, 1, 31)),  # noqa: DTZ001
        ("base_ulr", "https://acme.example"),
        ("xyzzy", 1),
    ],
)
def test_every_problem_is_told_in_plain_words(field: str, value: object) -> None:
    found = problems(**{field: value})
    assert list(found) == [field]
    sentence = found[field]
    assert sentence[-1] in ".?"
    assert not [
        word
        for word in ("Input should", "Value error", "pydantic", "pattern", "type=")
        if word in sentence
    ]


def test_a_misspelt_field_is_named_with_the_nearest() -> None:
    assert problems(base_ulr=1)["base_ulr"].endswith("Did you mean 'base_url'?")


def test_what_is_missing_is_said_to_be() -> None:
    with pytest.raises(ValidationError) as caught:
        Profile.model_validate({})
    assert explain_profile_error(caught.value) == {
        "name": "A name is needed, such as acme-prod.",
        "base_url": "The base URL is needed, such as https://acme.cognigy.ai/api/v1.",
    }


def test_the_last_use_is_kept_in_utc() -> None:
    east = datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))
    kept = profile(last_used=east).last_used
    assert kept == east
    assert kept is not None
    assert kept.utcoffset() == timedelta(0)
    assert kept.tzinfo is UTC


def test_a_tenant_may_have_a_colour_and_be_production() -> None:
    made = profile(colour="red", is_production=True)
    assert (made.colour, made.is_production) == (Colour.RED, True)
    assert (profile().colour, profile().is_production) == (Colour.NONE, False)


@pytest.mark.parametrize("given", ["blu", "Blue", "BLUE"])
def test_the_nearest_colour_is_offered(given: str) -> None:
    sentence = problems(colour=given)["colour"]
    assert sentence.startswith("The colour is one of none, red, orange, yellow, ")
    assert sentence.endswith("Did you mean 'blue'?")


@pytest.mark.parametrize("given", ["magnolia", 3, None, ["red"]])
def test_something_else_is_no_colour(given: object) -> None:
    assert problems(colour=given)["colour"].endswith("blue and violet.")


@pytest.mark.parametrize("given", ["yes", "true", 1, 0, None])
def test_whether_it_is_production_is_never_guessed(given: object) -> None:
    assert problems(is_production=given)["is_production"] == (
        "The production mark is true or false."
    )


def test_a_monitor_s_url_is_not_part_of_what_is_printed_of_a_profile() -> None:
    profile = Profile(
        name="a", base_url="https://a.example", monitor_url="https://monitor.example/?token=t0ken"
    )
    assert "t0ken" not in repr(profile)
    assert "t0ken" not in str(profile)
