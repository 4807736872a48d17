"""What a check of an endpoint found out: the verdict, and all that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome

if TYPE_CHECKING:
    from cognitui.network.certificate import CertificateFault
    from cognitui.network.stage import Cause, Stage

Evidence = tuple[tuple[str, str], ...]
"""Names and values, such as ``("OPTIONS allow", "POST")``, in the order in which they were seen."""


class EndpointVerdict(StrEnum):
    """What is known about an endpoint."""

    ACCEPTING = "accepting"
    """It took a signed ping."""
    PRESENT = "present"
    """It is there; whether it would take a callback is not known."""
    INCONCLUSIVE = "inconclusive"
    """The host answers; whether the route exists only a ping can tell."""
    MISSING = "missing"
    """It has no such route for POST."""
    GONE = "gone"
    REDIRECTS = "redirects"
    SERVER_ERROR = "server error"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    """The URL or its address may not be used, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class EndpointReport:
    """What a check found out.

    Attributes:
        verdict: The whole in one word.
        summary: The whole in one sentence.
        hint: What to do about it; empty when nothing needs doing.
        stages: What was done, in order.
        tls_days_left: Days until the certificate expires; ``None`` without TLS.
        cause: What stopped the check or the ping; ``None`` when nothing did.
        faults: What is wrong with its certificate; empty when it was accepted.
        evidence: What the other side sent: statuses, ``Allow``, ``Retry-After``, its certificate.
        is_pinged: Whether a signed ping was sent.
    """

    verdict: EndpointVerdict
    summary: str
    hint: str
    stages: tuple[Stage, ...]
    tls_days_left: int | None = None
    cause: Cause | None = None
    faults: tuple[CertificateFault, ...] = ()
    evidence: Evidence = ()
    is_pinged: bool = False

    @property
    def outcome(self) -> Outcome:
        """The verdict as a preflight counts it."""
        if self.verdict not in USABLE or self._has(Outcome.FAIL):
            return Outcome.FAIL
        doubtful = self.verdict is EndpointVerdict.INCONCLUSIVE or self._has(Outcome.WARN)
        return Outcome.WARN if doubtful else Outcome.OK

    @property
    def ms(self) -> float:
        """Milliseconds that all stages took."""
        return sum(stage.ms for stage in self.stages)

    def _has(self, outcome: Outcome) -> bool:
        return any(stage.outcome is outcome for stage in self.stages)


USABLE = frozenset(
    {EndpointVerdict.ACCEPTING, EndpointVerdict.PRESENT, EndpointVerdict.INCONCLUSIVE}
)
"""The verdicts on what is there, as far as anybody can tell."""
