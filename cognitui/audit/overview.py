"""What the audit log's numbers say about the records that are wanted: the panel."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from cognitui.audit.queries import where
from cognitui.audit.records import Action, Outcome
from cognitui.audit.steps import Steps, from_us, steps_between, to_us
from cognitui.audit.tally import Measured, Tally

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable

    from cognitui.audit.wanted import Wanted

__all__ = ["Group", "GroupBy", "Measured", "Moment", "Overview", "overview"]

K = TypeVar("K")
GroupBy = Literal["webhook", "tenant", "bot", "event", "action"]
GROUP_COLUMNS: dict[GroupBy, str] = {
    "webhook": "webhook_id",
    "tenant": "tenant",
    "bot": "bot_id",
    "event": "event",
    "action": "action",
}
MOST_GROUPS = 20
BARS = 24


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of the time axis.

    Attributes:
        at: Where it begins.
        failed: Those that did not succeed.
    """

    at: datetime
    total: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """One webhook, tenant, bot, event or action, and how its operations went."""

    key: str
    measured: Measured


@dataclass(frozen=True, slots=True)
class Overview:
    """How the records that are wanted went.

    Attributes:
        callbacks: Callbacks sent from here.
        received: Callbacks that arrived here; they succeed when their signature verifies.
        timeline: Every step from the first to the last, the empty ones included.
        step_s: How wide each is, in seconds.
        distribution: From, to, in milliseconds, and how many lie there; the steps grow by a
            constant factor.
        groups: Worst success rate first, at most 20; records without such an id are in none.
        since: Where the filter begins, or the earliest record.
        until: Where the filter ends, or the latest record.
        records: How many records are wanted, the cancelled ones included.
        last_id: The newest of them; 0 when there are none.
    """

    registrations: Measured
    callbacks: Measured
    received: Measured
    everything: Measured
    timeline: tuple[Moment, ...]
    step_s: float
    distribution: tuple[tuple[float, float, int], ...]
    groups: tuple[Group, ...]
    since: datetime | None
    until: datetime | None
    records: int
    last_id: int


class _Place(NamedTuple):
    action: str
    key: str
    step: int


def overview(
    connection: sqlite3.Connection,
    wanted: Wanted,
    *,
    steps: int,
    group_by: GroupBy,
    now: datetime | None = None,
) -> Overview:
    """The panel's numbers.

    Args:
        connection: The log.
        wanted: Of which records.
        steps: How many steps the time axis may have.
        group_by: What a group is.
        now: Where the axis ends when the filter does not say; else at the newest record.
    """
    condition, values = where(wanted)
    earliest, latest, records, last_id = connection.execute(
        f"SELECT min(at), max(at), count(*), max(id) FROM records WHERE {condition}",  # noqa: S608
        values,
    ).fetchone()
    since = wanted.since or (datetime.fromisoformat(earliest) if earliest else None)
    until = wanted.until or now or (datetime.fromisoformat(latest) if latest else None)
    axis = None
    if since is not None and until is not None and since <= until:
        last_us = to_us(until) - (1 if wanted.until and until > since else 0)
        axis = steps_between(to_us(since), last_us, steps)
    rows = connection.execute(
        f"SELECT at, action, outcome, {GROUP_COLUMNS[group_by]}, latency_ms, "  # noqa: S608
        f"json_array_length(attempts) FROM records WHERE {condition}",
        values,
    )
    places = _gather(rows, axis.width_us if axis else 1)
    by_action = _merged(places, lambda place: place.action)
    everything = Tally()
    for tally in by_action.values():
        everything.merge(tally)
    by_step = _merged(places, lambda place: place.step)

    def of(action: Action) -> Measured:
        return by_action.get(action, Tally()).measured()

    return Overview(
        of(Action.WEBHOOK_REGISTER),
        of(Action.CALLBACK_SEND),
        of(Action.CALLBACK_RECEIVE),
        everything.measured(),
        _timeline(axis, by_step) if axis else (),
        float(axis.width_s) if axis else 0.0,
        distribution(everything),
        groups(_merged(places, lambda place: place.key)),
        since,
        until,
        records,
        last_id or 0,
    )


def _gather(
    rows: Iterable[tuple[str, str, str, str, float | None, int]], width_us: int
) -> dict[_Place, Tally]:
    places: defaultdict[_Place, Tally] = defaultdict(Tally)
    for at, action, outcome, key, latency, tries in rows:
        if outcome == Outcome.CANCELLED:
            continue
        place = _Place(action, key, to_us(datetime.fromisoformat(at)) // width_us)
        tally = places[place]
        tally.total += 1
        tally.succeeded += outcome == Outcome.OK
        tally.attempts += tries
        if latency is not None:
            tally.times_ms.append(latency)
    return places


def _merged(places: dict[_Place, Tally], key: Callable[[_Place], K]) -> dict[K, Tally]:
    merged: defaultdict[K, Tally] = defaultdict(Tally)
    for place, tally in places.items():
        merged[key(place)].merge(tally)
    return merged


def _timeline(axis: Steps, by_step: dict[int, Tally]) -> tuple[Moment, ...]:
    nothing = Tally()
    moments = []
    for number in range(axis.count):
        tally = by_step.get(axis.first + number, nothing)
        p50, p95 = tally.percentiles(50, 95)
        failed = tally.total - tally.succeeded
        moments.append(Moment(from_us(axis.begin_us(number)), tally.total, failed, p50, p95))
    return tuple(moments)


def distribution(tally: Tally) -> tuple[tuple[float, float, int], ...]:
    """How the times lie, for drawing, in milliseconds."""
    bars = tally.histogram.bars(BARS)
    return tuple((low * 1000, high * 1000, count) for low, high, count in bars)


def groups(by_key: dict[str, Tally]) -> tuple[Group, ...]:
    """The worst groups: the lowest success rate first, then the most operations."""
    named = [(key, tally) for key, tally in by_key.items() if key and tally.total]
    named.sort(key=lambda one: (one[1].succeeded / one[1].total, -one[1].total, one[0]))
    return tuple(Group(key, tally.measured()) for key, tally in named[:MOST_GROUPS])
