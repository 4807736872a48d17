"""The bodies that may have been signed in place of the one that arrived."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.body_causes import (
    BASE64,
    BOM,
    CHARSET,
    COMPRESSED,
    DECOMPRESSED,
    EMPTY,
    ESCAPES,
    FIELD,
    FORM,
    HTML,
    LINE_ENDS,
    MEMBER,
    NEWLINE_ADDED,
    NEWLINE_REMOVED,
    OBJECT,
    TEXT_IN_JSON,
    UNICODE_FORM,
    WHITESPACE,
    rewritten_json,
)
from cognitui.callbacks.explain.json_document import MAX_FIELDS, JsonDocument
from cognitui.callbacks.explain.json_styles import COMPACT, PYTHON, STYLES
from cognitui.callbacks.explain.keys import from_base64
from cognitui.callbacks.explain.packing import packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.explain.budget import Budget
    from cognitui.callbacks.explain.cause import Cause
    from cognitui.callbacks.explain.json_styles import Style

MAX_TEXT = 1024 * 1024
_SHOWN_NAME = 60
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes that may have been signed.

    Attributes:
        causes: How they differ from what arrived; empty when they do not.
        value: The bytes.
    """

    causes: tuple[Cause, ...]
    value: bytes = field(repr=False)


_ESCAPES = re.compile(rb"(?:\\u[0-9a-fA-F]{4})+")
_FORM_FIELD = re.compile(rb"([A-Za-z_]{1,30})=([^&]*)")


def bodies_of(body: bytes, budget: Budget) -> Iterator[Body]:
    """Every body to try, the likeliest first, beginning with what arrived. May repeat itself."""
    yield Body((), body)
    for cause, value in _edges(body):
        yield Body((cause,), value)
    document = JsonDocument.read(body)
    styled: list[Body] = []
    if document is not None:
        for style in STYLES:
            if budget.may_write(document.cost_in(style)):
                for written in _in_style(document, style):
                    styled.append(written)
                    yield written
    if len(body) <= MAX_TEXT:
        for cause, value in _rewritten(body):
            yield Body((cause,), value)
    newline = NEWLINE_ADDED.named("a line end")
    for written in styled:
        yield Body((*written.causes, newline), written.value + b"\n")
    if document is not None:
        yield from _parts(document, budget)


def _in_style(document: JsonDocument, style: Style) -> Iterator[Body]:
    value = document.written(style)
    if value is not None:
        yield Body((rewritten_json(style.code, style.name),), value)


def _parts(document: JsonDocument, budget: Budget) -> Iterator[Body]:
    for style in (COMPACT, PYTHON):
        if not budget.may_write(2 * MAX_FIELDS * document.cost_in(style)):
            return
        for whole in document.with_some_fractions(style):
            yield Body(
                (rewritten_json("json_numbers", "with whole numbers written as 1.0"),), whole
            )
        for name, value in document.without_fields(style):
            if value is not None:
                yield Body((FIELD.named(safe_text(name, _SHOWN_NAME)),), value)
        for name, value in document.members(style):
            if value is not None:
                yield Body((MEMBER.named(safe_text(name, _SHOWN_NAME)),), value)
    python = document.python_text()
    if python is not None:
        yield Body((OBJECT.named("Python's text form of the decoded body"),), python)


def _edges(body: bytes) -> Iterator[tuple[Cause, bytes]]:
    """Line ends and what stands around the body."""
    for end, name in ((b"\r\n", "a Windows line end"), (b"\n", "a line end")):
        if body.endswith(end):
            yield NEWLINE_REMOVED.named(name), body.removesuffix(end)
    yield NEWLINE_ADDED.named("a line end"), body + b"\n"
    yield NEWLINE_ADDED.named("a Windows line end"), body + b"\r\n"
    yield WHITESPACE, body.strip()
    as_lf = body.replace(b"\r\n", b"\n")
    yield LINE_ENDS.named("LF"), as_lf
    yield LINE_ENDS.named("CRLF"), as_lf.replace(b"\n", b"\r\n")
    yield LINE_ENDS.named("LF, and one more at its end"), as_lf + b"\n"
    yield LINE_ENDS.named("CRLF, and one more at its end"), as_lf.replace(b"\n", b"\r\n") + b"\r\n"
    yield LINE_ENDS.named("CR"), as_lf.replace(b"\n", b"\r")
    yield LINE_ENDS.named("LF where they were CR"), as_lf.replace(b"\r", b"\n")
    if body.startswith(_BOM):
        yield BOM.named("removed"), body.removeprefix(_BOM)
    else:
        yield BOM.named("kept"), _BOM + body
    yield EMPTY, b""


