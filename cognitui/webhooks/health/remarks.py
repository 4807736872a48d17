"""What else is known of a webhook, and makes its check mean something else: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cognitui.network.outcome import Outcome
from cognitui.webhooks.health.blame import Blame
from cognitui.webhooks.health.cause import Reason
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from cognitui.webhooks.endpoint_report import EndpointReport

URGENT_DAYS, PRESSING_DAYS, SOON_DAYS = 7, 14, 30
"""A certificate that expires in fewer days: unhealthy, pressing, worth a remark."""


class Remark(NamedTuple):
    """What takes the place of what the check said alone.

    Attributes:
        summary: Comes after the check's own summary.
    """

    outcome: Outcome
    blame: Blame
    summary: str
    hint: str
    reason: Reason


def remark_on(
    report: EndpointReport, host: str, *, patience_ms: float | None, is_enabled: bool
) -> Remark | None:
    """The remark that weighs most; ``None`` when there is none to make.

    Args:
        report: What the check found.
        host: The endpoint's host, and its port where it is unusual.
        patience_ms: How long the tenant waits for an answer; ``None`` when that is not known.
        is_enabled: Whether the tenant calls it.
    """
    if not is_enabled:
        return _OFF
    if report.outcome is Outcome.FAIL:
        return None
    remarks = [_slow(report, host, patience_ms), _expiring(report, host)]
    made = [remark for remark in remarks if remark is not None]
    return min(made, key=lambda remark: remark.outcome is not Outcome.FAIL, default=None)


_OFF = Remark(
    Outcome.WARN,
    Blame.TENANT,
    "and it is switched off at the tenant",
    "Switch it on if callbacks are missed.",
    Reason("off", "switched off at the tenant, which sends no callbacks"),
)


def _slow(report: EndpointReport, host: str, patience_ms: float | None) -> Remark | None:
    """It answers, and nobody is listening any more."""
    asked = [stage for stage in report.stages if stage.name.startswith("http ")]
    if patience_ms is None or not asked or asked[-1].ms <= patience_ms:
        return None
    last = asked[-1]
    return Remark(
        # What is slow to say which methods it takes may be quicker at its work.
        Outcome.FAIL if report.is_pinged else Outcome.WARN,
        Blame.ENDPOINT,
        f"it took {duration(last.ms)}, and the tenant waits for {duration(patience_ms)}",
        "Let it answer first and work afterwards, or raise the webhook's timeout.",
        Reason(f"slow {host}", f"{host} answers later than the tenant waits"),
    )


def _expiring(report: EndpointReport, host: str) -> Remark | None:
    """Its certificate will not be valid for long."""
    left = report.tls_days_left
    if left is None or left >= SOON_DAYS:
        return None
    when = "today" if left < 1 else f"in {left} day{'' if left == 1 else 's'}"
    if left < URGENT_DAYS:
        hint = "Renew it now: once it has expired, no callback arrives."
    elif left < PRESSING_DAYS:
        hint = "Renew it this week. Was it not to renew itself?"
    else:
        hint = "Renew it in time, or make sure that it renews itself."
    return Remark(
        Outcome.FAIL if left < URGENT_DAYS else Outcome.WARN,
        Blame.CERTIFICATE,
        f"the certificate expires {when}",
        hint,
        Reason(f"certificate expires {host}", f"certificate of {host} expires {when}"),
    )
