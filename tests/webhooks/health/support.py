"""Checks made by hand, for what is computed from them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause, Stage
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.health.check import Check, WebhookRef, check_of

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
HOST = "hooks.acme.example"


def ref(webhook_id: str = "wh_1", bot_id: str = "bot_1", tenant: str = "acme") -> WebhookRef:
    return WebhookRef(tenant, bot_id, webhook_id)


def well(**changes: Any) -> EndpointReport:
    """A report of an endpoint that is present."""
    stages = (
        Stage("url", Outcome.OK, f"https://{HOST}", 0),
        Stage("dns", Outcome.OK, "", 3),
        Stage("policy", Outcome.OK, "public", 0),
        Stage("tcp", Outcome.OK, "", 12),
        Stage("tls", Outcome.OK, "TLSv1.3, expires in 63 days", 20),
        Stage("http OPTIONS", Outcome.OK, "405, Allow: POST", 41),
    )
    evidence = (("OPTIONS", "405"), ("OPTIONS allow", "POST"), ("OPTIONS server", "uvicorn"))
    given: dict[str, Any] = {
        "verdict": EndpointVerdict.PRESENT,
        "summary": "it takes POST (OPTIONS 405)",
        "hint": "",
        "stages": stages,
        "tls_days_left": 63,
        "evidence": evidence,
    }
    return EndpointReport(**{**given, **changes})


def refused(**changes: Any) -> EndpointReport:
    """A report of an endpoint that nobody listens at."""
    given: dict[str, Any] = {
        "verdict": EndpointVerdict.UNREACHABLE,
        "summary": f"Nothing accepts connections at {HOST}:443: connection refused.",
        "hint": "Is the program running, and does a firewall stand in between?",
        "stages": (
            *well().stages[:3],
            Stage("tcp", Outcome.FAIL, "connection refused", 4),
        ),
        "tls_days_left": None,
        "cause": Cause.REFUSED,
        "evidence": (),
    }
    return well(**{**given, **changes})


def check(
    report: EndpointReport | None = None,
    minute: float = 0,
    *,
    webhook: WebhookRef | None = None,
    url: str = f"https://{HOST}/cognigy",
    **more: Any,
) -> Check:
    """A check of a webhook, so many minutes after `START`."""
    at = START + timedelta(minutes=minute)
    return check_of(report or well(), webhook or ref(), url, at, **more)


def run_of(pattern: str) -> list[Check]:
    """Checks one minute apart, oldest first: ``.`` well, ``x`` unhealthy."""
    return [check(refused() if sign == "x" else well(), n) for n, sign in enumerate(pattern)]


def newest_first(checks: Sequence[Check]) -> list[Check]:
    return list(reversed(checks))
