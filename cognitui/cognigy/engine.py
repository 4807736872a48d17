"""The HTTP engine: the only module here that imports httpx, so that it can be exchanged.

One long-lived client per tenant, without cookies, redirects or compression. What comes back is
bounded in size and time before anybody looks at it.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING

import httpx

from cognitui.cognigy.answer import Answer, Timeouts
from cognitui.cognigy.errors import (
    AnswerLost,
    ApiError,
    ClientClosed,
    ConnectFailed,
    InvalidAnswer,
    OriginRefused,
    TimedOut,
    TlsFailed,
)
from cognitui.cognigy.origin import Origin

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cognitui.cognigy.operation import Operation

MAX_ANSWER_BYTES = 8 * 1024 * 1024
# httpx's pool slows down and churns connections above twenty in flight; ten are plenty.
MAX_CONNECTIONS = 10


class OriginGuard(httpx.AsyncBaseTransport):
    """The lowest layer, which nothing can go around: requests leave for one origin only."""

    def __init__(self, origin: Origin, inner: httpx.AsyncBaseTransport) -> None:
        self._origin = origin
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on, or refuse it before a byte leaves."""
        if Origin.of(str(request.url)) != self._origin:
            raise OriginRefused(f"A request to another origin than {self._origin} was refused.")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()


class Engine:
    """Sends one request and reads one answer."""

    def __init__(self, base_url: str, timeouts: Timeouts) -> None:
        self._origin = Origin.of(base_url)
        self._timeouts = timeouts
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._is_closed = False

    async def send(self, operation: Operation, authorization: SecretStr) -> Answer:
        """One attempt.

        Raises:
            TransportError: No whole answer came.
            InvalidAnswer: The answer is too long or compressed although that was not asked for.
        """
        client = await self._open()
        request = _request(client, operation, authorization)
        try:
            async with asyncio.timeout(self._timeouts.total):
                return await self._exchange(client, request)
        except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            failure = self._explain(error)
        except InvalidAnswer as error:
            failure = error.with_traceback(None)
        # Raised here, so that it brings no frame along that holds the answer: it may hold secrets.
        raise failure

    async def aclose(self) -> None:
        """Close all connections, and open no more, whatever is still to be tried again."""
        self._is_closed = True
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _open(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._is_closed:
                raise ClientClosed("The tenant was closed before the request was made.")
            if self._client is None:
                # Loading the certificates takes long enough to be felt on the event loop.
                context = await asyncio.to_thread(_tls_context, self._origin)
                self._client = self._build(context)
            return self._client

    def _build(self, context: ssl.SSLContext) -> httpx.AsyncClient:
        limits = httpx.Limits(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS
        )
        # A mounted transport would bypass the guard, so proxies are not taken from the environment.
        transport = httpx.AsyncHTTPTransport(verify=context, limits=limits)
        return httpx.AsyncClient(
            transport=OriginGuard(self._origin, transport),
            timeout=httpx.Timeout(self._timeouts.read, connect=self._timeouts.connect),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    async def _exchange(self, client: httpx.AsyncClient, request: httpx.Request) -> Answer:
        response = await client.send(request, stream=True)
        try:
            encoding = response.headers.get("content-encoding", "identity")
            if encoding != "identity":
                raise InvalidAnswer("The answer is compressed although that was not asked for.")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > MAX_ANSWER_BYTES:
                    raise InvalidAnswer(
                        f"The answer is longer than {MAX_ANSWER_BYTES // 1024 // 1024} MiB; "
                        "the rest was not read."
                    )
            return Answer(response.status_code, dict(response.headers), bytes(body))
        finally:
            await response.aclose()

    def _explain(self, error: Exception) -> ApiError:
        if isinstance(error, TimeoutError):
            return self._timed_out(f"no whole answer within {self._timeouts.total:g} s")
        if isinstance(error, httpx.ConnectTimeout):
            return ConnectFailed(
                f"{self._origin.host} did not answer within {self._timeouts.connect:g} s.",
                hint="Check the network, the VPN and the base URL.",
            )
        if isinstance(error, httpx.TimeoutException):
            return self._timed_out(f"nothing was heard for {self._timeouts.read:g} s")
        if isinstance(error, httpx.ConnectError):
            return self._connect_failed(error)
        return AnswerLost(
            f"The connection to {self._origin.host} ended before the answer was complete "
            f"({type(error).__name__})."
        )

    def _timed_out(self, what: str) -> TimedOut:
        return TimedOut(
            f"{self._origin.host} took the request, but {what}.",
            hint="The tenant is slow or stuck; the bot's status may say more.",
        )

    def _connect_failed(self, error: httpx.ConnectError) -> ConnectFailed | TlsFailed:
        where = f"{self._origin.host}:{self._origin.port}"
        if "CERTIFICATE" in str(error):
            return TlsFailed(
                f"The certificate of {where} was not accepted.",
                hint="Check the host name and whether the certificate has expired.",
            )
        if "SSL" in str(error):
            return TlsFailed(
                f"No secure connection to {where} came about.",
                hint="Is it the right port, and does the tenant speak https there?",
            )
        if "Name or service" in str(error) or "getaddrinfo" in str(error):
            return ConnectFailed(
                f"There is no host called {self._origin.host}.", hint="Check the base URL."
            )
        return ConnectFailed(
            f"Nothing answers at {where}.", hint="Check the base URL, the network and the VPN."
        )


def _tls_context(origin: Origin) -> ssl.SSLContext:
    if origin.scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # never used; without roots it trusts nobody
    return ssl.create_default_context()


def _request(
    client: httpx.AsyncClient, operation: Operation, authorization: SecretStr
) -> httpx.Request:
    """The request. Its secrets are in clear in no frame that an error comes through."""
    content = None
    if operation.body is not None:
        # Escaped to ASCII, so that no text, however broken, stops it from being sent.
        content = json.dumps(operation.body(), separators=(",", ":")).encode("ascii")
    headers = {
        "Authorization": authorization.get_secret_value(),
        "Content-Type": "application/json",
    }
    return client.build_request(operation.method, operation.url, headers=headers, content=content)
