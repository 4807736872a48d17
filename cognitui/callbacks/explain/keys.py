"""The keys that somebody may have signed with instead of the right one."""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import re
import unicodedata
import urllib.parse
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.cause import Cause
from cognitui.callbacks.schemes.keys import WHSEC
from cognitui.callbacks.schemes.scheme import KeyForm
from cognitui.callbacks.sign import secret_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cognitui.callbacks.sign import Secret

MAX_SECRETS = 64
MAX_SECRET_BYTES = 4096
_SHOWN_NAME = 60


class Role(StrEnum):
    """What a secret is to the webhook."""

    CURRENT = "current"
    """The endpoint verifies with it."""
    PREVIOUS = "previous"
    """The endpoint verified with it until it was exchanged."""
    OTHER = "other"
    """It belongs to something else that may have been mixed up with this webhook."""


@dataclass(frozen=True, slots=True)
class NamedSecret:
    """A secret and what to call it.

    Attributes:
        name: Such as "profile acme-test". It is shown; the secret never is.
        secret: The secret itself.
        role: What it is to the webhook.
    """

    name: str
    secret: Secret = field(repr=False)
    role: Role = Role.CURRENT


@dataclass(frozen=True, slots=True)
class Key:
    """Bytes to compute a signature with.

    Attributes:
        causes: How they differ from the webhook's key; empty when they are it.
        value: The bytes.
    """

    causes: tuple[Cause, ...]
    value: bytes = field(repr=False)


_SAME = "The sender and the endpoint hold the secret in different forms."
_TAKE_CARE = "Give both sides exactly the same characters, and nothing around them."
PREVIOUS = Cause(
    "key_previous",
    "with the previous secret ({})",
    "The secret was exchanged at the endpoint, and the sender still signs with the old one.",
    "Update the webhook with the new secret; let the endpoint accept both until that is done.",
)
OTHER = Cause(
    "key_other",
    "with another secret: {}",
    "It was signed with the secret of {}; the two were mixed up.",
    "Configure the webhook's own secret at the sender, or the sender's at the endpoint.",
)
WHITESPACE = Cause(
    "key_whitespace",
    "with the whitespace around the secret removed",
    f"{_SAME} Here it has a space or a line end around it, most likely from a file or from "
    "pasting.",
    "Remove the whitespace where the secret is stored, and strip the secret when it is read.",
)
NEWLINE = Cause(
    "key_newline",
    "with {} after the secret",
    "The sender signs with a line end or a space as part of its secret: it read a file, or the "
    "output of echo, without stripping it.",
    "Store the sender's secret without it: printf in place of echo, strip what a file holds.",
)
QUOTES = Cause(
    "key_quotes",
    "with the quotes around the secret {}",
    f"{_SAME} On one side quotes from a settings file became part of it.",
    _TAKE_CARE,
)
LITERAL = Cause(
    "key_literal",
    "with the secret's text itself as the key",
    "The sender takes whsec_… as it is written; this scheme decodes what follows it as base64.",
    "Decode the secret at the sender, or verify by a scheme that takes it literally.",
)
DECODED = Cause(
    "key_decoded",
    "with the secret decoded as {}",
    "The sender decodes the secret; this scheme takes it as it is written.",
    "Sign with the characters of the secret, or verify by a scheme that decodes it.",
)
PREFIX = Cause(
    "key_prefix",
    "with {} the secret",
    f"{_SAME} On one side a prefix is part of it.",
    _TAKE_CARE,
)
ENCODED = Cause(
    "key_encoded",
    "with the secret encoded as {}",
    "The sender encodes the secret once more before it signs.",
    "Sign with the characters of the secret as they are.",
)
HASHED = Cause(
    "key_hashed",
    "with the secret's SHA-256 digest, {}, as the key",
    "The sender hashes the secret before it signs.",
    "Sign with the secret itself.",
)
TEXT_CODING = Cause(
    "key_text_coding",
    "with the secret's characters {}",
    "The secret has characters beyond ASCII or escapes, and the two sides write them differently.",
    "Use a secret of ASCII characters only.",
)
CASE = Cause(
    "key_case",
    "with the secret in {} case",
    _SAME + " Something changed its case.",
    _TAKE_CARE,
)
CUT = Cause(
    "key_cut",
    "with only the first {} characters of the secret",
    "The secret was cut at one side: by a field of the form, or a column of the database.",
    "Use a shorter secret, or widen the field.",
)
UNSET = Cause(
    "key_unset",
    "with {} as the secret",
    "The sender has no secret: a variable was not set or not filled in, or an example was kept. "
    "Whoever guesses that can forge callbacks.",
    "Set the secret at the sender, and let it fail when the variable is missing.",
)

_UNSET = (
    b"", b"undefined", b"null", b"None", b"nil", b"[object Object]", b"secret", b"changeme",
    b"test", b"your-secret", b"your_secret_key", b"my-secret", b"WEBHOOK_SECRET",
    b"$WEBHOOK_SECRET", b"${WEBHOOK_SECRET}", b"COGNITUI_WEBHOOK_SECRET", b"$COGNIGY_SECRET",
    b"${COGNIGY_SECRET}",
)  # fmt: skip
_QUOTED = {b'"': "double", b"'": "single", b"`": "back"}
_LENGTHS = (16, 24, 32, 36, 40, 48, 50, 64, 72, 100, 128, 255)
_BOM = codecs.BOM_UTF8
_ASSIGNED = re.compile(rb"(?:export +)?[A-Za-z_][A-Za-z0-9_]{0,60} ?[=:] ?")


