"""The one spelling of a record that its MAC is over, and the key that makes MACs.

A record is spelt as one JSON object, in ASCII, with sorted keys and without spaces::

    {"action":…,"actor":…,…,"domain":"cognitui.audit.record","id":7,…,"previous":"<64 hex>",
     …,"version":1,…}

It holds every column as it is stored, the record's number, and the MAC of the record before it in
hex. Times that are fractions are texts as `repr` gives them, because JSON has no one spelling of a
number. Other statements that are signed have other domains, so that none can stand for another.
"""

from __future__ import annotations

import json
from hmac import digest
from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = 1
"""Of the spelling; it is part of what is spelt."""

KEY_BYTES = 32
compact = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
"""The one spelling of a small statement."""


class Key:
    """The key of one log. It shows nothing of itself where local variables are printed.

    Attributes:
        log: The id of the log that it belongs to, 32 hex digits.
        raw: Its 32 bytes.
    """

    __slots__ = ("log", "raw")

    def __init__(self, log: str, raw: bytes) -> None:
        self.log = log
        self.raw = raw

    def __repr__(self) -> str:
        return f"Key(log={self.log!r}, …)"

    @property
    def beginning(self) -> str:
        """What stands for the record before the first, in hex."""
        return self.sign("beginning", {})

    def mac(self, row: tuple[Any, ...], previous: str) -> bytes:
        """The MAC of a record.

        Args:
            row: The columns of `schema.COLUMNS`, in its order.
            previous: The MAC of the record before it, in hex.

        Raises:
            TypeError: A column holds what no version of this program writes.
        """
        return digest(self.raw, spelt(row, previous), "sha256")

    def sign(self, purpose: str, values: Mapping[str, Any]) -> str:
        """The MAC of another statement about this log, in hex."""
        statement = {
            **values,
            "domain": f"cognitui.audit.{purpose}",
            "log": self.log,
            "version": VERSION,
        }
        return digest(self.raw, compact(statement).encode(), "sha256").hex()


def spelt(row: tuple[Any, ...], previous: str) -> bytes:
    """A record as its MAC sees it.

    Raises:
        TypeError: A column holds what no version of this program writes.
    """
    # A million records are spelt when a log is verified: one f-string takes a quarter of the time
    # that the encoder of dictionaries takes.
    (number, at, monotonic, operation_id, tenant, bot_id, action, webhook_id, skill_id,
     endpoint, event, outcome, latency_ms, attempts, error_code, detail, before, after,
     actor) = row  # fmt: skip
    if type(monotonic) is not float or not (latency_ms is None or type(latency_ms) is float):
        raise TypeError("a time is no number")
    latency = "null" if latency_ms is None else f'"{latency_ms!r}"'
    return (
        f'{{"action":{_text(action)},"actor":{_text(actor)},'
        f'"after":{"null" if after is None else _text(after)},'
        f'"at":{_text(at)},"attempts":{_text(attempts)},'
        f'"before":{"null" if before is None else _text(before)},'
        f'"bot_id":{_text(bot_id)},"detail":{_text(detail)},"domain":"cognitui.audit.record",'
        f'"endpoint":{_text(endpoint)},"error_code":{_text(error_code)},"event":{_text(event)},'
        f'"id":{number},"latency_ms":{latency},"monotonic":"{monotonic!r}",'
        f'"operation_id":{_text(operation_id)},"outcome":{_text(outcome)},"previous":"{previous}",'
        f'"skill_id":{_text(skill_id)},"tenant":{_text(tenant)},"version":{VERSION},'
        f'"webhook_id":{_text(webhook_id)}}}'
    ).encode("ascii")
