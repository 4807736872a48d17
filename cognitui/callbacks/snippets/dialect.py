"""How texts, sums of texts and patterns are written in a programming language."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SPECIAL = re.compile(r"[\\^$.|?*+()\[\]{}/]")


def quoted(text: str) -> str:
    """A literal as Python, JavaScript, Go, Java and C# all read it."""
    return json.dumps(text)


def quoted_for_php(text: str) -> str:
    """A literal in which PHP fills nothing in."""
    if text.isprintable():
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(text).replace("$", "\\$")


def escaped(text: str) -> str:
    """A text as a regular expression; any language reads it alike."""
    return _SPECIAL.sub(r"\\\g<0>", text)


def _python(pattern: str) -> str:
    return quoted(pattern) if '"' in pattern else f'r"{pattern}"'


def _go(pattern: str) -> str:
    pattern = f"^{pattern}$"
    return quoted(pattern) if "`" in pattern else f"`{pattern}`"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One language.

    Attributes:
        literal: Writes a text.
        pattern: Writes a regular expression that has to match all of a text.
        plus: What stands between texts that are joined.
        camel: Whether names are written likeThis.
        timestamp: The variable that holds the timestamp's digits.
        delivery_id: The variable that holds the delivery's id.
        hex: The signature's digest as hex.
        base64: The signature's digest as base64.
        static_base64: The secret as base64, in a header that says it.
        static: The secret, in a header that says it.
    """

    literal: Callable[[str], str]
    pattern: Callable[[str], str]
    hex: str
    base64: str
    static: str
    static_base64: str
    plus: str = " + "
    camel: bool = True
    timestamp: str = "timestamp"
    delivery_id: str = "deliveryId"

    def name(self, *words: str) -> str:
        """A name of these words."""
        if not self.camel:
            return "_".join(words)
        return words[0] + "".join(word.title() for word in words[1:])


PYTHON = Dialect(
    quoted,
    _python,
    hex="mac.hexdigest()",
    base64="base64.b64encode(mac.digest()).decode()",
    static="SECRET.decode()",
    static_base64="base64.b64encode(SECRET).decode()",
    camel=False,
    delivery_id="delivery_id",
)
NODE = Dialect(
    quoted,
    lambda pattern: f"/^{pattern}$/",
    hex='mac.digest("hex")',
    base64='mac.digest("base64")',
    static="SECRET.toString()",
    static_base64='SECRET.toString("base64")',
)
GO = Dialect(
    quoted,
    _go,
    hex="hex.EncodeToString(mac.Sum(nil))",
    base64="base64.StdEncoding.EncodeToString(mac.Sum(nil))",
    static="string(secret)",
    static_base64="base64.StdEncoding.EncodeToString(secret)",
    delivery_id="deliveryID",
)
JAVA = Dialect(
    quoted,
    quoted,
    hex="HexFormat.of().formatHex(mac.doFinal())",
    base64="Base64.getEncoder().encodeToString(mac.doFinal())",
    static="new String(SECRET, UTF_8)",
    static_base64="Base64.getEncoder().encodeToString(SECRET)",
)
CSHARP = Dialect(
    quoted,
    lambda pattern: '@"\\A' + pattern.replace('"', '""') + '\\z"',
    hex="Convert.ToHexString(mac.GetHashAndReset()).ToLowerInvariant()",
    base64="Convert.ToBase64String(mac.GetHashAndReset())",
    static="Encoding.UTF8.GetString(Secret)",
    static_base64="Convert.ToBase64String(Secret)",
)
PHP = Dialect(
    quoted_for_php,
    lambda pattern: quoted_for_php(f"/^{pattern}$/D"),
    hex="hash_final($mac)",
    base64="base64_encode(hash_final($mac, true))",
    static="$secret",
    static_base64="base64_encode($secret)",
    plus=" . ",
    camel=False,
    timestamp="$timestamp",
    delivery_id="$delivery_id",
)
