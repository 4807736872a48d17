"""Which URLs belong to a tenant. A key is sent to its tenant's origin and nowhere else."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from cognitui.cognigy.errors import OriginRefused
from cognitui.errors import UsageError

DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL = 4096
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\\ud800-\udfff]")
# The form in which the resolver takes a name or an address without complaint.
_HOST = re.compile(r"[0-9a-z_-]+(\.[0-9a-z_-]+)*\.?|[0-9a-f]*:[0-9a-f:.]*(%[0-9a-z._-]+)?")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, in the one form in which they can be compared."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an absolute URL.

        Raises:
            ValueError: It is no absolute http or https URL, or carries a user name.
        """
        parts = _split(url)
        if parts.scheme not in DEFAULT_PORTS:
            raise ValueError("the scheme must be http or https")
        if parts.username is not None or parts.password is not None or "@" in parts.netloc:
            raise ValueError("a user name in the URL is not allowed")
        host = _canonical_host(parts.hostname or "")
        port = _port(parts)
        if port == 0:
            raise ValueError("there is no port 0")
        return cls(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])

    @property
    def is_loopback(self) -> bool:
        """Whether this is the machine itself."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def place(self) -> str:
        """Host and port as a URL has them: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if DEFAULT_PORTS[self.scheme] == self.port else f":{self.port}"
        return f"{host}{port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.place}"


def parse_base_url(text: str) -> str:
    """A base URL in the form that the client works with: no trailing slash, query or fragment.

    Raises:
        UsageError: It cannot be the base URL of a tenant.
    """
    hint = "It looks like https://<tenant>.cognigy.ai/api/v1."
    try:
        origin = Origin.of(text.strip())
        parts = _split(text.strip())
    except ValueError as error:
        raise UsageError(
            f"The base URL cannot be used: {error}.", hint=hint, field="base_url"
        ) from None
    if parts.query or parts.fragment:
        raise UsageError(
            "The base URL may not have a query or a fragment.", hint=hint, field="base_url"
        )
    if origin.scheme == "http" and not origin.is_loopback:
        raise UsageError(
            "The base URL must be https: over http the key would travel in clear.",
            hint="Plain http is accepted for this machine (127.0.0.1) only.",
            field="base_url",
        )
    return f"{origin}{parts.path.rstrip('/')}"


def resolve_page_link(link: str, *, current: str, base_url: str) -> str:
    """The URL of the next page, once it is clear that it is the tenant's own.

    Args:
        link: What the tenant gave as ``nextPage``; absolute or relative.
        current: The URL of the page that it came with.
        base_url: The tenant's base URL.

    Raises:
        OriginRefused: It leads elsewhere. No request was made.
    """
    home = Origin.of(base_url)
    if len(link) > MAX_URL:
        raise OriginRefused("The link to the next page is too long to be followed.")
    try:
        absolute = _joined(current, link)
        target = Origin.of(absolute)
        parts = _split(absolute)
    except ValueError as error:
        raise _refused(f"it cannot be read ({error})") from None
    if target != home:
        raise _refused(f"it leads to {target}, and the tenant is {home}")
    prefix = urlsplit(base_url).path.rstrip("/") + "/"
    segments = re.split(r"[/\\]", unquote(unquote(parts.path)))
    if not parts.path.startswith(prefix) or not {".", ".."}.isdisjoint(segments):
        raise _refused(f"it leaves the API below {prefix}")
    query = f"?{parts.query}" if parts.query else ""
    return f"{home}{parts.path}{query}"


def _refused(reason: str) -> OriginRefused:
    return OriginRefused(
        f"The link to the next page was not followed: {reason}.",
        hint="What was loaded before it is complete up to that page. Tell the tenant's operator.",
    )


def _split(url: str) -> SplitResult:
    if _UNSAFE.search(url):
        raise ValueError("it contains spaces or control characters")
    try:
        return urlsplit(url)
    except ValueError as error:
        failure = _without_words(error)
    raise failure


def _joined(current: str, link: str) -> str:
    try:
        return urljoin(current, link)
    except ValueError as error:
        failure = _without_words(error)
    raise failure


def _without_words(error: ValueError) -> ValueError:
    """What urllib says without quoting the place that is wrong, which may be a password."""
    part = "IPv6 address" if "IPv6" in str(error) else "host name"
    return ValueError(f"the {part} is not valid")


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        pass
    raise ValueError("the port is not a number from 1 to 65535")


def _canonical_host(host: str) -> str:
    if not host:
        raise ValueError("there is no host")
    try:
        name = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        name = ""
    if not _HOST.fullmatch(name):
        raise ValueError("the host name is not valid")
    return name
