"""What the audit log's numbers say about the records that are wanted: the panel."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from cognitui.audit import cells, facts
from cognitui.audit.cubes import CUBES, WEEK_S
from cognitui.audit.gathering import ONE_STEP_US, Gathering
from cognitui.audit.records import Action, Outcome
from cognitui.audit.steps import SECOND_US, Steps, from_us, steps_between, to_us
from cognitui.audit.tally import Measured, Tally

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from cognitui.audit.wanted import Wanted

__all__ = ["Group", "GroupBy", "Measured", "Moment", "Overview", "Question", "overview"]

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
FEW = 30_000
"""Up to so many records are looked at one by one, so that their percentiles are exact."""
MOST_ONE_BY_ONE = 50_000
"""So many of what nothing is added up for; it takes about a tenth of a second."""


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
        is_complete: Whether all of them are in the numbers, else only the newest, from `since` on:
            what nothing is added up for is looked at one by one.
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
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the log.

    Attributes:
        wanted: Of which records.
        steps: How many steps the time axis may have.
        group_by: What a group is.
        now: Where the axis ends when the filter does not say; else at the newest record.
    """

    wanted: Wanted
    steps: int = 60
    group_by: GroupBy = "webhook"
    now: datetime | None = None

    @property
    def column(self) -> str:
        """The word that tells the group."""
        return GROUP_COLUMNS[self.group_by]

    def axis(self, earliest_us: int, latest_us: int, narrowest_s: int = 1) -> Steps:
        """The axis for records between these two moments."""
        since, until = self.wanted.since, self.wanted.until
        first = earliest_us if since is None else to_us(since)
        if until is not None:
            last = to_us(until) - 1
        else:
            last = latest_us if self.now is None else max(latest_us, to_us(self.now))
        return steps_between(first, max(first, last), self.steps, narrowest_s)


def overview(connection: sqlite3.Connection, question: Question) -> Overview:
    """The panel's numbers; what they are added up from has to be up to date."""
    wanted = question.wanted
    found = facts.search(connection, wanted)
    words = facts.words_of(wanted)
    cube = None if words is None else cells.cube_for(words, is_always=False)
    if words is None or cube is None or found.most <= FEW:
        return _one_by_one(connection, question, found)
    extent = cells.extent(connection, cube, wanted)
    if extent is None:
        return _one_by_one(connection, question, found)
    axis = question.axis(*extent)
    grains_s = cells.grains_of(CUBES[cube], axis.width_s)
    if not grains_s:
        if found.most <= MOST_ONE_BY_ONE:
            return _one_by_one(connection, question, found)
        narrowest_s = CUBES[cube].grains_s[0]
        axis = question.axis(*extent, narrowest_s)
        grains_s = cells.grains_of(CUBES[cube], axis.width_s)
    gathered = Gathering()
    for part in _parts(wanted, extent, grains_s):
        if part.grain_s is None:
            rows = _rows_of(connection, wanted, part)
            gathered.add_rows(connection, rows, question.column, axis.width_us)
        else:
            those = cells.read(connection, cube, wanted, part)
            gathered.add_cells(those, part.grain_s, axis.width_us)
    gathered.by_key.clear()
    is_complete = _gather_groups(connection, question, words, extent, gathered)
    last_id = next(iter(facts.newest_ids(connection, found, 1)), 0)
    return assembled(question, gathered, axis, extent, last_id, is_complete=is_complete)


def _one_by_one(
    connection: sqlite3.Connection, question: Question, found: facts.Search
) -> Overview:
    rows = facts.rows(connection, found, MOST_ONE_BY_ONE)
    moments = [row[2] for row in rows]
    extent = (min(moments), max(moments)) if moments else None
    has_axis = extent is not None or (question.wanted.since and question.wanted.until)
    axis = question.axis(*(extent or (0, 0))) if has_axis else None
    gathered = Gathering()
    gathered.add_rows(connection, rows, question.column, axis.width_us if axis else 1)
    last_id = max((row[0] for row in rows), default=0)
    is_complete = len(rows) < MOST_ONE_BY_ONE
    if not is_complete:
        gathered.records = facts.count(connection, found)
    return assembled(question, gathered, axis, extent, last_id, is_complete=is_complete)


