"""What was pasted as a base URL, and the base URL that was probably meant: pure functions.

People paste what stands in their browser, in the vendor's documentation or in the field beside.
What can be told from the text alone is put right here; what only the server knows is asked later.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from cognitui.cognigy.origin import MAX_URL, Origin

API = "/api/v1"
_WRAPPING = " \t\r\n\"'`<>()[]{},;\u201c\u201d\u2018\u2019«»\u201e\u00a0\u200b\ufeff"
_ASSIGNMENT = re.compile(r"^(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=\s*")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):/{1,3}", re.ASCII)
_VENDOR = (".cognigy.ai", ".cognigy.cloud", ".nicecxone.com")
# The hosts of other services, by how their first label begins.
_SERVICES = ("endpoint", "webchat", "static", "odata")
_SERVICE = re.compile(rf"^(cognigy-)?({'|'.join(_SERVICES)})-")
# What the user interface and other APIs have where ours has its version.
_FOREIGN = re.compile(
    r"/(?:openapi|new|v2\.[0-9]|agents?|login|projects?|management|insights|auth)(?:/|$)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A base URL as it will be used.

    Attributes:
        base_url: Without a trailing slash.
        given: The origin of what was given, before any correction; ``None`` where it had none.
        remarks: What was put right, each as a part of a sentence; empty when nothing was.
    """

    base_url: str
    given: Origin | None
    remarks: tuple[str, ...]

    @property
    def origin(self) -> Origin:
        """Where requests go."""
        return Origin.of(self.base_url)

    @property
    def is_same_origin(self) -> bool:
        """Whether it is the origin that was given, so that a key of its own may be sent there."""
        return self.given == self.origin


def read_address(text: str) -> Address:
    """What was pasted, put right as far as its text tells.

    Args:
        text: Anything that a person may take for a base URL.

    Raises:
        ValueError: No host can be made out; says why.
    """
    remarks: list[str] = []
    bare = _unwrapped(text, remarks)
    given = _origin_of(bare)
    url = _with_scheme(bare, remarks)
    parts = _parts(url)
    if "@" in parts.netloc:
        remarks.append("a user name does not belong into it")
        url = url.replace(f"{parts.netloc}", parts.netloc.rpartition("@")[2], 1)
        parts = _parts(url)
    if parts.query or parts.fragment or url.rstrip().endswith(("?", "#")):
        remarks.append("a base URL has no query")
    origin = Origin.of(f"{parts.scheme}://{parts.netloc}")
    host = _api_host(origin.host, remarks)
    scheme = origin.scheme
    if scheme == "http" and not origin.is_loopback:
        scheme = "https"
        remarks.append("over http the key would travel in clear")
    port = origin.port if origin.scheme == scheme or origin.port not in (80, 443) else 443
    path = _api_path(parts.path, host_changed=host != origin.host, remarks=remarks)
    return Address(f"{Origin(scheme, host, port)}{path}", given, tuple(remarks))


def _unwrapped(text: str, remarks: list[str]) -> str:
    if len(text) > MAX_URL:
        raise ValueError("it is too long")
    bare = _ASSIGNMENT.sub("", text.strip(_WRAPPING)).strip(_WRAPPING)
    if not bare:
        raise ValueError("there is nothing in it")
    if bare != text:
        remarks.append("spaces, quotes or signs around it do not belong to it")
    return bare


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        pass
    # What urllib says may quote a password.
    raise ValueError("the host is not valid")


def _origin_of(url: str) -> Origin | None:
    try:
        origin = Origin.of(url)
    except ValueError:
        return None
    return Origin(origin.scheme, origin.host.rstrip("."), origin.port)


def _with_scheme(bare: str, remarks: list[str]) -> str:
    found = _SCHEME.match(bare)
    if found is None:
        remarks.append("the scheme is missing")
        host = Origin.of(f"http://{bare.lstrip('/')}")
        return f"{'http' if host.is_loopback else 'https'}://{bare.lstrip('/')}"
    scheme = found[1].lower()
    if scheme not in ("http", "https"):
        raise ValueError("the scheme must be http or https")
    if not found[0].endswith("://") or found[0].endswith(":///"):
        remarks.append("after the scheme comes ://")
    return f"{scheme}://{bare[found.end() :]}"


def _api_host(host: str, remarks: list[str]) -> str:
    bare = host.rstrip(".")
    if bare != host:
        remarks.append("the host ends in a dot")
    found = _SERVICE.match(bare) if bare.endswith(_VENDOR) else None
    if found is None:
        return bare
    remarks.append(f"that is the host of the {found[2]} service")
    rest = bare[found.end() :]
    return f"cognigy-api-{rest}" if found[1] else rest


def _api_path(path: str, *, host_changed: bool, remarks: list[str]) -> str:
    whole = re.sub(r"/{2,}", "/", path).rstrip(f"/. {_WRAPPING}")
    if whole == API or (not whole and not host_changed):
        return whole
    if host_changed:
        return API
    at = whole.find(API)
    if at >= 0 and whole[at + len(API) :][:1] in ("", "/"):
        if rest := whole[at + len(API) :]:
            first = "/".join(rest.split("/")[:2])
            remarks.append(f"{first} is no part of it")
        return whole[: at + len(API)]
    if found := _FOREIGN.search(f"{whole}/"):
        remarks.append(f"{found[0].rstrip('/')} belongs to the user interface or to another API")
        return f"{whole[: found.start()]}{API}"
    return whole
