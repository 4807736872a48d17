"""One POST to the monitor, and what its answer means."""

from __future__ import annotations

import asyncio
import re
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote_plus, urlsplit

from cognitui.audit.errors import MonitorRefused, MonitorUnreachable
from cognitui.cognigy.origin import Origin
from cognitui.cognigy.retry import parse_retry_after
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 64 * 1024
MAX_EXCERPT = 200
_SHORTEST = 6  # to blot out shorter ones would say more than it hides
KEY_HEADER = "Idempotency-Key"
"""Every POST carries it; one that is sent again has the same key and the same body, so that a
monitor which has it already can tell."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
_SUCCESSES, _REDIRECTS = range(200, 300), range(300, 400)
_CLIENT_ERRORS, _SERVER_ERRORS = range(400, 500), range(500, 600)
# Too early, already at it, too often: the same may well be taken later.
_LATER = frozenset({408, 409, 425, 429})
# These find fault with the body, which does not change.
_NEVER = frozenset({400, 413, 415, 422})
_HINTS = {
    401: "The monitor wants to know who asks; cognitui sends it no key.",
    403: "The monitor does not let this machine in.",
    404: "Check the path of the monitor's URL.",
    405: "Check the path of the monitor's URL; what is there takes no POST.",
    413: "The monitor takes no body of this size.",
    429: "The monitor is asked too often; try again later.",
}


@dataclass(frozen=True, slots=True)
class MonitorAnswer:
    """What the monitor said.

    Attributes:
        status: The HTTP status.
        ms: Milliseconds from connecting to the last byte.
        excerpt: The beginning of what it said, made safe to show.
        retry_after_s: How many seconds it wants to be left alone; ``None`` when it does not say.
    """

    status: int
    ms: float
    excerpt: str
    retry_after_s: float | None

    @property
    def is_success(self) -> bool:
        """Whether the monitor has it now."""
        return self.status in _SUCCESSES

    @property
    def may_succeed_soon(self) -> bool:
        """Whether the same POST is worth another try in a moment."""
        return self.status in _LATER or self.status in _SERVER_ERRORS

    @property
    def is_final(self) -> bool:
        """Whether the same body will never be taken."""
        return self.status in _NEVER


class MonitorPost:
    """Sends bodies to one monitor. Use it as an async context manager.

    Args:
        url: The monitor.
        timeout_s: Seconds for a whole exchange.

    Raises:
        UsageError: The URL cannot be a monitor's.
    """

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S) -> None:
        self._url = url
        self._timeout_s = timeout_s
        try:
            self.origin = Origin.of(url)
        except ValueError as error:
            raise _unusable(str(error)) from None
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        context = await asyncio.to_thread(_tls_context, self.origin)
        self._client = _client(self.origin, context)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def send(self, body: bytes, key: str) -> MonitorAnswer:
        """POST once. Neither a redirect is followed nor anything repeated.

        Raises:
            UsageError: The URL is malformed.
            MonitorUnreachable: There was no answer in time; it may have been taken all the same.
        """
        import httpx

        assert self._client is not None, "use it as a context manager"
        started = time.perf_counter()
        try:
            # httpx counts each phase for itself; an answer that drips would never end.
            async with asyncio.timeout(self._timeout_s):
                response, said = await _exchange(self._client, self._url, body, key)
        except (TimeoutError, httpx.TimeoutException):
            reason = f"did not answer within {self._timeout_s:g} s"
        except httpx.ConnectError:
            reason = "cannot be reached"
        except httpx.InvalidURL:
            raise _unusable("it is malformed") from None
        # Cookies, header bytes and certificates that httpx trips over are ValueError and OSError.
        except (httpx.HTTPError, OSError, ValueError) as error:
            reason = f"gave no answer that can be read ({type(error).__name__})"
        else:
            ms = (time.perf_counter() - started) * 1000
            retry_after = response.headers.get("Retry-After")
            wait_s = parse_retry_after(retry_after, datetime.now(UTC))
            return MonitorAnswer(response.status_code, ms, _excerpt(said, self._url), wait_s)
        raise MonitorUnreachable(
            f"The monitor at {self.origin} {reason}.", hint="Check its URL and that it runs."
        )

    def refused(self, answer: MonitorAnswer) -> MonitorRefused:
        """The error for an answer that is not a success."""
        status = answer.status
        said = f" It says: {answer.excerpt}" if answer.excerpt else ""
        hint = _HINTS.get(status, "")
        if status in _REDIRECTS:
            hint = "It leads to another place; give the final URL, redirects are not followed."
        elif status in _SERVER_ERRORS:
            hint = "The monitor itself fails. Try again later."
        elif status in _CLIENT_ERRORS and not hint:
            hint = "The monitor does not accept the body; check that the URL is the right one."
        return MonitorRefused(
            f"The monitor at {self.origin} refused with {status}.{said}",
            status=status,
            answer=answer.excerpt,
            retry_after_s=answer.retry_after_s,
            hint=hint,
        )


async def _exchange(
    client: httpx.AsyncClient, url: str, body: bytes, key: str
) -> tuple[httpx.Response, bytes]:
    headers = {
        "Content-Type": "application/json",
        KEY_HEADER: key,
        # Uncompressed, so that the bound on what is read is a bound on what is held.
        "Accept-Encoding": "identity",
    }
    request = client.build_request("POST", url, content=body, headers=headers, timeout=None)
    response = await client.send(request, stream=True, follow_redirects=False)
    try:
        read = bytearray()
        async for chunk in response.aiter_raw():
            read += chunk
            if len(read) >= MAX_ANSWER_BYTES:
                break
        return response, bytes(read)
    finally:
        await response.aclose()


def _excerpt(answer: bytes, url: str) -> str:
    """What may be shown and recorded: not the token of our own URL, which some say back."""
    decoded = answer.decode("utf-8", "replace")
    for word in _private_words(url):
        decoded = decoded.replace(word, "[secret]")
    decoded = decoded[: 4 * MAX_EXCERPT]
    text = " ".join(_CONTROLS.sub(" ", decoded).split())
    return text if len(text) <= MAX_EXCERPT else text[:MAX_EXCERPT] + "…"


def _private_words(url: str) -> list[str]:
    """The values of a URL's query, in each spelling, the longest first."""
    query = urlsplit(url).query
    pairs = [(part.partition("=")[2] or part) for part in query.split("&")]
    words = {form for value in pairs for form in (value, unquote_plus(value))}
    return sorted((word for word in words if len(word) >= _SHORTEST), key=len, reverse=True)


def _unusable(reason: str) -> UsageError:
    return UsageError(
        f"The monitor's URL cannot be used: {reason}.",
        hint="It looks like https://monitor.example.com/api/webhook-sync.",
        field="monitor_url",
    )


def _tls_context(origin: Origin) -> ssl.SSLContext:
    # Loading the certificates takes long enough to be felt, so it is done only where they count.
    https = origin.scheme == "https"
    return ssl.create_default_context() if https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _client(origin: Origin, context: ssl.SSLContext) -> httpx.AsyncClient:
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    return httpx.AsyncClient(
        verify=context,
        # A proxy cannot reach this machine's own ports, and without TLS it would read the URL with
        # the token that may be in it.
        trust_env=origin.scheme == "https" and not origin.is_loopback,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    )
