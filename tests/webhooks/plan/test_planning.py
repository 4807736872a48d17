"""What has to be done, in which order, and what is in the way."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.cognigy.credentials import fingerprint
from cognitui.webhooks.plan.described import SecretSource
from cognitui.webhooks.plan.matching import Bound, match
from cognitui.webhooks.plan.planning import Judged, deletions, in_order, judge, over_limit
from cognitui.webhooks.plan.steps import KnownSecret, PlanStep, SecretNote, StepKind

from .support import bound, registered

SECRET = SecretStr("a signing secret that is long enough")
OTHER = "sha256:00000000"


def judged(
    wanted: Bound,
    *webhooks: Any,
    secret: SecretStr | None = None,
    known: KnownSecret | None = None,
    sets_secrets: bool = False,
) -> Judged:
    return judge(
        match([wanted], webhooks, is_home=True),
        {"one": secret},
        {"wh_1": known} if known else {},
        sets_secrets=sets_secrets,
    )


@pytest.mark.parametrize(
    ("changes", "wire"),
    [
        ({"timeout_ms": 500}, {"delivery": {"timeout": 500}}),
        ({"retry_count": 0}, {"delivery": {"retries": 0}}),
        ({"enabled": False}, {"enabled": False}),
        (
            {"webhook_id": "wh_1", "endpoint_url": "https://new.example/"},
            {"url": "https://new.example/"},
        ),
        ({"webhook_id": "wh_1", "skill_id": "skill_2"}, {"skillId": "skill_2"}),
        (
            {"templates": {"ON_MESSAGE": {"a": 1}}},
            {"triggers": [{"event": "ON_MESSAGE", "payload_template": {"a": 1}}]},
        ),
        (
            {"templates": {"ON_FALLBACK": None}},
            {"triggers": [{"event": "ON_FALLBACK", "payload_template": None}]},
        ),
    ],
)
def test_only_what_differs_is_sent(changes: dict[str, Any], wire: dict[str, Any]) -> None:
    (step,) = judged(bound(**changes), registered()).updates
    assert step.change().to_wire() == wire


def test_events_that_this_program_does_not_know_go_when_the_file_does_not_want_them() -> None:
    (step,) = judged(bound(webhook_id="wh_1"), registered("wh_1", "ON_MESSAGE", "ON_NEW")).updates
    assert [each.field for each in step.changes] == ["ON_NEW"]
    assert [each["event"] for each in step.change().to_wire()["triggers"]] == ["ON_MESSAGE"]


def test_the_order_of_triggers_is_no_difference() -> None:
    templates = {"ON_FALLBACK": None, "ON_MESSAGE": None}
    done = judged(bound(templates=templates), registered("wh_1", "ON_MESSAGE", "ON_FALLBACK"))
    assert (done.updates, done.unchanged) == ([], [("one", "wh_1")])


@pytest.mark.parametrize(
    ("known", "sets_secrets", "before"),
    [
        (KnownSecret(fingerprint(SECRET), is_certain=True), False, None),
        (KnownSecret(fingerprint(SECRET), is_certain=False), False, "(nobody here knows)"),
        (KnownSecret(OTHER, is_certain=True), False, OTHER),
        (KnownSecret(OTHER, is_certain=False), False, "(nobody here knows)"),
        (None, False, None),
        (None, True, "(nobody here knows)"),
    ],
)
def test_secrets(known: KnownSecret | None, sets_secrets: bool, before: str | None) -> None:
    done = judged(bound(), registered(), secret=SECRET, known=known, sets_secrets=sets_secrets)
    if before is None:
        assert done.updates == []
        assert done.notes == ([] if known else [("one", SecretNote.NOT_COMPARED)])
        return
    (step,) = done.updates
    (change,) = step.changes
    assert (change.field, change.before, change.after) == (
        "secret", (before,), (fingerprint(SECRET),),
    )  # fmt: skip
    assert step.change().secret_key == SECRET
    assert SECRET.get_secret_value() not in repr(step)


def test_a_secret_that_is_not_there_stays() -> None:
    done = judged(bound(), registered(), known=KnownSecret(OTHER, is_certain=True))
    assert (done.updates, done.notes) == ([], [("one", SecretNote.NOT_GIVEN)])


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "needs a secret"),
        (SecretSource(env="ONE_SECRET"), "ONE_SECRET is not set"),
        (SecretSource(file="one.secret"), "one.secret is not there"),
        (SecretSource(file="one.secret", generate=True), ""),
    ],
)
def test_a_new_webhook_needs_a_secret(source: SecretSource | None, words: str) -> None:
    done = judged(bound(secret=source))
    assert [words in problem.sentence for problem in done.problems] == ([True] if words else [])


def test_templates_are_looked_at_where_they_change() -> None:
    template = {"a": "{{mesage.text}}"}
    strange = bound(templates={"ON_MESSAGE": template})
    (problem,) = judged(strange, registered()).problems
    assert "{{message.text}}" in problem.hint
    held = registered(triggers=[{"event": "ON_MESSAGE", "payload_template": template}])
    assert judged(strange, held).problems == []


def test_pruning_spares_what_no_file_can_name() -> None:
    strange = registered("wh_2", retries=9, delivery={"timeout": 1, "retries": 9})
    steps, left = deletions([registered("wh_1"), strange], prune=True)
    assert ([step.name for step in steps], left) == (["wh_1"], [strange])
    assert deletions([registered("wh_1")], prune=False)[0] == []


def steps_of(kind: StepKind, count: int) -> list[PlanStep]:
    return [PlanStep(kind, f"{kind}{number}") for number in range(count)]


@given(
    used=st.integers(0, 60), room=st.integers(-10, 50), creates=st.integers(0, 20),
    deletes=st.integers(0, 20), updates=st.integers(0, 3),
)  # fmt: skip
def test_there_is_room_for_each_and_nothing_goes_before_it_must(
    used: int, room: int, creates: int, deletes: int, updates: int
) -> None:
    limit = used + room
    made = steps_of(StepKind.CREATE, creates)
    gone = steps_of(StepKind.DELETE, deletes)
    changed = steps_of(StepKind.UPDATE, updates)
    order = in_order(changed, made, gone, room)
    assert sorted(step.name for step in order) == sorted(
        step.name for step in [*made, *gone, *changed]
    )
    if over_limit(used, limit, creates, deletes, 0):
        return
    held = used
    for number, step in enumerate(order):
        if step.kind is StepKind.CREATE:
            assert held < limit
            held += 1
        elif step.kind is StepKind.DELETE:
            rest = [later.kind for later in order[number:]]
            assert held >= limit or StepKind.CREATE not in rest
            held -= 1


@pytest.mark.parametrize(
    ("numbers", "words"),
    [((49, 50, 1, 0, 3), ""), ((50, 50, 1, 0, 3), "--prune"), ((50, 50, 1, 1, 0), ""),
     ((50, 50, 2, 1, 0), "no longer needed"), ((55, 50, 0, 1, 0), "")],
)  # fmt: skip
def test_the_limit(numbers: tuple[int, int, int, int, int], words: str) -> None:
    problems = over_limit(*numbers)
    assert [words in each.hint for each in problems] == ([True] if words else [])
