"""A check that has ended, and the causes that a check can name."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cognitui.network.outcome import Outcome

MAX_WORDS = 600


class CheckName(StrEnum):
    """The checks, in the order in which they are made."""

    URL = "base URL"
    PROXY = "proxy"
    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    API = "api"
    KEY = "key"
    READ = "bot:read"
    MANAGE = "webhook:manage"
    WRITE = "bot:write"
    CLOCK = "clock"
    RATE = "rate"

    @property
    def takes_time(self) -> bool:
        """Whether somebody else is asked for it; the others are judged at once."""
        return self not in _AT_ONCE


_AT_ONCE = {CheckName.URL, CheckName.PROXY, CheckName.WRITE, CheckName.CLOCK, CheckName.RATE}


class Cause(StrEnum):
    """The one thing to put right first."""

    NOTHING = "nothing"
    URL = "wrong base URL"
    NO_HOST = "no such host"
    ADDRESS = "address refused"
    REFUSED = "connection refused"
    NO_ROUTE = "no route"
    NO_ANSWER = "no answer in time"
    EXPIRED = "certificate expired"
    NOT_YET_VALID = "certificate not valid yet"
    OTHER_HOST = "certificate of another host"
    SELF_SIGNED = "certificate self-signed"
    CHAIN = "certificate chain incomplete"
    UNKNOWN_ISSUER = "certificate of an unknown authority"
    CERTIFICATE = "certificate not accepted"
    EXPIRES_SOON = "certificate expires soon"
    NO_TLS = "http instead of https"
    ONLY_TLS = "https instead of http"
    TLS = "tls"
    NOT_HTTP = "not http"
    WEB_PAGE = "web page instead of the API"
    REDIRECT = "redirect"
    PORTAL = "captive portal"
    PROXY = "proxy or gateway"
    WRONG_PATH = "wrong path"
    REST_V2 = "REST v2.0 instead of v1"
    NOT_THE_API = "not the API"
    FAILING = "tenant fails"
    RATE = "requests used up"
    KEY = "wrong key"
    KEY_SWAPPED = "key and secret swapped"
    KEY_FORM = "key copied wrongly"
    KEY_LOCKED = "key not allowed in"
    NO_READ = "scope bot:read missing"
    NO_MANAGE = "scope webhook:manage missing"
    NO_WRITE = "scope bot:write missing"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Line:
    """One check, ended.

    Attributes:
        summary: What was found, in one sentence; nothing secret, and safe to show.
        hint: What to do about it; empty when nothing needs doing.
        ms: Milliseconds that it took.
        cause: What is to be put right; nothing where the check is content.
        correction: The base URL to use instead; empty where the one that was given is right.
    """

    name: CheckName
    outcome: Outcome
    summary: str
    hint: str = ""
    ms: float = 0.0
    cause: Cause = Cause.NOTHING
    correction: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The line for machines."""
        return {
            "check": str(self.name),
            "outcome": str(self.outcome),
            "summary": self.summary,
            "hint": self.hint or None,
            "ms": round(self.ms, 1),
            "cause": None if self.cause is Cause.NOTHING else str(self.cause),
        }


def shown(text: str, limit: int = MAX_WORDS) -> str:
    """Words of strangers without what a terminal would obey, and not for ever."""
    kept = "".join(character for character in text[: 4 * limit] if character.isprintable())
    return kept if len(kept) <= limit else f"{kept[:limit]}…"
