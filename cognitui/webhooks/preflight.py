"""What is found out before a webhook is registered, so that registering it cannot surprise.

The four steps do not depend on each other and run side by side; each is yielded as it ends.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import ApiError, NotFound, NotSupported
from cognitui.errors import CognituiError
from cognitui.network.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import Bot, BotStatus


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
        webhook_id: The webhook that is changed; empty for a new one.
        looks_elsewhere: Whether a skill that is not of this bot is looked for in a few others, so
            that the hint can name the right one.
    """

    bot_id: str
    skill_id: str
    endpoint_url: str
    events: Sequence[str]
    is_new: bool = True
    webhook_id: str = ""
    looks_elsewhere: bool = False


ALL_STEPS = frozenset(StepName)
MAX_OTHER_BOTS = 5
ROOM_FOR_OTHER_BOTS = 20
_Finding = tuple[Outcome, str, str]


class Preflight:
    """The steps for one question.

    Args:
        client: The tenant.
        question: What it is about.
        status: What the engine said a moment ago, where it need not be asked again.

    Attributes:
        known_ids: The webhooks that the bot held; ``None`` until the limit step has counted them.
        status: What the engine says of itself; ``None`` until it was asked.
    """

    def __init__(
        self, client: CognigyClient, question: Question, status: BotStatus | None = None
    ) -> None:
        self._client = client
        self._question = question
        self.status = status
        self.known_ids: frozenset[str] | None = None

    async def steps(self, only: Collection[StepName] = ALL_STEPS) -> AsyncIterator[Step]:
        """Run the steps side by side and yield each as it ends.

        Stop iterating, or cancel, and the steps still under way are cancelled too.
        """
        works: dict[StepName, Callable[[], Awaitable[_Finding]]] = {
            StepName.LIMIT: self._limit,
            StepName.SKILL: self._skill,
            StepName.ENGINE: self._engine,
            StepName.ENDPOINT: self._endpoint,
        }
        tasks = [
            asyncio.ensure_future(_timed(name, work()))
            for name, work in works.items()
            if name in only
        ]
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
            return await self._existing()
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

    async def _existing(self) -> _Finding:
        """A change needs no room, but something to change."""
        question = self._question
        if not question.webhook_id:
            return Outcome.SKIPPED, "a change needs no room", ""
        try:
            await self._client.webhook(question.bot_id, question.webhook_id)
        except NotFound:
            return (
                Outcome.FAIL,
                f"{question.webhook_id} is not in {question.bot_id} any more",
                "It was deleted, or belongs to another bot; duplicate it to register it anew.",
            )
        except NotSupported:
            return Outcome.SKIPPED, "a change needs no room", ""
        return Outcome.OK, f"{question.webhook_id} exists; a change needs no room", ""

    async def _skill(self) -> _Finding:
        question = self._question
        try:
            skill = await self._client.skill(question.bot_id, question.skill_id)
        except NotFound:
            hint = "Choose a skill of this bot, or switch to the bot that has it."
            if question.looks_elsewhere and (bot := await self._bot_of_skill()) is not None:
                name = bot.name or bot.id
                hint = f"It is a skill of {name}: switch to that bot, or choose another skill."
            summary = f"{question.skill_id} is not a skill of {question.bot_id}"
            return Outcome.FAIL, summary, hint
        return Outcome.OK, f"{skill.name or skill.id} exists", ""

    async def _bot_of_skill(self) -> Bot | None:
        """The bot that has the skill, if it is one of the first few and the tenant lists them."""
        client, question = self._client, self._question
        if client.requests_left < ROOM_FOR_OTHER_BOTS:
            return None
        try:
            bots = [bot for bot in await client.bots().all() if bot.id != question.bot_id]
        except ApiError:
            return None
        asked = bots[:MAX_OTHER_BOTS]
        answers = await asyncio.gather(*(self._has_skill(bot) for bot in asked))
        return next((bot for bot, has_it in zip(asked, answers, strict=True) if has_it), None)

    async def _has_skill(self, bot: Bot) -> bool:
        try:
            await self._client.skill(bot.id, self._question.skill_id)
        except ApiError:
            return False
        return True

    async def _engine(self) -> _Finding:
        if self.status is None:
            try:
                self.status = await self._client.status(self._question.bot_id)
            except (NotFound, NotSupported):
                return Outcome.WARN, "the tenant does not tell how its engine is", ""
        return judge_engine(self.status, self._question.events)

    async def _endpoint(self) -> _Finding:
        # Loads the HTTP and TLS machinery, which no first frame needs.
        from cognitui.webhooks.endpoint import check_endpoint

        report = await check_endpoint(self._question.endpoint_url)
        return report.outcome, f"{report.verdict}: {report.summary}", report.hint


def outdated(before: Question, now: Question) -> frozenset[StepName]:
    """The steps whose answers to one question do not answer another."""
    return frozenset(
        name for name in StepName if _asked_about(name, before) != _asked_about(name, now)
    )


def _asked_about(name: StepName, question: Question) -> tuple[object, ...]:
    """The parts of a question that a step answers to."""
    match name:
        case StepName.LIMIT:
            return question.bot_id, question.is_new, question.webhook_id
        case StepName.SKILL:
            return question.bot_id, question.skill_id
        case StepName.ENGINE:
            return question.bot_id, tuple(question.events)
        case StepName.ENDPOINT:
            return (question.endpoint_url,)


async def _timed(name: StepName, work: Awaitable[_Finding]) -> Step:
    started = time.perf_counter()
    try:
        outcome, summary, hint = await work
    except CognituiError as error:
        outcome, summary, hint = Outcome.FAIL, error.message, error.hint
    return Step(name, outcome, summary, hint, (time.perf_counter() - started) * 1000)


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
