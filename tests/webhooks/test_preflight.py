"""What is found out before a webhook is registered."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.cognigy.models import BotStatus
from cognitui.network.outcome import Outcome
from cognitui.webhooks.preflight import (
    Preflight,
    Question,
    Step,
    StepName,
    judge_engine,
    outdated,
)
from cognitui.webhooks.words import MARKS, duration, step_line
from tests.support.servers import HANG, reply, serving, tenant
from tests.support.tenants import asked

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect, Start

OK, WARN, FAIL, SKIPPED = Outcome.OK, Outcome.WARN, Outcome.FAIL, Outcome.SKIPPED


def question_for(sandbox: Sandbox) -> Question:
    info = sandbox.info
    return Question(info.bot_id, info.skill_id, info.webhook_url, ["ON_MESSAGE"])


async def steps_of(preflight: Preflight) -> dict[StepName, Step]:
    return {step.name: step async for step in preflight.steps()}


async def test_all_is_well(sandbox: Sandbox, client: CognigyClient) -> None:
    preflight = Preflight(client, question_for(sandbox))
    steps = await steps_of(preflight)
    assert {name: step.outcome for name, step in steps.items()} == dict.fromkeys(StepName, OK)
    assert steps[StepName.LIMIT].summary == "37/50 webhooks"
    assert steps[StepName.SKILL].summary == "Order status exists"
    assert steps[StepName.ENGINE].summary.endswith("runs these triggers")
    assert steps[StepName.ENDPOINT].summary == "present: it takes POST (OPTIONS 204)"
    assert not any(step.hint for step in steps.values())
    # The limit counts all four pages; the first alone would always say that there is room.
    assert asked(sandbox, "GET", "/webhooks") == 4
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert preflight.known_ids == frozenset(webhook.id for webhook in held)


async def test_the_bot_is_full(start: Start, connect: Connect) -> None:
    sandbox = start(webhooks=50)
    steps = await steps_of(Preflight(connect(sandbox), question_for(sandbox)))
    assert steps[StepName.LIMIT].outcome is FAIL
    assert steps[StepName.LIMIT].summary == "50/50: the bot cannot take another webhook"
    assert steps[StepName.LIMIT].hint.startswith("Delete a webhook")


async def test_a_change_needs_no_room(start: Start, connect: Connect) -> None:
    sandbox = start(webhooks=50)
    preflight = Preflight(connect(sandbox), replace(question_for(sandbox), is_new=False))
    assert (await steps_of(preflight))[StepName.LIMIT].outcome is SKIPPED
    assert asked(sandbox, "GET", "/webhooks") == 0
    assert preflight.known_ids is None


async def test_the_profiles_own_limit_counts(sandbox: Sandbox, connect: Connect) -> None:
    client = connect(sandbox)
    client.webhook_limit = 37
    steps = await steps_of(Preflight(client, question_for(sandbox)))
    assert steps[StepName.LIMIT].outcome is FAIL


@pytest.mark.parametrize("skill_id", ["skill_0", "..", "\u200b", "x" * 300])
async def test_a_skill_that_is_not_there(
    skill_id: str, sandbox: Sandbox, client: CognigyClient
) -> None:
    question = replace(question_for(sandbox), skill_id=skill_id)
    steps = await steps_of(Preflight(client, question))
    assert len(steps) == 4
    assert steps[StepName.SKILL].outcome is FAIL
    if skill_id == "skill_0":
        assert steps[StepName.SKILL].summary == "skill_0 is not a skill of bot_12345"
        assert steps[StepName.SKILL].hint.startswith("Choose a skill of this bot")


async def test_an_endpoint_that_is_not_well(sandbox: Sandbox, client: CognigyClient) -> None:
    gone = sandbox.info.webhook_url.replace("/receiver", "/hooks/gone")
    steps = await steps_of(Preflight(client, replace(question_for(sandbox), endpoint_url=gone)))
    assert steps[StepName.ENDPOINT].outcome is FAIL
    assert steps[StepName.ENDPOINT].summary.startswith("gone: ")
    steps = await steps_of(Preflight(client, replace(question_for(sandbox), endpoint_url="x")))
    assert steps[StepName.ENDPOINT].summary.startswith("blocked: The URL cannot be used")


@pytest.mark.parametrize("status", [404, 405, 501])
async def test_a_tenant_that_does_not_tell_how_its_engine_is(
    status: int, sandbox: Sandbox, connect: Connect
) -> None:
    async with serving(tenant(lambda _: reply(status))) as server:
        client = connect(f"{server.origin}/api/v1")
        steps = await steps_of(Preflight(client, question_for(sandbox)))
    assert steps[StepName.ENGINE].outcome is WARN


async def test_a_tenant_that_fails_fails_its_steps_and_no_others(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("403")
    steps = await steps_of(Preflight(client, question_for(sandbox)))
    assert {name: step.outcome for name, step in steps.items()} == {
        StepName.LIMIT: FAIL,
        StepName.SKILL: FAIL,
        StepName.ENGINE: FAIL,
        StepName.ENDPOINT: OK,
    }
    assert "lacks the scope bot:read" in steps[StepName.LIMIT].summary
    assert steps[StepName.LIMIT].hint


async def test_steps_run_side_by_side_and_come_as_they_end(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("slow:path=bots/*/skills/*,seconds=0.3")
    order = [step.name async for step in Preflight(client, question_for(sandbox)).steps()]
    assert order[-1] is StepName.SKILL


async def test_leaving_early_stops_the_steps_under_way(sandbox: Sandbox, connect: Connect) -> None:
    async with serving(tenant(lambda _: HANG)) as server:
        client = connect(f"{server.origin}/api/v1")
        steps = Preflight(client, question_for(sandbox)).steps()
        first = await anext(steps)
        assert first.name is StepName.ENDPOINT
        async with asyncio.timeout(2):
            await steps.aclose()  # type: ignore[attr-defined]
        running = [task for task in asyncio.all_tasks() if "_timed" in repr(task.get_coro())]
        assert running == []


@pytest.mark.parametrize(
    ("body", "events", "outcome", "summary"),
    [
        (
            {"status": "healthy", "engineVersion": "4.2", "triggers": ["ON_MESSAGE"]},
            ["ON_MESSAGE"],
            OK,
            "engine 4.2 runs these triggers",
        ),
        (
            {"status": "healthy", "engineVersion": "4.2", "triggers": ["ON_MESSAGE"]},
            ["ON_MESSAGE", "ON_FALLBACK", "ON_SKILL_END"],
            FAIL,
            "engine 4.2 does not run ON_FALLBACK, ON_SKILL_END",
        ),
        (
            {"status": "healthy"},
            ["ON_MESSAGE"],
            WARN,
            "the engine is healthy, but does not tell which triggers it runs",
        ),
        ({"status": "unhealthy", "engineVersion": "3"}, [], FAIL, "engine 3 is unhealthy"),
        ({}, [], FAIL, "the engine is unknown"),
    ],
)
def test_judge_engine(
    body: dict[str, object], events: list[str], outcome: Outcome, summary: str
) -> None:
    found = judge_engine(BotStatus.model_validate(body), events)
    assert found[:2] == (outcome, summary)
    assert bool(found[2]) == (outcome is FAIL)


@pytest.mark.parametrize(
    ("ms", "text"), [(0, "0 ms"), (8.6, "9 ms"), (999, "999 ms"), (1000, "1.0 s"), (1449, "1.4 s")]
)
def test_durations(ms: float, text: str) -> None:
    assert duration(ms) == text


def test_a_step_as_a_line() -> None:
    well = Step(StepName.LIMIT, OK, "37/50 webhooks", "", 12.3)
    assert step_line(well) == "✓ limit     37/50 webhooks  12 ms"
    ill = Step(StepName.ENDPOINT, FAIL, "gone: away", "Use another.", 1500)
    assert step_line(ill) == "✗ endpoint  gone: away  1.5 s\n    Use another."
    assert set(MARKS) == set(Outcome)


async def test_only_the_steps_that_are_wanted_are_run(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    preflight = Preflight(client, question_for(sandbox))
    names = {step.name async for step in preflight.steps({StepName.SKILL, StepName.ENDPOINT})}
    assert names == {StepName.SKILL, StepName.ENDPOINT}
    assert asked(sandbox, "GET", "/webhooks") + asked(sandbox, "GET", "/status") == 0


async def test_an_engine_that_told_a_moment_ago_is_not_asked_again(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    first = Preflight(client, question_for(sandbox))
    [step] = [step async for step in first.steps({StepName.ENGINE})]
    again = Preflight(client, replace(question_for(sandbox), events=["ON_NONE"]), first.status)
    [step] = [step async for step in again.steps({StepName.ENGINE})]
    assert (step.outcome, "ON_NONE" in step.summary) == (FAIL, True)
    assert asked(sandbox, "GET", "/status") == 1


async def skill_step(client: CognigyClient, question: Question) -> Step:
    [step] = [step async for step in Preflight(client, question).steps({StepName.SKILL})]
    return step


async def test_a_skill_of_another_bot_is_named_with_its_bot(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    elsewhere = next(
        (bot, skill)
        for bot in sandbox.tenant.bots.values()
        for skill in bot.skills.values()
        if bot.id != sandbox.info.bot_id
    )
    question = replace(question_for(sandbox), skill_id=elsewhere[1].id)
    assert "the bot that has it" in (await skill_step(client, question)).hint
    step = await skill_step(client, replace(question, looks_elsewhere=True))
    assert step.outcome is FAIL
    assert step.hint.startswith(f"It is a skill of {elsewhere[0].name}: ")
    nobody = replace(question, skill_id="skill_of_nobody", looks_elsewhere=True)
    assert "the bot that has it" in (await skill_step(client, nobody)).hint
    sandbox.inject("403:path=bots,method=GET")
    step = await skill_step(client, replace(question, looks_elsewhere=True))
    assert "the bot that has it" in step.hint


async def test_few_requests_are_not_spent_on_looking_elsewhere(
    start: Start, connect: Connect
) -> None:
    sandbox = start()
    client = connect(sandbox, requests_per_minute=20)
    question = replace(question_for(sandbox), skill_id="skill_0", looks_elsewhere=True)
    assert "the bot that has it" in (await skill_step(client, question)).hint
    assert asked(sandbox, "GET", "/bots") == 0


@pytest.mark.parametrize(
    ("change", "steps"),
    [
        ({}, set()),
        ({"looks_elsewhere": True, "events": ("ON_MESSAGE",)}, set()),
        ({"skill_id": "s"}, {StepName.SKILL}),
        ({"endpoint_url": "x"}, {StepName.ENDPOINT}),
        ({"events": ["ON_FALLBACK"]}, {StepName.ENGINE}),
        ({"is_new": False}, {StepName.LIMIT}),
        ({"bot_id": "b"}, {StepName.LIMIT, StepName.SKILL, StepName.ENGINE}),
    ],
)
def test_what_a_change_makes_worth_asking_again(
    change: dict[str, Any], steps: set[StepName]
) -> None:
    before = Question("bot_1", "skill_1", "https://a.example", ["ON_MESSAGE"])
    assert outdated(before, replace(before, **change)) == steps
