"""One request over httpx: bounded in time and size, with a sentence for everything that fails."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field, replace
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import httpx

from cognitui.callbacks.hiding import Hiding
from cognitui.callbacks.pinned import PinnedTransport, connect_to
from cognitui.callbacks.timings import Stopwatch, Timings
from cognitui.errors import CognituiError, UsageError
from cognitui.network.resolve import is_address, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.compose import Callback

MAX_URL = 2048
MAX_PORT = 65_535
MAX_ANSWER_BYTES = 64 * 1024
MAX_EXCERPT_BYTES = 4 * 1024
MAX_HEADER_VALUE = 200
HANDSHAKE_GRACE_S = 0.05
SHOWN_HEADERS = frozenset({
    "allow", "content-length", "content-type", "date", "retry-after", "server", "x-request-id",
})  # fmt: skip
# Each attempt is timed as a whole, so that httpx's own timers never ring first.
NEVER_REACHED_S = 600.0
# httpx's pool slows down and churns connections above twenty in flight; the sender keeps to ten.
MAX_CONNECTIONS = 10
# Shorter than what servers keep idle connections for, so that none is used while they close it.
KEEP_ALIVE_S = 2.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one request led to: an answer, or a failure.

    Attributes:
        status: ``None`` when there was no answer.
        failure: A stable word for why there was none; ``None`` when there was.
        sentence: The same for people.
        timings: Where the time went.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    excerpt: bytes = field(default=b"", repr=False)
    failure: str | None = None
    sentence: str | None = None
    timings: Timings | None = None


def check_url(url: str) -> httpx.URL:
    """The URL of an endpoint, if a callback can be sent there.

    Raises:
        UsageError: It cannot; the message says why and never repeats a password.
    """
    try:
        parsed = httpx.URL(url)
        port_is_usable = parsed.port is None or 0 < parsed.port <= MAX_PORT
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise _bad_url("This is not a URL.") from None
    if len(url) > MAX_URL:
        raise _bad_url(f"The URL is longer than {MAX_URL} characters.")
    if parsed.scheme not in {"http", "https"}:
        raise _bad_url("The URL must begin with http:// or https://.")
    if not parsed.host:
        raise _bad_url("The URL names no host.")
    if parsed.userinfo:
        raise _bad_url("A user name or password in the URL would be shown in every list.")
    if not port_is_usable:
        raise _bad_url("The port must be from 1 to 65535.")
    return parsed


def prepare() -> ssl.SSLContext:
    """Trust in the machine's authorities. Takes long enough to be felt: for a thread, not a loop.

    Loads on the way what httpx would load during the first request, so that a first attempt is not
    shown as slower than the endpoint is.
    """
    import anyio
    import anyio.streams.tls

    anyio.run(anyio.sleep, 0)
    return ssl.create_default_context()


def open_client(context: ssl.SSLContext) -> httpx.AsyncClient:
    """A client without cookies, redirects or proxies.

    A proxy would look names up by itself, so that no address could be checked, and read what is
    sent over plain http.
    """
    limits = httpx.Limits(
        max_connections=MAX_CONNECTIONS,
        max_keepalive_connections=MAX_CONNECTIONS,
        keepalive_expiry=KEEP_ALIVE_S,
    )
    return httpx.AsyncClient(
        transport=PinnedTransport(context, limits),
        timeout=NEVER_REACHED_S,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
        headers={"Accept": "*/*", "Accept-Encoding": "identity"},
    )


class _Deadline:
    """Ends an attempt in time, and follows it through httpcore to say what it waited for.

    A handshake is ended by httpx's own timer, with this one just behind it: httpcore forgets to
    close a connection whose handshake is cancelled from outside.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = asyncio.get_running_loop().time() + seconds
        self.timer = asyncio.timeout_at(self._at)
        self.phase = "connect"
        self.stopwatch = Stopwatch()

    async def follow(self, event: str, info: dict[str, Any]) -> None:
        step = event.partition(".")[2]
        if step == "connect_tcp.started":
            await self._resolve(info["host"], info["port"])
        self.stopwatch.mark(step)
        if step == "start_tls.started":
            now = asyncio.get_running_loop().time()
            self.timer.reschedule(now + self._seconds + HANDSHAKE_GRACE_S)
        elif step == "start_tls.complete":
            self.timer.reschedule(self._at)
        self.phase = _PHASES.get(step, self.phase)

    async def _resolve(self, host: str, port: int) -> None:
        """Ask for the addresses here, so that the time it takes can be told apart."""
        if not is_address(host):
            self.stopwatch.mark("dns.started")
        try:
            connect_to(host, await resolve(host, port))
        finally:
            self.stopwatch.mark("dns.complete")