def _gather_groups(
    connection: sqlite3.Connection,
    question: Question,
    words: frozenset[str],
    extent: tuple[int, int],
    gathered: Gathering,
) -> bool:
    """Add up the worst groups; whether that took all records into account."""
    wanted, column = question.wanted, question.column
    is_always = not facts.has_time(wanted)
    cube = cells.cube_for(words | {column}, is_always=is_always)
    if cube is None:
        found = facts.search(connection, wanted)
        rows = facts.rows(connection, found, MOST_ONE_BY_ONE)
        groups = Gathering()
        groups.add_rows(connection, rows, column, ONE_STEP_US)
        gathered.by_key = groups.by_key
        return len(rows) < MOST_ONE_BY_ONE
    grains_s = cells.grains_of(CUBES[cube], WEEK_S)
    parts = [cells.ALL_TIME] if is_always else list(_parts(wanted, extent, grains_s))
    groups = Gathering()
    counts: defaultdict[str, Tally] = defaultdict(Tally)
    for part in parts:
        if part.grain_s is None:
            groups.add_rows(connection, _rows_of(connection, wanted, part), column, ONE_STEP_US)
            continue
        for key, outcome, total in cells.totals(connection, cube, wanted, part, column):
            if outcome != Outcome.CANCELLED:
                counts[key].total += total
                counts[key].succeeded += total * (outcome == Outcome.OK)
    for key, tally in groups.by_key.items():
        counts[key].total += tally.total
        counts[key].succeeded += tally.succeeded
    worst = [key for key, _ in _worst(counts)]
    for part in parts:
        if part.grain_s is not None:
            groups.add_group_cells(
                cells.read(connection, cube, wanted, part, column=column, keys=worst)
            )
    gathered.by_key.update((key, groups.by_key[key]) for key in worst)
    return True


def _parts(
    wanted: Wanted, extent: tuple[int, int], grains_s: Sequence[int]
) -> Sequence[cells.Part]:
    """What the time of the filter consists of; where it has no end, whole cells go beyond it."""
    length = grains_s[0] * SECOND_US
    first = extent[0] // length * length if wanted.since is None else to_us(wanted.since)
    last = (extent[1] // length + 1) * length if wanted.until is None else to_us(wanted.until)
    return cells.cover(first, last, grains_s)


def _rows_of(
    connection: sqlite3.Connection, wanted: Wanted, part: cells.Part
) -> Sequence[facts.Row]:
    since, until = from_us(part.begin_us), from_us(part.end_us)
    found = facts.search(connection, replace(wanted, since=since, until=until))
    return facts.rows(connection, found)


def assembled(
    question: Question,
    gathered: Gathering,
    axis: Steps | None,
    extent: tuple[int, int] | None,
    last_id: int,
    *,
    is_complete: bool,
) -> Overview:
    """The panel's numbers from what was added up."""
    by_action, wanted = gathered.by_action(), question.wanted
    everything = Tally()
    for tally in by_action.values():
        everything.merge(tally)

    def of(action: Action) -> Measured:
        return by_action.get(action, Tally()).measured()

    since, until = (from_us(extent[0]), from_us(extent[1])) if extent else (None, None)
    return Overview(
        registrations=of(Action.WEBHOOK_REGISTER),
        callbacks=of(Action.CALLBACK_SEND),
        received=of(Action.CALLBACK_RECEIVE),
        everything=everything.measured(),
        timeline=_timeline(axis, gathered.by_step()) if axis else (),
        step_s=float(axis.width_s) if axis else 0.0,
        distribution=tuple(everything.bars(BARS)),
        groups=tuple(Group(key, tally.measured()) for key, tally in _worst(gathered.by_key)),
        since=wanted.since or since,
        until=wanted.until or until,
        records=gathered.records,
        last_id=last_id,
        is_complete=is_complete,
    )


def _timeline(axis: Steps, by_step: dict[int, Tally]) -> tuple[Moment, ...]:
    nothing = Tally()
    moments = []
    for number in range(axis.count):
        tally = by_step.get(axis.first + number, nothing)
        p50, p95 = tally.percentiles(50, 95)
        failed = tally.total - tally.succeeded
        moments.append(Moment(from_us(axis.begin_us(number)), tally.total, failed, p50, p95))
    return tuple(moments)


def _worst(by_key: Mapping[str, Tally]) -> list[tuple[str, Tally]]:
    """The lowest success rate first, then the most operations."""
    named = [(key, tally) for key, tally in by_key.items() if key and tally.total]
    named.sort(key=lambda one: (one[1].succeeded / one[1].total, -one[1].total, one[0]))
    return named[:MOST_GROUPS]
