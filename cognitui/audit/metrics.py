"""What the audit log's numbers say: the efficiency report and the console's panel."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, Outcome
from cognitui.audit.schema import SELECT, from_row, moment
from cognitui.audit.tally import percentile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server

SERIES_LENGTH = 120
BUCKET_BOUNDS_MS = (5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""Fixed, in steps of 1-2-5, so that two panels or two days can be compared."""

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


@dataclass(frozen=True, slots=True)
class ActionMetrics:
    """How one kind of action went. Times are milliseconds; ``None`` where nothing was measured.

    Attributes:
        total: Those that were not called off on this side.
        success_rate: From 0 to 1.
        p50_ms: The nearest-rank median: a latency that occurred, never one in between.
        series: The latest latencies, oldest first.
        histogram: Pairs of label and count, for every bucket, the empty ones included.
    """

    total: int
    succeeded: int
    success_rate: float | None
    avg_ms: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    series: tuple[float, ...]
    histogram: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Metrics:
    """The numbers of the Audit place.

    Attributes:
        callbacks: Callbacks sent from here.
        received: Callbacks that arrived here; they succeed when their signature verifies.
    """

    registrations: ActionMetrics
    callbacks: ActionMetrics
    received: ActionMetrics


def histogram(values: Iterable[float]) -> tuple[tuple[str, int], ...]:
    """How many values lie in each of the fixed buckets; a bound belongs to the bucket above it."""
    counts = [0] * (len(BUCKET_BOUNDS_MS) + 1)
    for value in values:
        counts[bisect_right(BUCKET_BOUNDS_MS, value)] += 1
    return tuple(zip(BUCKET_LABELS, counts, strict=True))


def _labels() -> tuple[str, ...]:
    first, last = BUCKET_BOUNDS_MS[0], BUCKET_BOUNDS_MS[-1]
    between = (_range_label(low, high) for low, high in pairwise(BUCKET_BOUNDS_MS))
    return (f"<{first} ms", *between, f"≥{last // 1000} s")


def _range_label(low: int, high: int) -> str:
    second = 1000
    if low >= second:
        return f"{low // second}-{high // second} s"
    return f"{low} ms-{high // second} s" if high >= second else f"{low}-{high} ms"


BUCKET_LABELS = _labels()


def efficiency_report(connection: Connection, tenant: str | None) -> EfficiencyReport:
    """The report over all registrations, or over one tenant's."""
    where, values = _condition(Action.WEBHOOK_REGISTER, tenant)
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
    where, values = _condition(Action.WEBHOOK_REGISTER, tenant)
    rows = connection.execute(
        f"{SELECT} WHERE {where} ORDER BY id DESC LIMIT ?", [*values, limit]
    ).fetchall()
    return [from_row(row, path) for row in reversed(rows)]


def metrics(
    connection: Connection,
    tenant: str | None = None,
    bot_id: str | None = None,
    since: datetime | None = None,
) -> Metrics:
    """The panel's numbers, of everything or of what is asked for."""

    def of(action: Action) -> ActionMetrics:
        where, values = _condition(action, tenant, bot_id, since)
        question = f"SELECT outcome, latency_ms FROM records WHERE {where} ORDER BY id"  # noqa: S608
        return _summary(connection.execute(question, values).fetchall())

    return Metrics(
        of(Action.WEBHOOK_REGISTER), of(Action.CALLBACK_SEND), of(Action.CALLBACK_RECEIVE)
    )


def _summary(rows: Sequence[tuple[str, float | None]]) -> ActionMetrics:
    latencies = [latency for _, latency in rows if latency is not None]
    ordered = sorted(latencies)
    succeeded = sum(outcome == Outcome.OK for outcome, _ in rows)
    return ActionMetrics(
        total=len(rows),
        succeeded=succeeded,
        success_rate=succeeded / len(rows) if rows else None,
        avg_ms=math.fsum(latencies) / len(latencies) if latencies else None,
        p50_ms=percentile(ordered, 50),
        p95_ms=percentile(ordered, 95),
        p99_ms=percentile(ordered, 99),
        series=tuple(latencies[-SERIES_LENGTH:]),
        histogram=histogram(latencies),
    )


def _condition(
    action: Action,
    tenant: str | None,
    bot_id: str | None = None,
    since: datetime | None = None,
) -> tuple[str, list[str | int]]:
    conditions, values = [f"action = ? AND {_COUNTED}"], list[str | int]([str(action)])
    for column, wanted in (("tenant", tenant), ("bot_id", bot_id)):
        if wanted is not None:
            conditions.append(f"{column} = ?")
            values.append(wanted)
    if since is not None:
        conditions.append("at >= ?")
        values.append(moment(since))
    return " AND ".join(conditions), values
