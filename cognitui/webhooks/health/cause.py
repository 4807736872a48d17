"""Why webhooks are as they are, in a form in which many of them can be found to have one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict

if TYPE_CHECKING:
    from cognitui.webhooks.endpoint_report import EndpointReport


class Reason(NamedTuple):
    """A cause that several webhooks may share.

    Attributes:
        key: Equal where the cause is.
        sentence: The cause as the end of "14 webhooks: …", without a full stop.
    """

    key: str
    sentence: str


WELL = Reason("well", "well")
UNKNOWN = Reason("inconclusive", "the host answers; only a ping can tell whether the route exists")
NO_NETWORK = Reason(
    "no network", "this machine has no route to where they are: its network may be down"
)
_OF_VERDICTS = {
    EndpointVerdict.MISSING: "{host} has no such route",
    EndpointVerdict.GONE: "{host} says: gone for good",
    EndpointVerdict.REDIRECTS: "{host} redirects, and callbacks do not follow",
    EndpointVerdict.SERVER_ERROR: "the program at {host} fails",
}

_WORDS = {
    "off": "off",
    "slow": "slow",
    "declines": "declines",
    "signature": "refuses",
    "certificate expires": "expiring",
}
"""By how a reason's key begins: what an endpoint that is there is called all the same."""


def reason_of(report: EndpointReport, host: str) -> Reason:
    """Why a webhook is as it is.

    Args:
        report: What a check found.
        host: The endpoint's host, and its port where it is unusual.
    """
    return _of_answer(report, host) if report.cause is None else _of_cause(report, host)


def word_of(key: str) -> str:
    """The one word for a reason that weighs more than the verdict; empty for the others.

    Args:
        key: The reason's key.
    """
    return next((word for start, word in _WORDS.items() if f"{key} ".startswith(f"{start} ")), "")


def _of_cause(report: EndpointReport, host: str) -> Reason:
    if report.cause is Cause.SIGNATURE:
        return Reason(f"signature {host}", f"{host} answers, but refuses our signature")
    if report.cause is Cause.URL:
        return Reason("url", "the URL cannot be used")
    if report.cause is Cause.NO_NETWORK:
        return NO_NETWORK
    # These sentences tell of the host, not of one route, so they hold for all of them.
    faults = ",".join(report.faults)
    return Reason(f"{report.cause} {host} {faults}".rstrip(), _as_end(report.summary))


def _of_answer(report: EndpointReport, host: str) -> Reason:
    if report.verdict in _OF_VERDICTS:
        return Reason(f"{report.verdict} {host}", _OF_VERDICTS[report.verdict].format(host=host))
    doubtful = {stage.name for stage in report.stages if stage.outcome is Outcome.WARN}
    if "http POST" in doubtful:
        return Reason(f"declines {host}", f"{host} does not take the ping")
    if report.verdict is EndpointVerdict.INCONCLUSIVE:
        return UNKNOWN
    if "policy" in doubtful:
        sentence = f"{host} is in a private network, where a tenant elsewhere cannot call it"
        return Reason(f"private {host}", sentence)
    return WELL


def _as_end(sentence: str) -> str:
    """A sentence as the end of another one."""
    plain = sentence.rstrip(".").removeprefix("The certificate")
    if plain != sentence.rstrip("."):
        return f"certificate{plain}"
    return plain[:1].lower() + plain[1:]
