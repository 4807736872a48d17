"""How we stand with the open tenant, as the header and others tell it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cognitui.cognigy.breaker import BreakerState


class ConnectionState(StrEnum):
    """How we stand with the tenant."""

    NONE = "no tenant"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    LOST = "offline"
    FAILED = "not connected"


@dataclass(frozen=True, slots=True)
class TenantStatus:
    """What the header tells, at one moment.

    Attributes:
        bot_status: The engine's own word; empty while unknown.
        webhooks_used: ``None`` while not counted.
        problem: Why we are not connected.
        is_read_only: Whether nothing may be changed at the tenant or sent to an endpoint.
        is_production: Whether each change there has to be confirmed by the tenant's name.
        colour: What the tenant is told from others by; ``none`` when by nothing.
    """

    tenant: str = ""
    connection: ConnectionState = ConnectionState.NONE
    problem: str = ""
    bot_name: str = ""
    bot_status: str = ""
    bot_is_healthy: bool | None = None
    webhooks_used: int | None = None
    webhook_limit: int = 50
    requests_left: int = 0
    requests_per_minute: int = 100
    breaker: BreakerState = BreakerState.CLOSED
    is_read_only: bool = False
    is_production: bool = False
    colour: str = "none"
