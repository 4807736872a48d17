"""The efficiency report over registrations, as the monitor gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, Outcome
from cognitui.audit.schema import SELECT, from_row

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server

# A cancelled operation was called off by us: it says nothing about the tenant.
_COUNTED = f"outcome <> '{Outcome.CANCELLED}'"


@dataclass(frozen=True, slots=True)
class EfficiencyReport:
    """How registrations went.

    Every registration counts that was not called off on this side. One whose answer got lost counts
    as not successful.

    Attributes:
        avg_latency_ms: The mean over the registrations that were timed, in milliseconds.
        success_rate: From 0 to 1.
    """

    avg_latency_ms: float = 0.0
    success_rate: float = 0.0
    total_registrations: int = 0

    def as_dict(self) -> dict[str, float | int]:
        """The report as the monitor and ``--json`` get it; all zero when nothing was registered."""
        if not self.total_registrations:
            return {"avg_latency_ms": 0, "success_rate": 0, "total_registrations": 0}
        return {
            "avg_latency_ms": round(self.avg_latency_ms, 2),
            "success_rate": round(self.success_rate, 4),
            "total_registrations": self.total_registrations,
        }


def efficiency_report(connection: Connection, tenant: str | None) -> EfficiencyReport:
    """The report over all registrations, or over one tenant's."""
    where, values = _registrations(tenant)
    total, succeeded, mean = connection.execute(
        f"SELECT count(*), count(*) FILTER (WHERE outcome = '{Outcome.OK}'), avg(latency_ms) "  # noqa: S608
        f"FROM records WHERE {where}",
        values,
    ).fetchone()
    return EfficiencyReport(mean or 0.0, succeeded / total, total) if total else EfficiencyReport()


def last_registrations(
    connection: Connection, path: Path | Server, tenant: str | None, limit: int
) -> list[AuditRecord]:
    """The latest of the registrations that the report counts, oldest first.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    where, values = _registrations(tenant)
    rows = connection.execute(
        f"{SELECT} WHERE {where} ORDER BY id DESC LIMIT ?", [*values, limit]
    ).fetchall()
    return [from_row(row, path) for row in reversed(rows)]


def _registrations(tenant: str | None) -> tuple[str, list[str | int]]:
    condition, values = (
        f"action = ? AND {_COUNTED}",
        list[str | int]([str(Action.WEBHOOK_REGISTER)]),
    )
    if tenant is None:
        return condition, values
    return f"{condition} AND tenant = ?", [*values, tenant]
