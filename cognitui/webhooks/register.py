"""Registering a webhook, and finding out what became of it when the answer was lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.cognigy.errors import ApiError, CreateUnconfirmed

if TYPE_CHECKING:
    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import RegisteredWebhook, Webhook


class RegistrationOutcome(StrEnum):
    """How a registration ended."""

    REGISTERED = "registered"
    CONFIRMED_BY_LIST = "confirmed by list"
    REFUSED = "refused"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class RegistrationResult:
    """What became of a registration; there is always one.

    Attributes:
        webhook: As the tenant holds it, once that is known.
        error: Why not, or why nobody knows.
        latency_ms: Milliseconds of the registration itself, retries included, preflight not.
    """

    outcome: RegistrationOutcome
    webhook: RegisteredWebhook | None
    error: ApiError | None
    latency_ms: float

    @property
    def is_registered(self) -> bool:
        """Whether the tenant holds the webhook."""
        return self.webhook is not None


async def register(
    client: CognigyClient, bot_id: str, webhook: Webhook, known_ids: frozenset[str] | None
) -> RegistrationResult:
    """Send the one request that registers a webhook.

    When its answer is lost it is not sent again: the bot's list is read instead, and a webhook that
    was not there before with the same skill and endpoint is ours.

    Args:
        client: The tenant.
        bot_id: The bot.
        webhook: What to register.
        known_ids: The ids that the bot's list held before; ``None`` when nobody looked, and then a
            lost answer stays lost, since an older webhook may look the same.
    """
    started = time.perf_counter()

    def result(
        outcome: RegistrationOutcome,
        registered: RegisteredWebhook | None,
        error: ApiError | None,
    ) -> RegistrationResult:
        ms = (time.perf_counter() - started) * 1000
        return RegistrationResult(outcome, registered, error, ms)

    try:
        registered = await client.create_webhook(bot_id, webhook)
    except CreateUnconfirmed as error:
        found = await _find(client, bot_id, webhook, known_ids)
        if found is not None:
            return result(RegistrationOutcome.CONFIRMED_BY_LIST, found, None)
        return result(RegistrationOutcome.UNCONFIRMED, None, error)
    except ApiError as error:
        return result(RegistrationOutcome.REFUSED, None, error)
    return result(RegistrationOutcome.REGISTERED, registered, None)


async def _find(
    client: CognigyClient, bot_id: str, webhook: Webhook, known_ids: frozenset[str] | None
) -> RegisteredWebhook | None:
    if known_ids is None:
        return None
    try:
        listed = await client.webhooks(bot_id).all()
    except ApiError:
        return None  # then it stays unconfirmed, which is what the caller reports
    url = str(webhook.endpoint_url)
    return next(
        (
            candidate
            for candidate in listed
            if candidate.id not in known_ids
            and candidate.skill_id == webhook.skill_id
            and candidate.url == url
        ),
        None,
    )
