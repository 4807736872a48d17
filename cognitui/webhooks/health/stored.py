"""A check as JSON: in the log, and for machines that read what a command prints."""

from __future__ import annotations

from datetime import datetime
from sys import intern
from typing import Any

from cognitui.network.certificate import CertificateFault
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.blame import Blame
from cognitui.webhooks.health.check import Check, WebhookRef


def as_dict(check: Check) -> dict[str, Any]:
    """All of a check, in JSON's own types."""
    return {
        "tenant": check.tenant,
        "bot_id": check.bot_id,
        "webhook_id": check.webhook_id,
        "url": check.url,
        "at": check.at.isoformat(),
        "verdict": str(check.verdict),
        "outcome": str(check.outcome),
        "cause": str(check.cause) if check.cause else None,
        "faults": [str(fault) for fault in check.faults],
        "blame": str(check.blame),
        "summary": check.summary,
        "hint": check.hint,
        "group_key": check.group_key,
        "group": check.group_sentence,
        "stages": [
            {
                "name": stage.name,
                "outcome": str(stage.outcome),
                "summary": stage.summary,
                "ms": stage.ms,
            }
            for stage in check.stages
        ],
        "evidence": [list(pair) for pair in check.evidence],
        "tls_days_left": check.tls_days_left,
        "ms": check.ms,
        "is_pinged": check.is_pinged,
        "sweep_id": check.sweep_id,
    }


def from_dict(stored: dict[str, Any]) -> Check:
    """A check from what `as_dict` made of it.

    What thousands of checks say alike they share: ten thousand are read at once.

    Raises:
        KeyError, ValueError, TypeError: It is none.
    """
    return Check(
        ref=WebhookRef(intern(stored["tenant"]), intern(stored["bot_id"]), stored["webhook_id"]),
        url=stored["url"],
        at=datetime.fromisoformat(stored["at"]),
        verdict=EndpointVerdict(stored["verdict"]),
        outcome=Outcome(stored["outcome"]),
        cause=Cause(stored["cause"]) if stored["cause"] else None,
        faults=tuple(CertificateFault(fault) for fault in stored["faults"]),
        blame=Blame(stored["blame"]),
        summary=intern(stored["summary"]),
        hint=intern(stored["hint"]),
        group_key=intern(stored["group_key"]),
        group_sentence=intern(stored["group"]),
        stages=tuple(
            Stage(
                intern(stage["name"]),
                Outcome(stage["outcome"]),
                intern(stage["summary"]),
                stage["ms"],
            )
            for stage in stored["stages"]
        ),
        evidence=tuple(
            (intern(str(name)), intern(str(value))) for name, value in stored["evidence"]
        ),
        tls_days_left=stored["tls_days_left"],
        ms=stored["ms"],
        is_pinged=stored["is_pinged"],
        sweep_id=intern(stored["sweep_id"]),
    )