def keys_of(secrets: Sequence[NamedSecret], form: KeyForm) -> list[Key]:
    """Every key to try, the likeliest first, none of them twice. The right ones have no causes."""
    found: dict[bytes, Key] = {}

    def add(causes: tuple[Cause, ...], value: bytes | None) -> None:
        if value is not None:
            found.setdefault(value, Key(causes, value))

    known = [
        (_whose(named), secret_bytes(named.secret)[:MAX_SECRET_BYTES])
        for named in secrets[:MAX_SECRETS]
    ]
    known.sort(key=lambda each: len(each[0]))  # the webhook's own first, otherwise in their order
    for causes, text in known:
        if text:
            add(causes, read_key(text, form))
    for causes, text in known:
        for cause, value in _forms(text, form):
            if value:
                add((*causes, cause), value)
    for value in _UNSET:
        shown = f"the text {value.decode('ascii')!r}" if value else "nothing at all"
        add((UNSET.named(shown),), value)
    return list(found.values())


def read_key(text: bytes, form: KeyForm) -> bytes | None:
    """The key as the scheme reads it, forgiving about base64; ``None`` where it cannot."""
    return from_base64(text.removeprefix(WHSEC)) if form is KeyForm.WHSEC else text


def from_base64(text: bytes) -> bytes | None:
    """What a text of either alphabet decodes to, with or without its padding."""
    plain = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True) or None
    except binascii.Error:
        return None


def _whose(named: NamedSecret) -> tuple[Cause, ...]:
    if named.role is Role.CURRENT:
        return ()
    cause = PREVIOUS if named.role is Role.PREVIOUS else OTHER
    return (cause.named(safe_text(named.name, _SHOWN_NAME)),)


def _forms(text: bytes, form: KeyForm) -> Iterator[tuple[Cause, bytes | None]]:
    for cause, other in _texts(text):
        yield cause, read_key(other, form)
    if form is KeyForm.WHSEC:
        yield LITERAL, text
        yield LITERAL, text.strip()
        yield PREFIX.named("the text after whsec_ as"), text.removeprefix(WHSEC)
    stripped = text.strip().removeprefix(b"v1,")
    bare = stripped.removeprefix(WHSEC)
    yield DECODED.named("base64"), from_base64(bare)
    yield DECODED.named("hex"), _from_hex(bare)
    yield ENCODED.named("base64"), base64.b64encode(text)
    yield ENCODED.named("hex"), text.hex().encode("ascii")
    digest = hashlib.sha256(text).digest()
    yield HASHED.named("as 32 bytes"), digest
    yield HASHED.named("in hex"), digest.hex().encode("ascii")
    yield HASHED.named("in base64"), base64.b64encode(digest)


def _texts(text: bytes) -> Iterator[tuple[Cause, bytes]]:
    """The secret as text, written otherwise."""
    yield WHITESPACE, text.strip()
    yield NEWLINE.named("a line end"), text + b"\n"
    yield NEWLINE.named("a Windows line end"), text + b"\r\n"
    yield NEWLINE.named("a space"), text + b" "
    for quote, name in _QUOTED.items():
        if len(text) > 1 and text.strip()[:1] == text.strip()[-1:] == quote:
            yield QUOTES.named("removed"), text.strip()[1:-1]
        yield QUOTES.named(f"kept ({name} ones)"), quote + text + quote
    for prefix in (b"v1,whsec_", b"v1,", WHSEC, b"sha256=", _BOM):
        name = "a byte order mark" if prefix is _BOM else prefix.decode("ascii")
        if text.startswith(prefix):
            yield PREFIX.named(f"{name} removed from"), text.removeprefix(prefix)
        else:
            yield PREFIX.named(f"{name} before"), prefix + text
    if (assigned := _ASSIGNED.match(text)) is not None:
        rest = text[assigned.end() :]
        yield PREFIX.named("the variable's name removed from"), rest.strip(b"\"'")
    yield from _characters(text)
    for length in _LENGTHS:
        if len(text) > length:
            yield CUT.named(str(length)), text[:length]


def _characters(text: bytes) -> Iterator[tuple[Cause, bytes]]:
    yield TEXT_CODING.named("percent-decoded"), urllib.parse.unquote_to_bytes(text)
    yield (
        TEXT_CODING.named("percent-encoded"),
        urllib.parse.quote(text, safe="").encode("ascii"),
    )
    unescaped = text.replace(b"\\r", b"\r").replace(b"\\n", b"\n").replace(b"\\t", b"\t")
    yield TEXT_CODING.named("\\n and \\t read as escapes"), unescaped
    try:
        characters = text.decode("utf-8")
    except UnicodeDecodeError:
        characters = text.decode("latin-1")
        yield TEXT_CODING.named("in UTF-8 in place of latin-1"), characters.encode("utf-8")
    for coding in ("latin-1", "utf-16-le", "utf-16-be"):
        yield TEXT_CODING.named(f"in {coding}"), characters.encode(coding, "replace")
    for composed in ("NFC", "NFD"):
        normal = unicodedata.normalize(composed, characters)
        yield TEXT_CODING.named(f"in Unicode form {composed}"), normal.encode("utf-8")
    yield CASE.named("upper"), characters.upper().encode("utf-8", "surrogatepass")
    yield CASE.named("lower"), characters.lower().encode("utf-8", "surrogatepass")


def _from_hex(text: bytes) -> bytes | None:
    try:
        return bytes.fromhex(text.decode("ascii")) or None
    except ValueError:
        return None
