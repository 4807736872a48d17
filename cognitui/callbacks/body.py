"""What a body says about itself, read without trusting it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import Any

from cognitui.clock import unix_ms
from cognitui.cognigy.models import TriggerEvent

MAX_BODY_BYTES = 1024 * 1024
"""The longest body that is composed, and the longest that the receiver reads."""

MAX_SKILL_ID = 200
MAX_DELIVERY_ID = 256
_MAX_MOMENT = 40
TIMESTAMP_DIGITS = 13
_LONGEST_INT = 20


def read_object(body: bytes) -> dict[str, Any] | None:
    """The JSON object that the body is; ``None`` when it is anything else. Never raises.

    It is nobody's to change: whoever asks for the same body next gets the same object.
    """
    # To verify a callback and to list it are two questions to one body.
    if body is _last.body:
        return _last.fields
    try:
        decoded = _DECODER.decode(body.decode("utf-8"))
    except (ValueError, RecursionError):
        decoded = None
    fields = decoded if isinstance(decoded, dict) else None
    _last.body, _last.fields = body, fields
    return fields


def timestamp_of(body: bytes) -> int | None:
    """The body's own ``timestamp``, where that is a whole number of milliseconds."""
    return _moment((read_object(body) or {}).get("timestamp"))


def sent_at_of(fields: dict[str, Any] | None) -> int | None:
    """When decoded fields say that they were sent, in ms since 1970: ``sentAt``, ``timestamp``."""
    named = fields or {}
    value = named.get("sentAt")
    if isinstance(value, str) and len(value) <= _MAX_MOMENT:
        try:
            moment = datetime.fromisoformat(value)
            value = unix_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            value = None
    at = _moment(value)
    return _moment(named.get("timestamp")) if at is None else at


def delivery_id_of(fields: dict[str, Any] | None) -> str | None:
    """The delivery that decoded fields name, where it is a short text."""
    value = (fields or {}).get("deliveryId")
    return value if isinstance(value, str) and 0 < len(value) <= MAX_DELIVERY_ID else None


def _moment(value: object) -> int | None:
    # A bool is an int to Python, but not a moment.
    if type(value) is int and len(str(value)) == TIMESTAMP_DIGITS and value > 0:
        return value
    return None


def event_of(fields: dict[str, Any] | None) -> TriggerEvent | None:
    """The event that decoded fields name, where it is one that we know."""
    value = (fields or {}).get("trigger")
    if not isinstance(value, str) or value not in TriggerEvent.__members__:
        return None
    return TriggerEvent(value)


def skill_id_of(fields: dict[str, Any] | None) -> str | None:
    """The skill that decoded fields name, cut to a length that can be shown."""
    value = (fields or {}).get("skillId")
    return value[:MAX_SKILL_ID] if isinstance(value, str) else None


def _bounded_int(digits: str) -> int | float:
    # Python converts long runs of digits in quadratic time, and refuses very long ones.
    return int(digits) if len(digits) <= _LONGEST_INT else float(digits)


# Made once: json.loads would make one for each body.
_DECODER = json.JSONDecoder(parse_int=_bounded_int)


class _Last(threading.local):
    """What was read last, in each thread."""

    body: bytes | None = None
    fields: dict[str, Any] | None = None


_last = _Last()
