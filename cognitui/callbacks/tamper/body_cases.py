"""Attacks on the body: changed bytes, odd bytes, packed bytes, too many and too slow ones."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.signing import new_delivery_id
from cognitui.callbacks.tamper.case import Case, Expect, Level, Shot, Topic
from cognitui.callbacks.tamper.workshop import Letter, compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.callbacks.tamper.workshop import Workshop

HUGE_BYTES = 2 * 1024 * 1024
DEPTH = 20_000
BOM = b"\xef\xbb\xbf"
GZIP = (("Content-Encoding", "gzip"),)


def _sent_instead(change: Callable[[bytes], bytes]) -> Callable[[Workshop], Sequence[Shot]]:
    """The body is changed after it was signed."""

    def build(workshop: Workshop) -> Sequence[Shot]:
        body = workshop.body()
        return (workshop.shot(Letter(change(body), workshop.now_ms, signed_body=body)),)

    return build


def _one_byte(workshop: Workshop) -> Sequence[Shot]:
    fields = workshop.fields() | {"amount": "10.00"}
    body = compact(fields)
    changed = compact(fields | {"amount": "90.00"})
    return (workshop.shot(Letter(changed, workshop.now_ms, signed_body=body)),)


def _reserialised(body: bytes) -> bytes:
    return json.dumps(json.loads(body)).encode("utf-8")


def _odd(workshop: Workshop) -> Sequence[Shot]:
    """All that a JSON parser and printer together do not keep."""
    fields = workshop.fields() | {"note": "Grüße / 再见", "price": 1.0, "n": 12345678901234567890}
    body = json.dumps(fields, indent=1).replace("/", "\\/").encode("utf-8") + b"\n"
    return (workshop.shot(workshop.letter(body)),)


def _empty(workshop: Workshop) -> Sequence[Shot]:
    return (workshop.shot(workshop.letter(b"")),)


def _no_json(workshop: Workshop) -> Sequence[Shot]:
    body = f"callback {new_delivery_id()}".encode("ascii")
    return (workshop.shot(workshop.letter(body)),)


def _not_utf8(workshop: Workshop) -> Sequence[Shot]:
    body = compact(workshop.fields() | {"note": "?"}).replace(b'"?"', b'"\xff\xfe\xe9"')
    return (workshop.shot(workshop.letter(body)),)


def _gzip_signed_packed(workshop: Workshop) -> Sequence[Shot]:
    packed = gzip.compress(workshop.body(), mtime=0)
    return (workshop.shot(workshop.letter(packed), more=GZIP),)


def _gzip_signed_plain(workshop: Workshop) -> Sequence[Shot]:
    plain = workshop.body()
    letter = Letter(gzip.compress(plain, mtime=0), workshop.now_ms, signed_body=plain)
    return (workshop.shot(letter, more=GZIP),)


def _deep(workshop: Workshop) -> Sequence[Shot]:
    letter = workshop.letter(b"[" * DEPTH + b"]" * DEPTH)
    return (workshop.shot(replace(letter, key=workshop.wrong_key())),)


def _huge(workshop: Workshop) -> Sequence[Shot]:
    body = compact(workshop.fields() | {"note": "x" * HUGE_BYTES})
    return (workshop.shot(workshop.letter(body)),)


def _slow(workshop: Workshop) -> Sequence[Shot]:
    return (workshop.shot(workshop.letter(), is_trickled=True),)


_MUST, _SHOULD, _INFO = Level.MUST, Level.SHOULD, Level.INFO
_REFUSED, _EITHER = Expect.REFUSED, Expect.EITHER

BODY_CASES = (
    Case(
        "body-byte", "One byte of the body changed",
        "an honest callback whose amount was changed from 10.00 to 90.00 on the way",
        "The signature does not protect what it is there to protect.",
        Topic.SIGNATURE, _MUST, _REFUSED, _one_byte,
    ),
    Case(
        "body-reserialised", "The body written anew",
        "the same JSON with other spaces than were signed",
        "What is verified is not what has arrived: honest callbacks are refused as soon as they "
        "are written in another way, and two parsers may read one body differently.",
        Topic.RAW_BODY, _MUST, _REFUSED, _sent_instead(_reserialised),
    ),
    Case(
        "trailing-newline", "A newline at the end of the body",
        "an honest body with a line end that was not signed",
        "What is verified is not what has arrived: something trims or parses the body first.",
        Topic.RAW_BODY, _MUST, _REFUSED, _sent_instead(lambda body: body + b"\n"),
    ),
    Case(
        "byte-order-mark", "A byte order mark before the body",
        "an honest body with the bytes EF BB BF before it, which were not signed",
        "What is verified is not what has arrived: something decodes the body to text first.",
        Topic.RAW_BODY, _MUST, _REFUSED, _sent_instead(lambda body: BOM + body),
    ),
    Case(
        "honest-odd-bytes", "An honest body that no parser keeps",
        r"a rightly signed body with line ends, \u and \/ escapes, 1.0, and a number of 20 digits",
        "The tenant's own callbacks are refused as soon as they hold such things.",
        Topic.RAW_BODY, _SHOULD, Expect.ACCEPTED, _odd,
    ),
    Case(
        "gzip-signed-plain", "Packed, with the signature of the unpacked body",
        "a gzip body with Content-Encoding: gzip; what was signed is the body before it was packed",
        "The body is unpacked before anybody is asked for a signature: a stranger's kilobyte "
        "becomes a gigabyte in your memory.",
        Topic.DECOMPRESSION, _SHOULD, _REFUSED, _gzip_signed_plain,
    ),
    Case(
        "gzip-signed-packed", "Packed, and signed as it is sent",
        "a gzip body with Content-Encoding: gzip, rightly signed as it goes over the wire",
        "The signature is right; an endpoint that unpacks nothing may refuse it.",
        Topic.DECOMPRESSION, _INFO, _EITHER, _gzip_signed_packed,
    ),
    Case(
        "not-utf8", "A body that is not UTF-8",
        "a rightly signed body with the bytes FF FE E9 inside a text",
        "Either answer will do, but an exception is none.",
        Topic.PARSING, _INFO, _EITHER, _not_utf8,
    ),
    Case(
        "empty-body", "An empty body",
        "no body, rightly signed",
        "Either answer will do, but an exception is none.",
        Topic.PARSING, _INFO, _EITHER, _empty,
    ),
    Case(
        "not-json", "A body that is not JSON",
        "the text `callback` and an id, rightly signed",
        "Either answer will do, but an exception is none.",
        Topic.PARSING, _INFO, _EITHER, _no_json,
    ),
    Case(
        "deep-json", "Deeply nested JSON from a stranger",
        f"{DEPTH:,} nested lists, signed with another secret",
        "Whoever parses before verifying can be brought down by anybody.",
        Topic.PARSING, _MUST, _REFUSED, _deep,
    ),
    Case(
        "huge-body", "A body of two megabytes",
        "a rightly signed body of 2 MiB",
        "Every stranger's body is read into memory before the signature can be checked.",
        Topic.LIMITS, _SHOULD, _REFUSED, _huge, may_close=True,
    ),
    Case(
        "slow-body", "A body that never ends",
        "an honest callback whose body comes a byte at a time and stops before the last",
        "A few hundred such connections keep everybody else out.",
        Topic.LIMITS, _SHOULD, Expect.ENDED, _slow, may_close=True,
    ),
)  # fmt: skip
