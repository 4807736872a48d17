"""What may have been signed around the body: timestamps, ids, the URL."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.body import read_object, timestamp_of
from cognitui.callbacks.explain.cause import Cause
from cognitui.callbacks.schemes.scheme import ID, TIMESTAMP
from cognitui.callbacks.schemes.signing import signed_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.callbacks.explain.paste import PastedRequest
    from cognitui.callbacks.schemes.scheme import SignedHeaders

MAX_VALUES = 6
_STAMP = re.compile(rb"[0-9]{10}(?:[0-9]{3}|[0-9]{6})?")
_STAMP_IN_VALUE = re.compile(rb"(?:^|[,; ])t(?:s|imestamp)?=([0-9]{10}(?:[0-9]{3})?)(?![0-9])")
_ID = re.compile(rb"[!-~]{1,256}")
_MS = 13
_MAX_URL = 8000
_MAX_ID = 256
_MAX_STAMP = 64


@dataclass(frozen=True, slots=True)
class Content:
    """A way to put together what is signed.

    Attributes:
        causes: How it differs from the scheme's; empty when it does not.
        of: Makes it from a body.
    """

    causes: tuple[Cause, ...]
    of: Callable[[bytes], bytes] = field(repr=False)


_AGREE = "Let both sides sign the same text, as the scheme says; see its description."
CONTENT = Cause(
    "content_other",
    "if what is signed is {}",
    "The sender puts something else together than this scheme: it follows another one.",
    f"{_AGREE} Or choose the scheme, or a profile of your own, that the sender follows.",
)
BODY_ONLY = Cause(
    "content_body_only",
    "if the body alone is signed",
    "The sender leaves out the timestamp and the id that this scheme signs with the body.",
    f"{_AGREE} A timestamp that is not signed can be replaced by whoever captures a callback.",
)
UNIT = Cause(
    "content_timestamp_unit",
    "with the signed timestamp in {}",
    "The sender signs the time in one unit and sends it in another.",
    "Take the time once, and use the same text in the header and in what is signed.",
)
STAMP = Cause(
    "content_timestamp_other",
    "with another timestamp signed: {}",
    "The sender takes the time twice, once to sign it and once to send it, or the header was "
    "exchanged on the way.",
    "Take the time once, and use the same text in the header and in what is signed.",
)
DELIVERY_ID = Cause(
    "content_id_other",
    "with another id signed: {}",
    "The id that was signed is not the one in the scheme's header.",
    "Use one id for the header and for what is signed.",
)
URL = Cause(
    "content_url",
    "if what is signed is {}",
    "The sender signs the request's address too.",
    f"{_AGREE} If the address is signed, proxies must not change what the endpoint takes it for.",
)
DIGEST = Cause(
    "content_digest",
    "if what is signed is {}",
    "The sender signs a digest of the body in place of the body.",
    _AGREE,
)

_SHAPES = (
    "{timestamp}.{body}", "{id}.{timestamp}.{body}", "{timestamp},{body}", "{timestamp}:{body}",
    "v0:{timestamp}:{body}", "{timestamp}{body}", "{body}{timestamp}", "{body}.{timestamp}",
    "{timestamp}\n{body}", "{id}.{body}", "{id}:{timestamp}:{body}", "{id}{timestamp}{body}",
    "{timestamp}.{id}.{body}", "{timestamp}|{body}", "{timestamp}-{body}", "{timestamp}+{body}",
    "v1:{timestamp}:{body}", "{timestamp};{body}",
)  # fmt: skip


def contents_of(part: SignedHeaders, request: PastedRequest, found: dict[str, list[bytes]]) \
        -> Iterator[Content]:  # fmt: skip
    """Every way to try, beginning with the scheme's own."""
    stamps = _stamps(part, request, found)
    ids = _ids(part, request, found)
    first_stamp = stamps[0][1] if stamps else b""
    first_id = ids[0][1] if ids else b""
    own = part.signs
    yield Content((), _filled(part.signs, first_stamp, first_id))
    if part.covers_timestamp or part.covers_id:
        for cause, stamp in stamps[1:]:
            yield Content((cause,), _filled(own, stamp, first_id))
        for cause, name in ids[1:]:
            yield Content((cause,), _filled(own, first_stamp, name))
        yield Content((BODY_ONLY,), _filled("{body}", b"", b""))
    for shape in _SHAPES:
        if shape == own or not stamps or (ID in shape and not ids):
            continue
        cause = CONTENT.named(f"“{_shown(shape)}”")
        yield Content((cause,), _filled(shape, first_stamp, first_id))
        if TIMESTAMP in shape:
            for other, stamp in stamps[1:]:
                yield Content((cause, other), _filled(shape, stamp, first_id))
    yield from _addresses(request, first_stamp)
    yield from _digests()


def _filled(shape: str, stamp: bytes, name: bytes) -> Callable[[bytes], bytes]:
    from cognitui.callbacks.schemes.scheme import SignedHeaders

    part = SignedHeaders("", "", signs=shape)
    return lambda body: signed_content(part, body, stamp, name)


def _shown(shape: str) -> str:
    return shape.replace("{", "").replace("}", "").replace("\n", "⏎")


# Values to fill in


