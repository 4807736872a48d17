"""What may happen to a body between the one who signs it and the one who verifies it."""

from __future__ import annotations

from cognitui.callbacks.explain.cause import Cause

_RAW = (
    "Sign and verify the bytes of the body as they go over the wire: encode once, sign that, send "
    "that; at the endpoint read the raw body before any parser does."
)
NEWLINE_ADDED = Cause(
    "body_newline_removed",
    "if {} at the end of the body had not been removed",
    "A line end at the end of the body was signed, and is not there any more.",
    f"{_RAW} Look for a strip() or a template that trims.",
)
NEWLINE_REMOVED = Cause(
    "body_newline_added",
    "if {} had not been added at the end of the body",
    "Something added it after signing: an editor that saved the body, echo, or a proxy.",
    f"{_RAW} Send files with --data-binary and save them without a last line end.",
)
LINE_ENDS = Cause(
    "body_line_ends",
    "with the body's line ends as {}",
    "The line ends were changed after signing: by a text mode, git, or a mail-like gateway.",
    f"{_RAW} Open files in binary mode.",
)
BOM = Cause(
    "body_bom",
    "with the byte order mark at the begin of the body {}",
    "An editor or a decoder added or removed the three bytes of a byte order mark.",
    f"{_RAW} Save files as UTF-8 without a mark.",
)


def rewritten_json(code: str, name: str) -> Cause:
    """The body was parsed and written again; the name completes "the same JSON …"."""
    return Cause(
        code,
        "if the body had not been re-serialised by a JSON parser: what was signed is the same JSON "
        + name,
        "The signature belongs to the same data in other bytes. Either something between parsed "
        "the body and wrote it again, or the sender signs one text while its HTTP client writes "
        "another, or the endpoint verifies a body that it has parsed and written itself.",
        _RAW,
    )


FIELD = Cause(
    "body_field_added",
    "if the field “{}” had not been added to the body",
    "The field was added after the body was signed.",
    "Add it before signing, or send it as a header.",
)
MEMBER = Cause(
    "body_member",
    "if only what is in the field “{}” is signed",
    "The sender signs a part of the body and not all of it: the rest could be forged.",
    "Sign the whole body.",
)
COMPRESSED = Cause(
    "body_compressed",
    "if the body is decompressed first ({})",
    "The sender signs before it compresses, and the endpoint verifies the compressed bytes.",
    "Agree on one: most senders sign what goes over the wire, after compression.",
)
DECOMPRESSED = Cause(
    "body_decompressed",
    "if the body had not been decompressed",
    "The compressed bytes were signed; a proxy or the framework has decompressed them since.",
    "Verify before decompression, or let the sender leave the body as it is.",
)
CHARSET = Cause(
    "body_charset",
    "with the body's characters {}",
    "The characters were written in another coding after signing, or for it.",
    f"{_RAW} Use UTF-8 on both sides.",
)
UNICODE_FORM = Cause(
    "body_unicode_form",
    "with the body in Unicode form {}",
    "Accented letters were composed or taken apart after signing.",
    _RAW,
)
HTML = Cause(
    "body_html_escaped",
    "with the HTML escapes in the body {}",
    "A template or a form escaped or unescaped the body as HTML.",
    f"{_RAW} Turn the template's escaping off for it.",
)
FORM = Cause(
    "body_form_encoded",
    "with the body {}",
    "The body was sent as a form: what is signed and what is sent differ by its encoding.",
    "Send the body as application/json. With curl, use --data-binary and a Content-Type.",
)
BASE64 = Cause(
    "body_base64",
    "with the body {}",
    "The body is encoded as base64 on one side, as API gateways and Lambda do.",
    "Decode it before verifying (isBase64Encoded), or sign what is sent.",
)
TEXT_IN_JSON = Cause(
    "body_encoded_twice",
    "with the body {}",
    "The body was encoded as JSON twice, or once too little.",
    _RAW,
)
ESCAPES = Cause(
    "json_escapes",
    "if the escapes in the body had not been changed: {}",
    "The same text was written with other JSON escapes after signing.",
    _RAW,
)
EMPTY = Cause(
    "body_empty",
    "if nothing at all is signed",
    "The body had been read already when the signature was computed, so that an empty one was "
    "signed. Any other body passes with this signature.",
    "Keep the raw bytes when the body is read first, and sign those.",
)
OBJECT = Cause(
    "body_object_text",
    "if what is signed is {}",
    "The sender signs the text form of an object of its language and not the body.",
    "Encode the body to bytes first, sign those bytes, and send the same.",
)
WHITESPACE = Cause(
    "body_whitespace",
    "with the whitespace around the body removed",
    "Whitespace around the body was added after signing, or is trimmed for it.",
    _RAW,
)
