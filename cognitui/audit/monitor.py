"""What the external monitor is told of how registrations went."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cognitui.audit.records import Action, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.audit.metrics import EfficiencyReport
    from cognitui.audit.records import AuditRecord

TRAIL_LENGTH = 10
MAX_ID = 200
"""Characters of an id; a tenant may answer with one of any length."""


def monitor_body(records: Iterable[AuditRecord], report: EfficiencyReport) -> dict[str, Any]:
    """The body that the monitor gets.

    Args:
        records: Any records in any order; the last ten registrations among them are sent, oldest
            first. Cancelled ones are left out, as the report leaves them out.
        report: The metrics.
    """
    registrations = [
        record
        for record in records
        if record.action is Action.WEBHOOK_REGISTER and record.outcome is not Outcome.CANCELLED
    ]
    # Ids tell the order even when the clock was set back; a record without one is the newest.
    registrations.sort(key=lambda record: (record.id is None, record.id or 0, record.at))
    return {
        "audit_trail": [_entry(record) for record in registrations[-TRAIL_LENGTH:]],
        "metrics": report.as_dict(),
    }


def encoded(body: dict[str, Any]) -> bytes:
    """The body's bytes, which are the same however often they are sent."""
    return json.dumps(body, separators=(",", ":")).encode("ascii")


def _entry(record: AuditRecord) -> dict[str, Any]:
    success = record.outcome is Outcome.OK
    return {
        "timestamp": record.at.isoformat(),
        "webhook_id": _bounded(record.webhook_id) or "unknown",
        "skill_id": _bounded(record.skill_id),
        # Nothing was timed because nothing was sent: the monitor wants a number all the same.
        "latency_ms": record.latency_ms or 0.0,
        "success": success,
        "event": "WEBHOOK_REGISTERED" if success else "WEBHOOK_REGISTRATION_FAILED",
    }


def _bounded(name: str) -> str:
    return name if len(name) <= MAX_ID else f"{name[:MAX_ID]}…"
