"""Why a header that says the secret itself is refused."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.explain.budget import OutOfBudget
from cognitui.callbacks.explain.cause import Cause
from cognitui.callbacks.explain.claims import DUPLICATE, HEADER, WHITESPACE
from cognitui.callbacks.explain.keys import UNSET, keys_of
from cognitui.callbacks.schemes.scheme import SECRET, SECRET_BASE64, KeyForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cognitui.callbacks.explain.budget import Budget
    from cognitui.callbacks.explain.keys import Key, NamedSecret
    from cognitui.callbacks.schemes.scheme import StaticHeader

MAX_VALUE = 8192
_SHOWN_NAME = 60
FORM = Cause(
    "static_form",
    "with the secret written in the header as the scheme wants it, and not as {}",
    "The secret is the right one, but the header says it in another form.",
    "Write the header as the scheme says.",
)
USER = Cause(
    "static_user",
    "with what stands beside the secret in the header left out",
    "The header has a user's name or a password beside the secret, and the scheme's secret does "
    "not have it.",
    "Enter the secret as user:password on both sides.",
)
_FORMS = (
    (SECRET, "the bare secret"),
    (SECRET_BASE64, "the secret in base64"),
    (f"Basic {SECRET_BASE64}", "Basic and base64"),
    (f"basic {SECRET_BASE64}", "basic in lower case"),
    (f"Basic {SECRET}", "Basic without base64"),
    (f"Bearer {SECRET}", "Bearer"),
    (f"bearer {SECRET}", "bearer in lower case"),
    (f"Token {SECRET}", "Token"),
    (f"ApiKey {SECRET}", "ApiKey"),
    (f"Bearer {SECRET_BASE64}", "Bearer and base64"),
)


def search_static(
    part: StaticHeader,
    found: dict[str, list[bytes]],
    secrets: Sequence[NamedSecret],
    budget: Budget,
) -> tuple[Cause, ...]:
    """What has to be undone for the header to hold the secret; none when nothing tried does it."""
    values = list(_values(part, found))
    keys = keys_of(secrets, KeyForm.LITERAL)
    forms = [(part.value, ""), *(form for form in _FORMS if form[0] != part.value)]
    try:
        for key in keys:
            for form, name in forms:
                expected = _filled(form, key.value)
                for value, about in values:
                    budget.spend_try(len(value))
                    if key.value and value == expected and not _by_chance(about, key):
                        form_causes = (FORM.named(name),) if name else ()
                        return (*about, *key.causes, *form_causes)
        for key in keys:
            for value, about in values:
                if key.value and _has_beside(value, key.value):
                    return (*about, *key.causes, USER)
    except OutOfBudget:
        return ()
    return ()


def _values(
    part: StaticHeader, found: dict[str, list[bytes]]
) -> Iterator[tuple[bytes, tuple[Cause, ...]]]:
    own = found.get(part.header.lower(), [])
    repeated: tuple[Cause, ...] = (DUPLICATE,) if len(own) > 1 else ()
    for value in own[:4]:
        yield value[:MAX_VALUE], repeated
        stripped = value[:MAX_VALUE].strip(b" \t\"'")
        if stripped != value:
            yield stripped, (*repeated, WHITESPACE)
    for name, others in found.items():
        if name != part.header.lower():
            yield others[0][:MAX_VALUE], (HEADER.named(safe_text(name, _SHOWN_NAME)),)


def _by_chance(about: tuple[Cause, ...], key: Key) -> bool:
    """Whether some other header says a word that is also an example of a secret."""
    moved = any(cause.code == HEADER.code for cause in about)
    return moved and any(cause.code == UNSET.code for cause in key.causes)


def _filled(form: str, key: bytes) -> bytes:
    before, mark, _ = form.partition(SECRET_BASE64)
    if mark:
        return before.encode() + base64.b64encode(key)
    return form.partition(SECRET)[0].encode() + key


def _has_beside(value: bytes, key: bytes) -> bool:
    scheme, _, coded = value.partition(b" ")
    if scheme.lower() != b"basic":
        return False
    try:
        pair = base64.b64decode(coded, validate=True)
    except binascii.Error:
        return False
    return pair.endswith(b":" + key) or pair.startswith(key + b":")
