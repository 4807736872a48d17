"""Whether what is added up beside the records is what they say.

No MAC is over the sums: they can be made anew from the records. But filters and the panel answer
from them, so a log is whole only when they are right. Each record is compared with its facts while
the walk passes it, and the sums with all facts at the end, at one moment.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cognitui.audit.cell_sums import read_snapshot
from cognitui.audit.errors import is_no_text
from cognitui.audit.rollups import ATTEMPTS, NONSENSE, SPAN_BITS, WORDS, at_us
from cognitui.audit.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPERATION_ID = 3

_SAME_WORDS = " AND ".join(f"kinds.{name} IS records.{name}" for name in WORDS)
_DIFFERENT = f"""
    SELECT records.id FROM records
    LEFT JOIN facts ON facts.id = records.id
    LEFT JOIN kinds ON kinds.id = facts.kind
    LEFT JOIN notes ON notes.id = facts.note
    WHERE records.id > ? AND records.id <= ? AND NOT (
        {_SAME_WORDS} AND facts.at IS {at_us("records.at")}
        AND facts.latency_ms IS records.latency_ms AND facts.attempts IS {ATTEMPTS}
        AND ifnull(notes.text, '') IS records.detail
        AND facts.operation_id IS records.operation_id
    ) LIMIT 1
"""  # noqa: S608  # own names

_TOTALS = "SELECT kind, count(*) AS found FROM facts GROUP BY kind"
_SPANS = (
    f"SELECT id >> {SPAN_BITS} AS span, min(at) AS first, max(at) AS last "  # noqa: S608
    "FROM facts GROUP BY span"
)
_FACTS_DIFFER = """
    SELECT (SELECT count(*) FROM facts)
    <> (SELECT count(*) FROM records WHERE id <= :upto) + (SELECT count(*) FROM gone)
"""
_TOTALS_DIFFER = f"""
    SELECT EXISTS (
        SELECT 1 FROM kinds LEFT JOIN ({_TOTALS}) ON kind = kinds.id
        WHERE total IS NOT ifnull(found, 0)
    )
"""  # noqa: S608  # own names
_SPANS_DIFFER = f"""
    SELECT EXISTS (
        SELECT 1 FROM ({_SPANS}) LEFT JOIN spans ON spans.id = span
        WHERE (first >= earliest AND last <= latest) IS NOT TRUE
    )
"""  # noqa: S608  # own names
_WRONG_OF_ALL = (
    ("facts", _FACTS_DIFFER),
    ("rolled", "SELECT :upto > ifnull(max(id), 0) FROM records"),
    ("gone", "SELECT EXISTS (SELECT 1 FROM gone WHERE id IN (SELECT id FROM records))"),
    ("gone", "SELECT EXISTS (SELECT 1 FROM gone WHERE id NOT IN (SELECT id FROM facts))"),
    ("kinds", _TOTALS_DIFFER),
    ("kinds", "SELECT (SELECT count(*) FROM facts) <> (SELECT total(total) FROM kinds)"),
    ("spans", _SPANS_DIFFER),
)
"""The tables, and what is true where they are not what the others say."""


class Sums:
    """Compares what is added up with the records, while and after a walk along these.

    Attributes:
        wrong: The table in which something else was found; ``None`` while nothing was.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._are_there = _has_sums(connection)
        self._is_added_up = False
        self.wrong: str | None = None

    def pass_by(self, after: int, rows: list[Any]) -> None:
        """Look at the facts of some records, in the transaction that read these."""
        if self.wrong or not self._are_there or not rows:
            return
        with self._nonsense_in("rolled"):
            self._pass_by(after, rows)

    def _pass_by(self, after: int, rows: list[Any]) -> None:
        found = self._connection.execute("SELECT upto, letters FROM rolled WHERE NOT stale")
        state = found.fetchone()
        if state is None:
            return
        upto, letters = state
        last = min(rows[-1][0], upto)
        if self._connection.execute(_DIFFERENT, (after, last)).fetchone():
            self.wrong = "facts"
        used = {str(row[_OPERATION_ID]).lower() for row in rows if row[0] <= last}
        if not set("".join(used)) <= set(letters):
            self.wrong = "rolled"

    def compare_all(self, go_on: Callable[[], None]) -> None:
        """Look at all sums, once every record was found good.

        Args:
            go_on: Called now and then; may raise to end it.

        Raises:
            sqlite3.Error: The file cannot be read.
        """
        if self.wrong or not self._are_there:
            return
        with self._nonsense_in("cells"):
            with transaction(self._connection, "DEFERRED"):  # in which nobody commits
                self.wrong = self._compare_tables()
                found = read_snapshot(self._connection) if self._is_added_up else None
            if found and not self.wrong and not found.is_right(go_on):
                self.wrong = "cells"

    @contextmanager
    def _nonsense_in(self, table: str) -> Iterator[None]:
        """What nobody can compare was changed."""
        try:
            yield
        except NONSENSE:
            self.wrong = table
        except sqlite3.OperationalError as error:
            if not is_no_text(error):
                raise
            self.wrong = table

    def _compare_tables(self) -> str | None:
        state = self._connection.execute("SELECT upto, stale FROM rolled").fetchall()
        if len(state) != 1:
            return "rolled"
        upto, is_stale = state[0]
        if is_stale:  # before the next question all is added up anew
            return None
        self._is_added_up = True
        for name, question in _WRONG_OF_ALL:
            values = {"upto": upto} if ":upto" in question else {}
            if self._connection.execute(question, values).fetchone()[0]:
                return name
        return None


def _has_sums(connection: sqlite3.Connection) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'rolled'")
    return found.fetchone() is not None
