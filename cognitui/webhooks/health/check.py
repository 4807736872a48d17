"""One check of one webhook, as it is kept: what was found, what it means, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from cognitui.cognigy.origin import Origin
from cognitui.network.outcome import Outcome
from cognitui.network.shown import without_secrets
from cognitui.webhooks.endpoint_report import USABLE
from cognitui.webhooks.health.blame import WHOM_TO_TELL, Blame, blame_of
from cognitui.webhooks.health.cause import reason_of, word_of
from cognitui.webhooks.health.remarks import remark_on

if TYPE_CHECKING:
    from datetime import datetime

    from cognitui.network.certificate import CertificateFault
    from cognitui.network.stage import Cause, Stage
    from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict, Evidence


class WebhookRef(NamedTuple):
    """Which webhook is meant, among those of all tenants."""

    tenant: str
    bot_id: str
    webhook_id: str


@dataclass(frozen=True, slots=True)
class Check:
    """What one check of one webhook found.

    Attributes:
        ref: Tenant, bot and webhook.
        url: The endpoint, without query, user name and fragment.
        at: When it began, in UTC.
        verdict: The whole in one word.
        outcome: ``fail`` is unhealthy; ``warn`` is worth a look; ``ok`` is well.
        cause: What stopped it, in one word; ``None`` when the endpoint answered.
        faults: What is wrong with the certificate.
        blame: Whose matter it is.
        summary: What was found, in one sentence.
        hint: What to do about it; empty when nothing needs doing.
        group_key: Equal for checks that have the same cause; see `grouping.group`.
        group_sentence: That cause, without a capital and a full stop.
        stages: What was done, in order, each with its outcome and its milliseconds.
        evidence: What the other side sent.
        tls_days_left: Days until the certificate expires; ``None`` without TLS.
        ms: Milliseconds that all stages took.
        is_pinged: Whether a signed ping was sent.
        sweep_id: The sweep it belongs to; empty for a check of its own.
    """

    ref: WebhookRef
    url: str
    at: datetime
    verdict: EndpointVerdict
    outcome: Outcome
    cause: Cause | None
    faults: tuple[CertificateFault, ...]
    blame: Blame
    summary: str
    hint: str
    group_key: str
    group_sentence: str
    stages: tuple[Stage, ...]
    evidence: Evidence
    tls_days_left: int | None
    ms: float
    is_pinged: bool = False
    sweep_id: str = ""

    @property
    def webhook_id(self) -> str:
        """The webhook's id."""
        return self.ref.webhook_id

    @property
    def bot_id(self) -> str:
        """The id of the webhook's bot."""
        return self.ref.bot_id

    @property
    def tenant(self) -> str:
        """The name of the webhook's tenant."""
        return self.ref.tenant

    @property
    def is_unhealthy(self) -> bool:
        """Whether callbacks do not arrive there, or will soon not any more."""
        return self.outcome is Outcome.FAIL

    @property
    def is_to_come(self) -> bool:
        """Whether it is unhealthy for what is only about to happen: callbacks still arrive."""
        return self.is_unhealthy and self.cause is None and self.blame is Blame.CERTIFICATE

    @property
    def word(self) -> str:
        """What a person reads for it: the verdict, unless it is there and all is not well."""
        return (self.verdict in USABLE and word_of(self.group_key)) or self.verdict

    @property
    def whom_to_tell(self) -> str:
        """A sentence; empty when nobody needs to be told."""
        return WHOM_TO_TELL[self.blame]


def check_of(
    report: EndpointReport,
    ref: WebhookRef,
    url: str,
    at: datetime,
    *,
    patience_ms: float | None = None,
    is_enabled: bool = True,
    sweep_id: str = "",
) -> Check:
    """A report as it is kept, with what else is known of the webhook taken into account.

    Args:
        report: What was found.
        ref: The webhook.
        url: The endpoint as it is registered; its query and user name are left out.
        at: When the check began.
        patience_ms: How long the tenant waits for an answer, in milliseconds.
        is_enabled: Whether the tenant calls it.
        sweep_id: The sweep it belongs to.
    """
    host = _host(url)
    reason = reason_of(report, host)
    check = Check(
        ref=ref,
        url=without_secrets(url),
        at=at,
        verdict=report.verdict,
        outcome=report.outcome,
        cause=report.cause,
        faults=report.faults,
        blame=blame_of(report),
        summary=report.summary,
        hint=report.hint,
        group_key=reason.key,
        group_sentence=reason.sentence,
        stages=tuple(replace(stage, ms=round(stage.ms, 2)) for stage in report.stages),
        evidence=report.evidence,
        tls_days_left=report.tls_days_left,
        ms=round(report.ms, 2),
        is_pinged=report.is_pinged,
        sweep_id=sweep_id,
    )
    remark = remark_on(report, host, patience_ms=patience_ms, is_enabled=is_enabled)
    if remark is None:
        return check
    return replace(
        check,
        outcome=remark.outcome,
        blame=remark.blame,
        summary=f"{report.summary.rstrip('.')}; {remark.summary}",
        hint=remark.hint,
        group_key=remark.reason.key,
        group_sentence=remark.reason.sentence,
    )


def _host(url: str) -> str:
    """Host and port, as a sentence names them; the port only where it is unusual."""
    try:
        return Origin.of(url).place
    except ValueError:
        return ""
