"""Cognigy.AI webhook callbacks: an async client, signing and verifying.

The console and the commands are two more doors to the same core. Names are loaded when they are
first used, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from cognitui.__about__ import __version__

if TYPE_CHECKING:
    from cognitui.callbacks.replay import ReplayCache
    from cognitui.callbacks.sign import sign
    from cognitui.callbacks.verdict import Verdict
    from cognitui.callbacks.verify import verify
    from cognitui.cognigy.bots_v1 import CognigyClient, WebhookChange
    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.errors import (
        ApiError,
        BadRequest,
        CircuitOpen,
        CreateUnconfirmed,
        Forbidden,
        InvalidAnswer,
        LimitReached,
        NotFound,
        OriginRefused,
        RateLimited,
        ServerError,
        TimedOut,
        TransportError,
        Unauthorized,
    )
    from cognitui.cognigy.models import (
        Bot,
        BotStatus,
        RegisteredWebhook,
        Skill,
        Trigger,
        TriggerEvent,
        Webhook,
    )
    from cognitui.errors import CognituiError, UsageError

_HOMES = {
    "cognitui.callbacks.replay": ("ReplayCache",),
    "cognitui.callbacks.sign": ("sign",),
    "cognitui.callbacks.verdict": ("Verdict",),
    "cognitui.callbacks.verify": ("verify",),
    "cognitui.cognigy.bots_v1": ("CognigyClient", "WebhookChange"),
    "cognitui.cognigy.credentials": ("Credentials",),
    "cognitui.cognigy.errors": (
        "ApiError",
        "BadRequest",
        "CircuitOpen",
        "CreateUnconfirmed",
        "Forbidden",
        "InvalidAnswer",
        "LimitReached",
        "NotFound",
        "OriginRefused",
        "RateLimited",
        "ServerError",
        "TimedOut",
        "TransportError",
        "Unauthorized",
    ),
    "cognitui.cognigy.models": (
        "Bot",
        "BotStatus",
        "RegisteredWebhook",
        "Skill",
        "Trigger",
        "TriggerEvent",
        "Webhook",
    ),
    "cognitui.errors": ("CognituiError", "UsageError"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "ApiError",
    "BadRequest",
    "Bot",
    "BotStatus",
    "CircuitOpen",
    "CognigyClient",
    "CognituiError",
    "CreateUnconfirmed",
    "Credentials",
    "Forbidden",
    "InvalidAnswer",
    "LimitReached",
    "NotFound",
    "OriginRefused",
    "RateLimited",
    "RegisteredWebhook",
    "ReplayCache",
    "ServerError",
    "Skill",
    "TimedOut",
    "TransportError",
    "Trigger",
    "TriggerEvent",
    "Unauthorized",
    "UsageError",
    "Verdict",
    "Webhook",
    "WebhookChange",
    "__version__",
    "sign",
    "verify",
]


def __getattr__(name: str) -> object:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
