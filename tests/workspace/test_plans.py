"""Webhooks as code at a sandbox: a plan after applying it is empty, whatever was there before."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.errors import CreateUnconfirmed, LimitReached
from cognitui.cognigy.models import Bot
from cognitui.errors import UsageError
from cognitui.sandbox.state import EVENTS
from cognitui.webhooks.plan.reading import parse_file
from cognitui.webhooks.plan.secrets import Secrets
from cognitui.webhooks.plan.steps import StepKind
from cognitui.webhooks.plan.words import plan_json, plan_lines, plan_markdown
from cognitui.webhooks.toml import toml_value
from cognitui.workspace import Workspace
from tests.support.tenants import asked

from .support import connect, first_webhook, records, settings_in

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.sandbox.state import Webhook
    from cognitui.webhooks.plan.steps import Plan
    from cognitui.workspace.apply import Apply
    from tests.support.fixtures import Start

SECRET = "a signing secret of this test, long enough"
OTHER_SECRET = "another secret of this test, long enough"
POST = "method=POST,path=bots/*/webhooks"
TEMPLATES: list[Any] = [
    None,
    {},
    {"a": 1, "b": [True, "{{message.text}}"]},
    {"said": "\u202e\n\"'"},
]


def entry(sandbox: Sandbox, name: str, **changes: Any) -> dict[str, Any]:
    """One webhook of a file; a change to ``None`` takes a key out."""
    hooks = sandbox.info.webhook_url.replace("receiver", "hooks")
    fields = {
        "name": name,
        "skill_id": sandbox.info.skill_id,
        "endpoint_url": f"{hooks}/{name}",
        "triggers": [{"event": "ON_MESSAGE"}],
        "secret": {"env": "SECRET"},
        **changes,
    }
    return {key: value for key, value in fields.items() if value is not None}


def text_of(*entries: dict[str, Any]) -> str:
    lines: list[str] = []
    for one in entries:
        lines += ["[[webhook]]", *(f"{key} = {toml_value(value)}" for key, value in one.items())]
    return "\n".join(lines)


async def planned(
    workspace: Workspace, content: str | dict[str, Any], environ: dict[str, str] | None = None, **options: Any
) -> Plan:  # fmt: skip
    text = content if isinstance(content, str) else text_of(content)
    secrets = Secrets({"SECRET": SECRET} if environ is None else environ, Path.cwd())
    plan = await workspace.plans.plan(
        parse_file(text.encode(), "w.toml"), secrets=secrets, **options
    )
    for shown in (
        "\n".join(plan_lines(plan)),
        str(plan_json(plan)),
        plan_markdown(plan),
        repr(plan),
    ):
        assert SECRET not in shown
        assert OTHER_SECRET not in shown
    return plan


async def applied(workspace: Workspace, plan: Plan, directory: Path | None = None) -> Apply:
    work = workspace.plans.apply(plan, Secrets({}, directory or Path.cwd()))
    async for _ in work.run():
        pass
    return work


async def made_so(workspace: Workspace, content: str | dict[str, Any], **options: Any) -> Plan:
    """Apply, which must go well, and plan again."""
    plan = await planned(workspace, content, **options)
    assert plan.problems == ()
    work = await applied(workspace, plan)
    assert work.failed is None
    assert work.remaining == ()
    return await planned(workspace, content, **options)


def state(sandbox: Sandbox, bot_id: str = "") -> list[tuple[Any, ...]]:
    """What is there, without ids."""
    return sorted(map(repr_of, sandbox.tenant.webhooks(bot_id or sandbox.info.bot_id)))


def repr_of(webhook: Webhook) -> tuple[Any, ...]:
    triggers = sorted(repr(trigger) for trigger in webhook.triggers)
    return (
        webhook.skill_id, webhook.url, str(triggers), webhook.timeout_ms, webhook.retries,
        webhook.enabled,
    )  # fmt: skip


def drawn(chance: random.Random, sandbox: Sandbox, count: int) -> list[dict[str, Any]]:
    """Some webhooks, no two of which have the same skill, endpoint and events."""
    skills = list(sandbox.tenant.bots[sandbox.info.bot_id].skills)[:3]
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in range(count):
        events = chance.sample(EVENTS, chance.randint(1, 3))
        skill, place = chance.choice(skills), f"place{chance.randint(0, 3)}"
        one = entry(
            sandbox, place,
            skill_id=skill,
            triggers=[
                {"event": event} | ({} if t is None else {"payload_template": t})
                for event in events
                for t in [chance.choice(TEMPLATES)]
            ],
            timeout_ms=chance.choice([500, 3000]),
            retry_count=chance.randint(0, 2),
            enabled=chance.choice([True, True, False, None]),
        )  # fmt: skip
        found[skill, place, frozenset(events)] = {**one, "name": f"w{number}"}
    return list(found.values())


@pytest.mark.parametrize("seed", range(25))
async def test_a_plan_after_applying_it_is_empty(alone: Workspace, start: Start, seed: int) -> None:
    chance = random.Random(seed)
    sandbox = start(webhooks=0)
    await connect(alone, sandbox)
    prune = chance.random() < 0.5
    before = text_of(*drawn(chance, sandbox, chance.randint(0, 15)))
    after = text_of(*drawn(chance, sandbox, chance.randint(0, 15)))
    assert not (await made_so(alone, before, checks=False)).differs
    untouched = {webhook.id for webhook in sandbox.tenant.webhooks(sandbox.info.bot_id)}
    plan = await made_so(alone, after, prune=prune, checks=False)
    assert not plan.differs
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    if prune:
        assert len(held) == after.count("[[webhook]]")
    else:
        assert untouched <= {webhook.id for webhook in held}
    # What is exported says the same, at home and, by another's ids, nowhere else.
    assert not (await planned(alone, await alone.plans.export(), prune=True)).differs


@pytest.mark.parametrize("bot", [0, 1])
async def test_what_was_just_exported_is_no_difference(
    workspace: Workspace, sandbox: Sandbox, bot: int
) -> None:
    workspace.choose_bot(Bot(id=list(sandbox.tenant.bots)[bot]))
    text = await workspace.plans.export()
    assert await workspace.plans.export() == text
    plan = await planned(workspace, text, prune=True)
    assert (plan.steps, plan.problems, plan.left_alone) == ((), (), ())
    assert len(plan.unchanged) == plan.used > 0


async def test_from_one_tenant_to_another_by_the_skills_names(
    workspace: Workspace, sandbox: Sandbox, start: Start, tmp_path: Path
) -> None:
    other = start(seed=777, webhooks=3)
    text = await workspace.plans.export()
    environ = dict.fromkeys(_variables(text), SECRET)
    async with Workspace(settings_in(tmp_path / "other")) as there:
        await connect(there, other)
        plan = await planned(there, text, environ, prune=True, checks=False)
        assert not plan.is_home
        # Two endpoints of the sandbox are dead or gone, and a tenant looks before it registers.
        alive = parse_file(text.encode(), "w.toml")
        dead = {w.endpoint_url for w in alive.webhooks if not w.endpoint_url.endswith("-status")}
        lines = text.split("[[webhook]]")
        kept = "[[webhook]]".join(
            part for part in lines if not any(f'endpoint_url = "{url}"' in part for url in dead)
        )
        assert not (await made_so(there, kept, environ=environ, prune=True, checks=False)).differs
    ours = [w for w in sandbox.tenant.webhooks(sandbox.info.bot_id) if w.url.endswith("-status")]
    names = {s.id: s.name for s in sandbox.tenant.bots[sandbox.info.bot_id].skills.values()}
    theirs = {s.id: s.name for s in other.tenant.bots[other.info.bot_id].skills.values()}
    copied = other.tenant.webhooks(other.info.bot_id)
    assert sorted((names[w.skill_id], *repr_of(w)[1:]) for w in ours) == sorted(
        (theirs[w.skill_id], *repr_of(w)[1:]) for w in copied
    )
    assert {w.secret for w in copied} == {SECRET}
    assert len(ours) > 1


def _variables(text: str) -> list[str]:
    file = parse_file(text.encode(), "w.toml")
    return [one.secret.env for one in file.webhooks if one.secret]


async def test_another_bot_of_the_same_tenant(workspace: Workspace, sandbox: Sandbox) -> None:
    text = await workspace.plans.export()
    other = list(sandbox.tenant.bots)[1]
    workspace.choose_bot(Bot(id=other))
    plan = await planned(workspace, text, checks=False)
    assert {problem.sentence for problem in plan.problems} >= {"The bot has no skill 'Warranty'."}
    assert not plan.is_home


async def test_each_step_is_an_action_with_its_record(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    first = await first_webhook(workspace)
    text = text_of(
        entry(sandbox, "changed", id=first.id, skill_id=first.skill_id, timeout_ms=4321, secret=None),
        entry(sandbox, "new", enabled=False),
    )  # fmt: skip
    plan = await planned(workspace, text, prune=True)
    await applied(workspace, plan)
    found = await records(workspace)
    assert [record.action for record in found[:3]] == [
        Action.WEBHOOK_UPDATE, Action.WEBHOOK_REGISTER, Action.WEBHOOK_DISABLE,
    ]  # fmt: skip
    assert {record.action for record in found[3:]} == {Action.WEBHOOK_DELETE}
    assert len(found) == 3 + 36
    assert found[0].before is not None
    assert found[0].after is not None
    assert found[0].before["timeout_ms"] == first.delivery.timeout
    assert found[0].after["timeout_ms"] == 4321
    assert {record.detail for record in found[:3]} == {"Applied from w.toml."}
    assert {record.outcome for record in found} == {Outcome.OK}


async def test_replacing_all_of_a_full_bot(alone: Workspace, start: Start) -> None:
    sandbox = start(webhooks=50)
    await connect(alone, sandbox)
    text = text_of(*(entry(sandbox, f"n{number}") for number in range(50)))
    refused = await planned(alone, text)
    assert "may have 50" in refused.problems[0].sentence
    with pytest.raises(UsageError):
        alone.plans.apply(refused, Secrets({}, Path.cwd()))
    plan = await planned(alone, text, prune=True)
    work = alone.plans.apply(plan, Secrets({}, Path.cwd()))
    held = [len(sandbox.tenant.webhooks(sandbox.info.bot_id)) async for _ in work.run()]
    assert work.failed is None
    assert min(held) == 49
    assert not (await planned(alone, text, prune=True)).differs


async def test_one_of_49_is_replaced_without_a_gap(alone: Workspace, start: Start) -> None:
    sandbox = start(webhooks=49)
    await connect(alone, sandbox)
    text = await alone.plans.export()
    head, first, *rest = text.split("[[webhook]]")
    new = text_of(entry(sandbox, "new"))
    plan = await planned(alone, "[[webhook]]".join([head, *rest]) + new, prune=True)
    assert [step.kind for step in plan.steps] == [StepKind.CREATE, StepKind.DELETE]
    assert plan.used_after == 49
    assert first


async def test_it_stops_at_the_first_failure_and_goes_on_from_there(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    text = text_of(*(entry(sandbox, f"n{number}") for number in range(5)))
    sandbox.inject(f"501:{POST},after=2,times=1")
    plan = await planned(workspace, text)
    work = await applied(workspace, plan)
    assert work.failed is not None
    assert [each.step.name for each in work.done] == ["n0", "n1"]
    assert work.failed.step.name == "n2"
    assert [step.name for step in work.remaining] == ["n3", "n4"]
    sandbox.clear_faults()
    await workspace.plans.settle()
    again = await planned(workspace, text)
    assert [step.name for step in again.steps] == ["n2", "n3", "n4"]
    assert not (await made_so(workspace, text)).differs
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 37 + 5


async def test_lost_answers_make_no_duplicates(workspace: Workspace, sandbox: Sandbox) -> None:
    for method in ("POST", "PATCH", "DELETE"):
        sandbox.inject(f"lost-answer:method={method},path=bots/*/webhooks*,every=2")
    text = text_of(*(entry(sandbox, f"n{number}", enabled=number % 2 == 0) for number in range(6)))
    assert not (await made_so(workspace, text, prune=True)).differs
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 6
    assert asked(sandbox, "POST", "/webhooks") == 6


async def test_an_unconfirmed_one_is_waited_for(
    workspace: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.workspace.pending.SETTLED_S", 0.2)
    monkeypatch.setattr("cognitui.workspace.plans.FIRST_LOOK_S", 0.01)
    sandbox.inject(f"503:{POST},times=1")
    content = entry(sandbox, "new")
    work = await applied(workspace, await planned(workspace, content))
    assert work.failed is not None
    assert isinstance(work.failed.error, CreateUnconfirmed)
    assert 0 < workspace.plans.arriving_s() <= 0.2
    await workspace.plans.settle()
    assert workspace.plans.arriving_s() == 0
    assert not (await made_so(workspace, content)).differs
    assert asked(sandbox, "POST", "/webhooks") == 2


async def test_the_tenant_says_that_it_is_full(alone: Workspace, start: Start) -> None:
    sandbox = start(webhooks=9, webhook_limit=10)
    await connect(alone, sandbox)
    text = text_of(entry(sandbox, "a"), entry(sandbox, "b"))
    work = await applied(alone, await planned(alone, text))
    assert work.failed is not None
    assert isinstance(work.failed.error, LimitReached)
    assert (len(work.done), work.failed.step.name) == (1, "b")


async def test_secrets_are_compared_by_what_the_log_knows(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    first = await first_webhook(workspace)
    content = entry(sandbox, "one", id=first.id, skill_id=first.skill_id, endpoint_url=first.url,
                    triggers=[t.model_dump(exclude_none=True) for t in first.triggers],
                    timeout_ms=first.delivery.timeout, retry_count=first.delivery.retries)  # fmt: skip
    plan = await planned(workspace, content)
    assert (plan.differs, len(plan.notes)) == (False, 1)
    assert not (await made_so(workspace, content, sets_secrets=True)).differs

    def held() -> str:
        return sandbox.tenant.bots[sandbox.info.bot_id].webhooks[first.id].secret

    assert held() == SECRET
    changed = await planned(workspace, content, {"SECRET": OTHER_SECRET})
    (step,) = changed.steps
    assert [change.field for change in step.changes] == ["secret"]
    sandbox.inject("503:method=PATCH,path=bots/*/webhooks/*")
    assert (await applied(workspace, changed)).failed is not None
    sandbox.clear_faults()
    # Nobody knows what became of that: also the old one is set again.
    assert (await planned(workspace, content)).differs
    assert not (await made_so(workspace, content, environ={"SECRET": OTHER_SECRET})).differs
    assert held() == OTHER_SECRET


async def test_a_secret_is_made_before_it_is_used(
    workspace: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    content = entry(sandbox, "new", secret={"file": "deep/new.secret", "generate": True})
    file = parse_file(text_of(content).encode(), "w.toml")
    secrets = Secrets({}, tmp_path)
    path = tmp_path / "deep" / "new.secret"
    plan = await workspace.plans.plan(file, secrets=secrets)
    assert not path.exists()
    sandbox.inject(f"503:{POST},times=1")
    assert (await applied(workspace, plan, tmp_path)).failed is not None
    made = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    work = await applied(workspace, await workspace.plans.plan(file, secrets=secrets), tmp_path)
    assert work.failed is None
    assert path.read_text() == made
    assert sandbox.tenant.webhooks(sandbox.info.bot_id)[-1].secret == made.strip()
    assert [each.name for each in path.parent.iterdir()] == ["new.secret"]


async def test_the_endpoint_and_the_engine_are_looked_at_first(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    gone = sandbox.info.webhook_url.replace("receiver", "hooks/gone")
    content = entry(sandbox, "new", endpoint_url=gone)
    (problem,) = (await planned(workspace, content)).problems
    assert gone in problem.sentence
    assert (await planned(workspace, content, checks=False)).problems == ()
    workspace.choose_bot(Bot(id=list(sandbox.tenant.bots)[2]))  # its engine is not well
    skill = next(iter(sandbox.tenant.bots[workspace.bot_id].skills))
    (problem,) = (await planned(workspace, entry(sandbox, "new", skill_id=skill))).problems
    assert "degraded" in problem.sentence
    assert asked(sandbox, "POST", "/webhooks") == 0


async def test_a_tenant_that_lists_no_skills(workspace: Workspace, sandbox: Sandbox) -> None:
    sandbox.inject("501:method=GET,path=bots/*/skills")
    assert not (await made_so(workspace, entry(sandbox, "new"))).differs
    text = await workspace.plans.export()
    assert 'skill_name = "Order status"' in text
    plan = await planned(workspace, entry(sandbox, "x", skill_id=None, skill_name="Billing"))
    assert "no skill 'Billing'" in plan.problems[0].sentence


async def test_pruning_leaves_alone_what_no_file_can_name(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    webhooks = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    strange = next(iter(webhooks.values()))
    webhooks[strange.id] = replace(strange, url="https://me:hush@hooks.example.com/")
    text = await workspace.plans.export()
    assert "hush" not in text
    plan = await planned(workspace, "", prune=True)
    assert [webhook.id for webhook in plan.left_alone] == [strange.id]
    assert plan.count(StepKind.DELETE) == 36
    told = "1 webhook not in the file, left alone; no file can describe 1 of them."
    assert told in plan_lines(plan)


async def test_another_bot_opened_meanwhile_ends_it(workspace: Workspace, sandbox: Sandbox) -> None:
    plan = await planned(workspace, text_of(entry(sandbox, "a"), entry(sandbox, "b")))
    work = workspace.plans.apply(plan, Secrets({}, Path.cwd()))
    async for _ in work.run():
        workspace.choose_bot(Bot(id=list(sandbox.tenant.bots)[1]))
    assert work.failed is not None
    assert len(work.done) == 1
    assert asked(sandbox, "POST", "/webhooks") == 1


async def test_hostile_words_stay_words(workspace: Workspace, sandbox: Sandbox) -> None:
    evil = "\x1b[2J\u202e`|\n"
    one = {**entry(sandbox, "x", skill_id=None, skill_name=evil), "name": evil}
    plan = await planned(workspace, one)
    assert len(plan.problems) == 1
    shown = "".join(plan_lines(plan)) + plan_markdown(plan).replace("\n", "")
    assert not set(shown) & {"\x1b", "\u202e", "\n"}
