"""The examination: each check in its turn, and what the later ones need of the earlier."""

from __future__ import annotations

import base64
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from pydantic import SecretStr

from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.answer import Answer, Timeouts
from cognitui.cognigy.answers import rate_limited
from cognitui.cognigy.errors import ApiError, Unauthorized
from cognitui.cognigy.limiter import SlidingWindowLimiter, WaitTooLongError
from cognitui.cognigy.operation import Operation
from cognitui.network.addresses import reach_of
from cognitui.network.exchange import Reply, Request
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause as WayCause
from cognitui.network.stage import WayBlockedError
from cognitui.network.way import Way
from cognitui.tenants.doctor import api, key, key_form, rights, way_words
from cognitui.tenants.doctor.address import API, Address, read_address
from cognitui.tenants.doctor.counts import Heard, judge_clock, judge_rate
from cognitui.tenants.doctor.line import Cause, CheckName, Line, shown
from cognitui.tenants.doctor.proxy import judge_proxy, only_by_proxy, proxy_variable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping

    from cognitui.cognigy.credentials import Credentials
    from cognitui.cognigy.engine import Engine
    from cognitui.network.exchange import Connection

N = CheckName
# What has to have gone well before a check makes sense.
_NEEDS = {
    N.PROXY: N.URL,
    N.DNS: N.URL,
    N.TCP: N.DNS,
    N.TLS: N.TCP,
    N.API: N.TLS,
    N.KEY: N.API,
    N.READ: N.KEY,
    N.MANAGE: N.KEY,
    N.WRITE: N.KEY,
    N.RATE: N.API,
}
_PLAIN = "/?:@!$&'()*+,;=%-._~"
_UNREACHED = (Cause.NO_HOST, Cause.REFUSED, Cause.NO_ROUTE, Cause.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Question:
    """What is examined.

    Attributes:
        base_url: As it was typed, pasted or stored.
        credentials: Sent to the origin of that base URL and nowhere else; without them the
            examination ends before the key.
        bot_id: The bot that managing webhooks is tried at; without one the first that is listed.
        requests_per_minute: What the key may ask in a minute.
        limiter: Counts the key's requests where others use the same key too.
        is_read_only: Whether nothing may be sent that even looks like a change.
        timeout_s: Allowed for each step on the way and for each answer.
    """

    base_url: str = field(repr=False)
    credentials: Credentials | None = None
    bot_id: str | None = None
    requests_per_minute: int = 100
    limiter: SlidingWindowLimiter | None = None
    is_read_only: bool = False
    timeout_s: float = 5.0


async def examine(
    question: Question, *, environ: Mapping[str, str] = os.environ, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[Line, None]:
    """Examine a tenant, and yield each check as it ends; one that made no sense is skipped.

    Nothing is changed at the tenant. Whatever answers, nothing is raised.

    Args:
        question: What is examined.
        environ: Where a proxy may be named.
        clock: Ours, which is compared with the tenant's.
    """
    examination = _Examination(question, environ, clock)
    try:
        passed: set[CheckName] = set()
        for name in CheckName:
            need = _NEEDS.get(name)
            if need is not None and need not in passed:
                yield Line(name, Outcome.SKIPPED, "not tried")
                continue
            started = time.perf_counter()
            line = await examination.check(name)
            if line.outcome is not Outcome.FAIL and not (name is N.KEY and not examination.is_in):
                passed.add(name)
            yield replace(line, ms=(time.perf_counter() - started) * 1000)
    finally:
        await examination.aclose()


class _Examination:
    """One examination, and what is known by now."""

    def __init__(self, question: Question, environ: Mapping[str, str], clock: Clock) -> None:
        self._question, self._environ, self._clock = question, environ, clock
        self._address: Address | None = None
        self._base_url = ""
        self._way = Way("", question.timeout_s)
        self._addresses: list[str] = []
        self._connection: Connection | None = None
        self._proxy = ""
        self._heard: Heard | None = None
        self._headers: Mapping[str, str] = {}
        self._engine: Engine | None = None
        self._limiter = question.limiter
        self._token: SecretStr | None = None
        self._scopes: tuple[str, ...] = ()
        self._bot_id = question.bot_id
        self._lacks: frozenset[str] = frozenset()
        self._was_let_through = False

    @property
    def is_in(self) -> bool:
        """Whether the tenant has let us in."""
        return self._token is not None

    async def check(self, name: CheckName) -> Line:
        """Make one check, whose needs are met."""
        checks: dict[CheckName, Callable[[], Awaitable[Line]]] = {
            N.URL: self._url,
            N.PROXY: self._find_proxy,
            N.DNS: self._resolve,
            N.TCP: self._connect,
            N.TLS: self._secure,
            N.API: self._ask_without_key,
            N.KEY: self._ask_with_key,
            N.READ: self._read,
            N.MANAGE: self._manage,
            N.WRITE: self._write,
            N.CLOCK: self._compare_clocks,
            N.RATE: self._count,
        }
        try:
            return await checks[name]()
        except WayBlockedError as stop:
            line = way_words.blocked(name, stop, self._way)
            if line.cause in _UNREACHED and name in (N.DNS, N.TCP):
                host = self._known.origin.host
                line = replace(line, hint=line.hint + only_by_proxy(self._proxy, host))
            return line

    async def aclose(self) -> None:
        """Close what is open."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()
        if self._engine is not None:
            await self._engine.aclose()

    @property
    def _known(self) -> Address:
        assert self._address is not None
        return self._address

    # The way

    async def _url(self) -> Line:
        try:
            self._address = address = read_address(self._question.base_url)
        except ValueError as error:
            return Line(
                N.URL,
                Outcome.FAIL,
                f"No base URL can be made out: {error}.",
                "Copy it again: it looks like https://acme.cognigy.ai/api/v1.",
                cause=Cause.URL,
            )
        self._base_url = address.base_url
        self._way = Way(address.base_url, self._question.timeout_s)
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

    async def _find_proxy(self) -> Line:
        self._proxy = proxy_variable(self._known.origin, self._environ)
        return judge_proxy(self._proxy)

    async def _resolve(self) -> Line:
        self._addresses = await self._way.resolve(self._known.origin)
        first, more = self._addresses[0], len(self._addresses) - 1
        others = f" and {more} more" if more else ""
        return Line(N.DNS, Outcome.OK, f"{first}{others} ({reach_of(first)})")

    async def _connect(self) -> Line:
        origin = self._known.origin
        self._connection = await self._way.open(origin, self._addresses)
        return Line(N.TCP, Outcome.OK, f"connected to {origin.host}:{origin.port}")

    async def _secure(self) -> Line:
        origin = self._known.origin
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
        origin = self._known.origin
        way = Way(self._base_url, self._question.timeout_s)
        with suppress(WayBlockedError):
            connection = await way.open(origin, self._addresses)
            await way.exchange(connection, origin, Request("GET", "/"))
            return True
        return False

    async def _speaks_tls(self) -> bool:
        return await self._way.speaks_tls(self._known.origin, self._addresses)

    # What answers there

    async def _ask_without_key(self) -> Line:
        connection, self._connection = self._connection, None
        assert connection is not None
        before = self._clock.now()
        try:
            reply = await self._exchange(connection, self._token_request(self._base_url))
        except WayBlockedError as stop:
            if self._known.origin.scheme == "http" and stop.cause is WayCause.HTTP:  # noqa: SIM102
                if await self._speaks_tls():
                    correction = self._base_url.replace("http:", "https:", 1)
                    return way_words.speaks_tls(self._known.origin, correction)
            raise
        self._heard = Heard(reply.headers.get("date", ""), before, self._clock.now())
        self._headers = reply.headers
        line = api.judge_token_endpoint(reply, self._base_url)
        if line.cause in (Cause.WRONG_PATH, Cause.WEB_PAGE, Cause.NOT_THE_API, Cause.REDIRECT):
            return await self._look_elsewhere() or line
        if line.outcome is Outcome.OK and api.may_be_rest_v2(reply):
            return await self._find_rest_v2() or line
        return line

    async def _look_elsewhere(self) -> Line | None:
        """The API at its usual path, or the other API, on the same origin; ``None`` for neither."""
        origin = self._known.origin
        usual = f"{origin}{API}"
        if usual != self._base_url:
            reply = await self._ask_again(self._token_request(usual))
            if reply is not None and (api.judge_token_endpoint(reply, usual).outcome is Outcome.OK):
                given, self._base_url = self._base_url, usual
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
            connection = await self._way.connect(self._known.origin, self._addresses)
            return await self._exchange(connection, request)
        return None

    async def _exchange(self, connection: Connection, request: Request) -> Reply:
        return await self._way.exchange(connection, self._known.origin, request)

    # The key

    async def _ask_with_key(self) -> Line:
        credentials, address = self._question.credentials, self._known
        if credentials is None:
            return Line(N.KEY, Outcome.SKIPPED, "no key was given")
        if not address.is_same_origin:
            home = f"given for {address.given}" if address.given else "given for no whole URL"
            return Line(N.KEY, Outcome.SKIPPED, f"not sent: it was {home}; correct that first")
        answer, operation = None, self._operation("POST", "/auth/token", api.TOKEN_BODY)
        slips = key_form.slips(credentials)
        try:
            answer = await self._send(operation, _basic(credentials))
            return self._let_in(answer, operation)
        except Unauthorized as error:
            return await self._why_refused(error, slips)
        except ApiError as error:
            return key.failed(N.KEY, error, answer)

    async def _why_refused(self, error: Unauthorized, slips: list[str]) -> Line:
        """One more try tells whether it is the tidied pair, or the other way round; not more."""
        credentials = self._question.credentials
        assert credentials is not None
        other = key_form.tidy(credentials) if slips else key_form.swap(credentials)
        operation = self._operation("POST", "/auth/token", api.TOKEN_BODY)
        with suppress(ApiError):
            answer = await self._send(operation, _basic(other))
            key.token_in(answer, operation, self._clock.now())
            return key.copied_wrongly(slips) if slips else key.swapped()
        return key.refused(error, credentials, slips)

    def _let_in(self, answer: Answer, operation: Operation) -> Line:
        token = key.token_in(answer, operation, self._clock.now())
        self._token, self._scopes = token.access_token, rights.scopes_in(answer.body)
        return key.accepted(token, self._scopes)

    async def _read(self) -> Line:
        operation = self._operation("GET", "/bots")
        return await self._judged(N.READ, operation, self._note_bots)

    def _note_bots(self, answer: Answer, operation: Operation) -> Line:
        if self._bot_id is None:
            self._bot_id = next(iter(rights.bots_in(answer.body) or []), None)
        return rights.reading(answer, operation, self._clock.now())

    async def _manage(self) -> Line:
        if self._question.is_read_only:
            return Line(N.MANAGE, Outcome.SKIPPED, "not tried in a read-only run")
        if self._bot_id is None:
            return Line(N.MANAGE, Outcome.SKIPPED, "not tried: no bot is known")
        path = f"/bots/{quote(self._bot_id, safe='')}/webhooks/{rights.NOBODYS}"
        operation = self._operation("PATCH", path, b'{"webhook":{}}')
        return await self._judged(N.MANAGE, operation, self._note_lacks)

    def _note_lacks(self, answer: Answer, operation: Operation) -> Line:
        self._lacks = rights.lacking(answer)
        line = rights.managing(answer, operation, self._clock.now(), self._lacks)
        self._was_let_through = line.outcome is Outcome.OK
        return line

    async def _write(self) -> Line:
        return rights.writing(self._scopes, self._lacks, was_let_through=self._was_let_through)

    async def _judged(
        self, name: CheckName, operation: Operation, judge: Callable[[Answer, Operation], Line]
    ) -> Line:
        token = self._token
        assert token is not None
        bearer = SecretStr(f"Bearer {token.get_secret_value()}")
        try:
            answer = await self._send(operation, bearer)
        except ApiError as error:
            return key.failed(name, error, None)
        return judge(answer, operation)

    def _operation(self, method: str, path: str, body: bytes | None = None) -> Operation:
        return Operation(
            method,
            self._base_url + path,
            path.replace(rights.NOBODYS, "…"),
            scope=rights.READ if method == "GET" else rights.MANAGE,
            body=None if body is None else lambda: dict(api.as_object(body)),
            secrets=tuple(self._secrets()),
        )

    def _secrets(self) -> Iterator[SecretStr]:
        """All that a tenant might echo and nobody may see."""
        if self._token is not None:
            yield self._token
        if (given := self._question.credentials) is not None:
            for pair in (given, key_form.tidy(given), key_form.swap(given)):
                yield from (pair.api_key, pair.api_secret)
                yield SecretStr(_basic(pair).get_secret_value().removeprefix("Basic "))

    async def _send(self, operation: Operation, authorization: SecretStr) -> Answer:
        """One request with a key, through the same guard as all others.

        Raises:
            ApiError: No answer came.
        """
        # Loads httpx, which only a key needs.
        from cognitui.cognigy.engine import Engine

        patience = self._question.timeout_s
        if self._engine is None:
            timeouts = Timeouts(patience, patience, 2 * patience)
            self._engine = Engine(self._base_url, timeouts)
        if self._limiter is None:
            most = self._question.requests_per_minute
            self._limiter = SlidingWindowLimiter(most, clock=self._clock)
        try:
            async with self._limiter.slot(max_wait_s=patience):
                answer = await self._engine.send(operation, authorization)
        except WaitTooLongError as wait:
            raise rate_limited(wait.seconds) from None
        self._headers = answer.headers
        return answer

    # What was told besides

    async def _compare_clocks(self) -> Line:
        if self._heard is None:
            return Line(N.CLOCK, Outcome.SKIPPED, "not tried")
        return judge_clock(self._heard)

    async def _count(self) -> Line:
        return judge_rate(self._headers, self._limiter)


def _basic(credentials: Credentials) -> SecretStr:
    pair = f"{credentials.api_key.get_secret_value()}:{credentials.api_secret.get_secret_value()}"
    encoded = base64.b64encode(pair.encode("utf-8", "surrogatepass")).decode("ascii")
    return SecretStr(f"Basic {encoded}")
