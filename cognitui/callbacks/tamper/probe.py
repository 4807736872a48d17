"""Run all attacks against an endpoint, one after another, and write the report card."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.delivery import describe_status
from cognitui.callbacks.errors import CallbackError
from cognitui.callbacks.tamper.card import CaseResult, Mark, ReportCard
from cognitui.callbacks.tamper.cases import cases_for
from cognitui.callbacks.tamper.judging import (
    Judged,
    is_accepted,
    is_busy,
    judge_case,
    result_of,
)
from cognitui.callbacks.tamper.request_cases import AFTERMATH, CONTROL
from cognitui.callbacks.tamper.wire import (
    Answer,
    Limits,
    Target,
    deliver,
    elsewhere,
    is_loopback,
    target_of,
)
from cognitui.callbacks.tamper.workshop import Workshop, compact
from cognitui.clock import SYSTEM_CLOCK, Clock, unix_ms
from cognitui.errors import ErrorKind, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.callbacks.tamper.advice import Framework
    from cognitui.callbacks.tamper.case import Case, Shot

BUSY_WAIT_S = 2.0
MAX_BUSY_WAIT_S = 10.0
MAX_UNANSWERED = 3
"""So many cases in a row without a connection or an answer, and the rest is not sent."""

_UNREACHED = frozenset({"connect_failed", "tls_failed", "tls_error"})
_GONE = frozenset({*_UNREACHED, "timeout"})


class EndpointUnreachable(CallbackError):
    """No connection to the endpoint could be made, so that nothing was sent."""

    code = "endpoint_unreachable"
    kind = ErrorKind.UNREACHABLE


async def probe(
    url: str,
    scheme: Scheme,
    secret: Secret,
    *,
    on_result: Callable[[CaseResult], object] | None = None,
    on_begin: Callable[[Case], object] | None = None,
    framework: Framework | None = None,
    fields: Mapping[str, Any] | None = None,
    allow_elsewhere: bool = False,
    acknowledges_replays: bool = False,
    limits: Limits | None = None,
    context: ssl.SSLContext | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> ReportCard:
    """Send every case that can be made for the scheme, and say what the answers mean.

    The endpoint acts on what it accepts. Cancelling ends it at once; what was sent stays sent.

    Args:
        url: The endpoint.
        scheme: How it verifies.
        secret: What it verifies with.
        on_result: Called with each result as soon as it is there.
        on_begin: Called with each case before it is sent.
        framework: Whose words the advice is in.
        fields: Laid over the fields of each body, for an endpoint that demands some.
        allow_elsewhere: Whether another machine than this one may be probed.
        acknowledges_replays: Whether the endpoint answers 2xx to a replay and does nothing.
        limits: What each request may take.
        context: Whom to trust with TLS; the machine's authorities when left out.
        clock: Tells the time.

    Raises:
        AddressRefused: The URL leads to an address that nothing is ever sent to.
        EndpointUnreachable: Not even the first connection could be made.
        UsageError: The URL, the scheme or the secret cannot be used, or the URL leads to another
            machine without leave.
    """
    if not is_loopback(url) and not allow_elsewhere:
        raise elsewhere(target_of(url, context=None, is_kept_here=True).host)
    cases = cases_for(scheme)
    _check_fields(fields)
    CONTROL.build(Workshop(scheme, secret, unix_ms(clock.now()), fields))  # is the secret usable?
    if url.lower().startswith("https:") and context is None:
        context = await asyncio.to_thread(ssl.create_default_context)
    target = target_of(url, context=context, is_kept_here=not allow_elsewhere)
    run = _Run(
        target, scheme, secret, dict(fields or {}), limits or Limits(), clock, acknowledges_replays
    )
    started_at, began = clock.now(), clock.monotonic()
    results: list[CaseResult] = []
    control = ""
    unanswered = 0
    for case in cases:
        if on_begin is not None:
            on_begin(case)
        if control or (unanswered >= MAX_UNANSWERED and case is not AFTERMATH):
            result = result_of(case, scheme, Judged(Mark.INCONCLUSIVE, _not_sent(control)))
        else:
            if results and run.limits.pause_s:
                await clock.sleep(run.limits.pause_s)
            result, last = await run.try_case(case)
            # A case that is meant to go unanswered says nothing about the others.
            is_gone = last.failure in _GONE and not case.may_close
            unanswered = unanswered + 1 if is_gone else 0
            if case is CONTROL:
                control = _control_refused(last)
        results.append(result)
        if on_result is not None:
            on_result(result)
    return ReportCard(
        url=url.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0],
        scheme=scheme.id,
        framework=framework,
        started_at=started_at,
        ms=(clock.monotonic() - began) * 1000,
        control=control,
        results=tuple(results),
    )


@dataclass(frozen=True, slots=True, repr=False)
class _Run:
    """What all cases of one probe share."""

    target: Target
    scheme: Scheme
    secret: Secret
    fields: Mapping[str, Any]
    limits: Limits
    clock: Clock
    acknowledges_replays: bool

    async def try_case(self, case: Case) -> tuple[CaseResult, Answer]:
        """Send a case, a second time after a wait when the endpoint had no time for it."""
        workshop, shots, answers = await self._send(case)
        if is_busy(answers[-1]):
            await self.clock.sleep(_wait_after(answers[-1]))
            workshop, shots, answers = await self._send(case)
        result = judge_case(
            case,
            self.scheme,
            shots,
            answers,
            workshop.secret_forms(),
            acknowledges_replays=self.acknowledges_replays,
        )
        return result, answers[-1]

    async def _send(self, case: Case) -> tuple[Workshop, Sequence[Shot], list[Answer]]:
        now_ms = unix_ms(self.clock.now())
        workshop = Workshop(self.scheme, self.secret, now_ms, self.fields)
        shots = case.build(workshop)
        answers: list[Answer] = []
        for number, shot in enumerate(shots, 1):
            answer = await deliver(self.target, shot, self.limits)
            answers.append(answer)
            if number < len(shots) and not is_accepted(answer):
                break
        return workshop, shots, answers


def _control_refused(answer: Answer) -> str:
    """Why nothing can be concluded; empty when the honest callback was accepted.

    Raises:
        EndpointUnreachable: There was no connection.
    """
    if answer.failure in _UNREACHED:
        raise EndpointUnreachable(
            answer.sentence, hint="Start the endpoint, and compare host, port and certificate."
        )
    if answer.status is None:
        return f"the honest callback was not answered. {answer.sentence}"
    words = describe_status(answer.status)
    if words is None:
        return ""
    return (
        f"the honest callback was refused, probably because the secret or the scheme is another "
        f"one there. {words}"
    )


def _not_sent(control: str) -> str:
    if control:
        return "Not sent, because the honest callback was not accepted."
    return "Not sent, because the endpoint no longer answers."


def _wait_after(answer: Answer) -> float:
    for name, value in answer.headers:
        if name.lower() == "retry-after" and value.isascii() and value.isdigit():
            return min(MAX_BUSY_WAIT_S, float(value[:6]))
    return BUSY_WAIT_S


def _check_fields(fields: Mapping[str, Any] | None) -> None:
    try:
        compact(fields or {})
    except (TypeError, ValueError):
        raise UsageError(
            "The fields of the body cannot be written as JSON in UTF-8.", field="body"
        ) from None
