"""Which signatures a request claims to have, read with more patience than a verifier may have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.cause import Cause
from cognitui.callbacks.explain.keys import from_base64
from cognitui.callbacks.schemes.reading import DIGEST_BYTES, read_signature
from cognitui.callbacks.schemes.scheme import SIGNATURE, Encoding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.schemes.scheme import SignedHeaders

MAX_CLAIMS = 48
MAX_VALUE = 8192
MIN_BYTES = 8
"""Fewer bytes of a signature might match by chance."""

_SHOWN_NAME = 60
_FULL_SIZES = frozenset({20, 28, 32, 48, 64})
_HEX = re.compile(rb"[0-9a-fA-F]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_PIECES = re.compile(rb"[,; \t]+")
_NAMED = re.compile(rb"([A-Za-z][A-Za-z0-9_-]{0,19})[=:](.*)", re.DOTALL)
_AROUND = b" \t\r\n\"'"
_NO_SIGNATURE = re.compile(
    "^(accept|content-|cookie|date$|host$|trace|user-agent|etag)|digest|sha256|md5|checksum|hash"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature that the request says it has.

    Attributes:
        digest: Its bytes.
        causes: What is wrong with how it is written; empty when nothing is.
        is_partial: Whether it is only the begin of one.
    """

    digest: bytes = field(repr=False)
    causes: tuple[Cause, ...]
    is_partial: bool = False


_WRITE = "Write the signature exactly as the scheme says: {}."
HEADER = Cause(
    "header_other",
    "with the signature of the header {}",
    "The signature arrives in another header than the scheme's: {}.",
    "Send it in the scheme's header, or choose the scheme that uses {}. If a proxy renames "
    "headers, tell it not to.",
)
DUPLICATE = Cause(
    "signature_duplicate",
    "with one of the signature headers alone",
    "The signature header is there more than once, and a verifier must not choose.",
    "Send it once; look for a proxy or a client that adds its own.",
)
SEVERAL = Cause(
    "signature_several",
    "with one of the signatures that the header holds",
    "The header holds several signatures, which this scheme does not allow.",
    "Send one. To exchange a secret, let the endpoint accept both secrets for a while.",
)
WHITESPACE = Cause(
    "signature_whitespace",
    "without the whitespace or quotes around the signature",
    "There is whitespace, or there are quotes, around the signature.",
    "Remove them at the sender.",
)
PREFIX_MISSING = Cause(
    "prefix_missing",
    "with {} before the signature",
    "The signature stands in the header without its prefix.",
    "Let the sender write {} before it.",
)
PREFIX_OTHER = Cause(
    "prefix_other",
    "with {} before the signature in place of what is there",
    "The signature has another prefix than the scheme's.",
    "Let the sender write {} before it.",
)
BASE64 = Cause(
    "coding_base64",
    "with the signature read as base64",
    "The sender writes the signature as base64; this scheme wants hex digits.",
    'Encode the digest as hex: .hexdigest(), .digest("hex").',
)
BASE64URL = Cause(
    "coding_base64url",
    "with the signature read as base64url",
    "The sender writes the signature in the alphabet of URLs (- and _), or without padding.",
    "Use the encoding of the scheme: hex, or base64 with + and / and its padding.",
)
HEX = Cause(
    "coding_hex",
    "with the signature read as hex digits",
    "The sender writes the signature as hex digits; this scheme wants base64.",
    "Encode the bytes of the digest as base64.",
)
TWICE = Cause(
    "coding_twice",
    "with the signature decoded twice",
    "The sender encodes the hex digits of the digest as base64, and not its bytes.",
    "Encode the digest once, from its bytes.",
)
TRUNCATED = Cause(
    "signature_truncated",
    "as far as the signature goes: only its begin is there",
    "The signature is cut: by the sender, a field that is too short, or a log that it was copied "
    "from.",
    "Send all of it. A verifier that accepts a part is easier to deceive.",
)
TOO_LONG = Cause(
    "signature_length",
    "with what follows the signature cut off",
    "The signature has more digits than its digest has.",
    "Send the digest alone.",
)
NO_ID = Cause(
    "id_malformed",
    "but for the id: {} does not hold one id that can be signed",
    "The delivery's id is missing, there twice, or holds characters such as a dot or a space.",
    "Send one id of visible ASCII without a dot.",
)


def claims_of(part: SignedHeaders, found: dict[str, list[bytes]]) -> list[Claim]:
    """Every signature that the request may mean, the scheme's own header first."""
    claims: dict[tuple[bytes, bool], Claim] = {}
    for claim in _all(part, found):
        claims.setdefault((claim.digest, claim.is_partial), claim)
        if len(claims) == MAX_CLAIMS:
            break
    return list(claims.values())