def _rewritten(body: bytes) -> Iterator[tuple[Cause, bytes]]:
    """The body with all of it, or all of a kind in it, written otherwise."""
    for name, value in unpacked(body):
        yield COMPRESSED.named(name), value
    for text, value in (
        ("“[object Object]”, a JavaScript object's text form", b"[object Object]"),
        ("“undefined”", b"undefined"),
        ("“null”", b"null"),
        ("“{}”, an empty object", b"{}"),
    ):
        yield OBJECT.named(text), value
    yield OBJECT.named("Python's text form of the bytes, b'…'"), repr(body).encode("ascii")
    yield ESCAPES.named("slashes were \\/"), _slashes_escaped(body)
    yield ESCAPES.named("slashes were not escaped"), body.replace(b"\\/", b"/")
    yield from _characters(body)
    yield from _forms(body)
    yield BASE64.named("encoded as base64"), base64.b64encode(body)
    decoded = from_base64(body.strip(b'" \r\n'))
    if decoded is not None:
        yield BASE64.named("decoded from base64"), decoded
    yield BASE64.named("written in hex"), body.hex().encode("ascii")
    for value in packed(body):
        yield DECOMPRESSED, value


def _characters(body: bytes) -> Iterator[tuple[Cause, bytes]]:
    yield CHARSET.named("read as latin-1 and written as UTF-8"), body.decode("latin-1").encode()
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        lossy = body.decode("utf-8", "replace")
        yield CHARSET.named("that are not UTF-8 replaced by U+FFFD"), lossy.encode()
        yield CHARSET.named("that are not UTF-8 left out"), body.decode("utf-8", "ignore").encode()
        yield CHARSET.named("read as windows-1252"), body.decode("cp1252", "replace").encode()
        return
    for coding in ("latin-1", "cp1252"):
        try:
            yield CHARSET.named(f"written in {coding}"), text.encode(coding)
        except UnicodeEncodeError:
            yield CHARSET.named(f"written in {coding} with ?"), text.encode(coding, "replace")
    yield CHARSET.named("beyond ASCII as ?"), text.encode("ascii", "replace")
    yield CHARSET.named("beyond ASCII left out"), text.encode("ascii", "ignore")
    yield CHARSET.named("written in UTF-16"), text.encode("utf-16-le")
    yield CHARSET.named("written in UTF-16, big end first"), text.encode("utf-16-be")
    yield UNICODE_FORM.named("NFC"), unicodedata.normalize("NFC", text).encode()
    yield UNICODE_FORM.named("NFD"), unicodedata.normalize("NFD", text).encode()
    yield ESCAPES.named("characters beyond ASCII were \\u escapes"), _unicode_escaped(text)
    yield ESCAPES.named("characters beyond ASCII were not escaped"), _unicode_plain(body)
    yield HTML.named("resolved"), html.unescape(text).encode("utf-8", "replace")
    yield HTML.named("put in"), html.escape(text).encode()
    yield HTML.named("put in, but for quotes"), html.escape(text, quote=False).encode()
    yield TEXT_IN_JSON.named("encoded as a JSON text once more"), _as_json_text(text)
    document = JsonDocument.read(body)
    if document is not None and document.text is not None:
        yield TEXT_IN_JSON.named("decoded as a JSON text once"), document.text


def _forms(body: bytes) -> Iterator[tuple[Cause, bytes]]:
    plus = urllib.parse.quote_plus(body).encode("ascii")
    percent = urllib.parse.quote(body, safe="").encode("ascii")
    yield FORM.named("percent-decoded"), urllib.parse.unquote_to_bytes(body.replace(b"+", b" "))
    yield FORM.named("percent-decoded, + kept"), urllib.parse.unquote_to_bytes(body)
    yield FORM.named("percent-encoded"), percent
    yield FORM.named("percent-encoded, spaces as +"), plus
    for match, _ in zip(_FORM_FIELD.finditer(body), range(8), strict=False):
        value = urllib.parse.unquote_to_bytes(match[2].replace(b"+", b" "))
        name = match[1].decode("ascii")
        yield FORM.named(f"taken from the form's field “{name}”"), value
    for name in ("payload", "body", "data", "json"):
        wrapped = f"{name}=".encode()
        yield FORM.named(f"as a form with the field “{name}”"), wrapped + plus
        yield FORM.named(f"as a form with the field “{name}”"), wrapped + percent
    yield FORM.named("with = behind it, as a form without values"), body + b"="
    yield FORM.named("without the = behind it"), body.removesuffix(b"=")


def _slashes_escaped(body: bytes) -> bytes:
    return body.replace(b"\\/", b"/").replace(b"/", b"\\/")


def _unicode_escaped(text: str) -> bytes:
    # As UTF-16, because JSON has two escapes for a character beyond the first plane.
    parts = []
    for character in text:
        if character.isascii():
            parts.append(character)
            continue
        units = character.encode("utf-16-be")
        parts += [f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)]
    return "".join(parts).encode("ascii")


def _unicode_plain(body: bytes) -> bytes:
    # Halves of a character meet again in UTF-16 only, so each run is put together there.
    def run(match: re.Match[bytes]) -> bytes:
        units = [chr(int(code, 16)) for code in match[0].decode("ascii").split("\\u")[1:]]
        if any(unit.isascii() for unit in units):
            return match[0]
        joined = "".join(units).encode("utf-16-be", "surrogatepass")
        return joined.decode("utf-16-be", "replace").encode()

    return _ESCAPES.sub(run, body)


def _as_json_text(text: str) -> bytes:
    import json

    return json.dumps(text, ensure_ascii=False).encode()
