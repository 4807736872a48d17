"""What an endpoint's answers mean: pure functions from statuses and headers to a verdict."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.network.exchange import Reply

_OK, _REDIRECT, _WRONG, _FAILED = 200, 300, 400, 500
# Statuses that a live route gives: who are you, not this way, not so fast.
_GUARDED = {401, 403, 405, 429}
_UNHELPFUL = {HTTPStatus.NOT_IMPLEMENTED}
_REFUSALS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class Judgement(NamedTuple):
    """What answers mean.

    Attributes:
        outcome: Of the last answer, as a stage counts it.
        cause: What is in the way, where the endpoint answers and yet takes nothing.
    """

    verdict: EndpointVerdict
    summary: str
    hint: str
    outcome: Outcome = Outcome.OK
    cause: Cause | None = None


def judge(options: Reply, head: Reply | None) -> Judgement:
    """What the answers to OPTIONS and HEAD say together.

    Args:
        options: The answer to OPTIONS.
        head: The answer to HEAD, once it was asked.
    """
    replies = [reply for reply in (options, head) if reply is not None]
    last, told = replies[-1], _told(replies)
    if any("POST" in reply.allow for reply in replies):
        return Judgement(EndpointVerdict.PRESENT, f"it takes POST ({told})", "")
    if any(reply.status == HTTPStatus.GONE for reply in replies):
        return _gone(told)
    if _REDIRECT <= last.status < _WRONG:
        return _redirects(last, told)
    if last.status in _GUARDED or (head and head.status < _REDIRECT):
        return Judgement(EndpointVerdict.PRESENT, f"something answers there ({told})", "")
    if head and head.status >= _FAILED and head.status not in _UNHELPFUL:
        return _fails(last, told)
    hint = "Many frameworks do so on a live POST-only route. A test callback tells for sure."
    return Judgement(
        EndpointVerdict.INCONCLUSIVE, f"the host answers, the route does not ({told})", hint,
        Outcome.WARN,
    )  # fmt: skip


def judge_ping(ping: Reply) -> Judgement:
    """What the answer to a signed ping says."""
    told, status = _told([ping]), ping.status
    if status < _REDIRECT:
        return Judgement(EndpointVerdict.ACCEPTING, f"it took a signed ping ({told})", "")
    if status < _WRONG:
        return _redirects(ping, told)
    if status == HTTPStatus.GONE:
        return _gone(told)
    if status >= _FAILED:
        return _fails(ping, told)
    return _missing(ping, told) or _declines(ping, told)


def _missing(ping: Reply, told: str) -> Judgement | None:
    if ping.status == HTTPStatus.NOT_FOUND:
        what = "it has no such route"
        hint = "Deploy the route, or register the path that it has now."
    elif ping.status == HTTPStatus.METHOD_NOT_ALLOWED and "POST" not in ping.allow:
        what = "it has such a path, but not for POST"
        hint = "Callbacks are POST requests: route POST there, or correct the path."
    else:
        return None
    return Judgement(EndpointVerdict.MISSING, f"{what} ({told})", hint, Outcome.FAIL)


def _declines(ping: Reply, told: str) -> Judgement:
    """It is there and does not want this one."""
    if ping.status in _REFUSALS:
        hint = (
            "Compare the secret that it verifies with to the webhook's; "
            "`cognitui callback explain` finds out what differs."
        )
        return Judgement(
            EndpointVerdict.PRESENT, f"it answers, but refuses our signature ({told})", hint,
            Outcome.FAIL, Cause.SIGNATURE,
        )  # fmt: skip
    if ping.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Judgement(
            EndpointVerdict.PRESENT, f"it is there, and asks for fewer requests ({told})",
            _try_again(ping) or "Try again later.", Outcome.WARN,
        )  # fmt: skip
    hint = "It may want other fields than the test body has; a test callback can be edited."
    return Judgement(
        EndpointVerdict.PRESENT, f"it is there, but does not take the test body ({told})", hint,
        Outcome.WARN,
    )  # fmt: skip


def _gone(told: str) -> Judgement:
    hint = "Use the address that replaced it."
    return Judgement(
        EndpointVerdict.GONE, f"it says that it is gone for good ({told})", hint, Outcome.FAIL
    )


def _redirects(reply: Reply, told: str) -> Judgement:
    where = f" to {reply.location}" if reply.location else ""
    hint = "Callbacks do not follow redirects: register the address that it leads to."
    return Judgement(EndpointVerdict.REDIRECTS, f"it redirects{where} ({told})", hint, Outcome.FAIL)


def _fails(reply: Reply, told: str) -> Judgement:
    hint = f"Look at the logs of the program behind it. {_try_again(reply)}".rstrip()
    return Judgement(EndpointVerdict.SERVER_ERROR, f"it fails ({told})", hint, Outcome.FAIL)


def _try_again(reply: Reply) -> str:
    when = reply.headers.get("retry-after", "")
    if not when:
        return ""
    return f"It asks to be tried again {f'in {when} s' if when.isdecimal() else f'after {when}'}."


def _told(replies: Sequence[Reply]) -> str:
    return ", ".join(f"{reply.method} {reply.status}" for reply in replies)
