"""Who is let in to a console that a browser shows.

Whoever gets through may do all that the person who started it may. So three things are asked of
each request: that it names this machine (a page of another origin can point a name of its own at
127.0.0.1), that no other origin sent it, and that it carries the token.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

TOKEN_BYTES = 32
PARAMETER = "token"


def new_token() -> str:
    """A token that nobody can guess, safe in a URL and in a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach what is bound to this host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def authority(host: str, port: int) -> str:
    """The host and port as a URL has them: an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request says of itself.

    Attributes:
        host: Its ``Host`` header.
        origin: Its ``Origin`` header; browsers send one with every WebSocket.
        token: The token of its URL.
        cookie: The token of its cookie.
        is_websocket: Whether it asks for a console, not for a page or a file.
    """

    host: str
    origin: str | None = None
    token: str | None = None
    cookie: str | None = None
    is_websocket: bool = False


class Gate:
    """Lets visits in or says why not.

    Args:
        names: The names by which this machine may be asked for, beside ``localhost`` and addresses.
        token: What each visit must carry; ``None`` lets everybody in who gets as far as this.
    """

    def __init__(self, names: frozenset[str] = frozenset(), token: str | None = None) -> None:
        self._names = frozenset(name.lower().rstrip(".") for name in names) | {"localhost"}
        self._token = token

    def url(self, host: str, port: int) -> str:
        """The address to open in a browser, with the token."""
        query = f"?{urlencode({PARAMETER: self._token})}" if self._token else ""
        return f"http://{authority(host, port)}/{query}"

    def refusal(self, visit: Visit) -> str:
        """Why this visit is not let in, as a sentence; empty when it is."""
        if not self._is_here(visit.host):
            return "This console does not go by that name. Open it as localhost."
        if not _is_from_here(visit):
            return "Another page may not use this console."
        if not self._has_token(visit):
            return "Open the address that `cognitui serve` printed, with its token."
        return ""

    def _is_here(self, host: str) -> bool:
        name = (_hostname(host) or "").rstrip(".")
        if name in self._names:
            return True
        try:
            # Nobody can point an address somewhere else, as they can a name.
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True

    def _has_token(self, visit: Visit) -> bool:
        if self._token is None:
            return True
        # A wrong token in the URL is refused, whatever an older cookie says.
        given = visit.cookie if visit.token is None else visit.token
        return hmac.compare_digest((given or "").encode(errors="replace"), self._token.encode())


def _is_from_here(visit: Visit) -> bool:
    if visit.origin is None:
        return not visit.is_websocket
    try:
        origin = urlsplit(visit.origin)
    except ValueError:
        return False
    return origin.scheme in {"http", "https"} and origin.netloc.lower() == visit.host.lower()


def _hostname(host: str) -> str | None:
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises when it is none
    except ValueError:
        return None
    return parts.hostname if "@" not in host else None
