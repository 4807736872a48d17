"""Whether an endpoint can be reached, found out in stages and told as a verdict.

A HEAD request alone proves nothing: common frameworks answer 404 to it on a live POST-only route.
So each stage has its own outcome, the address is checked before it is connected to, redirects are
not followed, and what stays unknown is called ``inconclusive``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlsplit

from cognitui.cognigy.origin import Origin
from cognitui.network.addresses import Reach, reach_of
from cognitui.network.exchange import Connection, ExchangeError, Reply, days_left, open_connection
from cognitui.network.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

T = TypeVar("T")

SOON_DAYS = 30
# What may stand in a path or a query as it is; the rest is percent-encoded.
_PLAIN = "/?:@!$&'()*+,;=%-._~"


class EndpointVerdict(StrEnum):
    """What is known about an endpoint."""

    PRESENT = "present"
    INCONCLUSIVE = "inconclusive"
    GONE = "gone"
    REDIRECTS = "redirects"
    SERVER_ERROR = "server error"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a check: url, policy, dns, tcp, tls or http."""

    name: str
    outcome: Outcome
    summary: str
    ms: float


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What a check found out.

    Attributes:
        verdict: The whole in one word.
        summary: The whole in one sentence.
        hint: What to do about it; empty when nothing needs doing.
        stages: What was done, in order.
        tls_days_left: Days until the certificate expires; ``None`` without TLS.
    """

    verdict: EndpointVerdict
    summary: str
    hint: str
    stages: tuple[Stage, ...]
    tls_days_left: int | None = None

    @property
    def outcome(self) -> Outcome:
        """The verdict as a preflight counts it."""
        if any(stage.outcome is Outcome.WARN for stage in self.stages):
            return Outcome.WARN if self.verdict in _USABLE else Outcome.FAIL
        return _OUTCOMES[self.verdict]

    @property
    def ms(self) -> float:
        """Milliseconds that all stages took."""
        return sum(stage.ms for stage in self.stages)


_OUTCOMES = {
    EndpointVerdict.PRESENT: Outcome.OK,
    EndpointVerdict.INCONCLUSIVE: Outcome.WARN,
    EndpointVerdict.GONE: Outcome.FAIL,
    EndpointVerdict.REDIRECTS: Outcome.FAIL,
    EndpointVerdict.SERVER_ERROR: Outcome.FAIL,
    EndpointVerdict.UNREACHABLE: Outcome.FAIL,
    EndpointVerdict.BLOCKED: Outcome.FAIL,
}
# Statuses that a live route gives: who are you, not this way, not so fast.
_GUARDED = {401, 403, 405, 429}
_UNHELPFUL = {HTTPStatus.NOT_IMPLEMENTED}
_USABLE = {EndpointVerdict.PRESENT, EndpointVerdict.INCONCLUSIVE}


async def check_endpoint(url: str, *, timeout_s: float = 5.0) -> EndpointReport:
    """Check an endpoint with OPTIONS and HEAD; no callback is sent, so nothing is set off there.

    Args:
        url: The endpoint, http or https.
        timeout_s: Allowed for each stage.
    """
    return await _Check(url, timeout_s).run()


class _StopCheckError(Exception):
    """A stage failed; there is nothing to find out after it."""

    def __init__(self, verdict: EndpointVerdict, summary: str, hint: str) -> None:
        super().__init__(summary)
        self.verdict, self.summary, self.hint = verdict, summary, hint


@dataclass(slots=True)
class _Check:
    url: str
    timeout_s: float
    stages: list[Stage] = field(default_factory=list)
    tls_days_left: int | None = None

    async def run(self) -> EndpointReport:
        try:
            origin = self._parse()
            addresses = await self._resolve(origin)
            options = await self._ask(origin, addresses, "OPTIONS")
            verdict, summary, hint = judge(options, None)
            if verdict is EndpointVerdict.INCONCLUSIVE:
                head = await self._ask(origin, addresses, "HEAD")
                verdict, summary, hint = judge(options, head)
        except _StopCheckError as stop:
            verdict, summary, hint = stop.verdict, stop.summary, stop.hint
        return EndpointReport(verdict, summary, hint, tuple(self.stages), self.tls_days_left)

    def _parse(self) -> Origin:
        try:
            origin = Origin.of(self.url)
        except ValueError as error:
            self._add("url", Outcome.FAIL, str(error), 0)
            raise _StopCheckError(
                EndpointVerdict.BLOCKED, f"The URL cannot be used: {error}.", "Correct the URL."
            ) from None
        self._add("url", Outcome.OK, str(origin), 0)
        return origin

    async def _resolve(self, origin: Origin) -> list[str]:
        try:
            found = await self._timed("dns", lambda: _lookup(origin.host, origin.port))
        except (OSError, TimeoutError, UnicodeError):
            raise _StopCheckError(
                EndpointVerdict.UNREACHABLE,
                f"There is no host called {origin.host}.",
                "Check the spelling, or the DNS of the machine that this runs on.",
            ) from None
        reaches = {address: reach_of(address) for address in found}
        if refused := [a for a, reach in reaches.items() if reach is Reach.REFUSED]:
            self._add("policy", Outcome.FAIL, f"{refused[0]} is not for endpoints", 0)
            raise _StopCheckError(
                EndpointVerdict.BLOCKED,
                f"{origin.host} leads to {refused[0]}, which no endpoint may use.",
                "Link-local and metadata addresses are never connected to.",
            )
        private = [a for a, reach in reaches.items() if reach is Reach.PRIVATE]
        if private:
            self._add("policy", Outcome.WARN, f"{private[0]} is in a private network", 0)
        else:
            self._add("policy", Outcome.OK, str(reaches[found[0]]), 0)
        return found

    async def _ask(self, origin: Origin, addresses: Sequence[str], method: str) -> Reply:
        parts = urlsplit(self.url)
        whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = quote(whole, safe=_PLAIN)
        connection = await self._connect(origin, addresses)
        try:
            reply = await self._timed(
                f"http {method}", lambda: connection.exchange(method, origin, target)
            )
        except (OSError, TimeoutError, ExchangeError) as error:
            reason = _words(error, self.timeout_s)
            raise _StopCheckError(
                EndpointVerdict.UNREACHABLE,
                f"{origin.host} took the connection, but gave no answer to {method}: {reason}.",
                "The program behind the endpoint may hang, or it does not speak HTTP.",
            ) from None
        finally:
            await connection.aclose()
        return reply

    async def _connect(self, origin: Origin, addresses: Sequence[str]) -> Connection:
        where = f"{origin.host}:{origin.port}"
        try:
            connection = await self._timed("tcp", lambda: open_connection(addresses, origin.port))
        except (OSError, TimeoutError) as error:
            raise _StopCheckError(
                EndpointVerdict.UNREACHABLE,
                f"Nothing accepts connections at {where}: {_words(error, self.timeout_s)}.",
                "Is the program running, and does a firewall stand in between?",
            ) from None
        if origin.scheme == "http":
            return connection
        try:
            await self._timed("tls", lambda: connection.start_tls(origin.host))
        except ssl.SSLCertVerificationError as error:
            await connection.aclose()
            raise _StopCheckError(
                EndpointVerdict.UNREACHABLE,
                f"The certificate of {where} is not accepted: {_words(error, self.timeout_s)}.",
                "The tenant would refuse it as well. Renew or correct the certificate.",
            ) from None
        except (OSError, TimeoutError) as error:
            await connection.aclose()
            raise _StopCheckError(
                EndpointVerdict.UNREACHABLE,
                f"No secure connection to {where} came about: {_words(error, self.timeout_s)}.",
                "Is it the right port, and does the endpoint speak https there?",
            ) from None
        self._note_certificate(connection)
        return connection

    def _note_certificate(self, connection: Connection) -> None:
        self.tls_days_left = days_left(connection)
        if self.tls_days_left is not None and self.tls_days_left < SOON_DAYS:
            self.stages[-1] = Stage(
                "tls",
                Outcome.WARN,
                f"the certificate expires in {self.tls_days_left} days",
                self.stages[-1].ms,
            )

    async def _timed(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.timeout_s):
                result = await work()
        except Exception as error:
            ms = (time.perf_counter() - started) * 1000
            self._add(name, Outcome.FAIL, _words(error, self.timeout_s), ms)
            raise
        ms = (time.perf_counter() - started) * 1000
        self._add(name, Outcome.OK, str(result) if isinstance(result, Reply) else "", ms)
        return result

    def _add(self, name: str, outcome: Outcome, summary: str, ms: float) -> None:
        self.stages.append(Stage(name, outcome, summary, ms))


_Judgement = tuple[EndpointVerdict, str, str]


def judge(options: Reply, head: Reply | None) -> _Judgement:
    """What the answers to OPTIONS and HEAD say together: verdict, summary and hint.

    Args:
        options: The answer to OPTIONS.
        head: The answer to HEAD, once it was asked.
    """
    replies = [reply for reply in (options, head) if reply is not None]
    last = replies[-1]
    statuses = ", ".join(f"{reply.method} {reply.status}" for reply in replies)
    if any("POST" in reply.allow for reply in replies):
        return EndpointVerdict.PRESENT, f"it takes POST ({statuses})", ""
    if any(reply.status == HTTPStatus.GONE for reply in replies):
        hint = "Use the address that replaced it."
        return EndpointVerdict.GONE, f"it says that it is gone for good ({statuses})", hint
    if HTTPStatus.MULTIPLE_CHOICES <= last.status < HTTPStatus.BAD_REQUEST:
        where = f" to {last.location}" if last.location else ""
        hint = "Callbacks do not follow redirects: register the address that it leads to."
        return EndpointVerdict.REDIRECTS, f"it redirects{where} ({statuses})", hint
    if last.status in _GUARDED or (head and head.status < HTTPStatus.MULTIPLE_CHOICES):
        return EndpointVerdict.PRESENT, f"something answers there ({statuses})", ""
    if head and head.status >= HTTPStatus.INTERNAL_SERVER_ERROR and head.status not in _UNHELPFUL:
        hint = "Look at the logs of the program behind it."
        return EndpointVerdict.SERVER_ERROR, f"it fails ({statuses})", hint
    hint = "Many frameworks do so on a live POST-only route. A test callback tells for sure."
    return EndpointVerdict.INCONCLUSIVE, f"the host answers, the route does not ({statuses})", hint


async def _lookup(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _words(error: BaseException, timeout_s: float) -> str:
    """An exception as the end of a sentence."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as it should"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, OSError):
        return (error.strerror or type(error).__name__).lower()
    return str(error) or type(error).__name__
