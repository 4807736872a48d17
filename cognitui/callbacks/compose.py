"""Compose a callback as the tenant would: the exact bytes, their signature and the headers."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cognitui.__about__ import __version__
from cognitui.callbacks.body import MAX_BODY_BYTES, event_of, read_object, timestamp_of
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign
from cognitui.callbacks.template import render
from cognitui.clock import SYSTEM_CLOCK, Clock, unix_ms
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cognitui.callbacks.sign import Secret
    from cognitui.cognigy.models import TriggerEvent

DEFAULT_TEXT = "Hello, this is a test callback."
MESSAGE_TYPE = "text"
USER_AGENT = f"cognitui/{__version__}"


@dataclass(frozen=True, slots=True)
class Callback:
    """One signed callback, ready to be sent as it stands.

    Attributes:
        body: The exact bytes that are signed and sent.
        headers: The headers to send with them, in order.
        event: The event it tells of; ``None`` for bytes that name none.
        timestamp_ms: The moment in its timestamp header, in ms since 1970.
        signature: The value of its signature header.
    """

    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    event: TriggerEvent | None
    timestamp_ms: int
    signature: str
    # Holds the secret inside a function, so that no listing of the fields can show it.
    _again: Callable[[Clock], Callback] | None = field(default=None, repr=False, compare=False)

    def refreshed(self, clock: Clock = SYSTEM_CLOCK) -> Callback:
        """The same callback with the time of now, signed anew: what a further attempt sends.

        A callback from `compose_raw` comes back unchanged: its bytes and its timestamp were chosen.
        """
        return self if self._again is None else self._again(clock)


def compose(
    *,
    event: TriggerEvent,
    skill_id: str,
    secret: Secret,
    text: str = DEFAULT_TEXT,
    session_id: str | None = None,
    template: Mapping[str, Any] | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Callback:
    """A callback for an event, with the keys of the trigger's template laid over the standard ones.

    Args:
        event: The event it tells of.
        skill_id: The skill the event happened in.
        secret: What the webhook was registered with.
        text: What the user of the bot said.
        session_id: The conversation; a new one when left out.
        template: The trigger's payload template. A key that the standard body has too replaces it.
        clock: Tells the timestamp.

    Raises:
        TemplateError: The template cannot be filled in, or its result is not JSON.
        UsageError: The secret is empty, or the body is too long or no valid UTF-8.
    """
    session = session_id or f"sess_{secrets.token_hex(6)}"

    def build(at: Clock) -> Callback:
        timestamp_ms = unix_ms(at.now())
        fields = {
            "skillId": skill_id,
            "trigger": event.value,
            "timestamp": timestamp_ms,
            "sessionId": session,
            "message": {"text": text, "type": MESSAGE_TYPE},
        }
        body = _encode(fields | render(template or {}, _placeholder_values(fields)))
        return _signed(body, secret=secret, timestamp_ms=timestamp_ms, event=event, again=build)

    return build(clock)


def compose_raw(
    body: bytes,
    *,
    secret: Secret,
    timestamp_ms: int | None = None,
    event: TriggerEvent | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Callback:
    """A callback of exactly these bytes, whatever they are: for a body that was edited by hand.

    Args:
        body: Signed and sent as it is; it need not be JSON.
        secret: What the webhook was registered with.
        timestamp_ms: The timestamp header, in ms since 1970. When left out it is the body's own
            ``timestamp``, since a receiver may compare the two, and now when it has none.
        event: The event; when left out, the one that the body names.
        clock: Tells the time where it is needed.

    Raises:
        UsageError: The secret is empty or the body is too long.
    """
    _check_size(body)
    if timestamp_ms is None:
        timestamp_ms = timestamp_of(body) or unix_ms(clock.now())
    return _signed(
        body, secret=secret, timestamp_ms=timestamp_ms, event=event or event_of(read_object(body))
    )


def _signed(
    body: bytes,
    *,
    secret: Secret,
    timestamp_ms: int,
    event: TriggerEvent | None,
    again: Callable[[Clock], Callback] | None = None,
) -> Callback:
    signature = sign(body, secret)
    headers = (
        ("Content-Type", "application/json"),
        (SIGNATURE_HEADER, signature),
        (TIMESTAMP_HEADER, str(timestamp_ms)),
        ("User-Agent", USER_AGENT),
    )
    return Callback(body, headers, event, timestamp_ms, signature, again)


def _placeholder_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    nested = {f"message.{name}": value for name, value in fields["message"].items()}
    return {name: value for name, value in fields.items() if name != "message"} | nested


def _encode(fields: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        body = text.encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            "The body holds half of a character (a lone surrogate), which UTF-8 cannot carry.",
            hint="Look for \\ud800 to \\udfff in the text and the template.",
            field="text",
        ) from None
    except (TypeError, ValueError) as error:
        raise TemplateError(
            f"The template holds a value that JSON cannot carry ({error}).", field="$"
        ) from None
    _check_size(body)
    return body


def _check_size(body: bytes) -> None:
    if len(body) > MAX_BODY_BYTES:
        raise UsageError(
            f"The body has {len(body):,} bytes; at most {MAX_BODY_BYTES:,} are sent.", field="body"
        )
