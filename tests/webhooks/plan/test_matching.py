"""Which webhook of a file is which of the tenant."""

from __future__ import annotations

from typing import Any

import pytest

from cognitui.webhooks.plan.matching import Bound, bind, match, same_json

from .support import bound, described, registered

SKILLS = {"skill_1": "Order status", "skill_2": "Billing", "skill_3": "Same", "skill_4": "Same"}


def pairs(wanted: list[Bound], webhooks: list[Any], *, is_home: bool = True) -> dict[str, str]:
    matching = match(wanted, webhooks, is_home=is_home)
    assert len(matching.matches) == len(wanted)
    found = [each.found for each in matching.matches if each.found]
    assert sorted(w.id for w in [*found, *matching.others]) == sorted(w.id for w in webhooks)
    return {
        each.wanted.described.name: each.found.id if each.found else "" for each in matching.matches
    }


def test_by_skill_and_endpoint() -> None:
    webhooks = [registered("wh_1", url="https://other.example/"), registered("wh_2")]
    assert pairs([bound()], webhooks) == {"one": "wh_2"}
    assert pairs([bound(skill_id="skill_2")], webhooks) == {"one": ""}


def test_two_spellings_of_a_url_are_one() -> None:
    webhook = registered(url="HTTPS://hooks.example.com:443")
    assert pairs([bound(endpoint_url="https://hooks.example.com/")], [webhook]) == {"one": "wh_1"}


def test_the_id_goes_first_at_home_and_means_nothing_elsewhere() -> None:
    webhooks = [registered("wh_1"), registered("wh_2", url="https://other.example/")]
    one = bound(webhook_id="wh_2")
    assert pairs([one], webhooks) == {"one": "wh_2"}
    assert pairs([one], webhooks, is_home=False) == {"one": "wh_1"}


def test_an_id_that_is_gone_is_looked_for_by_what_it_is() -> None:
    assert pairs([bound(webhook_id="wh_9")], [registered("wh_1")]) == {"one": "wh_1"}


def test_what_an_id_claims_is_nobody_elses() -> None:
    wanted = [bound("two", templates={"ON_FALLBACK": None}), bound("one", webhook_id="wh_1")]
    assert pairs(wanted, [registered("wh_1")]) == {"two": "", "one": "wh_1"}


@pytest.mark.parametrize("turned", [False, True])
def test_of_several_the_one_with_the_same_events(turned: bool) -> None:
    webhooks = [registered("wh_1", "ON_MESSAGE"), registered("wh_2", "ON_FALLBACK")]
    wanted = [bound("m"), bound("f", templates={"ON_FALLBACK": None})]
    if turned:
        wanted.reverse()
    assert pairs(wanted, webhooks) == {"m": "wh_1", "f": "wh_2"}


def test_of_equal_events_the_one_that_is_equal_in_the_rest() -> None:
    webhooks = [registered("wh_1", delivery={"timeout": 500, "retries": 3}), registered("wh_2")]
    assert pairs([bound()], webhooks) == {"one": "wh_2"}
    assert pairs([bound(timeout_ms=9000)], webhooks) == {"one": "wh_1"}


def test_one_registered_twice_by_mistake_is_one_too_many() -> None:
    matching = match([bound()], [registered("wh_1"), registered("wh_2")], is_home=True)
    assert [webhook.id for webhook in matching.others] == ["wh_2"]


def test_the_same_twice_in_a_file_is_a_problem() -> None:
    matching = match([bound("a"), bound("b")], [], is_home=True)
    (problem,) = matching.problems
    assert (problem.name, "'a'" in problem.sentence) == ("b", True)


def test_ids_tell_the_same_apart_at_home_only() -> None:
    wanted = [bound("a", webhook_id="wh_1"), bound("b", webhook_id="wh_2")]
    webhooks = [registered("wh_1"), registered("wh_2")]
    assert not match(wanted, webhooks, is_home=True).problems
    assert match(wanted, webhooks, is_home=False).problems


@pytest.mark.parametrize(
    ("fields", "is_home", "skill"),
    [
        ({"skill_id": "skill_1"}, True, "skill_1"),
        ({"skill_id": "", "skill_name": "Billing"}, True, "skill_2"),
        ({"skill_id": "skill_1", "skill_name": "Orders"}, True, "skill_1"),  # renamed since
        ({"skill_id": "skill_1", "skill_name": "Billing"}, False, "skill_2"),  # another's id
        ({"skill_id": "skill_1"}, False, "skill_1"),
        ({"skill_id": "skill_9", "skill_name": "Billing"}, True, "skill_2"),
    ],
)
def test_skills(fields: dict[str, Any], is_home: bool, skill: str) -> None:
    (one,), problems = bind([described(**fields)], SKILLS, is_home=is_home)
    assert (one.skill_id, one.skill_name, problems) == (skill, SKILLS[skill], [])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"skill_id": "", "skill_name": "Biling"}, "Did you mean 'Billing'?"),
        ({"skill_id": "", "skill_name": "Xyz"}, "The bot's skills are Billing, Order status, Same"),
        ({"skill_id": "skill_1", "skill_name": "Biling"}, "Did you mean 'Billing'?"),
        ({"skill_id": "skil_1"}, "Did you mean 'skill_1'?"),
        ({"skill_id": "", "skill_name": "Same"}, "skill_3, skill_4"),
    ],
)
def test_skills_that_are_not_there(fields: dict[str, Any], words: str) -> None:
    bound_ones, (problem,) = bind([described(**fields)], SKILLS, is_home=False)
    assert bound_ones == []
    assert words in f"{problem.sentence} {problem.hint}"


def test_two_skills_at_once_are_a_problem() -> None:
    one = described(skill_id="skill_1", skill_name="Billing")
    bound_ones, (problem,) = bind([one], SKILLS, is_home=True)
    assert bound_ones == []
    assert problem.sentence == (
        "The skill_id skill_1 is that of 'Order status', but the skill_name 'Billing' is that of "
        "skill_2."
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "b": [1.0]}, {"b": [1], "a": 1.0}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {}, False),
        ([1, 2], [2, 1], False),
        (None, {}, False),
        ({"a": "1"}, {"a": 1}, False),
    ],
)
def test_same_json(one: Any, other: Any, same: bool) -> None:
    assert same_json(one, other) is same
    assert same_json(other, one) is same
