"""Adds up facts and cells by action, by step of the time axis and by group."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.audit.records import Outcome
from cognitui.audit.steps import SECOND_US
from cognitui.audit.tally import Tally

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from cognitui.audit.cells import Cell
    from cognitui.audit.facts import Row

Times = list[float | None]
ONE_STEP_US = 1 << 62
"""A step that holds everything, where steps do not count."""


@dataclass(slots=True)
class _Sort:
    """The facts of one action and outcome.

    Attributes:
        steps: Their times by the step that they lie in.
    """

    action: str
    outcome: str
    steps: defaultdict[int, Times] = field(default_factory=lambda: defaultdict(list))


@dataclass(slots=True)
class _Slot:
    """The facts of one action, outcome and group.

    Attributes:
        steps: Those of their sort.
        times: Their own.
        attempts: How many they took.
    """

    sort: _Sort
    key: str
    steps: defaultdict[int, Times]
    times: Times = field(default_factory=list)
    attempts: int = 0


@dataclass(slots=True)
class Gathering:
    """What has been added up; what was called off on this side counts in `records` alone.

    Attributes:
        places: By action and step.
        attempts: By action.
        by_key: By group.
    """

    places: defaultdict[tuple[str, int], Tally] = field(default_factory=lambda: defaultdict(Tally))
    attempts: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_key: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    records: int = 0

    def add_rows(
        self, connection: sqlite3.Connection, rows: Sequence[Row], column: str, width_us: int
    ) -> None:
        """Add single facts.

        Args:
            connection: The log.
            rows: The facts.
            column: What their group is.
            width_us: How wide a step is.
        """
        slots = _slots(connection, {row[1] for row in rows}, column)
        for _, kind, at, latency_ms, attempts in rows:
            slot = slots[kind]
            slot.steps[at // width_us].append(latency_ms)
            slot.times.append(latency_ms)
            slot.attempts += attempts
        self.records += len(rows)
        own = {id(slot): slot for slot in slots.values()}
        sorts = {id(slot.sort): slot.sort for slot in own.values()}
        for sort in sorts.values():
            if sort.outcome != Outcome.CANCELLED:
                for step, times in sort.steps.items():
                    _add_times(self.places[sort.action, step], times, sort.outcome)
        for slot in own.values():
            if slot.sort.outcome != Outcome.CANCELLED:
                self.attempts[slot.sort.action] += slot.attempts
                group = self.by_key[slot.key]
                _add_times(group, slot.times, slot.sort.outcome)
                group.attempts += slot.attempts

    def add_cells(self, cells: Iterable[Cell], grain_s: int, width_us: int) -> None:
        """Add cells of so many seconds to the steps."""
        grain_us = grain_s * SECOND_US
        for cell in cells:
            self.records += cell.total
            if cell.outcome != Outcome.CANCELLED:
                place = self.places[cell.action, cell.start * grain_us // width_us]
                _add_cell(place, cell)
                self.attempts[cell.action] += cell.attempts

    def add_group_cells(self, cells: Iterable[Cell]) -> None:
        """Add cells to the groups."""
        for cell in cells:
            if cell.outcome != Outcome.CANCELLED:
                tally = self.by_key[cell.key]
                _add_cell(tally, cell)
                tally.attempts += cell.attempts

    def by_action(self) -> dict[str, Tally]:
        """All steps of each action together."""
        merged: defaultdict[str, Tally] = defaultdict(Tally)
        for (action, _), tally in self.places.items():
            merged[action].merge(tally)
        for action, attempts in self.attempts.items():
            merged[action].attempts = attempts
        return merged

    def by_step(self) -> dict[int, Tally]:
        """All actions of each step together."""
        merged: defaultdict[int, Tally] = defaultdict(Tally)
        for (_, step), tally in self.places.items():
            merged[step].merge(tally)
        return merged


def _slots(connection: sqlite3.Connection, kinds: set[int], column: str) -> dict[int, _Slot]:
    """A slot for each kind; kinds that differ in nothing that counts share one."""
    sorts: dict[tuple[str, str], _Sort] = {}
    shared: dict[tuple[str, str, str], _Slot] = {}
    found = {}
    for kind, action, outcome, key in connection.execute(
        f"SELECT id, action, outcome, {column} FROM kinds "  # noqa: S608  # own column names
        "WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(kinds)),),
    ):
        slot = shared.get((action, outcome, key))
        if slot is None:
            sort = sorts.setdefault((action, outcome), _Sort(action, outcome))
            slot = shared[action, outcome, key] = _Slot(sort, key, sort.steps)
        found[kind] = slot
    return found


def _add_times(tally: Tally, times: Times, outcome: str) -> None:
    tally.total += len(times)
    tally.succeeded += len(times) * (outcome == Outcome.OK)
    tally.times_ms += [one for one in times if one is not None]


def _add_cell(tally: Tally, cell: Cell) -> None:
    tally.total += cell.total
    tally.succeeded += cell.total * (cell.outcome == Outcome.OK)
    tally.rolled_ms += cell.spent_ms
    tally.rolled.merge_packed(cell.times, cell.most_ms / 1000)
