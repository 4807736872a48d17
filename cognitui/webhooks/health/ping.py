"""The signed ping: a callback that says of itself that it is a test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.compose import compose
from cognitui.callbacks.schemes.ready import COGNIGY

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.cognigy.models import TriggerEvent

TEXT = "This is a test by cognitui. Please do nothing about it."


def ping_for(
    event: TriggerEvent, skill_id: str, secret: Secret, scheme: Scheme = COGNIGY
) -> Callback:
    """A ping for a webhook of a skill, of an event, with ``"test": true`` in its body.

    Raises:
        UsageError: The secret is empty or not what the scheme can read.
    """
    return compose(
        event=event,
        skill_id=skill_id,
        secret=secret,
        text=TEXT,
        session_id="cognitui-health-check",
        template={"test": True},
        scheme=scheme,
    )
