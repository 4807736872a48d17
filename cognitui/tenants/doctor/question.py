"""What is examined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.limiter import SlidingWindowLimiter


@dataclass(frozen=True, slots=True)
class Question:
    """A tenant, and how carefully to go about it.

    Attributes:
        base_url: As it was typed, pasted or stored.
        credentials: Sent to the origin of that base URL and nowhere else; without them the
            examination ends before the key.
        bot_id: The bot that managing webhooks is tried at; without one the first that is listed.
        requests_per_minute: What the key may ask in a minute.
        limiter: Counts the key's requests where others use the same key too.
        is_read_only: Whether nothing may be sent that even looks like a change.
        timeout_s: Allowed for each step on the way and for each answer.
    """

    base_url: str = field(repr=False)
    credentials: Credentials | None = None
    bot_id: str | None = None
    requests_per_minute: int = 100
    limiter: SlidingWindowLimiter | None = None
    is_read_only: bool = False
    timeout_s: float = 5.0
