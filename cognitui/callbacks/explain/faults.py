"""What can be seen of a request without computing: its headers, and what they contradict."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.cause import Finding
from cognitui.callbacks.schemes.reading import DIGEST_BYTES, read_signature
from cognitui.callbacks.schemes.scheme import SIGNATURE, Encoding, StaticHeader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.schemes.scheme import SignedHeaders

_SHOWN_NAME = 60
_LIKE_A_SIGNATURE = re.compile(r"signature|hmac|authorization|api-?key|token")
_HEX = re.compile(rb"[0-9a-fA-F]+")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_GZIP = b"\x1f\x8b"
_REPLACEMENT = "\ufffd".encode()


def header_faults(
    part: SignedHeaders | StaticHeader, found: dict[str, list[bytes]]
) -> Iterator[Finding]:
    """What is wrong with the header that should hold the signature, the likeliest first."""
    name = part.header
    values = found.get(name.lower(), [])
    if not values:
        yield _missing(name, found)
    elif len(values) > 1:
        yield Finding(
            "signature_duplicate",
            f"{name} is there {len(values)} times.",
            "A verifier must not choose between several, or a forger could add one.",
            "Send it once; look for a proxy or a client that adds its own.",
        )
    elif not values[0].strip():
        yield Finding(
            "signature_empty",
            f"{name} is empty.",
            "The sender has a place for the signature but no secret or no result to put there.",
            "Check that the secret is set where callbacks are signed.",
        )
    elif not isinstance(part, StaticHeader) and read_signature(part, found)[1] is None:
        yield _id_fault(part, found) or _malformed(part, values[0])


def _missing(name: str, found: dict[str, list[bytes]]) -> Finding:
    near = [other for other in found if _LIKE_A_SIGNATURE.search(other)]
    if near:
        shown = safe_text(near[0], _SHOWN_NAME)
        return Finding(
            "signature_missing",
            f"There is no {name} header, but there is {shown}.",
            "The sender signs by another scheme, or a proxy has renamed the header.",
            f"Choose the scheme that uses {shown}, or let the sender use {name}.",
        )
    return Finding(
        "signature_missing",
        f"There is no {name} header.",
        "It was not signed, or a proxy or gateway has taken the header off. Names with underscores "
        "are dropped by some.",
        "Check that the webhook has a secret, and that everything between passes the header on.",
    )


def _id_fault(part: SignedHeaders, found: dict[str, list[bytes]]) -> Finding | None:
    if not part.id_header:
        return None
    ids = found.get(part.id_header.lower(), [])
    if len(ids) == 1 and re.fullmatch(rb"[!-\-/-~]{1,256}", ids[0]):
        return None
    if not ids:
        code, sentence = "id_missing", f"There is no {part.id_header} header."
    elif len(ids) > 1:
        code, sentence = "id_duplicate", f"{part.id_header} is there {len(ids)} times."
    else:
        code = "id_malformed"
        sentence = f"{part.id_header} is not 1 to 256 visible characters without a dot."
    return Finding(
        code,
        sentence,
        "The delivery's id is signed together with the body, so the signature cannot be checked "
        "without it.",
        "Send exactly one id of visible ASCII without a dot, the one that was signed.",
    )


def _malformed(part: SignedHeaders, value: bytes) -> Finding:
    name, size = part.header, DIGEST_BYTES[part.algorithm]
    is_hex = part.encoding is Encoding.HEX
    wanted = part.value.partition(SIGNATURE)[0].rpartition("}")[2].lstrip(",; ").encode()
    shape = f"{2 * size} hex digits" if is_hex else f"{(size + 2) // 3 * 4} characters of base64"
    remedy = f"The header has to be {safe_text(wanted)} and {shape}."
    if value != value.strip():
        code, sentence = "signature_whitespace", "has whitespace around its value"
        meaning = "The signature was read with a line end, or written with one."
    elif wanted and wanted not in value:
        code, sentence = "prefix_missing", f"does not have {safe_text(wanted)} in it"
        meaning = "The sender writes signatures in another form than this scheme."
    elif not (_HEX if is_hex else _BASE64).fullmatch(_after(value, wanted)):
        other = "hex digits" if is_hex else "base64"
        code, sentence = "signature_alphabet", f"holds other characters than {other}"
        meaning = "The signature was encoded otherwise, or damaged on its way."
    else:
        count = len(_after(value, wanted))
        code, sentence = "signature_length", f"has {count:,} characters of signature"
        meaning = "The signature was cut, or made with another hash."
    return Finding(code, f"{name} {sentence}.", meaning, remedy)


def _after(value: bytes, prefix: bytes) -> bytes:
    return value.partition(prefix)[2] if prefix else value


def clues(body: bytes, found: dict[str, list[bytes]]) -> Iterator[Finding]:
    """What is odd about a body for which nothing was found that verifies."""
    length = found.get("content-length", [b""])[0]
    if re.fullmatch(rb"[0-9]{1,9}", length) and int(length) != len(body):
        declared = int(length)
        gone = declared > len(body)
        yield Finding(
            "body_truncated" if gone else "body_longer",
            f"Content-Length says {declared:,} bytes, and the body has {len(body):,}.",
            "A part of the body is missing here." if gone else "Something was added to the body.",
            "Compare with the whole body as it went over the wire: a log or a console may cut it.",
        )
    coding = found.get("content-encoding", [b""])[0].strip().lower()
    if coding in {b"gzip", b"x-gzip"} and not body.startswith(_GZIP):
        yield Finding(
            "body_decompressed",
            "Content-Encoding says gzip, but the body is not compressed.",
            "Something decompressed the body after it was signed; the bytes that were signed are "
            "gone.",
            "Verify the raw bytes before decompression, or let the sender not compress.",
        )
    if _REPLACEMENT in body:
        yield Finding(
            "body_replaced_characters",
            "The body holds U+FFFD, the sign for characters that could not be read.",
            "The body was decoded as text in a wrong coding; what stood there is lost.",
            "Read the body as bytes, and verify before decoding it.",
        )
    if body[:1] in {b"{", b"["} and not _is_json(body):
        yield Finding(
            "body_broken",
            "The body begins as JSON and is not JSON.",
            "It was cut or changed on its way, or while it was copied here.",
            "Compare with the raw bytes of the request.",
        )


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body.decode("utf-8"), parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return False
    return True


def unexplained(tried: int, *, is_complete: bool) -> Finding:
    """What is left to say when nothing that was tried verifies."""
    sentence = f"None of {tried:,} ways that are commonly got wrong makes it verify."
    if not is_complete:
        sentence = f"Nothing was found; the search ended at its bound after {tried:,} ways."
    return Finding(
        "unexplained",
        sentence,
        "Most likely it was signed with a secret that is not known here, or the body was changed "
        "in a way that cannot be undone.",
        "Enter the secret anew on both sides, and try the other secrets that you have as "
        "candidates. Compare the bytes that were sent with those here: the SHA-256 must be equal.",
    )
