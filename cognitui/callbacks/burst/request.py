"""Makes the requests of a burst: no two alike, each signed with the time at which it is made."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.burst.signer import Signer
from cognitui.callbacks.compose import (
    DEFAULT_TEXT,
    MESSAGE_TYPE,
    USER_AGENT,
    check_size,
    encode,
)
from cognitui.callbacks.template import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.callbacks.burst.plan import Target
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.cognigy.models import TriggerEvent

_CHANGING = 4


@dataclass(frozen=True, slots=True)
class BurstContent:
    """What the callbacks of a burst tell of.

    Attributes:
        event: The event.
        skill_id: The skill it happened in.
        text: What the user of the bot said.
        template: The trigger's payload template, laid over the standard body.
    """

    event: TriggerEvent
    skill_id: str
    text: str = DEFAULT_TEXT
    template: Mapping[str, Any] | None = None


class RequestMaker:
    """Makes one request after the other; what all of them share is made once.

    Each has a session and a delivery id of its own, and its time, in the body as well as in the
    headers, so that the signature covers them by any scheme that signs the body.

    Args:
        target: Where they go.
        content: What they tell of.
        scheme: How they are signed.
        secret: What the webhook was registered with.

    Raises:
        TemplateError: The template cannot be filled in, or its result is not JSON.
        UsageError: The secret cannot be used, or the body is too long or no valid UTF-8.
    """

    def __init__(
        self, target: Target, content: BurstContent, *, scheme: Scheme, secret: Secret
    ) -> None:
        self._signer = Signer(scheme, secret)
        self._run = secrets.token_hex(6)
        self._pieces, self._order = _cut(content)
        self._head = (
            f"POST {target.path} HTTP/1.1\r\nHost: {target.authority}\r\n"
            f"User-Agent: {USER_AGENT}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        )
        self._sent_at = (0, "")
        check_size(self.body(0, 10**12, self.delivery_id(0)))

    def delivery_id(self, number: int) -> str:
        """The name of a delivery, which no other of this burst or another one has."""
        return f"msg_{self._run}{number:012x}"

    def request(self, number: int, timestamp_ms: int) -> bytes:
        """The bytes of a request.

        Args:
            number: Which one of the burst it is, from 0.
            timestamp_ms: When it is made, in ms since 1970.
        """
        delivery_id = self.delivery_id(number)
        body = self.body(number, timestamp_ms, delivery_id)
        lines = self._signer.lines(body, timestamp_ms, delivery_id)
        return f"{self._head}{len(body)}\r\n{lines}\r\n".encode() + body

    def body(self, number: int, timestamp_ms: int, delivery_id: str) -> bytes:
        """The body of a request, signed and sent as it is."""
        if self._sent_at[0] != timestamp_ms:
            self._sent_at = (timestamp_ms, _iso(timestamp_ms))
        values = (
            str(timestamp_ms),
            f"sess_{self._run[:6]}{number:06x}",
            delivery_id,
            self._sent_at[1],
        )
        filled = self._pieces.copy()
        for place, which in self._order:
            filled[place] = values[which]
        return "".join(filled).encode("utf-8")


def _cut(content: BurstContent) -> tuple[list[str], list[tuple[int, int]]]:
    """The text of the body in pieces, and which piece holds which of the changing values."""
    # A number of thirteen digits and texts that nothing else in the body can be taken for.
    stamp = 10**12 + secrets.randbelow(9 * 10**12)
    marks = [str(stamp), *(secrets.token_hex(16) for _ in range(_CHANGING - 1))]
    fields = {
        "skillId": content.skill_id,
        "trigger": content.event.value,
        "timestamp": stamp,
        "sessionId": marks[1],
        "message": {"text": content.text, "type": MESSAGE_TYPE},
        "deliveryId": marks[2],
        "sentAt": marks[3],
    }
    values = {
        "skillId": content.skill_id,
        "trigger": content.event.value,
        "timestamp": stamp,
        "sessionId": marks[1],
        "message.text": content.text,
        "message.type": MESSAGE_TYPE,
    }
    text = encode(fields | render(content.template or {}, values)).decode("utf-8")
    pieces = re.split(f"({'|'.join(marks)})", text)
    order = [(place, marks.index(piece)) for place, piece in enumerate(pieces) if piece in marks]
    return pieces, order


def _iso(timestamp_ms: int) -> str:
    seconds, ms = divmod(timestamp_ms, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms:03}Z"
