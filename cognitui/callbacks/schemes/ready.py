"""The schemes that are known, by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.scheme import (
    Encoding,
    KeyForm,
    Scheme,
    SignedHeaders,
    StaticHeader,
    Unit,
)
from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

_COGNIGY = SignedHeaders(SIGNATURE_HEADER, "sha256={signature}", timestamp_header=TIMESTAMP_HEADER)
# https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
_STANDARD = SignedHeaders(
    "webhook-signature",
    "v1,{signature}",
    signs="{id}.{timestamp}.{body}",
    encoding=Encoding.BASE64,
    key=KeyForm.WHSEC,
    timestamp_header="webhook-timestamp",
    unit=Unit.S,
    id_header="webhook-id",
    separator=" ",
)

COGNIGY = Scheme("cognigy", "Cognigy", (_COGNIGY,))
STANDARD = Scheme("standard", "Standard Webhooks", (_STANDARD,))
TRANSITIONAL = Scheme("transitional", "both, while moving", (_STANDARD, _COGNIGY))
JAMBONZ = Scheme(
    "jambonz",
    "t=…,v1=… (jambonz)",
    (
        SignedHeaders(
            "Jambonz-Signature",
            "t={timestamp},v1={signature}",
            signs="{timestamp}.{body}",
            unit=Unit.S,
        ),
    ),
)
BASIC = Scheme("basic", "Basic", (StaticHeader("Authorization", "Basic {secret_base64}"),))
KEY = Scheme("key", "a key header", (StaticHeader("X-API-Key", "{secret}"),))

READY: dict[str, Scheme] = {
    scheme.id: scheme for scheme in (COGNIGY, STANDARD, TRANSITIONAL, JAMBONZ, BASIC, KEY)
}


def scheme_of(name: str, custom: Mapping[str, Scheme] | None = None) -> Scheme:
    """The scheme of this id.

    Raises:
        UsageError: There is none; the hint lists those there are.
    """
    known: dict[str, Scheme] = READY | dict(custom or {})
    if name not in known:
        raise UsageError(
            f"There is no scheme {name}.",
            hint=f"Known are {', '.join(known)}.",
            field="scheme",
        )
    return known[name]
