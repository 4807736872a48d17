"""Webhooks as code at a tenant: what is there, as a file; what a file would change; applying it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.errors import UsageError
from cognitui.network.outcome import Outcome as StepOutcome
from cognitui.webhooks.preflight import Preflight, Question, StepName
from cognitui.workspace.apply import Apply
from cognitui.workspace.pending import PendingStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.plan.described import WebhookFile
    from cognitui.webhooks.plan.matching import Match, Problem
    from cognitui.webhooks.plan.secrets import Secrets
    from cognitui.webhooks.plan.steps import KnownSecret, Plan, PlanStep
    from cognitui.workspace.workspace import Workspace

CONCURRENT_CHECKS = 8
FIRST_LOOK_S = 1.0
SEARCHED = 20
"""Records of one webhook that are looked at for the secret that it has."""
_SETS_SECRETS = frozenset({Action.WEBHOOK_REGISTER, Action.WEBHOOK_UPDATE})


class PlanActions:
    """Export, plan and apply, for the chosen bot."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self.pending = PendingStore(workspace.settings.paths.state / "pending")

    async def export(self) -> str:
        """The chosen bot's webhooks as a file, with placeholders for the secrets.

        Raises:
            ApiError: The tenant did not answer.
            UsageError: There is no such bot.
        """
        from cognitui.webhooks.plan.writing import write_file

        workspace = self._workspace
        client, bot_id = workspace.client, workspace.bot_id
        webhooks = await _listed(client, bot_id)
        skills = await _skills(client, bot_id, {webhook.skill_id for webhook in webhooks})
        return write_file(client.base_url, bot_id, webhooks, skills)

    async def plan(
        self,
        file: WebhookFile,
        *,
        prune: bool = False,
        sets_secrets: bool = False,
        checks: bool = True,
        secrets: Secrets | None = None,
    ) -> Plan:
        """What a file would change at the chosen bot; nothing is changed.

        Args:
            file: What is wanted.
            prune: Whether webhooks that it does not name are deleted.
            sets_secrets: Whether a secret is set where nobody knows the one that is there.
            checks: Whether the engine and the endpoints are looked at, as before a registration.
            secrets: Where secrets are looked for; else in the environment, and here.

        Raises:
            ApiError: The tenant did not answer.
            UsageError: There is no such bot, or a secret cannot be used.
        """
        # Loaded only now: no console needs it for its first frame.
        from cognitui.webhooks.plan import matching, planning
        from cognitui.webhooks.plan.secrets import Secrets
        from cognitui.webhooks.plan.steps import Plan

        workspace = self._workspace
        client, bot_id = workspace.client, workspace.bot_id
        is_home = file.is_home(client.base_url, bot_id)
        secrets = secrets or Secrets(os.environ, Path.cwd())
        values = {each.name: secrets.of(each) for each in file.webhooks}
        registered = await _listed(client, bot_id)
        wanted_ids = {each.skill_id for each in file.webhooks if each.skill_id}
        skills = await _skills(client, bot_id, wanted_ids)
        bound, problems = matching.bind(file.webhooks, skills, is_home=is_home)
        matched = matching.match(bound, registered, is_home=is_home)
        asked = [each for each in matched.matches if values[each.wanted.described.name]]
        known = await self._known_secrets(bot_id, asked)
        judged = planning.judge(matched, values, known, sets_secrets=sets_secrets)
        deletes, left_alone = planning.deletions(
            # With a skill that is not known one of the others may be meant by it.
            [] if problems else matched.others,
            prune=prune,
        )
        problems += judged.problems
        used, limit = len(registered), client.webhook_limit
        problems += planning.over_limit(
            used, limit, len(judged.creates), len(deletes), len(left_alone)
        )
        steps = planning.in_order(judged.updates, judged.creates, deletes, limit - used)
        remarks: list[str] = []
        if checks:
            found, remarks = await _checked(client, bot_id, steps)
            problems += found
        return Plan(
            tenant=workspace.tenant_name,
            base_url=client.base_url,
            bot_id=bot_id,
            where=file.where,
            is_home=is_home,
            used=used,
            limit=limit,
            steps=steps,
            unchanged=tuple(judged.unchanged),
            left_alone=tuple(left_alone),
            notes=tuple(judged.notes),
            problems=tuple(problems),
            remarks=tuple(remarks),
        )

    def apply(self, plan: Plan, secrets: Secrets) -> Apply:
        """Carry a plan out; see `Apply`.

        Raises:
            ReadOnly: Nothing may be changed at the tenant.
            UsageError: It has problems, or another tenant or bot is open by now.
        """
        self._workspace.require_writing()
        if plan.problems:
            raise UsageError(plan.problems[0].sentence, hint=plan.problems[0].hint)
        return Apply(self._workspace, plan, secrets)

    def arriving_s(self) -> float:
        """Seconds for which something that was sent before may still arrive at the chosen bot.

        Raises:
            FileTrouble: The notes of it cannot be read.
        """
        workspace = self._workspace
        now = workspace.clock.now().timestamp()
        pending = self.pending.of(workspace.client.base_url, workspace.bot_id, now)
        return max((each.seconds_left(now) for each in pending.values()), default=0.0)

    async def settle(self) -> None:
        """Wait until what was sent before has arrived, or never will.

        Raises:
            ApiError: The tenant did not answer.
            FileTrouble: The notes of it cannot be read or removed.
        """
        workspace = self._workspace
        client, bot_id = workspace.client, workspace.bot_id
        wait_s = FIRST_LOOK_S
        while True:
            now = workspace.clock.now().timestamp()
            pending = self.pending.of(client.base_url, bot_id, now)
            if not pending:
                return
            listed = await _listed(client, bot_id)
            for operation, each in pending.items():
                if any(
                    webhook.id not in each.known_ids
                    and (webhook.skill_id, webhook.url) == (each.skill_id, each.endpoint_url)
                    for webhook in listed
                ):
                    self.pending.remove(operation)
            if left_s := self.arriving_s():
                await asyncio.sleep(min(wait_s, left_s))
                wait_s *= 2

    async def _known_secrets(self, bot_id: str, matches: Iterable[Match]) -> dict[str, KnownSecret]:
        known: dict[str, KnownSecret] = {}
        for each in matches:
            if each.found is not None:
                last = await self._known_secret(bot_id, each.found.id)
                if last is not None:
                    known[each.found.id] = last
        return known

    async def _known_secret(self, bot_id: str, webhook_id: str) -> KnownSecret | None:
        """What the audit log says of a webhook's secret."""
        from cognitui.webhooks.plan.steps import KnownSecret

        workspace = self._workspace
        records = await workspace.log.recent(
            limit=SEARCHED, tenant=workspace.tenant_name, bot_id=bot_id, webhook_id=webhook_id
        )
        is_certain = True
        for record in records:
            if record.action not in _SETS_SECRETS:
                continue
            if record.outcome is not Outcome.OK:
                is_certain = False  # it may have set another one all the same
                continue
            mark = (record.after or {}).get("secret_fingerprint")
            if isinstance(mark, str):
                return KnownSecret(mark, is_certain)
        return None


