"""What is found out before a webhook is registered, so that registering it cannot surprise.

The four steps do not depend on each other and run side by side; each is yielded as it ends.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import NotFound, NotSupported
from cognitui.errors import CognituiError
from cognitui.webhooks.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Sequence

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import BotStatus


class StepName(StrEnum):
    """The steps, in the order in which they are shown."""

    LIMIT = "limit"
    SKILL = "skill"
    ENGINE = "engine"
    ENDPOINT = "endpoint"


@dataclass(frozen=True, slots=True)
class Step:
    """One step, ended.

    Attributes:
        summary: What was found, in a few words.
        hint: What to do about it; empty when nothing needs doing.
        ms: Milliseconds that it took.
    """

    name: StepName
    outcome: Outcome
    summary: str
    hint: str
    ms: float


@dataclass(frozen=True, slots=True)
class Question:
    """What the preflight is about.

    Attributes:
        is_new: A change of a registered webhook needs no room under the limit.
    """

    bot_id: str
    skill_id: str
    endpoint_url: str
    events: Sequence[str]
    is_new: bool = True


_Finding = tuple[Outcome, str, str]


class Preflight:
    """The steps for one question.

    Attributes:
        known_ids: The webhooks that the bot held; ``None`` until the limit step has counted them.
    """

    def __init__(self, client: CognigyClient, question: Question) -> None:
        self._client = client
        self._question = question
        self.known_ids: frozenset[str] | None = None

    async def steps(self) -> AsyncIterator[Step]:
        """Run every step and yield each as it ends.

        Stop iterating, or cancel, and the steps still under way are cancelled too.
        """
        client, question = self._client, self._question
        works: dict[StepName, Awaitable[_Finding]] = {
            StepName.LIMIT: self._limit(),
            StepName.SKILL: _skill(client, question),
            StepName.ENGINE: _engine(client, question),
            StepName.ENDPOINT: _endpoint(question),
        }
        tasks = [asyncio.ensure_future(_timed(name, work)) for name, work in works.items()]
        try:
            for next_ended in asyncio.as_completed(tasks):
                yield await next_ended
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _limit(self) -> _Finding:
        """Counts over all pages: the first one alone would always say that there is room."""
        if not self._question.is_new:
            return Outcome.SKIPPED, "a change needs no room", ""
        listed = await self._client.webhooks(self._question.bot_id).all()
        self.known_ids = frozenset(webhook.id for webhook in listed)
        used, limit = len(listed), self._client.webhook_limit
        if used >= limit:
            return (
                Outcome.FAIL,
                f"{used}/{limit}: the bot cannot take another webhook",
                "Delete a webhook that is no longer needed, or use another bot.",
            )
        return Outcome.OK, f"{used}/{limit} webhooks", ""


async def _timed(name: StepName, work: Awaitable[_Finding]) -> Step:
    started = time.perf_counter()
    try:
        outcome, summary, hint = await work
    except CognituiError as error:
        outcome, summary, hint = Outcome.FAIL, error.message, error.hint
    return Step(name, outcome, summary, hint, (time.perf_counter() - started) * 1000)


async def _skill(client: CognigyClient, question: Question) -> _Finding:
    try:
        skill = await client.skill(question.bot_id, question.skill_id)
    except NotFound:
        return (
            Outcome.FAIL,
            f"{question.skill_id} is not a skill of {question.bot_id}",
            "Choose a skill of this bot, or switch to the bot that has it.",
        )
    return Outcome.OK, f"{skill.name or skill.id} exists", ""


async def _engine(client: CognigyClient, question: Question) -> _Finding:
    try:
        status = await client.status(question.bot_id)
    except (NotFound, NotSupported):
        return Outcome.WARN, "the tenant does not tell how its engine is", ""
    return judge_engine(status, question.events)


def judge_engine(status: BotStatus, events: Sequence[str]) -> _Finding:
    """Whether an engine is well and runs these events."""
    version = f"engine {status.engine_version}" if status.engine_version else "the engine"
    if not status.is_healthy:
        return (
            Outcome.FAIL,
            f"{version} is {status.status}",
            "Wait until the bot's engine is healthy; a registration now may not take effect.",
        )
    if status.triggers is None:
        return Outcome.WARN, f"{version} is healthy, but does not tell which triggers it runs", ""
    missing = [event for event in events if event not in status.triggers]
    if missing:
        return (
            Outcome.FAIL,
            f"{version} does not run {', '.join(missing)}",
            "Take these triggers out, or have the bot's engine updated.",
        )
    return Outcome.OK, f"{version} runs these triggers", ""


async def _endpoint(question: Question) -> _Finding:
    # Loads the HTTP and TLS machinery, which no first frame needs.
    from cognitui.webhooks.endpoint import check_endpoint

    report = await check_endpoint(question.endpoint_url)
    return report.outcome, f"{report.verdict}: {report.summary}", report.hint
