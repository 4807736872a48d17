"""Whether an endpoint can be reached, found out in stages and told as a verdict.

A HEAD request alone proves nothing: common frameworks answer 404 to it on a live POST-only route.
So each stage has its own outcome, the address is checked before it is connected to, redirects are
not followed, and what stays unknown is called ``inconclusive``, unless a signed ping may be sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from cognitui.network.exchange import Reply, Request
from cognitui.network.stage import Cause, WayBlockedError
from cognitui.network.way import Way
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.evidence import evidence_of
from cognitui.webhooks.judging import Judgement, judge, judge_ping

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.compose import Callback
    from cognitui.cognigy.origin import Origin
    from cognitui.network.means import Means

# What may stand in a path or a query as it is; the rest is percent-encoded.
_PLAIN = "/?:@!$&'()*+,;=%-._~"
_UNTOUCHED = (EndpointVerdict.GONE, EndpointVerdict.REDIRECTS)


async def check_endpoint(
    url: str,
    *,
    timeout_s: float = 5.0,
    ping: Callback | None = None,
    means: Means | None = None,
) -> EndpointReport:
    """Check an endpoint with OPTIONS and HEAD; without a ping nothing is set off there.

    Args:
        url: The endpoint, http or https.
        timeout_s: Allowed for each stage.
        ping: A signed callback, marked as a test, to send after them; only with the consent of
            whoever is responsible for the endpoint. One that is gone or redirects gets none.
        means: What is shared with other checks.
    """
    return await _Check(Way(url, timeout_s, means), ping).run()


@dataclass(slots=True)
class _Check:
    way: Way
    ping: Callback | None
    replies: list[Reply] = field(default_factory=list)
    is_pinged: bool = False

    async def run(self) -> EndpointReport:
        try:
            found = await self._judged()
        except WayBlockedError as stop:
            verdict = _verdict_of(stop.cause)
            found = Judgement(verdict, stop.summary, stop.hint, cause=stop.cause)
        way = self.way
        return EndpointReport(
            verdict=found.verdict,
            summary=found.summary,
            hint=found.hint,
            stages=tuple(way.stages),
            tls_days_left=way.days_left(),
            cause=found.cause,
            faults=way.faults,
            evidence=evidence_of(way, self.replies),
            is_pinged=self.is_pinged,
        )

    async def _judged(self) -> Judgement:
        origin = self.way.parse()
        addresses = await self.way.resolve(origin)
        options = await self._ask(origin, addresses, "OPTIONS")
        found = judge(options, None)
        if found.verdict is EndpointVerdict.INCONCLUSIVE:
            found = judge(options, await self._ask(origin, addresses, "HEAD"))
        if self.ping is not None and found.verdict not in _UNTOUCHED:
            found = judge_ping(await self._ask(origin, addresses, "POST", self.ping))
        # It is the last answer that decides.
        stages = self.way.stages
        stages[-1] = replace(stages[-1], outcome=found.outcome)
        return found

    async def _ask(
        self, origin: Origin, addresses: Sequence[str], method: str, ping: Callback | None = None
    ) -> Reply:
        parts = urlsplit(self.way.url)
        whole = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = quote(whole, safe=_PLAIN)
        connection = await self.way.connect(origin, addresses)
        if ping is None:
            request = Request(method, target)
        else:
            self.is_pinged = True
            request = Request(method, target, ping.headers, ping.body, reads_body=True)
        reply = await self.way.exchange(connection, origin, request)
        self.replies.append(reply)
        return reply


def _verdict_of(cause: Cause) -> EndpointVerdict:
    refused = cause in (Cause.URL, Cause.ADDRESS)
    return EndpointVerdict.BLOCKED if refused else EndpointVerdict.UNREACHABLE
