"""The panel's numbers, worked out by the server. All percentiles are exact."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.audit.overview import (
    BARS,
    MOST_GROUPS,
    Group,
    Measured,
    Moment,
    Overview,
    Question,
)
from cognitui.audit.postgres.questions import condition
from cognitui.audit.records import Action, Outcome
from cognitui.audit.steps import Steps, from_us
from cognitui.histogram import edges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.audit.connection import Connection
    from cognitui.audit.facts import Condition

_MEASURES = f"""
    count(*), count(*) FILTER (WHERE outcome = '{Outcome.OK}'), sum(attempt_count),
    avg(latency_ms), max(latency_ms),
    percentile_disc(ARRAY[0.5, 0.9, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms)
"""
_NOT_TIMED = (None,) * 4


class _Extent(NamedTuple):
    records: int
    last_id: int
    earliest_us: int | None
    latest_us: int | None
    quickest_ms: float | None
    slowest_ms: float | None


def overview(connection: Connection, question: Question) -> Overview:
    """The panel's numbers; in a transaction, so that all are of one moment."""
    wanted = question.wanted
    found = condition(wanted)
    extent = _extent(connection, found)
    axis = None
    if extent.earliest_us is not None and extent.latest_us is not None:
        axis = question.axis(extent.earliest_us, extent.latest_us)
    elif wanted.since and wanted.until:
        axis = question.axis(0, 0)
    by_action = dict(_measured(connection, found, "action"))
    groups = _worst(_measured(connection, found, question.column))
    (everything,) = [one for _, one in _measured(connection, found, "''")] or [Measured()]
    earliest, latest = extent.earliest_us, extent.latest_us
    return Overview(
        registrations=by_action.get(Action.WEBHOOK_REGISTER, Measured()),
        callbacks=by_action.get(Action.CALLBACK_SEND, Measured()),
        received=by_action.get(Action.CALLBACK_RECEIVE, Measured()),
        everything=everything,
        timeline=_timeline(connection, found, axis) if axis else (),
        step_s=float(axis.width_s) if axis else 0.0,
        distribution=_distribution(connection, found, extent),
        groups=groups,
        since=wanted.since or (None if earliest is None else from_us(earliest)),
        until=wanted.until or (None if latest is None else from_us(latest)),
        records=extent.records,
        last_id=extent.last_id,
    )


def _counted(found: Condition) -> str:
    """The condition, without what was called off on this side."""
    return f"({found.sql}) AND outcome <> '{Outcome.CANCELLED}'"


def _extent(connection: Connection, found: Condition) -> _Extent:
    times = f"FILTER (WHERE outcome <> '{Outcome.CANCELLED}')"
    row = connection.execute(
        "SELECT count(*), coalesce(max(id), 0), min(at_us), max(at_us), "  # noqa: S608  # own names
        f"min(latency_ms) {times}, max(latency_ms) {times} FROM records WHERE {found.sql}",
        found.values,
    ).fetchone()
    return _Extent(*row)


def _measured(
    connection: Connection, found: Condition, column: str
) -> Iterable[tuple[str, Measured]]:
    rows = connection.execute(
        f"SELECT {column}, {_MEASURES} FROM records WHERE {_counted(found)} GROUP BY 1",  # noqa: S608
        found.values,
    )
    for key, total, succeeded, attempts, average, most, shares in rows:
        p50, p90, p95, p99 = shares or _NOT_TIMED
        yield (
            key,
            Measured(
                total,
                succeeded,
                succeeded / total,
                average,
                p50,
                p90,
                p95,
                p99,
                attempts=attempts,
                most_ms=most,
            ),
        )


def _worst(measured: Iterable[tuple[str, Measured]]) -> tuple[Group, ...]:
    """The lowest success rate first, then the most operations."""
    groups = [Group(key, one) for key, one in measured if key]
    groups.sort(key=lambda one: (one.measured.success_rate, -one.measured.total, one.key))
    return tuple(groups[:MOST_GROUPS])


def _timeline(connection: Connection, found: Condition, axis: Steps) -> tuple[Moment, ...]:
    width = axis.width_us
    rows: dict[int, Any] = {
        step: rest
        for step, *rest in connection.execute(
            f"SELECT div(at_us - mod(mod(at_us, {width}) + {width}, {width}), {width})::bigint, "  # noqa: S608
            f"count(*), count(*) FILTER (WHERE outcome <> '{Outcome.OK}'), "
            "percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY latency_ms) "
            f"FROM records WHERE {_counted(found)} GROUP BY 1",
            found.values,
        )
    }
    moments = []
    for number in range(axis.count):
        total, failed, shares = rows.get(axis.first + number, (0, 0, None))
        p50, p95 = shares or (None, None)
        moments.append(Moment(from_us(axis.begin_us(number)), total, failed, p50, p95))
    return tuple(moments)


def _distribution(
    connection: Connection, found: Condition, extent: _Extent
) -> tuple[tuple[float, float, int], ...]:
    if extent.quickest_ms is None or extent.slowest_ms is None:
        return ()
    bounds = edges(extent.quickest_ms / 1000, extent.slowest_ms / 1000, BARS)
    counts = dict(
        connection.execute(
            "SELECT width_bucket(latency_ms / 1000, ?::float8[]), count(*) "  # noqa: S608
            f"FROM records WHERE {_counted(found)} AND latency_ms IS NOT NULL GROUP BY 1",
            (bounds[1:-1], *found.values),
        ).fetchall()
    )
    return tuple(
        (low * 1000, high * 1000, counts.get(number, 0))
        for number, (low, high) in enumerate(itertools.pairwise(bounds))
    )
