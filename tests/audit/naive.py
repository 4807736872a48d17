"""What the log has to answer, worked out from a list of records in the plainest way."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit import schema
from cognitui.audit.records import Outcome
from cognitui.audit.steps import to_us

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.tally import Measured
    from cognitui.audit.wanted import Wanted

EXACT = ("action", "outcome", "tenant", "bot_id", "actor", "webhook_id", "skill_id", "event", "operation_id", "error_code")  # fmt: skip
TEXTS = ("webhook_id", "skill_id", "endpoint", "event", "error_code", "detail", "operation_id")


def write_rows(connection: sqlite3.Connection, records: Sequence[AuditRecord]) -> None:
    """Put records into the table as it is, whatever columns it has."""
    there = {row[1] for row in connection.execute("PRAGMA table_info(records)")}
    names = [name for name in schema.COLUMNS[1:] if name in there]
    insert = f"INSERT INTO records ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    for record in records:
        row = dict(zip(schema.COLUMNS[1:], schema.to_row(record), strict=True))
        connection.execute(insert, [row[name] for name in names])


def fits(record: AuditRecord, wanted: Wanted) -> bool:
    """Whether a filter wants a record."""
    number, latency = record.id or 0, record.latency_ms
    return (
        (wanted.before_id is None or number < wanted.before_id)
        and all(getattr(wanted, name) in {None, getattr(record, name)} for name in EXACT)
        and (not wanted.actions or record.action in wanted.actions)
        and (wanted.since is None or record.at >= wanted.since)
        and (wanted.until is None or record.at < wanted.until)
        and (
            wanted.slower_than_ms is None
            or (latency is not None and latency > wanted.slower_than_ms)
        )
        and all(
            any(word.lower() in getattr(record, name).lower() for name in TEXTS)
            for word in wanted.words
        )
        and not any(fits(record, other) for other in wanted.without)
    )


@dataclass(frozen=True)
class Numbers:
    """What `Measured` has to say."""

    total: int
    succeeded: int
    attempts: int
    times: list[float]


def numbers(records: Sequence[AuditRecord]) -> Numbers:
    """Of these records."""
    counted = [one for one in records if one.outcome is not Outcome.CANCELLED]
    return Numbers(
        len(counted),
        sum(one.outcome is Outcome.OK for one in counted),
        sum(len(one.attempts) for one in counted),
        sorted(one.latency_ms for one in counted if one.latency_ms is not None),
    )


def nearest_rank(times: list[float], percent: int) -> float:
    """The smallest that so many percent do not exceed."""
    return times[max(math.ceil(percent * len(times) / 100), 1) - 1]


def check(found: Measured, right: Numbers, *, is_after_deletion: bool = False) -> None:
    """That the log's numbers are these, and its percentiles near enough.

    Where records were deleted the longest time may be known no better than a percentile.
    """
    assert (found.total, found.succeeded, found.attempts) == (
        right.total,
        right.succeeded,
        right.attempts,
    )
    assert found.success_rate == (right.succeeded / right.total if right.total else None)
    if not right.times:
        assert (found.avg_ms, found.most_ms, found.p50_ms, found.p99_ms) == (None,) * 4
        return
    assert found.avg_ms is not None
    assert found.most_ms is not None
    assert math.isclose(
        found.avg_ms, sum(right.times) / len(right.times), rel_tol=1e-9, abs_tol=1e-9
    )
    most_within = 1e-12 if found.is_exact or not is_after_deletion else 0.01
    assert math.isclose(found.most_ms, right.times[-1], rel_tol=most_within, abs_tol=most_within)
    for percent in (50, 90, 95, 99):
        ms, exact = getattr(found, f"p{percent}_ms"), nearest_rank(right.times, percent)
        if found.is_exact:
            assert ms == exact
        else:
            assert abs(ms - exact) <= 0.01 * exact + 0.001, (percent, ms, exact)


def step_of(record: AuditRecord, width_s: float) -> int:
    """The step that a record lies in, counted from the Monday that all are counted from."""
    return to_us(record.at) // int(width_s * 1_000_000)
