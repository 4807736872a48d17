"""Attacks on the signature: left out, made with something else, cut, lengthened, sent twice."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.reading import DIGEST_BYTES
from cognitui.callbacks.schemes.scheme import SIGNATURE, Algorithm, Encoding, SignedHeaders
from cognitui.callbacks.tamper.case import Case, Expect, Level, Shot, Topic
from cognitui.callbacks.tamper.workshop import Letter, compact

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.tamper.workshop import Workshop

CUT_TO = 8
LONG_BY = 8000
_LABEL = re.compile(r"([A-Za-z0-9]+)[=:,](?=\{signature\})")


def _letter(workshop: Workshop, **changes: Any) -> Sequence[Shot]:
    body = workshop.body()
    return (workshop.shot(Letter(body, workshop.now_ms, **changes)),)


def _changed(**changes: Any) -> Callable[[Workshop], Sequence[Shot]]:
    return lambda workshop: _letter(workshop, **changes)


def _wrong_secret(workshop: Workshop) -> Sequence[Shot]:
    return _letter(workshop, key=workshop.wrong_key())


def _unkeyed(workshop: Workshop) -> Sequence[Shot]:
    body = workshop.body()
    plain = hashlib.sha256(body).digest()
    return (workshop.shot(Letter(body, workshop.now_ms, digest=lambda _digest: plain)),)


def _other_body(workshop: Workshop) -> Sequence[Shot]:
    forged = compact(workshop.fields() | {"amount": "9000.00"})
    return (workshop.shot(Letter(forged, workshop.now_ms, signed_body=workshop.body())),)


def _last_byte(digest: bytes) -> bytes:
    return digest[:-1] + bytes([digest[-1] ^ 1])


def _relabelled(part: SignedHeaders, value: str) -> Sequence[str]:
    label = _label(part)
    wrong = "sha1" if label.startswith("sha") else f"{label[:-1]}0"
    at = value.rindex(label)
    return (value[:at] + (wrong if wrong != label else f"{label}x") + value[at + len(label) :],)


def _unlabelled(part: SignedHeaders, value: str) -> Sequence[str]:
    label = _label(part)
    at = value.rindex(label)
    return (value[:at] + value[at + len(label) + 1 :],)


def _other_algorithm(workshop: Workshop) -> Sequence[Shot]:
    own = workshop.parts[0].algorithm
    other = Algorithm.SHA256 if own is Algorithm.SHA1 else Algorithm.SHA1

    def renamed(_part: SignedHeaders, value: str) -> Sequence[str]:
        return (value.replace(f"{own}=", f"{other}="),)

    return _letter(workshop, algorithm=other, values=renamed)


def _spoiled(part: SignedHeaders, value: str) -> str:
    """A value like it whose signature is wrong in its first character."""
    begin, end = _span(part, value)
    text = value[begin:end]
    return value[:begin] + ("1" if text[0] == "0" else "0") + text[1:] + value[end:]


def _good_bad(part: SignedHeaders, value: str) -> Sequence[str]:
    return (value, _spoiled(part, value))


def _bad_good(part: SignedHeaders, value: str) -> Sequence[str]:
    return (_spoiled(part, value), value)


def _lengthened(_part: SignedHeaders, value: str) -> Sequence[str]:
    return (value + "a" * LONG_BY,)


def _accented(part: SignedHeaders, value: str) -> Sequence[bytes]:
    begin, end = _span(part, value)
    return (value[:begin].encode() + b"\xe9" * (end - begin) + value[end:].encode(),)


def _spaced(_part: SignedHeaders, value: str) -> Sequence[str]:
    return (f"  {value}  ",)


def _span(part: SignedHeaders, value: str) -> tuple[int, int]:
    """Where the signature stands in the header's value."""
    size = DIGEST_BYTES[part.algorithm]
    length = 2 * size if part.encoding is Encoding.HEX else -(-size // 3) * 4
    end = len(value) - len(part.value.partition(SIGNATURE)[2])
    return end - length, end


def _label(part: SignedHeaders) -> str:
    found = _LABEL.search(part.value)
    return found[1] if found else ""


def _has_labels(scheme: Scheme) -> bool:
    return all(_label(part) for part in scheme.parts if isinstance(part, SignedHeaders))


def _is_hex(scheme: Scheme) -> bool:
    parts = [part for part in scheme.parts if isinstance(part, SignedHeaders)]
    return all(part.encoding is Encoding.HEX for part in parts)


_MUST, _SHOULD, _INFO = Level.MUST, Level.SHOULD, Level.INFO
_REFUSED, _EITHER = Expect.REFUSED, Expect.EITHER

SIGNATURE_CASES = (
    Case(
        "unsigned", "No signature",
        "an honest body and timestamp, without the signature's header",
        "Whoever knows the URL can send anything.",
        Topic.SIGNATURE, _MUST, _REFUSED, _changed(values=lambda _part, _value: ()),
    ),
    Case(
        "empty-signature", "An empty signature",
        "the signature's header with nothing in it",
        "A check that is skipped when there is nothing to check lets everybody in.",
        Topic.SIGNATURE, _MUST, _REFUSED, _changed(values=lambda _part, _value: ("",)),
    ),
    Case(
        "prefix-only", "A prefix and no signature",
        "the signature's header with only what stands before the signature",
        "Every text begins with the empty one: a comparison that stops early says yes.",
        Topic.COMPARE, _MUST, _REFUSED, _changed(coded=lambda _text: ""),
    ),
    Case(
        "wrong-secret", "Signed with another secret",
        "a well-formed signature, made with a random key",
        "The signature is looked at but not computed: anybody can make one up.",
        Topic.SIGNATURE, _MUST, _REFUSED, _wrong_secret,
    ),
    Case(
        "empty-secret", "Signed with an empty secret",
        "a well-formed signature, made with a key of no bytes",
        "An endpoint whose secret is not set verifies what anybody can sign.",
        Topic.SIGNATURE, _MUST, _REFUSED, _changed(key=b""),
    ),
    Case(
        "unkeyed-hash", "A plain hash as the signature",
        "the SHA-256 of the body, made without any secret",
        "A hash without a key can be computed by anybody.",
        Topic.SIGNATURE, _MUST, _REFUSED, _unkeyed,
    ),
    Case(
        "other-body", "The signature of another callback",
        "an honest signature beside a body that it was not made for",
        "One captured callback would be a licence to send any other.",
        Topic.SIGNATURE, _MUST, _REFUSED, _other_body,
    ),
    Case(
        "signature-byte", "One byte of the signature changed",
        "the honest signature with its last byte changed by one bit",
        "A comparison of only the begin makes a signature guessable.",
        Topic.COMPARE, _MUST, _REFUSED, _changed(digest=_last_byte),
    ),
    Case(
        "truncated-signature", "A truncated signature",
        f"the first {CUT_TO} characters of the honest signature",
        "So few characters can be guessed in an afternoon.",
        Topic.COMPARE, _MUST, _REFUSED, _changed(coded=lambda text: text[:CUT_TO]),
    ),
    Case(
        "long-signature", "A signature with more behind it",
        f"the honest signature, followed by {LONG_BY:,} further characters",
        "A comparison that stops at the shorter one can be fed the rest piece by piece.",
        Topic.COMPARE, _MUST, _REFUSED, _changed(values=_lengthened),
    ),
    Case(
        "non-ascii-signature", "A signature that is not ASCII",
        "the signature's header with bytes beyond ASCII where the digits belong",
        "Comparing it as text raises in several languages, and strangers fill your error log.",
        Topic.PARSING, _MUST, _REFUSED, _changed(values=_accented),
    ),
    Case(
        "wrong-prefix", "A wrong prefix",
        "the honest signature, named after another algorithm or version",
        "What the name says is not read, so a weaker algorithm could be slipped in one day.",
        Topic.COMPARE, _SHOULD, _REFUSED, _changed(values=_relabelled), applies=_has_labels,
    ),
    Case(
        "no-prefix", "No prefix",
        "the honest signature without what stands before it",
        "Several spellings of one signature are several entries in a memory of replays.",
        Topic.COMPARE, _SHOULD, _REFUSED, _changed(values=_unlabelled), applies=_has_labels,
    ),
    Case(
        "other-algorithm", "Another algorithm",
        "an HMAC-SHA1 of the body with the right secret (HMAC-SHA256 where the scheme has SHA1)",
        "Whoever sends chooses how strong the proof is.",
        Topic.SIGNATURE, _SHOULD, _REFUSED, _other_algorithm,
    ),
    Case(
        "upper-case", "Upper-case hex",
        "the honest signature in upper case",
        "It is the same number; some verifiers take it, others do not.",
        Topic.COMPARE, _INFO, _EITHER, _changed(coded=str.upper), applies=_is_hex,
    ),
    Case(
        "spaced-signature", "Whitespace around the signature",
        "the honest signature with two spaces to either side",
        "HTTP says that they do not belong to the value; some servers leave them there.",
        Topic.PARSING, _INFO, _EITHER, _changed(values=_spaced),
    ),
    Case(
        "duplicate-good-bad", "Two signatures, the first one right",
        "the signature's header twice: the honest one, then a wrong one",
        "One of them is right, so nothing is forged; refusing it is the stricter answer.",
        Topic.HEADERS, _INFO, _EITHER, _changed(values=_good_bad),
    ),
    Case(
        "duplicate-bad-good", "Two signatures, the second one right",
        "the signature's header twice: a wrong one, then the honest one",
        "One of them is right, so nothing is forged; refusing it is the stricter answer.",
        Topic.HEADERS, _INFO, _EITHER, _changed(values=_bad_good),
    ),
)  # fmt: skip
