"""The callback that a draft's trigger would make: its headers and its body, before it exists."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.callbacks.compose import DEFAULT_TEXT, compose
from cognitui.callbacks.display import safe_json
from cognitui.callbacks.sign import SIGNATURE_HEADER
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import CognituiError
from cognitui.webhooks.draft import template_of

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.webhooks.draft import Draft

UNSIGNED = "not signed yet: there is no secret"
SAMPLE_SKILL = "skill_67890"
SAMPLE_SESSION = "sess_a1b2c3d4e5f6"
# Lets the body be composed before there is a secret; what it signs is not shown.
_NO_KEY = SecretStr("none")


@dataclass(frozen=True, slots=True)
class CallbackPreview:
    """What would arrive at the endpoint.

    Attributes:
        headers: In the order in which they are sent; the signature's value says so when there is
            no secret to sign with.
        body: The body as indented JSON, safe to show. It is sent and signed on one line.
        size: Bytes of the body as it is sent.
        is_signed: Whether the signature is the one that the secret gives.
        problem: Why there is no callback to show; empty when there is.
    """

    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    size: int = 0
    is_signed: bool = False
    problem: str = ""


def preview_callback(
    draft: Draft, event: str, *, at: datetime, secret: SecretStr | None = None
) -> CallbackPreview:
    """The callback for an event, with a sample message and conversation.

    A template that cannot be read yet is left out, as it is of the request.

    Args:
        draft: The webhook as it is being written.
        event: One of its events.
        at: The moment that the callback tells.
        secret: What a registered webhook is known to sign with, when the draft has no new one.
    """
    if event not in TriggerEvent.__members__:
        return CallbackPreview(problem=f"cognitui does not know what {event} sends.")
    typed = draft.secret_key if draft.secret_key.get_secret_value() else secret
    try:
        callback = compose(
            event=TriggerEvent(event),
            skill_id=draft.skill_id.strip() or SAMPLE_SKILL,
            secret=typed or _NO_KEY,
            text=DEFAULT_TEXT,
            session_id=SAMPLE_SESSION,
            template=template_of(draft, event),
            clock=_At(at),
        )
    except CognituiError as error:
        return CallbackPreview(problem=error.message)
    headers = tuple(
        (name, UNSIGNED if name == SIGNATURE_HEADER and typed is None else value)
        for name, value in callback.headers
    )
    body = safe_json(json.loads(callback.body))
    return CallbackPreview(headers, body, len(callback.body), is_signed=typed is not None)


class _At:
    """A clock that stands still. Implements `cognitui.clock.Clock`."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError(f"nothing here waits {seconds} s")