def _stamps(
    part: SignedHeaders, request: PastedRequest, found: dict[str, list[bytes]]
) -> list[tuple[Cause, bytes]]:
    """The header's timestamp first, then others that the request says, each once."""
    own: list[bytes] = []
    if TIMESTAMP in part.value:
        for value in found.get(part.header.lower(), [])[:1]:
            own += _STAMP_IN_VALUE.findall(value[:1000])
    own += found.get(part.timestamp_header.lower(), []) if part.timestamp_header else []
    values = [(STAMP.named("the second of the header"), value[:_MAX_STAMP]) for value in own[:2]]
    for value in own[:2]:
        values += _other_units(value.strip())
    values += _stamps_elsewhere(request.body, found)
    known = {value: cause for cause, value in reversed(values)}
    return [(cause, value) for cause, value in values if known[value] is cause][:MAX_VALUES]


def _stamps_elsewhere(body: bytes, found: dict[str, list[bytes]]) -> Iterator[tuple[Cause, bytes]]:
    # Where the scheme's own header is missing, the first of these takes its place.
    for name, values in found.items():
        if ("time" in name or name.endswith(("-ts", "date"))) and _STAMP.fullmatch(values[0]):
            yield STAMP.named("that of another header"), values[0]
    in_body = timestamp_of(body)
    if in_body is not None:
        yield STAMP.named("the one inside the body"), str(in_body).encode()
        yield STAMP.named("the one inside the body, in seconds"), str(in_body // 1000).encode()


def _other_units(value: bytes) -> Iterator[tuple[Cause, bytes]]:
    if not _STAMP.fullmatch(value):
        return
    if len(value) == _MS:
        yield UNIT.named("seconds"), value[:10]
    elif len(value) < _MS:
        yield UNIT.named("milliseconds"), value + b"000"
    else:
        yield UNIT.named("milliseconds"), value[:13]
        yield UNIT.named("seconds"), value[:10]


def _ids(
    part: SignedHeaders, request: PastedRequest, found: dict[str, list[bytes]]
) -> list[tuple[Cause, bytes]]:
    known: dict[bytes, Cause] = {}
    own = found.get(part.id_header.lower(), []) if part.id_header else []
    for value in own[:2]:
        known.setdefault(value[:_MAX_ID], DELIVERY_ID.named("the second of the header"))
    for name, values in found.items():
        if name.endswith(("-id", "_id", "delivery")) and _ID.fullmatch(values[0]):
            known.setdefault(values[0], DELIVERY_ID.named("that of another header"))
    fields = read_object(request.body) or {}
    for name in ("deliveryId", "delivery_id", "id", "eventId"):
        inner = fields.get(name)
        if isinstance(inner, str) and 0 < len(inner) <= _MAX_ID:
            known.setdefault(_bytes(inner), DELIVERY_ID.named("the one inside the body"))
    return [(cause, value) for value, cause in list(known.items())[:MAX_VALUES]]


# Shapes beyond the list


def _addresses(request: PastedRequest, stamp: bytes) -> Iterator[Content]:
    target = request.target[:_MAX_URL]
    host = next((value for name, value in request.headers if name.lower() == "host"), "")
    path = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/]*", "", target) or "/"
    urls = {target} if "://" in target else set()
    if host:
        urls |= {f"{scheme}://{host[:300]}{path}" for scheme in ("http", "https")}
    texts = [("the URL", url) for url in sorted(urls)]
    texts += [("the path", path), ("the path without its query", path.partition("?")[0])]
    method = _bytes(request.method[:20])
    for name, text in texts:
        address = _bytes(text)
        for about, pieces in (
            (f"{name} and the body", (address, None)),
            (f"{name}, a line end and the body", (address, b"\n", None)),
            (f"{name}, a dot and the body", (address, b".", None)),
            (f"{name}, a colon and the body", (address, b":", None)),
            (f"the body and {name}", (None, address)),
            (f"the timestamp, {name} and the body", (stamp, address, None)),
            (f"the method, {name} and the body", (method, address, None)),
            (f"the method, {name} and the body on lines", (method, b"\n", address, b"\n", None)),
            (f"the method, a space, {name} and the body", (method, b" ", address, None)),
            (
                f"the method, {name}, the timestamp and the body",
                (method, address, stamp, None),
            ),
            (
                f"the method, {name}, the timestamp and the body on lines",
                (method, b"\n", address, b"\n", stamp, b"\n", None),
            ),
            (f"the timestamp, the method, {name} and the body", (stamp, method, address, None)),
        ):
            yield Content((URL.named(about),), _joined(pieces))


def _joined(pieces: tuple[bytes | None, ...]) -> Callable[[bytes], bytes]:
    """The pieces in a row, with the body in the place of none."""
    return lambda body: b"".join(body if piece is None else piece for piece in pieces)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _digests() -> Iterator[Content]:
    for about, of in (
        ("the body's SHA-256 in hex", lambda b: hashlib.sha256(b).hexdigest().encode()),
        ("the body's SHA-256", lambda b: hashlib.sha256(b).digest()),
        ("the body's SHA-1 in hex", lambda b: hashlib.sha1(b).hexdigest().encode()),  # noqa: S324
        ("the body's MD5 in hex", lambda b: hashlib.md5(b).hexdigest().encode()),  # noqa: S324
    ):
        yield Content((DIGEST.named(about),), of)