async def _listed(client: CognigyClient, bot_id: str) -> list[RegisteredWebhook]:
    """All webhooks of a bot, each once.

    Raises:
        UsageError: There is no such bot.
    """
    try:
        listed = await client.webhooks(bot_id).all()
    except NotFound as error:
        raise UsageError(
            error.message, hint=error.hint or "Give the bot's id with --bot.", field="bot"
        ) from None
    return list({webhook.id: webhook for webhook in listed}.values())


async def _skills(client: CognigyClient, bot_id: str, ids: Iterable[str]) -> dict[str, str]:
    """The bot's skills, names by id; where it cannot list them, those of these ids alone."""
    try:
        return {skill.id: skill.name for skill in await client.skills(bot_id).all()}
    except (NotFound, NotSupported):
        found: dict[str, str] = {}
        for skill_id in sorted(ids):
            try:
                found[skill_id] = (await client.skill(bot_id, skill_id)).name
            except (NotFound, UsageError):
                continue  # whoever wants it is told
        return found


async def _checked(
    client: CognigyClient, bot_id: str, steps: Sequence[PlanStep]
) -> tuple[list[Problem], list[str]]:
    """What the engine and the endpoints have against the steps, and what else is to be said."""
    from cognitui.webhooks.plan.matching import Problem

    names, events = _to_look_at(steps)
    gate = asyncio.Semaphore(CONCURRENT_CHECKS)

    async def check(question: Question, only: StepName) -> tuple[StepOutcome, str, str]:
        async with gate:
            async for step in Preflight(client, question).steps([only]):
                return step.outcome, step.summary, step.hint
        raise RuntimeError("a preflight has at least one step")

    questions: list[tuple[str, str, Question, StepName]] = [
        (name, f"{url}: ", Question(bot_id, "", url, ()), StepName.ENDPOINT)
        for url, name in names.items()
    ]
    if events:
        engine = Question(bot_id, "", "", sorted(events))
        questions.insert(0, ("", "", engine, StepName.ENGINE))
    answers = await asyncio.gather(*(check(each[2], each[3]) for each in questions))
    problems: list[Problem] = []
    remarks: list[str] = []
    for (name, head, _, _), (outcome, summary, hint) in zip(questions, answers, strict=True):
        if outcome is StepOutcome.FAIL:
            problems.append(Problem(name, f"{head}{summary}", hint))
        elif outcome is StepOutcome.WARN:
            remarks.append(f"{head}{summary}")
    return problems, remarks


def _to_look_at(steps: Iterable[PlanStep]) -> tuple[Mapping[str, str], set[str]]:
    """Endpoints that are new, each with a webhook that wants it, and events that are new."""
    names: dict[str, str] = {}
    events: set[str] = set()
    for step in steps:
        if step.wanted is None:
            continue
        changed = {change.field for change in step.changes}
        if step.before is None or "endpoint" in changed:
            names.setdefault(step.wanted.described.endpoint_url, step.name)
        had = {trigger.event for trigger in step.before.triggers} if step.before else set()
        events |= step.wanted.events - had
    return names, events
