"""Sign many bodies with one secret by one scheme: what `signing.sign_with` does, prepared once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.keys import key_of, mac, written
from cognitui.callbacks.schemes.scheme import (
    BODY,
    ID,
    SIGNATURE,
    TIMESTAMP,
    KeyForm,
    SignedHeaders,
    StaticHeader,
)
from cognitui.callbacks.schemes.signing import static_value
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret

    Lines = Callable[[bytes, int, str], str]
    """The header lines of a part for a body, a moment in ms and a delivery id."""


class Signer:
    """Makes the header lines of a scheme, each ended by a line end.

    Args:
        scheme: How to sign.
        secret: What the webhook was registered with.

    Raises:
        UsageError: The secret is empty, or not what the scheme can read.
    """

    def __init__(self, scheme: Scheme, secret: Secret) -> None:
        self._parts: list[Lines] = [
            _static(part, secret) if isinstance(part, StaticHeader) else _signed(part, secret)
            for part in scheme.parts
        ]

    def lines(self, body: bytes, timestamp_ms: int, delivery_id: str) -> str:
        """The header lines for exactly these bytes."""
        if len(self._parts) == 1:
            return self._parts[0](body, timestamp_ms, delivery_id)
        return "".join([part(body, timestamp_ms, delivery_id) for part in self._parts])


def _static(part: StaticHeader, secret: Secret) -> Lines:
    value = static_value(part, key_of(secret, KeyForm.LITERAL))
    if not value.isprintable() or not value.isascii():
        raise UsageError(
            f"The secret cannot stand in the {part.header} header.",
            hint="It may hold visible ASCII only. Was it pasted with a line end?",
            field="secret",
        )
    line = f"{part.header}: {value}\r\n"
    return lambda _body, _timestamp_ms, _delivery_id: line


def _signed(part: SignedHeaders, secret: Secret) -> Lines:
    key = key_of(secret, part.key)
    in_ms, algorithm, encoding = part.unit.in_ms, part.algorithm, part.encoding
    before, _, after = part.signs.partition(BODY)
    signs_body_alone = not before and not after
    id_begin = f"{part.id_header}: " if part.id_header else ""
    at_begin = f"{part.timestamp_header}: " if part.timestamp_header else ""
    begin, _, end = f"{part.header}: {part.value}\r\n".partition(SIGNATURE)
    says_time = TIMESTAMP in part.value

    def lines(body: bytes, timestamp_ms: int, delivery_id: str) -> str:
        at = str(timestamp_ms // in_ms)

        def filled(text: str) -> str:
            # Neither value can look like a placeholder: both are made here.
            return text.replace(TIMESTAMP, at).replace(ID, delivery_id)

        content = body if signs_body_alone else b"%b%b%b" % (
            filled(before).encode(), body, filled(after).encode()
        )  # fmt: skip
        signature = written(mac(content, key, algorithm), encoding)
        line = f"{filled(begin)}{signature}{filled(end)}" if says_time else begin + signature + end
        if at_begin:
            line = f"{at_begin}{at}\r\n{line}"
        return f"{id_begin}{delivery_id}\r\n{line}" if id_begin else line

    return lines
