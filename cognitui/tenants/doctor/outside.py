"""The checks that need no key: from what was pasted to which API answers there."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from cognitui.network.addresses import reach_of
from cognitui.network.exchange import Reply, Request
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause as WayCause
from cognitui.network.stage import WayBlockedError
from cognitui.network.way import Way
from cognitui.tenants.doctor import api, way_words
from cognitui.tenants.doctor.address import API, Address, read_address
from cognitui.tenants.doctor.counts import Heard
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown
from cognitui.tenants.doctor.proxy import judge_proxy, only_by_proxy, proxy_variable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.clock import Clock
    from cognitui.network.exchange import Connection

N = CheckName
_PLAIN = "/?:@!$&'()*+,;=%-._~"
_UNREACHED = (Cause.NO_HOST, Cause.REFUSED, Cause.NO_ROUTE, Cause.NO_ANSWER)


class Outside:
    """The way to a tenant and what answers at its end; each check is called when its turn comes.

    Args:
        text: What was given as the base URL.
        timeout_s: Allowed for each step.
        environ: Where a proxy may be named.
        clock: Ours.

    Attributes:
        address: What was made out of the text; ``None`` until it was.
        base_url: Where the API is, as far as known by now.
        heard: When the first answer came; ``None`` until one did.
        headers: Of that answer.
    """

    def __init__(
        self, text: str, timeout_s: float, environ: Mapping[str, str], clock: Clock
    ) -> None:
        self._text, self._timeout_s = text, timeout_s
        self._environ, self._clock = environ, clock
        self.address: Address | None = None
        self.base_url = ""
        self.heard: Heard | None = None
        self.headers: Mapping[str, str] = {}
        self._way = Way("", timeout_s)
        self._addresses: list[str] = []
        self._connection: Connection | None = None
        self._proxy = ""

    async def aclose(self) -> None:
        """Close the connection, if one is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    def blocked(self, name: CheckName, stop: WayBlockedError) -> Line:
        """The line of a check that did not get through."""
        line = way_words.blocked(name, stop, self._way)
        if line.cause in _UNREACHED and name in (N.DNS, N.TCP):
            line = replace(
                line, hint=line.hint + only_by_proxy(self._proxy, self.known.origin.host)
            )
        return line

    @property
    def known(self) -> Address:
        """The address, once it was made out."""
        assert self.address is not None
        return self.address

    async def read(self) -> Line:
        """What was given, put right as far as its text tells."""
        try:
            self.address = address = read_address(self._text)
        except ValueError as error:
            return Line(
                N.URL,
                Outcome.FAIL,
                f"No base URL can be made out: {error}.",
                "Copy it again: it looks like https://acme.cognigy.ai/api/v1.",
                cause=Cause.URL,
            )
        self.base_url = address.base_url
        self._way = Way(address.base_url, self._timeout_s)
        if not address.remarks:
            return Line(N.URL, Outcome.OK, shown(address.base_url, 200))
        return Line(
            N.URL,
            Outcome.WARN,
            shown(f"It was read as {address.base_url}: {', and '.join(address.remarks)}."),
            "Correct it; what follows was found with the corrected one.",
            cause=Cause.URL,
            correction=address.base_url,
        )

    async def find_proxy(self) -> Line:
        """Whether the environment names a proxy."""
        self._proxy = proxy_variable(self.known.origin, self._environ)
        return judge_proxy(self._proxy)

    async def resolve(self) -> Line:
        """The addresses of the host."""
        self._addresses = await self._way.resolve(self.known.origin)
        first, more = self._addresses[0], len(self._addresses) - 1
        others = f" and {more} more" if more else ""
        return Line(N.DNS, Outcome.OK, f"{first}{others} ({reach_of(first)})")

    async def connect(self) -> Line:
        """Whether somebody listens."""
        origin = self.known.origin
        self._connection = await self._way.open(origin, self._addresses)
        return Line(N.TCP, Outcome.OK, f"connected to {origin.host}:{origin.port}")

    async def secure(self) -> Line:
        """Whether it is who it should be."""
        origin = self.known.origin
        if origin.scheme == "http":
            return Line(N.TLS, Outcome.SKIPPED, "plain http, as only this machine itself may")
        assert self._connection is not None
        try:
            await self._way.secure(self._connection, origin, self._addresses)
        except WayBlockedError as stop:
            self._connection = None
            # Who waits for the end of a line takes a greeting of TLS and says nothing.
            is_mute = stop.cause in (WayCause.TLS, WayCause.TIMEOUT)
            if is_mute and await self._speaks_http():
                return way_words.speaks_http(origin)
            raise
        return way_words.secured(self._way)

    async def _speaks_http(self) -> bool:
        origin = self.known.origin
        way = Way(self.base_url, self._timeout_s)
        with suppress(WayBlockedError):
            connection = await way.open(origin, self._addresses)
            await way.exchange(connection, origin, Request("GET", "/"))
            return True
        return False

    async def _speaks_tls(self) -> bool:
        return await self._way.speaks_tls(self.known.origin, self._addresses)

    async def ask(self) -> Line:
        """Which API answers, as far as it tells without a key."""
        connection, self._connection = self._connection, None
        assert connection is not None
        before = self._clock.now()
        try:
            reply = await self._exchange(connection, self._token_request(self.base_url))
        except WayBlockedError as stop:
            if self.known.origin.scheme == "http" and stop.cause is WayCause.HTTP:  # noqa: SIM102
                if await self._speaks_tls():
                    correction = self.base_url.replace("http:", "https:", 1)
                    return way_words.speaks_tls(self.known.origin, correction)
            raise
        self.heard = Heard(reply.headers.get("date", ""), before, self._clock.now())
        self.headers = reply.headers
        line = api.judge_token_endpoint(reply, self.base_url)
        if line.cause in (Cause.WRONG_PATH, Cause.WEB_PAGE, Cause.NOT_THE_API, Cause.REDIRECT):
            return await self._look_elsewhere() or line
        if line.outcome is Outcome.OK and api.may_be_rest_v2(reply):
            return await self._find_rest_v2() or line
        return line

    async def _look_elsewhere(self) -> Line | None:
        """The API at its usual path, or the other API, on the same origin; ``None`` for neither."""
        origin = self.known.origin
        usual = f"{origin}{API}"
        if usual != self.base_url:
            reply = await self._ask_again(self._token_request(usual))
            if reply is not None and (api.judge_token_endpoint(reply, usual).outcome is Outcome.OK):
                given, self.base_url = self.base_url, usual
                return api.found_elsewhere(given, usual)
        return await self._find_rest_v2()

    async def _find_rest_v2(self) -> Line | None:
        for path in api.V2_PATHS:
            accept = (("Accept", "application/json"),)
            reply = await self._ask_again(Request("GET", path, accept, reads_body=True))
            if reply is not None and api.is_rest_v2(reply):
                return api.rest_v2(path)
        return None

    def _token_request(self, base_url: str) -> Request:
        path = quote(f"{urlsplit(base_url).path}/auth/token", safe=_PLAIN)
        headers = (("Accept", "application/json"), ("Content-Type", "application/json"))
        return Request("POST", path, headers, api.TOKEN_BODY, reads_body=True)

    async def _ask_again(self, request: Request) -> Reply | None:
        with suppress(WayBlockedError):
            connection = await self._way.connect(self.known.origin, self._addresses)
            return await self._exchange(connection, request)
        return None

    async def _exchange(self, connection: Connection, request: Request) -> Reply:
        return await self._way.exchange(connection, self.known.origin, request)
