"""By what the receiver judges, worked out once and not with each request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cognitui.callbacks.rotation import KnownSecret, SecretMatch, known, match_of
from cognitui.callbacks.schemes.scheme import StaticHeader
from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER
from cognitui.cognigy.credentials import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret

MAX_HEADERS = 100
MAX_HEADER_VALUE = 300
_CONTENT = ("accept", "content-encoding", "content-type", "user-agent")
# They belong to the one connection that a request came over; another one has its own.
_CONNECTION = ("content-length", "host", "transfer-encoding")
SHOWN_HEADERS = frozenset({*_CONTENT, *_CONNECTION, SIGNATURE_HEADER.lower(),
                           TIMESTAMP_HEADER.lower()})  # fmt: skip
_ALWAYS_MASKED = ("authorization", "proxy-authorization", "cookie")


class Heads(NamedTuple):
    """The headers of a request as `Received` keeps them."""

    shown: tuple[tuple[str, str], ...]
    others: tuple[str, ...]
    raw: tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """A scheme and the secrets that it is tried with; make it with `rules_of`.

    Attributes:
        scheme: How callbacks have to be signed.
        known: The secrets, each with its name and its end.
    """

    scheme: Scheme
    known: tuple[KnownSecret, ...]
    _secrets: tuple[Secret, ...] = field(repr=False)
    _matches: tuple[SecretMatch, ...]
    _ends: bool
    _shown: frozenset[bytes]
    _masked: frozenset[bytes]

    def secrets_at(self, now_ms: int) -> tuple[tuple[Secret, ...], tuple[SecretMatch, ...]]:
        """The secrets that are accepted at a moment, and what may be shown of each."""
        if not self._ends:
            return self._secrets, self._matches
        pairs = [
            (each.secret, match)
            for each, match in zip(self.known, self._matches, strict=True)
            if each.is_accepted_at(now_ms)
        ]
        return tuple(secret for secret, _ in pairs), tuple(match for _, match in pairs)

    def read(self, headers: Iterable[tuple[bytes, bytes]]) -> Heads:
        """Sort the headers of a request; names are in lower case."""
        shown: list[tuple[str, str]] = []
        others: list[str] = []
        raw: list[tuple[bytes, bytes]] = []
        for (key, value), _ in zip(headers, range(MAX_HEADERS), strict=False):
            if key not in self._shown:
                others.append(key.decode("latin-1")[:MAX_HEADER_VALUE])
                continue
            seen = _mask(value) if key in self._masked else value
            shown.append((key.decode("latin-1"), seen.decode("latin-1")[:MAX_HEADER_VALUE]))
            if key not in _UNKEPT:
                raw.append((key, seen))
        return Heads(tuple(shown), tuple(others), tuple(raw))


_UNKEPT = frozenset(name.encode("ascii") for name in _CONNECTION)


def rules_of(scheme: Scheme, secrets: Sequence[Secret | KnownSecret]) -> Rules:
    """The rules for a scheme and the secrets that are accepted."""
    accepted = tuple(known(secret) for secret in secrets)
    static = {part.header.lower() for part in scheme.parts if isinstance(part, StaticHeader)}
    return Rules(
        scheme,
        accepted,
        tuple(each.secret for each in accepted),
        tuple(match_of(each) for each in accepted),
        any(each.until_ms is not None for each in accepted),
        _as_bytes(SHOWN_HEADERS | {name.lower() for name in scheme.headers}),
        _as_bytes({*static, *_ALWAYS_MASKED}),
    )


def _as_bytes(names: Iterable[str]) -> frozenset[bytes]:
    return frozenset(name.encode("utf-8") for name in names)


def _mask(value: bytes) -> bytes:
    from pydantic import SecretStr

    return fingerprint(SecretStr(value.decode("latin-1"))).encode("ascii")
