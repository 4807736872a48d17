"""The signed ping: a callback that says of itself that it is a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.compose import compose
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.cognigy.models import TriggerEvent

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.cognigy.models import RegisteredWebhook

TEXT = "This is a test by cognitui. Please do nothing about it."


def ping_for(webhook: RegisteredWebhook, secret: Secret, scheme: Scheme = COGNIGY) -> Callback:
    """A ping for a webhook, of an event that it listens to, with ``"test": true`` in its body.

    Raises:
        UsageError: The secret is empty or not what the scheme can read.
    """
    known = set(TriggerEvent)
    events = [trigger.event for trigger in webhook.triggers if trigger.event in known]
    return compose(
        event=TriggerEvent(events[0]) if events else TriggerEvent.ON_MESSAGE,
        skill_id=webhook.skill_id,
        secret=secret,
        text=TEXT,
        session_id="cognitui-health-check",
        template={"test": True},
        scheme=scheme,
    )
