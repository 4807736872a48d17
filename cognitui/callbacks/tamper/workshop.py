"""Where requests are made: signed as the scheme wants it, but for what an attack changes."""

from __future__ import annotations

import base64
import json
import re
import secrets as random_source
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from cognitui.__about__ import __version__
from cognitui.callbacks.schemes.keys import key_of, mac, written
from cognitui.callbacks.schemes.scheme import (
    SIGNATURE,
    TIMESTAMP,
    Encoding,
    KeyForm,
    SignedHeaders,
    StaticHeader,
)
from cognitui.callbacks.schemes.signing import new_delivery_id, signed_content, static_value
from cognitui.callbacks.sign import secret_bytes
from cognitui.callbacks.tamper.case import Shot

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from cognitui.callbacks.schemes.scheme import Algorithm, Scheme
    from cognitui.callbacks.sign import Secret

JSON_TYPE = "application/json"
USER_AGENT = f"cognitui/{__version__} (probe)"
TEXT = "This is a test callback of cognitui."
_TIMED_PIECE = re.compile(r"[A-Za-z0-9_-]*=?\{timestamp\}[,;.: ]?")

Values: TypeAlias = "Callable[[SignedHeaders, str], Sequence[str | bytes]]"
"""Makes the values of a signature's header, one header each, from the right one."""


