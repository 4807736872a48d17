"""Cuts out of an answer the secret that a callback had to say: some endpoints say it back."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from cognitui.callbacks.compose import MASK, static_headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.compose import Callback

SHORTEST = 6
"""To blot out shorter ones would say more than it hides."""


@dataclass(frozen=True, slots=True)
class Hiding:
    """What has to be hidden.

    Attributes:
        words: In each spelling, the longest first; none for a callback that is signed.
    """

    words: tuple[str, ...] = field(repr=False)

    @classmethod
    def of(cls, callback: Callback) -> Self:
        """What a callback said in confidence."""
        names = static_headers(callback.scheme)
        values = [value for name, value in callback.headers if name.lower() in names]
        words = {form for value in values for word in _words(value) for form in _forms(word)}
        found = (word for word in words if len(word) >= SHORTEST)
        return cls(tuple(sorted(found, key=len, reverse=True)))

    def in_text(self, text: str) -> str:
        """A text without it."""
        for word in self.words:
            text = text.replace(word, MASK)
        return text

    def in_bytes(self, raw: bytes) -> bytes:
        """Bytes without it."""
        for word in self.words:
            raw = raw.replace(word.encode("utf-8", "surrogateescape"), MASK.encode())
        return raw


def _words(value: str) -> Iterator[str]:
    """The value, its parts, and what is encoded in them."""
    yield value
    for part in value.split():
        yield part
        try:
            decoded = base64.b64decode(part, validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        yield decoded
        yield from decoded.split(":", 1)


def _forms(word: str) -> Iterator[str]:
    yield word
    yield json.dumps(word)[1:-1]
    yield quote(word.encode("utf-8", "surrogateescape"), safe="")
    encoded = word.encode("utf-8", "surrogateescape")
    yield base64.b64encode(encoded).decode()
    yield encoded.hex()
