"""The panel's numbers, worked out by the server.

The percentiles of many records come from histograms, within one per cent: sorting a million times
for every step and every webhook takes the server five times as long.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.audit.gathering import Gathering
from cognitui.audit.overview import (
    BARS,
    FEW,
    MOST_GROUPS,
    Group,
    Measured,
    Moment,
    Overview,
    Question,
    assembled,
)
from cognitui.audit.postgres.questions import condition
from cognitui.audit.postgres.schema import SECONDS
from cognitui.audit.records import Action, Outcome
from cognitui.audit.steps import Steps, from_us
from cognitui.histogram import edges

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.audit.connection import Connection
    from cognitui.audit.facts import Condition
    from cognitui.audit.tally import Tally

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
    if axis is not None and extent.records > FEW:
        return _of_many(connection, found, question, extent, axis)
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


def _of_many(
    connection: Connection, found: Condition, question: Question, extent: _Extent, axis: Steps
) -> Overview:
    gathered = Gathering(records=extent.records)
    step = _step(axis.width_us)
    for action, number, *sums in _sums(connection, found, f"action, {step}"):
        gathered.attempts[action] += _add(gathered.places[action, number], *sums)
    for key, _, *sums in _sums(connection, found, f"{question.column}, 0"):
        tally = gathered.by_key[key]
        tally.attempts += _add(tally, *sums)
    earliest, latest = extent.earliest_us, extent.latest_us
    assert earliest is not None
    assert latest is not None
    return assembled(question, gathered, axis, (earliest, latest), extent.last_id, is_complete=True)


def _sums(connection: Connection, found: Condition, groups: str) -> Iterable[Any]:
    return connection.execute(
        f"SELECT {groups}, outcome = '{Outcome.OK}', bucket, count(*), "  # noqa: S608  # own names
        "coalesce(sum(latency_ms), 0), coalesce(max(latency_ms), 0), sum(attempt_count) "
        f"FROM records WHERE {_counted(found)} GROUP BY 1, 2, 3, 4",
        found.values,
    )


def _add(  # noqa: PLR0917  # a row
    tally: Tally,
    is_ok: bool,  # noqa: FBT001
    bucket: int | None,
    count: int,
    spent_ms: float,
    most_ms: float,
    attempts: int,
) -> int:
    """Add so many times of one bucket; the attempts that they took."""
    tally.total += count
    tally.succeeded += count * is_ok
    tally.rolled_ms += spent_ms
    if bucket is not None:
        tally.rolled.merge_counts({bucket: count}, most_ms / 1000)
    return attempts


def _step(width_us: int) -> str:
    """The number of the step that a record lies in, before the first Monday too."""
    return f"((at_us - mod(mod(at_us, {width_us}) + {width_us}, {width_us})) / {width_us})"


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
    rows: dict[int, Any] = {
        step: rest
        for step, *rest in connection.execute(
            f"SELECT {_step(axis.width_us)}, "  # noqa: S608  # own names
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
            f"SELECT width_bucket({SECONDS}, ?::float8[]), count(*) "  # noqa: S608
            f"FROM records WHERE {_counted(found)} AND latency_ms IS NOT NULL GROUP BY 1",
            (bounds[1:-1], *found.values),
        ).fetchall()
    )
    return tuple(
        (low * 1000, high * 1000, counts.get(number, 0))
        for number, (low, high) in enumerate(itertools.pairwise(bounds))
    )