def as_it_is(_part: SignedHeaders, value: str) -> Sequence[str]:
    """The signature's header as the scheme wants it."""
    return (value,)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and what an attack changes about it. All defaults are honest.

    Attributes:
        body: The bytes that are sent.
        at_ms: The moment that is signed where the scheme signs one.
        delivery_id: Made up when left empty.
        signed_body: The bytes that are signed instead of those that are sent.
        header_ms: The moment that the headers say instead of the one that is signed.
        time_text: Writes the moment, both where it is sent and where it is signed; an answer of
            ``None`` leaves the timestamp out.
        more_times: Further timestamp headers, from the text of the first.
        sent_id: The id that is sent instead of the one that is signed.
        key: Signs instead of the secret.
        algorithm: Signs instead of the scheme's.
        digest: Changes the bytes of the signature before they are written down.
        coded: Changes how they are written down.
        values: Changes the header they stand in.
    """

    body: bytes = field(repr=False)
    at_ms: int
    delivery_id: str = ""
    signed_body: bytes | None = field(default=None, repr=False)
    header_ms: int | None = None
    time_text: Callable[[SignedHeaders, int], str | None] | None = None
    more_times: Callable[[str], tuple[str, ...]] | None = None
    sent_id: str | None = None
    key: bytes | None = field(default=None, repr=False)
    algorithm: Algorithm | None = None
    digest: Callable[[bytes], bytes] | None = None
    coded: Callable[[str], str] | None = None
    values: Values = as_it_is


class Workshop:
    """Makes the requests of one case; every one has a body that nobody has seen before.

    Args:
        scheme: How the endpoint verifies.
        secret: What it verifies with.
        now_ms: When the requests are sent, in ms since 1970.
        fields: Laid over the fields of each body.
    """

    def __init__(
        self, scheme: Scheme, secret: Secret, now_ms: int, fields: Mapping[str, Any] | None = None
    ) -> None:
        self.scheme = scheme
        self.now_ms = now_ms
        self._secret = secret
        self._fields = dict(fields or {})

    def __repr__(self) -> str:
        return f"Workshop({self.scheme.id!r})"

    @property
    def parts(self) -> tuple[SignedHeaders, ...]:
        """Those headers of the scheme that are signed."""
        return tuple(part for part in self.scheme.parts if isinstance(part, SignedHeaders))

    def fields(self, at_ms: int | None = None) -> dict[str, Any]:
        """The fields of a new body."""
        moment = self.now_ms if at_ms is None else at_ms
        return {
            "skillId": "skill_probe",
            "trigger": "ON_MESSAGE",
            "timestamp": moment,
            "sessionId": f"sess_{random_source.token_hex(6)}",
            "message": {"text": TEXT, "type": "text"},
            "deliveryId": new_delivery_id(),
        } | self._fields

    def body(self, at_ms: int | None = None) -> bytes:
        """A new body, as compact as most senders write it."""
        return compact(self.fields(at_ms))

    def letter(self, body: bytes | None = None) -> Letter:
        """An honest callback that nobody has seen before."""
        return Letter(self.body() if body is None else body, self.now_ms)

    def wrong_key(self) -> bytes:
        """A key of the usual size that is not the endpoint's."""
        return random_source.token_bytes(32)

    def shot(
        self,
        letter: Letter,
        *,
        content_type: str = JSON_TYPE,
        user_agent: str = USER_AGENT,
        more: Sequence[tuple[str, str | bytes]] = (),
        method: str = "POST",
        query: str = "",
        path: str = "",
        is_trickled: bool = False,
    ) -> Shot:
        """The request for a letter."""
        signed, right = self._signed_headers(letter)
        headers = [("Content-Type", content_type), *signed, ("User-Agent", user_agent), *more]
        raw = tuple((name, _raw(value)) for name, value in headers)
        sent = b"\n".join(value for _, value in raw).lower()
        return Shot(
            headers=raw,
            body=letter.body,
            # What we have sent ourselves may come back.
            right_signatures=tuple(text for text in right if text.lower() not in sent),
            method=method,
            query=query,
            path=path,
            is_trickled=is_trickled,
        )

    def _signed_headers(
        self, letter: Letter
    ) -> tuple[list[tuple[str, str | bytes]], tuple[bytes, ...]]:
        delivery_id = letter.delivery_id or new_delivery_id()
        headers: list[tuple[str, str | bytes]] = []
        right: list[bytes] = []
        for part in self.scheme.parts:
            if isinstance(part, StaticHeader):
                key = key_of(self._secret, KeyForm.LITERAL)
                headers.append((part.header, static_value(part, key)))
                continue
            signed_at = _time_text(letter, part, letter.at_ms)
            sent_ms = letter.at_ms if letter.header_ms is None else letter.header_ms
            sent_at = _time_text(letter, part, sent_ms)
            sent_id = delivery_id if letter.sent_id is None else letter.sent_id
            if part.id_header:
                headers.append((part.id_header, sent_id))
            if part.timestamp_header and sent_at is not None:
                further = letter.more_times(sent_at) if letter.more_times is not None else ()
                headers += [(part.timestamp_header, text) for text in (sent_at, *further)]
            value = self._value(part, letter, (signed_at or "", delivery_id), sent_at)
            headers += [(part.header, text) for text in letter.values(part, value)]
            key = key_of(self._secret, part.key)
            content = signed_content(
                part, letter.body, (sent_at or "").encode("utf-8"), sent_id.encode("utf-8")
            )
            digest = mac(content, key, part.algorithm)
            right += [written(digest, encoding).encode("ascii") for encoding in Encoding]
        return headers, tuple(right)

    def _value(
        self, part: SignedHeaders, letter: Letter, signed: tuple[str, str], sent_at: str | None
    ) -> str:
        """The header that holds the signature, by the scheme but for what the letter changes."""
        at, delivery_id = signed
        body = letter.body if letter.signed_body is None else letter.signed_body
        content = signed_content(part, body, at.encode("utf-8"), delivery_id.encode("utf-8"))
        key = key_of(self._secret, part.key) if letter.key is None else letter.key
        digest = mac(content, key, letter.algorithm or part.algorithm)
        if letter.digest is not None:
            digest = letter.digest(digest)
        text = written(digest, part.encoding)
        if letter.coded is not None:
            text = letter.coded(text)
        form = part.value if sent_at is not None else _TIMED_PIECE.sub("", part.value)
        return form.replace(TIMESTAMP, sent_at or "").replace(SIGNATURE, text)

    def secret_forms(self) -> tuple[bytes, ...]:
        """How the secret would look in an answer; for looking only."""
        raw = secret_bytes(self._secret)
        forms = {raw, base64.b64encode(raw), raw.hex().encode("ascii")}
        forms |= {key_of(self._secret, part.key) for part in self.parts}
        return tuple(form for form in forms if len(form) >= _LEAST_SECRET)


_LEAST_SECRET = 6
"""A shorter one would be found by chance."""


def compact(fields: Mapping[str, Any]) -> bytes:
    """JSON without spaces, in UTF-8."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def _time_text(letter: Letter, part: SignedHeaders, at_ms: int) -> str | None:
    if letter.time_text is not None:
        return letter.time_text(part, at_ms)
    return str(at_ms // part.unit.in_ms)


def _raw(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
