"""Whether an endpoint can be reached, found out in stages and told as a verdict.

A HEAD request alone proves nothing: common frameworks answer 404 to it on a live POST-only route.
So each stage has its own outcome, the address is checked before it is connected to, redirects are
not followed, and what stays unknown is called ``inconclusive``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from cognitui.network.exchange import Reply, Request
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage, WayBlockedError
from cognitui.network.way import Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.cognigy.origin import Origin
    from cognitui.network.certificate import CertificateFault

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
class EndpointReport:
    """What a check found out.

    Attributes:
        verdict: The whole in one word.
        summary: The whole in one sentence.
        hint: What to do about it; empty when nothing needs doing.
        stages: What was done, in order.
        tls_days_left: Days until the certificate expires; ``None`` without TLS.
        cause: Why the way there ended early; ``None`` when the endpoint answered.
        faults: What is wrong with its certificate; empty when it was accepted.
    """

    verdict: EndpointVerdict
    summary: str
    hint: str
    stages: tuple[Stage, ...]
    tls_days_left: int | None = None
    cause: Cause | None = None
    faults: tuple[CertificateFault, ...] = ()

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
    return await _Check(Way(url, timeout_s)).run()


@dataclass(slots=True)
class _Check:
    way: Way

    async def run(self) -> EndpointReport:
        cause = None
        try:
            verdict, summary, hint = await self._judged()
        except WayBlockedError as stop:
            verdict, cause = _verdict_of(stop.cause), stop.cause
            summary, hint = stop.summary, stop.hint
        way = self.way
        return EndpointReport(
            verdict, summary, hint, tuple(way.stages), way.days_left(), cause, way.faults
        )

    async def _judged(self) -> _Judgement:
        origin = self.way.parse()
        addresses = await self.way.resolve(origin)
        options = await self._ask(origin, addresses, "OPTIONS")
        found = judge(options, None)
        if found[0] is EndpointVerdict.INCONCLUSIVE:
            found = judge(options, await self._ask(origin, addresses, "HEAD"))
        return found

    async def _ask(self, origin: Origin, addresses: Sequence[str], method: str) -> Reply:
        parts = urlsplit(self.way.url)
        whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection = await self.way.connect(origin, addresses)
        request = Request(method, quote(whole, safe=_PLAIN))
        return await self.way.exchange(connection, origin, request)


def _verdict_of(cause: Cause) -> EndpointVerdict:
    refused = cause in (Cause.URL, Cause.ADDRESS)
    return EndpointVerdict.BLOCKED if refused else EndpointVerdict.UNREACHABLE


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
