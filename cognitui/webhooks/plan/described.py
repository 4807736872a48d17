"""A webhook as a file describes it, and the whole file: plain values, checked already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SecretSource:
    """Where a webhook's secret is; never the secret itself.

    Attributes:
        env: The environment variable that holds it; empty when a file does.
        file: The file that holds it, relative to the file of webhooks.
        generate: Whether a file that is not there is made, with a new secret, for a new webhook.
    """

    env: str = ""
    file: str = ""
    generate: bool = False

    @property
    def words(self) -> str:
        """The variable or the file."""
        return self.env or self.file


@dataclass(frozen=True, slots=True)
class Described:
    """One webhook of a file.

    Attributes:
        name: What the file calls it; the tenant never hears of it.
        webhook_id: The registered one that is meant, where somebody said so.
        skill_id: Empty when the skill is given by its name alone.
        skill_name: Empty when the skill is given by its id alone.
        endpoint_url: As the client would send it.
        templates: Each event, in the order of the file, with its payload template or ``None``.
        secret: ``None`` leaves what the tenant has.
        enabled: ``None`` leaves it as it is; a new webhook is on.
    """

    name: str
    webhook_id: str
    skill_id: str
    skill_name: str
    endpoint_url: str
    templates: Mapping[str, dict[str, Any] | None]
    secret: SecretSource | None
    timeout_ms: int
    retry_count: int
    enabled: bool | None


@dataclass(frozen=True, slots=True)
class WebhookFile:
    """A file of webhooks, all of one bot.

    Attributes:
        where: What to call the file.
        base_url: The tenant that it was written for; empty when it does not say.
        bot_id: The bot that it was written for; empty when it does not say.
    """

    where: str
    base_url: str
    bot_id: str
    webhooks: tuple[Described, ...]

    def is_home(self, base_url: str, bot_id: str) -> bool:
        """Whether this is where it was written for: elsewhere ids mean something else."""
        same_tenant = not self.base_url or self.base_url.rstrip("/") == base_url.rstrip("/")
        return same_tenant and self.bot_id in {"", bot_id}