def _all(part: SignedHeaders, found: dict[str, list[bytes]]) -> Iterator[Claim]:
    _, read, _ = read_signature(part, found)
    if read is not None:
        for digest in read.digests:
            yield Claim(digest, ())
    values = found.get(part.header.lower(), [])
    about: tuple[Cause, ...] = (DUPLICATE,) if len(values) > 1 else ()
    ids = found.get(part.id_header.lower(), []) if part.id_header else []
    if part.id_header and (len(ids) != 1 or not re.fullmatch(rb"[!-\-/-~]{1,256}", ids[0])):
        about = (*about, NO_ID.named(part.id_header))
    own = [claim for value in values[:4] for claim in _in_value(part, value, about)]
    yield from own
    if own:
        return
    for name, others in found.items():
        if name == part.header.lower() or _NO_SIGNATURE.search(name):
            continue
        moved = HEADER.named(safe_text(name, _SHOWN_NAME))
        for claim in _in_value(part, others[0], ()):
            if len(claim.digest) in _FULL_SIZES and not claim.is_partial:
                yield Claim(claim.digest, (moved, *claim.causes))


def _in_value(part: SignedHeaders, value: bytes, about: tuple[Cause, ...]) -> Iterator[Claim]:
    stripped = value[:MAX_VALUE].strip(_AROUND)
    if stripped != value[:MAX_VALUE]:
        about = (*about, WHITESPACE)
    pieces = _PIECES.split(stripped)[:32]
    found = [
        (piece, digest, causes)
        for piece in pieces
        for digest, causes in _digests(part, _bare(piece))
    ]
    if len({digest for _, digest, _ in found}) > 1 and not part.separator and _is_list(found):
        about = (*about, SEVERAL)
    for piece, digest, causes in found:
        written = (*about, *_prefix(part, stripped, _bare(piece)), *causes)
        yield from _sized(part, digest, written)


def _is_list(found: list[tuple[bytes, bytes, tuple[Cause, ...]]]) -> bool:
    """Whether more than one piece is as long as a signature."""
    return len({piece for piece, digest, _ in found if len(digest) in _FULL_SIZES}) > 1


def _bare(piece: bytes) -> bytes:
    """A piece without the name before it: ``sha256=…``, ``v1:…``."""
    named = _NAMED.fullmatch(piece)
    if named is not None and named[2].strip(b"="):
        return named[2].strip(_AROUND)
    return piece


def _digests(part: SignedHeaders, text: bytes) -> Iterator[tuple[bytes, tuple[Cause, ...]]]:
    """What a text may stand for, and how it is written if not as it should be."""
    wants_hex = part.encoding is Encoding.HEX
    if _HEX.fullmatch(text):
        even = text[: len(text) // 2 * 2]
        yield bytes.fromhex(even.decode("ascii")), () if wants_hex else (HEX,)
    if not _BASE64.fullmatch(text):
        return
    digest = from_base64(text)
    if digest is None:
        return
    is_plain = not set(text) & set(b"-_") and len(text) % 4 == 0
    if wants_hex:
        causes: tuple[Cause, ...] = (BASE64,) if is_plain else (BASE64URL,)
    else:
        causes = () if is_plain else (BASE64URL,)
    yield digest, causes
    if _HEX.fullmatch(digest) and len(digest) % 2 == 0:
        yield bytes.fromhex(digest.decode("ascii")), (TWICE,)


def _prefix(part: SignedHeaders, value: bytes, text: bytes) -> tuple[Cause, ...]:
    """What is wrong with what stands before the signature."""
    wanted = part.value.partition(SIGNATURE)[0].rpartition("}")[2].lstrip(",; ")
    before = value[: value.find(text)] if text in value else b""
    if not wanted or before.endswith(wanted.encode()):
        return ()
    last = _PIECES.split(before)[-1]
    return ((PREFIX_OTHER if last else PREFIX_MISSING).named(wanted),)


def _sized(part: SignedHeaders, digest: bytes, causes: tuple[Cause, ...]) -> Iterator[Claim]:
    size = DIGEST_BYTES[part.algorithm]
    if len(digest) in _FULL_SIZES:
        yield Claim(digest, causes)
    if MIN_BYTES <= len(digest) < size:
        yield Claim(digest, (*causes, TRUNCATED), is_partial=True)
    elif len(digest) > size:
        yield Claim(digest[:size], (*causes, TOO_LONG))
