"""Wherever a plan is cut off, a second one ends in the same state: tried without a network.

The tenant is a list here, and a step of a plan one or two changes of it, between which a run may
end.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.webhooks.plan.described import SecretSource
from cognitui.webhooks.plan.matching import bind, match
from cognitui.webhooks.plan.planning import deletions, in_order, judge
from cognitui.webhooks.plan.steps import StepKind

from .support import described, registered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.plan.described import Described
    from cognitui.webhooks.plan.steps import PlanStep

EVENTS = ("ON_SKILL_START", "ON_SKILL_END", "ON_MESSAGE")
SKILLS = {"skill_1": "One", "skill_2": "Two"}
LIMIT = 12


@dataclass(frozen=True)
class Held:
    """A webhook of the tenant with the secret that nobody can read."""

    webhook: RegisteredWebhook
    secret: str


class Tenant:
    def __init__(self, held: list[Held]) -> None:
        self.held = {each.webhook.id: each for each in held}
        self._numbers = iter(range(1000))

    def copy(self) -> Tenant:
        return Tenant(list(self.held.values()))

    @property
    def listed(self) -> list[RegisteredWebhook]:
        return [each.webhook for each in self.held.values()]

    @property
    def state(self) -> Counter[str]:
        return Counter(
            f"{w.skill_id} {w.url} {sorted(map(str, w.triggers))} {w.delivery} {w.enabled} {each.secret}"
            for each in self.held.values()
            for w in [each.webhook]
        )  # fmt: skip

    def changes(self, step: PlanStep) -> Iterator[None]:
        """Do a step, change by change."""
        if step.kind is StepKind.DELETE:
            del self.held[step.name]
            yield
            return
        if step.before is None:
            assert len(self.held) < LIMIT
            assert step.wanted is not None
            webhook = step.webhook(SecretStr(f"{step.wanted.described.name:0>40}"))
            fields = {"skillId": webhook.skill_id, "url": str(webhook.endpoint_url)}
            new = registered(
                self._new_id(),
                **fields,
                triggers=[trigger.model_dump(mode="json") for trigger in webhook.triggers],
                delivery={"timeout": webhook.timeout_ms, "retries": webhook.retry_count},
            )
            self.held[new.id] = Held(new, webhook.secret_key.get_secret_value())
            yield
            if step.wanted.described.enabled is False:
                off = new.model_copy(update={"enabled": False})
                self.held[new.id] = replace(self.held[new.id], webhook=off)
                yield
            return
        wire = step.change().to_wire()
        whole = step.before.model_dump(by_alias=True)
        whole["delivery"] |= wire.pop("delivery", {})
        assert "auth" not in wire
        changed = registered(step.before.id, **{**whole, **wire})
        self.held[step.before.id] = replace(self.held[step.before.id], webhook=changed)
        yield

    def _new_id(self) -> str:
        return next(name for number in self._numbers if (name := f"new_{number}") not in self.held)


def plan(file: list[Described], tenant: Tenant, *, prune: bool) -> tuple[PlanStep, ...] | None:
    """The steps; ``None`` when something is in the way."""
    bound, problems = bind(file, SKILLS, is_home=True)
    matching = match(bound, tenant.listed, is_home=True)
    secrets = {one.name: SecretStr(f"{one.name:0>40}") for one in file}
    judged = judge(matching, secrets, {}, sets_secrets=False)
    deletes, _ = deletions(matching.others, prune=prune)
    after = len(tenant.held) + len(judged.creates) - len(deletes)
    if problems or judged.problems or after > LIMIT:
        return None
    return in_order(judged.updates, judged.creates, deletes, LIMIT - len(tenant.held))


def carry_out(steps: tuple[PlanStep, ...], tenant: Tenant, changes: int | None = None) -> int:
    """Do so many changes, or all; how many were done."""
    done = 0
    for step in steps:
        for _ in tenant.changes(step):
            done += 1
            if done == changes:
                return done
    return done


def some_fields(chance: random.Random) -> dict[str, Any]:
    templates = {event: chance.choice([None, {"a": 1}]) for event in chance.sample(EVENTS, chance.randint(1, 2))}  # fmt: skip
    return {
        "skill_id": chance.choice(list(SKILLS)),
        "endpoint_url": f"https://x.example/{chance.randint(0, 2)}",
        "templates": templates,
        "timeout_ms": chance.choice([500, 3000]),
        "enabled": chance.choice([True, False, None]),
    }


def some_tenant(chance: random.Random) -> Tenant:
    held = []
    for number in range(chance.randint(0, LIMIT)):
        fields = some_fields(chance)
        webhook = registered(
            f"wh_{number}",
            skillId=fields["skill_id"],
            url=fields["endpoint_url"],
            triggers=[{"event": e, "payload_template": t} for e, t in fields["templates"].items()],
            delivery={"timeout": fields["timeout_ms"], "retries": 3},
            enabled=fields["enabled"] is not False,
        )
        held.append(Held(webhook, f"old secret of {webhook.id}"))
    return Tenant(held)


def some_file(chance: random.Random, tenant: Tenant) -> list[Described]:
    ids = chance.sample(list(tenant.held), min(len(tenant.held), chance.randint(0, 4)))
    ids += ["gone"] * chance.randint(0, 1)
    count = chance.randint(0, LIMIT)
    ids += [""] * count
    return [
        described(f"w{n}", webhook_id=ids[n], secret=SecretSource(env="S"), **some_fields(chance))
        for n in range(count)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_wherever_it_is_cut_off(seed: int) -> None:
    chance = random.Random(seed)
    planned = 0
    while planned < 20:
        tenant = some_tenant(chance)
        file = some_file(chance, tenant)
        prune = chance.random() < 0.5
        steps = plan(file, tenant, prune=prune)
        if not steps:
            continue
        planned += 1
        undisturbed = tenant.copy()
        changes = carry_out(steps, undisturbed)
        assert plan(file, undisturbed, prune=prune) == ()
        for cut in range(1, changes):
            cut_off = tenant.copy()
            assert carry_out(steps, cut_off, cut) == cut
            second = plan(file, cut_off, prune=prune)
            assert second is not None
            carry_out(second, cut_off)
            assert plan(file, cut_off, prune=prune) == ()
            assert cut_off.state == undisturbed.state, (seed, cut)