_PHASES = {
    "connect_tcp.complete": "tls",
    "send_request_headers.started": "send",
    "send_request_body.complete": "answer",
    "receive_response_headers.complete": "body",
}


async def exchange(
    client: httpx.AsyncClient, url: httpx.URL, callback: Callback, *, timeout_ms: int
) -> Exchange:
    """Post the callback's exact bytes once; whatever happens on the wire is in the result.

    Args:
        client: From `open_client`.
        url: From `check_url`.
        callback: What to send.
        timeout_ms: Allowed from the begin to the last byte of the answer, in milliseconds.
    """
    deadline = _Deadline(timeout_ms / 1000)
    result = await _exchange(client, url, callback, deadline, timeout_ms)
    return replace(result, timings=deadline.stopwatch.timings())


async def _exchange(
    client: httpx.AsyncClient,
    url: httpx.URL,
    callback: Callback,
    deadline: _Deadline,
    timeout_ms: int,
) -> Exchange:
    try:
        request = client.build_request(
            "POST",
            url,
            headers=[
                (name.encode("ascii"), _on_the_wire(value)) for name, value in callback.headers
            ],
            content=callback.body,
            timeout=httpx.Timeout(NEVER_REACHED_S, connect=timeout_ms / 1000),
            extensions={"trace": deadline.follow},
        )
        async with deadline.timer:
            return await _post(client, request, callback)
    except (TimeoutError, httpx.TimeoutException):
        return _timed_out(deadline.phase, url.host, timeout_ms)
    except CognituiError as error:  # there is no such host, or callbacks may not go there
        return Exchange(failure=error.code, sentence=error.message)
    except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
        return _failed(error, url)


def _on_the_wire(value: str) -> bytes:
    # What was received as bytes that are no text goes out as the same bytes again.
    return value.encode("utf-8", "surrogateescape")


async def _post(client: httpx.AsyncClient, request: httpx.Request, callback: Callback) -> Exchange:
    response = await client.send(request, stream=True)
    try:
        hide = Hiding.of(callback)
        excerpt = hide.in_bytes(await _read(response))[:MAX_EXCERPT_BYTES]
        return Exchange(response.status_code, _shown(response, hide), excerpt)
    finally:
        await response.aclose()


async def _read(response: httpx.Response) -> bytes:
    """The begin of the body: as much as is shown, and what a secret may take that is cut out."""
    begin = bytearray()
    size = 0
    async for chunk in response.aiter_raw():
        begin += chunk[: 2 * MAX_EXCERPT_BYTES - len(begin)]
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            break
    return bytes(begin)


def _shown(response: httpx.Response, hide: Hiding) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, hide.in_text(value)[:MAX_HEADER_VALUE])
        for name, value in response.headers.multi_items()
        if name in SHOWN_HEADERS
    )


_WAITED_FOR = {
    "connect": ("connect_timeout", "{host} did not accept a connection within {ms} ms"),
    "tls": ("connect_timeout", "{host} did not agree on TLS within {ms} ms"),
    "send": ("timeout", "{host} did not take the whole callback within {ms} ms"),
    "answer": ("timeout", "{host} took the callback but did not answer within {ms} ms"),
    "body": ("timeout", "{host} began to answer but did not end within {ms} ms"),
}


def _timed_out(phase: str, host: str, timeout_ms: int) -> Exchange:
    code, words = _WAITED_FOR[phase]
    sentence = f"{words.format(host=host, ms=timeout_ms)}, the timeout of this delivery."
    return Exchange(failure=code, sentence=sentence)


# The first that is among the causes of a failed connection tells it best.
_NO_CONNECTION = (
    (
        ssl.SSLCertVerificationError,
        "tls_failed",
        "The certificate of {where} was not accepted, so nothing was sent.",
    ),
    (ssl.SSLError, "tls_error", "{where} and this machine do not agree on TLS."),
    (httpx.ConnectError, "connect_failed", "Nothing answers at {where}."),
)


def _failed(error: Exception, url: httpx.URL) -> Exchange:
    where = f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
    if isinstance(error, httpx.ConnectError):
        causes = list(_causes(error))
        for kind, code, words in _NO_CONNECTION:
            if any(isinstance(cause, kind) for cause in causes):
                return Exchange(failure=code, sentence=words.format(where=where))
    if isinstance(error, httpx.ProtocolError) and "disconnected" not in str(error):
        return Exchange(
            failure="not_http", sentence=f"What {where} answered is not HTTP, or was cut short."
        )
    return Exchange(
        failure="connection_lost",
        sentence=f"The connection to {where} ended before the answer was complete.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # httpcore raises its last errors "from None", which hides the cause but keeps the context.
        error = error.__cause__ or error.__context__


def _bad_url(message: str) -> UsageError:
    return UsageError(message, hint="For example https://hooks.acme.example/cognigy.", field="url")
