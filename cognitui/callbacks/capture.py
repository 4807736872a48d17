"""One callback as it is kept in a file, and how it becomes a callback again."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.body import MAX_BODY_BYTES, event_of, read_object
from cognitui.callbacks.compose import Callback
from cognitui.callbacks.errors import CaptureError
from cognitui.callbacks.schemes.keys import key_of
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.schemes.scheme import KeyForm, SignedHeaders, StaticHeader
from cognitui.callbacks.schemes.signing import static_value
from cognitui.clock import unix_ms
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.callbacks.received import Received
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret

VERSION = 1
MAX_FILE_BYTES = 3 * MAX_BODY_BYTES
_MAX_HEADERS = 100
_MAX_TEXT = 20_000
_MASKED = re.compile(r"sha256:[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Capture:
    """A callback that was kept. All of it is a stranger's: show it with `display.safe_text`.

    Attributes:
        received_at: When it arrived, in UTC.
        method: How it was sent.
        path: Where to.
        headers: Its headers as they came, bytes that are no UTF-8 as surrogates; of one that said a
            secret only the fingerprint.
        body: The raw bytes.
        scheme_id: The scheme it was judged by.
        accepted: Whether it was accepted then.
        reason: The verdict of then in words.
        status: What it was answered with; 0 for no answer.
        event: The event that its body names.
        delivery_id: The delivery it belongs to.
        sent_at_ms: When it was sent, in ms since 1970.
        bookmarked: Whether it is kept when older ones make way.
        name: What it is called in its directory; empty until it is there.
    """

    received_at: datetime
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    scheme_id: str
    accepted: bool
    reason: str
    status: int
    event: str | None = None
    delivery_id: str | None = None
    sent_at_ms: int | None = None
    bookmarked: bool = False
    name: str = ""


def capture_of(received: Received, *, bookmarked: bool = False) -> Capture:
    """What is kept of a callback that arrived. Secrets are not in it."""
    return Capture(
        received.at,
        received.method,
        received.path,
        tuple(
            (name.decode("latin-1"), value.decode("utf-8", "surrogateescape"))
            for name, value in received.raw_headers
        ),
        received.body,
        received.scheme_id,
        received.verdict.accepted,
        received.verdict.reason,
        received.status,
        str(received.event) if received.event else None,
        received.delivery_id,
        received.sent_at_ms,
        bookmarked,
    )


def replay(
    capture: Capture, *, secret: Secret | None = None, scheme: Scheme | None = None
) -> Callback:
    """The callback that is sent again byte for byte: the same headers, the same body.

    Each attempt of it stays the same; a receiver that remembers will call it a replay.

    Args:
        capture: What was kept.
        secret: Only for a header that says the secret itself, which is never kept.
        scheme: The scheme of then, where it is a person's own.

    Raises:
        UsageError: A header said a secret and none is given, or the scheme is not known.
    """
    then = scheme or READY.get(capture.scheme_id)
    if then is None:
        raise UsageError(
            f"The scheme {capture.scheme_id} is not known here.",
            hint="Name the scheme that it was received with.",
            field="scheme",
        )
    static = {part.header.lower(): part for part in then.parts if isinstance(part, StaticHeader)}
    headers = tuple(
        (name, _unmasked(name, value, static.get(name), secret)) for name, value in capture.headers
    )
    signed = {part.header.lower() for part in then.parts if isinstance(part, SignedHeaders)}
    return Callback(
        body=capture.body,
        headers=headers,
        event=event_of(read_object(capture.body)),
        timestamp_ms=capture.sent_at_ms or unix_ms(capture.received_at),
        signature=next((value for name, value in headers if name in signed), ""),
        delivery_id=capture.delivery_id or "",
        scheme=then,
    )


def _unmasked(name: str, value: str, part: StaticHeader | None, secret: Secret | None) -> str:
    if not _MASKED.fullmatch(value):
        return value
    if part is None or secret is None:
        raise UsageError(
            f"Its {name} header said a secret, which is never kept.",
            hint="Give the secret to send it again." if part else "Compose a new callback instead.",
            field="secret",
        )
    return static_value(part, key_of(secret, KeyForm.LITERAL))


def written(capture: Capture) -> bytes:
    """The capture as its file says it."""
    fields = {
        "version": VERSION,
        "received_at": capture.received_at.astimezone(UTC).isoformat(),
        "bookmarked": capture.bookmarked,
        "method": capture.method,
        "path": capture.path,
        "headers": [list(header) for header in capture.headers],
        "scheme": capture.scheme_id,
        "accepted": capture.accepted,
        "reason": capture.reason,
        "status": capture.status,
        "event": capture.event,
        "delivery_id": capture.delivery_id,
        "sent_at_ms": capture.sent_at_ms,
        "body_base64": base64.b64encode(capture.body).decode("ascii"),
    }
    return json.dumps(fields, indent=1).encode("ascii") + b"\n"


def read(content: bytes, name: str = "") -> Capture:
    """The capture that a file says; the file may have been written by anybody.

    Raises:
        CaptureError: It is none, or one of a later version.
    """
    fields = read_object(content) if len(content) <= MAX_FILE_BYTES else None
    if fields is None:
        raise _broken(name, "it is not a JSON object of the size that captures have")
    version = fields.get("version")
    if type(version) is int and version > VERSION:
        raise _broken(name, f"it was written by a later cognitui, in version {version}")
    if version != VERSION or isinstance(version, bool):
        raise _broken(name, "it does not say that it is a capture")
    try:
        return replace(_from(fields), name=name)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        part = str(error) if isinstance(error, _WrongField) else "a field is missing"
        raise _broken(name, part) from None


class _WrongField(ValueError):
    """A field holds something else than it should."""


def _from(fields: Mapping[str, Any]) -> Capture:
    try:
        received_at = datetime.fromisoformat(_text(fields, "received_at"))
        body = base64.b64decode(_text(fields, "body_base64", MAX_FILE_BYTES), validate=True)
    except binascii.Error:
        raise _WrongField("body_base64 is not base64") from None
    if received_at.tzinfo is None:
        raise _WrongField("received_at names no time zone")
    if len(body) > MAX_BODY_BYTES:
        raise _WrongField("the body is longer than any that is received")
    return Capture(
        received_at.astimezone(UTC),
        _text(fields, "method"),
        _text(fields, "path"),
        _headers(fields["headers"]),
        body,
        _text(fields, "scheme"),
        fields["accepted"] is True,
        _text(fields, "reason"),
        _number(fields, "status") or 0,
        _maybe(fields, "event"),
        _maybe(fields, "delivery_id"),
        _number(fields, "sent_at_ms"),
        fields["bookmarked"] is True,
    )


def _headers(value: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list) or len(value) > _MAX_HEADERS:
        raise _WrongField("headers is not a list of headers")
    headers = []
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2):  # noqa: PLR2004
            raise _WrongField("a header is not a name and a value")
        name, text = pair
        if not (isinstance(name, str) and isinstance(text, str) and len(text) <= _MAX_TEXT):
            raise _WrongField("a header is not a name and a value")
        if not (name and name.isascii() and name.isprintable() and not set(name) & set(' :"')):
            raise _WrongField("a header has a name that none can have")
        if set(text) & {"\r", "\n", "\0"}:
            raise _WrongField("a header has a line end in it")
        headers.append((name.lower(), text))
    return tuple(headers)


def _text(fields: Mapping[str, Any], name: str, limit: int = _MAX_TEXT) -> str:
    value = fields[name]
    if not isinstance(value, str) or len(value) > limit:
        raise _WrongField(f"{name} is not a text")
    return value


def _maybe(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields, name)


def _number(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    if value is not None and type(value) is not int:
        raise _WrongField(f"{name} is not a whole number")
    return value


def _broken(name: str, why: str) -> CaptureError:
    return CaptureError(
        f"{name or 'This'} cannot be read as a capture: {why}.",
        hint="Captures are the files that cognitui callback listen --save writes.",
    )
