"""Compose a callback as the tenant would: the exact bytes, their signature and the headers."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.__about__ import __version__
from cognitui.callbacks.body import (
    MAX_BODY_BYTES,
    delivery_id_of,
    event_of,
    read_object,
    timestamp_of,
)
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.schemes.scheme import SignedHeaders, StaticHeader
from cognitui.callbacks.schemes.signing import Stamp, new_delivery_id, sign_with
from cognitui.callbacks.template import render
from cognitui.clock import SYSTEM_CLOCK, Clock, unix_ms
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.cognigy.models import TriggerEvent

DEFAULT_TEXT = "Hello, this is a test callback."
MESSAGE_TYPE = "text"
USER_AGENT = f"cognitui/{__version__}"
_UNSENDABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


MASK = "••••••••"
"""Stands for a header's value that is a secret."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One signed callback, ready to be sent as it stands.

    Attributes:
        body: The exact bytes that are signed and sent.
        headers: The headers to send with them, in order.
        event: The event it tells of; ``None`` for bytes that name none.
        timestamp_ms: The moment it is stamped with, in ms since 1970.
        signature: The value of its first signature header; empty when its scheme signs nothing.
        delivery_id: The delivery it belongs to; each attempt of it has the same one.
        scheme: How it was signed.
    """

    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    event: TriggerEvent | None
    timestamp_ms: int
    signature: str
    delivery_id: str = ""
    scheme: Scheme = field(default=COGNIGY, repr=False)
    # Holds the secret inside a function, so that no listing of the fields can show it.
    _again: Callable[[Clock], Callback] | None = field(default=None, repr=False, compare=False)

    def refreshed(self, clock: Clock = SYSTEM_CLOCK) -> Callback:
        """The same delivery with the time of now, signed anew: what a further attempt sends.

        A callback from `compose_raw` comes back unchanged: its bytes and its timestamp were chosen.
        """
        return self if self._again is None else self._again(clock)

    def resend(self) -> Callback:
        """The very same bytes and headers, in each attempt: what a replay sends."""
        return replace(self, _again=None)

    @property
    def shown_headers(self) -> tuple[tuple[str, str], ...]:
        """Its headers as they may be shown: one that says the secret is masked."""
        masked = static_headers(self.scheme)
        return tuple(
            (name, MASK if name.lower() in masked else value) for name, value in self.headers
        )


def compose(
    *,
    event: TriggerEvent,
    skill_id: str,
    secret: Secret,
    text: str = DEFAULT_TEXT,
    session_id: str | None = None,
    template: Mapping[str, Any] | None = None,
    scheme: Scheme = COGNIGY,
    tracked: bool = False,
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
        scheme: How it is signed.
        tracked: Whether the body says ``deliveryId`` and ``sentAt`` too, which makes any signature
            of the body cover them.
        clock: Tells the timestamp.

    Raises:
        TemplateError: The template cannot be filled in, or its result is not JSON.
        UsageError: The secret is empty or not what the scheme can read, or the body is too long or
            no valid UTF-8.
    """
    delivery_id = new_delivery_id()
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
        filled = render(template or {}, _placeholder_values(fields))
        if tracked:
            fields |= {"deliveryId": delivery_id, "sentAt": _written(timestamp_ms)}
        body = encode(fields | filled)
        check_size(body)
        stamp = Stamp(timestamp_ms, delivery_id)
        return _signed(body, scheme, secret, stamp, event=event, again=build)

    return build(clock)


def compose_raw(
    body: bytes,
    *,
    secret: Secret,
    timestamp_ms: int | None = None,
    event: TriggerEvent | None = None,
    scheme: Scheme = COGNIGY,
    clock: Clock = SYSTEM_CLOCK,
) -> Callback:
    """A callback of exactly these bytes, whatever they are: for a body that was edited by hand.

    Args:
        body: Signed and sent as it is; it need not be JSON.
        secret: What the webhook was registered with.
        timestamp_ms: The timestamp header, in ms since 1970. When left out it is the body's own
            ``timestamp``, since a receiver may compare the two, and now when it has none.
        event: The event; when left out, the one that the body names.
        scheme: How it is signed.
        clock: Tells the time where it is needed.

    Raises:
        UsageError: The secret is empty or not what the scheme can read, or the body is too long.
    """
    check_size(body)
    if timestamp_ms is None:
        timestamp_ms = timestamp_of(body) or unix_ms(clock.now())
    fields = read_object(body)
    named = delivery_id_of(fields) or ""
    # An id that a header can carry; the dot is what the signed parts are joined with.
    usable = named.isascii() and named.isprintable() and not set(named) & {" ", "."}
    stamp = Stamp(timestamp_ms, named if named and usable else new_delivery_id())
    return _signed(body, scheme, secret, stamp, event=event or event_of(fields))


def static_headers(scheme: Scheme) -> frozenset[str]:
    """The headers of a scheme that say the secret itself, in lower case."""
    return frozenset(part.header.lower() for part in scheme.parts if isinstance(part, StaticHeader))


def _signed(
    body: bytes,
    scheme: Scheme,
    secret: Secret,
    stamp: Stamp,
    *,
    event: TriggerEvent | None,
    again: Callable[[Clock], Callback] | None = None,
) -> Callback:
    made = sign_with(scheme, body, secret, stamp)
    if any(_UNSENDABLE.search(value) for _, value in made):
        raise UsageError(
            "The secret has a control character in it, which no header can carry.",
            hint="Was it pasted with a line end?",
            field="secret",
        )
    signed = {part.header for part in scheme.parts if isinstance(part, SignedHeaders)}
    # The signature first, as the tenant writes it.
    ordered = sorted(made, key=lambda header: header[0] not in signed)
    headers = (
        ("Content-Type", "application/json"),
        *ordered,
        ("User-Agent", USER_AGENT),
    )
    signature = next((value for name, value in ordered if name in signed), "")
    return Callback(
        body, headers, event, stamp.timestamp_ms, signature, stamp.delivery_id, scheme, again
    )


def _written(timestamp_ms: int) -> str:
    moment = datetime.fromtimestamp(timestamp_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _placeholder_values(fields: Mapping[str, Any]) -> dict[str, Any]:
    nested = {f"message.{name}": value for name, value in fields["message"].items()}
    return {name: value for name, value in fields.items() if name != "message"} | nested


def encode(fields: Mapping[str, Any]) -> bytes:
    """The bytes that carry these fields: compact JSON in UTF-8.

    Raises:
        TemplateError: A value is none that JSON can carry.
        UsageError: A text is none that UTF-8 can carry.
    """
    try:
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
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


def check_size(body: bytes) -> None:
    """Refuse what is too long to be sent.

    Raises:
        UsageError: It is.
    """
    if len(body) > MAX_BODY_BYTES:
        raise UsageError(
            f"The body has {len(body):,} bytes; at most {MAX_BODY_BYTES:,} are sent.", field="body"
        )
