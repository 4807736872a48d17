"""Which API answers, judged by what it says to somebody without a key: pure functions."""

from __future__ import annotations

import html
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING

from cognitui.cognigy.origin import Origin
from cognitui.network.outcome import Outcome
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.network.exchange import Reply

TOKEN_BODY = b'{"grant_type":"client_credentials"}'
V2_PATHS = ("/v2.0/users/me", "/new/v2.0/users/me")
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,400})", re.IGNORECASE)
_PAGE = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype html|html|head|body)", re.IGNORECASE | re.DOTALL
)
_REFUSALS = {
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.UNPROCESSABLE_ENTITY,
}
_MISSING = {
    HTTPStatus.NOT_FOUND,
    HTTPStatus.METHOD_NOT_ALLOWED,
    HTTPStatus.GONE,
    HTTPStatus.NOT_IMPLEMENTED,
}
MAX_NAME = 60


def judge_token_endpoint(reply: Reply, base_url: str) -> Line:  # noqa: PLR0911 - one for each answer
    """What answers when a token is asked for without a key.

    Args:
        reply: The answer, with the beginning of its body.
        base_url: What was asked.
    """
    status, what = reply.status, f"POST auth/token answered {reply.status}"
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return _fail(
            Cause.PROXY, f"A proxy wants a login of its own{_who(reply)} ({what}).", _AROUND
        )
    if status == HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED:
        return _fail(Cause.PORTAL, f"The network wants a login first ({what}).", _PORTAL)
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return _redirect(reply, base_url)
    if is_page(reply.headers, reply.body):
        return _page(reply, what)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _fail(
            Cause.RATE,
            f"It takes no more requests from here for now ({what}).",
            f"Wait{_wait(reply)}, then test again.",
        )
    if status in _REFUSALS:
        return Line(CheckName.API, Outcome.OK, f"the bots API v1{_who(reply)}")
    if status in _MISSING:
        return wrong_path(what, base_url)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fail(Cause.FAILING, f"The tenant fails: {what}{_who(reply)}.", _LATER)
    if "access_token" in as_object(reply.body):
        return Line(
            CheckName.API,
            Outcome.OK,
            "the bots API v1, which gives a token to anybody",
            "Tell the tenant's operator, unless it is a mock.",
        )
    return _fail(
        Cause.NOT_THE_API,
        f"Something else answers there: {what}, and that is no answer of the API.",
        "Check the base URL: host, port and path.",
    )


def wrong_path(what: str, base_url: str) -> Line:
    """The line for a host that answers, but not where we asked."""
    return _fail(
        Cause.WRONG_PATH,
        f"The host answers, but the API is not at {shown(base_url, 200)} ({what}).",
        "Check the path of the base URL: it ends in /api/v1.",
    )


def found_elsewhere(base_url: str, correction: str) -> Line:
    """The line for an API that answers at another path of the same host."""
    return Line(
        CheckName.API,
        Outcome.WARN,
        f"The API answers at {shown(correction, 200)}, not at {shown(base_url, 200)}.",
        "Correct the base URL; what follows was found with the right one.",
        cause=Cause.URL,
        correction=correction,
    )


def rest_v2(path: str) -> Line:
    """The line for a tenant with the other API."""
    return _fail(
        Cause.REST_V2,
        f"Here answers the REST API v2.0 ({path}), not the bots API v1.",
        "This program speaks v1: ask the tenant's operator for the base URL of the bots API and a "
        "key for it. A user's API key is for v2.0 alone.",
    )


def is_rest_v2(reply: Reply) -> bool:
    """Whether an answer to "who am I" without a key is the REST API's."""
    # Who says 200 to somebody without a key says so to everything.
    is_refused = reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    return is_refused and bool(as_object(reply.body))


def may_be_rest_v2(reply: Reply) -> bool:
    """Whether a refusal is written as the REST API writes its own, and so may be its."""
    body = as_object(reply.body)
    return "traceId" in body and {"title", "detail", "type"} & body.keys() != set()


def is_page(headers: Mapping[str, str], body: bytes) -> bool:
    """Whether it is for a browser."""
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    return kind in ("text/html", "application/xhtml+xml") or bool(_PAGE.match(body[:4096]))


def as_object(body: bytes) -> Mapping[str, object]:
    """The JSON object in a body; empty when there is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _page(reply: Reply, what: str) -> Line:
    title = f"{_title(reply.body)}{_who(reply)}"
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _fail(
            Cause.PROXY,
            f"A proxy or load balancer answers for the tenant{title} ({what}).",
            "The tenant behind it is down or out of its reach: tell its operator.",
        )
    if reply.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _fail(
            Cause.PROXY,
            f"A gateway or firewall answers for the tenant{title} ({what}).",
            _AROUND,
        )
    if reply.status in _MISSING:
        return _fail(
            Cause.WRONG_PATH,
            f"A web server answers there, but not the API{title} ({what}).",
            "Check the path of the base URL: it ends in /api/v1.",
        )
    return _fail(
        Cause.WEB_PAGE,
        f"A web page answers there{title} ({what}).",
        "It is the user interface, or a network's login page: use the API's own host and /api/v1.",
    )


def _redirect(reply: Reply, base_url: str) -> Line:
    home = Origin.of(base_url)
    try:
        target: Origin | None = Origin.of(reply.location)
    except ValueError:
        target = None
    where = f" to {shown(reply.location, 100)}" if reply.location else ""
    if target is None or target.host == home.host:
        return _fail(
            Cause.REDIRECT,
            f"It redirects{where} ({reply.status}), and the API never does.",
            "Check scheme and path of the base URL; redirects are not followed with a key.",
        )
    return _fail(
        Cause.PORTAL,
        f"It sends us to another host{where} ({reply.status}).",
        _PORTAL,
    )


_LATER = "Nothing is wrong on this side: try again later, and tell the tenant's operator."
_AROUND = "Ask who runs it for a way to the API, or leave the network that it guards."
_PORTAL = "Open a web page in a browser and log in to the network; or check the base URL."


def _fail(cause: Cause, summary: str, hint: str) -> Line:
    return Line(CheckName.API, Outcome.FAIL, summary, hint, cause=cause)


def _who(reply: Reply) -> str:
    """Which program answers, as far as it says."""
    name = reply.headers.get("server") or reply.headers.get("via") or ""
    return f", answered by {shown(name, MAX_NAME)}" if name else ""


def _title(body: bytes) -> str:
    found = _TITLE.search(body)
    words = html.unescape(found[1].decode("utf-8", "replace")) if found else ""
    words = shown(" ".join(words.split()), MAX_NAME)
    return f", titled “{words}”" if words else ""


def _wait(reply: Reply) -> str:
    seconds = reply.headers.get("retry-after", "")
    is_number = seconds.isascii() and seconds.isdigit() and len(seconds) < 6  # noqa: PLR2004
    return f" {int(seconds)} s" if is_number else " a minute"
