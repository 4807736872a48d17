"""What the form of a key and its secret tells about them, without ever showing a part of them."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials

if TYPE_CHECKING:
    from collections.abc import Sequence

_WRAPPING = "\"'`<>\u201c\u201d\u2018\u2019«»\u201e"
_PREFIX = re.compile(
    r"^(?:authorization\s*:\s*)?(?:bearer|basic|x-api-key\s*:|apikey\s*[:=]|token\s*[:=])\s*",
    re.IGNORECASE,
)
_JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX_64 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
SHORTEST = 8


def tidied(value: str) -> str:
    """A key or secret without what copying adds: spaces, line ends, quotes, ``Bearer``."""
    bare = _INVISIBLE.sub("", value).strip().strip(_WRAPPING)
    bare = _PREFIX.sub("", bare).strip(_WRAPPING)
    return "".join(bare.split())


def slips(credentials: Credentials) -> list[str]:
    """What copying has added to the key or the secret, each as a part of a sentence."""
    return _slips("key", credentials.api_key.get_secret_value()) + _slips(
        "secret", credentials.api_secret.get_secret_value()
    )


def tidy(credentials: Credentials) -> Credentials:
    """The same without it."""
    key, secret = credentials.api_key, credentials.api_secret
    return Credentials(
        SecretStr(tidied(key.get_secret_value())), SecretStr(tidied(secret.get_secret_value()))
    )


def swap(credentials: Credentials) -> Credentials:
    """The two the other way round."""
    return Credentials(credentials.api_secret, credentials.api_key)


def guesses(credentials: Credentials) -> Sequence[str]:
    """What else the two may be, judged by their form; each a sentence."""
    key = tidied(credentials.api_key.get_secret_value())
    secret = tidied(credentials.api_secret.get_secret_value())
    found = [sentence for name, value in (("key", key), ("secret", secret))
             if (sentence := _kind(name, value))]  # fmt: skip
    if key == secret:
        found.insert(0, "The key and the secret are the same text.")
    return found


def _slips(name: str, value: str) -> list[str]:
    found: list[str] = []
    if "\n" in value or "\r" in value:
        found.append(f"a line end in the {name}")
    elif value != value.strip() or " " in value.strip() or "\t" in value:
        found.append(f"a space in the {name}")
    bare = value.strip()
    if bare != bare.strip(_WRAPPING):
        found.append(f"quotes around the {name}")
    if prefix := _PREFIX.match(bare.strip(_WRAPPING)):
        word = re.split(r"[\s:=]", prefix[0].strip())[0].capitalize()
        found.append(f"the word {word} before the {name}")
    if _INVISIBLE.search(value):
        found.append(f"an invisible character in the {name}")
    return found


def _kind(name: str, value: str) -> str:  # noqa: PLR0911 - one for each kind
    if _JWT.fullmatch(value):
        return f"The {name} looks like a bearer token, which expires: the API key is needed."
    if value.lower().startswith(("http://", "https://")):
        return f"The {name} is an address."
    if _UUID.fullmatch(value):
        return (
            f"The {name} has the form of an account or API key of Voice Gateway, which opens "
            "nothing here."
        )
    if _HEX_64.fullmatch(value):
        return (
            f"The {name} has the form of an endpoint's own key or of its URL token: that one opens "
            "the endpoint, not the API."
        )
    if (name == "key" and ":" in value) or _is_pair(value):
        return f"The {name} holds key and secret in one, which are two fields here."
    if len(value) < SHORTEST:
        return f"The {name} is very short: was all of it copied?"
    return ""


def _is_pair(value: str) -> bool:
    """Whether it is a key, a colon and a secret as HTTP Basic wants them."""
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return decoded.isascii() and b":" in decoded and decoded.decode("ascii").isprintable()
