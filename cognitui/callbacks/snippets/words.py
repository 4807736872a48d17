"""What a scheme's parts are called in the templates of a language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.ready import COGNIGY, READY
from cognitui.callbacks.schemes.scheme import (
    BODY,
    ID,
    SECRET,
    SECRET_BASE64,
    SIGNATURE,
    TIMESTAMP,
    Encoding,
    KeyForm,
    SignedHeaders,
    StaticHeader,
    Unit,
    headers_of,
)
from cognitui.callbacks.snippets.dialect import escaped
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.snippets.dialect import Dialect

Part = SignedHeaders | StaticHeader
Values = dict[str, str | bool]

_PIECES = re.compile(r"(\{[a-z0-9_]+\})")
_HEX_DIGITS = {"sha256": 64, "sha1": 40, "sha512": 128}
_BASE64_DIGITS = {"sha256": (43, "="), "sha1": (27, "="), "sha512": (86, "==")}
_FLAGS = (
    "static", "timed", "stamped", "in_ms", "in_s", "covers_id", "several", "is_hex", "is_base64",
    "literal_key", "decoded_key", "body_time", "sha1", "sha256", "sha512",
)  # fmt: skip


def values_of(scheme: Scheme, dialect: Dialect) -> tuple[Values, list[Values]]:
    """The values of a whole scheme, and of each of its parts.

    A flag of a part is a flag of the scheme with ``any_`` before it, true if any part has it.
    """
    many = len(scheme.parts) > 1
    parts = [_part(part, dialect, _name(part) if many else "") for part in scheme.parts]
    values: Values = {f"any_{name}": any(part[name] for part in parts) for name in _FLAGS}
    values["any_signed"] = not all(part["static"] for part in parts)
    values["many"] = many
    values["verify"] = dialect.name("is", "genuine")
    values["verify_method"] = "IsGenuine"
    values["replay"] = (
        "the same callback may come again"
        if not values["any_timed"]
        else "the same callback may come again within five minutes"
    )
    return values, parts


def _name(part: Part) -> str:
    """The id of the scheme that consists of this part alone."""
    return next((scheme.id for scheme in READY.values() if scheme.parts == (part,)), "other")


def _part(part: Part, dialect: Dialect, name: str) -> Values:
    values: Values = dict.fromkeys(_FLAGS, False)
    values["verify_part"] = dialect.name("is", "genuine", *([name] if name else []))
    values["verify_part_method"] = f"IsGenuine{name.title()}"
    values["header"] = dialect.literal(part.header)
    # Any of a part's headers says that it is the part which counts.
    headers = [dialect.literal(header) for header in headers_of(part)]
    values["headers"] = ", ".join(headers)
    if isinstance(part, StaticHeader):
        texts = {SECRET: dialect.static, SECRET_BASE64: dialect.static_base64}
        values["expected"] = _sum(part.value, dialect, texts)
        values["meaning"] = "Whether the sender knows the secret. It proves nothing of the body."
        flags = {"static": True, "literal_key": True, "is_base64": SECRET_BASE64 in part.value}
        values |= flags
    else:
        values |= _signed(part, dialect)
    meaning = str(values["meaning"])
    values["meaning_inside"] = meaning[0].lower() + meaning[1:]
    return values


def _signed(part: SignedHeaders, dialect: Dialect) -> Values:
    stamped = TIMESTAMP in part.value
    if stamped and part.separator:
        raise UsageError(
            "There is no code for a scheme with several timestamps in one header.", field="scheme"
        )
    is_hex = part.encoding is Encoding.HEX
    variables = {
        TIMESTAMP: dialect.timestamp,
        ID: dialect.delivery_id,
        SIGNATURE: dialect.hex if is_hex else dialect.base64,
    }
    before, _, after = part.signs.partition(BODY)
    what = "signed exactly this body"
    return {
        "meaning": f"Whether a holder of the secret {what}{', just now' * part.has_timestamp}.",
        "timed": part.has_timestamp,
        "stamped": stamped,
        "in_ms": part.has_timestamp and part.unit is Unit.MS,
        "in_s": part.has_timestamp and part.unit is Unit.S,
        "digits": str(part.unit.digits),
        "timestamp_header": dialect.literal(part.timestamp_header),
        "covers_id": part.covers_id,
        "id_header": dialect.literal(part.id_header),
        "several": bool(part.separator),
        # Servers that join headers of one name do so with a comma, and a space perhaps.
        "tells_joined": "," not in part.separator and ", " not in part.value,
        "separator": dialect.literal(part.separator),
        "is_hex": is_hex,
        "is_base64": not is_hex,
        "literal_key": part.key is KeyForm.LITERAL,
        "decoded_key": part.key is KeyForm.WHSEC,
        "before": _sum(before, dialect, variables),
        "after": _sum(after, dialect, variables),
        "expected": _sum(part.value, dialect, variables),
        "pattern": dialect.pattern(_pattern(part)),
        "algorithm": str(part.algorithm),
        "algorithm_upper": str(part.algorithm).upper(),
        "sha1": part.algorithm == "sha1",
        "sha256": part.algorithm == "sha256",
        "sha512": part.algorithm == "sha512",
        # A body of Cognigy's repeats the timestamp that its header says.
        "body_time": part == COGNIGY.parts[0],
    }


def _sum(text: str, dialect: Dialect, variables: dict[str, str]) -> str:
    """An expression for a text with placeholders; empty for an empty one."""
    pieces = [piece for piece in _PIECES.split(text) if piece]
    return dialect.plus.join(variables.get(piece) or dialect.literal(piece) for piece in pieces)


def _pattern(part: SignedHeaders) -> str:
    if part.encoding is Encoding.HEX:
        signature = f"[0-9a-f]{{{_HEX_DIGITS[part.algorithm]}}}"
    else:
        count, padding = _BASE64_DIGITS[part.algorithm]
        signature = f"[0-9A-Za-z+\\/]{{{count}}}{padding}"
    stamp = f"([0-9]{{{part.unit.digits}}})"
    return "".join(
        {TIMESTAMP: stamp, SIGNATURE: signature}.get(piece, escaped(piece))
        for piece in _PIECES.split(part.value)
    )
