"""Finding records by their facts, which are a fraction of the records' size.

Everything here needs what is added up to be up to date: call `rollups.catch_up` first, in the same
transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.audit.rollups import SPAN_BITS, WORDS
from cognitui.audit.steps import to_us

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

    from cognitui.audit.wanted import Wanted

Value = str | int | float
_RARE = 100_000
"""Up to so many are fetched by index; of more the newest are met soon enough on the way back."""
_ASKED = tuple(name for name in WORDS if name != "endpoint")
_MANY = 250_000
"""Of a word that is in more records, each record is looked at instead."""
TEXT_WORDS = ("webhook_id", "skill_id", "endpoint", "event", "error_code")
_LIKE = "LIKE ? ESCAPE '\\'"
_IN_WORDS = " OR ".join(f"{name} {_LIKE}" for name in TEXT_WORDS)


@dataclass(slots=True)
class Condition:
    """A part of an SQL condition; true for everything at first."""

    parts: list[str] = field(default_factory=list)
    values: list[Value] = field(default_factory=list)

    def add(self, part: str, *values: Value) -> None:
        """Ask for this too."""
        self.parts.append(part)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        """For ``WHERE``."""
        return " AND ".join(self.parts) or "TRUE"

    def __bool__(self) -> bool:
        return bool(self.parts)


def words_condition(wanted: Wanted, known: frozenset[str] = frozenset(WORDS)) -> Condition:
    """What is asked of the words of a kind or a cut.

    Args:
        wanted: The filter.
        known: The words that there are.
    """
    condition = Condition()
    for name in _ASKED:
        value = getattr(wanted, name)
        if value is not None and name in known:
            condition.add(f"{name} = ?", str(value))
    if wanted.actions and "action" in known:
        marks = ", ".join("?" * len(wanted.actions))
        condition.add(f"action IN ({marks})", *map(str, wanted.actions))
    for other in wanted.without:
        if words_of(other) and not has_time(other):
            part = words_condition(other, known)
            condition.add(f"NOT ({part.sql})", *part.values)
    return condition


def words_of(wanted: Wanted) -> frozenset[str] | None:
    """Which words a filter is about; ``None`` when it asks for more than words and a time."""
    if wanted.text or wanted.operation_id is not None or wanted.before_id is not None:
        return None
    if wanted.slower_than_ms is not None:
        return None
    found = {name for name in _ASKED if getattr(wanted, name) is not None}
    if wanted.actions:
        found.add("action")
    for other in wanted.without:
        more = words_of(other)
        if more is None or not more or has_time(other):
            return None
        found |= more
    return frozenset(found)


def has_time(wanted: Wanted) -> bool:
    """Whether a filter says when."""
    return wanted.since is not None or wanted.until is not None


@dataclass(frozen=True, slots=True)
class Search:
    """Which facts are wanted, and how to come by them.

    Attributes:
        kinds: What is asked of their words.
        rest: What is asked of the facts themselves.
        most: There are not more of them than this.
    """

    kinds: Condition
    rest: Condition
    most: int

    def where(self, *, is_scan: bool) -> tuple[str, list[Value]]:
        """The condition on ``facts``; a scan goes through the table, else the index is used."""
        if not self.kinds:
            return self.rest.sql, self.rest.values
        column = "+kind" if is_scan else "kind"
        part = f"{column} IN (SELECT id FROM kinds WHERE {self.kinds.sql}) AND {self.rest.sql}"  # noqa: S608
        return part, [*self.kinds.values, *self.rest.values]


def search(connection: sqlite3.Connection, wanted: Wanted) -> Search:
    """Find out how to come by what is wanted."""
    kinds, rest = words_condition(wanted), _rest(connection, wanted)
    _ask_kinds(connection, kinds, wanted)
    total = connection.execute(
        f"SELECT total(total) FROM kinds WHERE {kinds.sql}",  # noqa: S608  # own names
        kinds.values,
    ).fetchone()[0]
    most = int(total)
    if has_time(wanted):
        first, last = _ids_between(connection, wanted.since, wanted.until)
        rest.add("id >= ? AND id <= ?", first, last)
        most = min(most, last - first + 1)
    return Search(kinds, rest, most)


def count(connection: sqlite3.Connection, found: Search) -> int:
    """How many there are."""
    if not found.rest:
        return found.most
    where, values = found.where(is_scan=found.most > _RARE)
    row = connection.execute(f"SELECT count(*) FROM facts WHERE {where}", values).fetchone()  # noqa: S608
    return int(row[0])


def newest_ids(connection: sqlite3.Connection, found: Search, limit: int) -> list[int]:
    """The ids of the newest, newest first."""
    where, values = found.where(is_scan=found.most > _RARE)
    question = f"SELECT id FROM facts WHERE {where} ORDER BY id DESC LIMIT ?"  # noqa: S608
    return [int(row[0]) for row in connection.execute(question, [*values, limit])]


Row = tuple[int, int, int, float | None, int]
"""Id, kind, microseconds since Monday, milliseconds that it took, attempts."""


def rows(connection: sqlite3.Connection, found: Search, most: int | None = None) -> list[Row]:
    """What is wanted, in any order; with a limit the newest of it."""
    where, values = found.where(is_scan=found.most > _RARE)
    question = f"SELECT id, kind, at, latency_ms, attempts FROM facts WHERE {where}"  # noqa: S608
    if most is not None and found.most > most:
        question = f"{question} ORDER BY id DESC LIMIT {most:d}"
    return connection.execute(question, values).fetchall()


def _ids_between(
    connection: sqlite3.Connection, since: datetime | None, until: datetime | None
) -> tuple[int, int]:
    """Between which ids, inclusive, everything of that time lies, and some more.

    A clock that was set back makes this wider, never wrong.
    """
    condition = Condition()
    if since is not None:
        condition.add("latest >= ?", to_us(since))
    if until is not None:
        condition.add("earliest < ?", to_us(until))
    first, last = connection.execute(
        f"SELECT min(id), max(id) FROM spans WHERE {condition.sql}",  # noqa: S608  # own names
        condition.values,
    ).fetchone()
    if first is None:
        return 1, 0
    return first << SPAN_BITS, ((last + 1) << SPAN_BITS) - 1


def _rest(connection: sqlite3.Connection, wanted: Wanted) -> Condition:
    condition = Condition()
    if wanted.before_id is not None:
        condition.add("id < ?", wanted.before_id)
    if wanted.operation_id is not None:
        condition.add("operation_id = ?", wanted.operation_id)
    if wanted.since is not None:
        condition.add("at >= ?", to_us(wanted.since))
    if wanted.until is not None:
        condition.add("at < ?", to_us(wanted.until))
    if wanted.slower_than_ms is not None:
        condition.add("latency_ms > ?", wanted.slower_than_ms)
    for word in wanted.words:
        if not _is_of_kinds(connection, word):
            _add_word(connection, condition, word)
    for other in wanted.without:
        _leave_out(connection, condition, other)
    return condition


def _leave_out(connection: sqlite3.Connection, condition: Condition, other: Wanted) -> None:
    """Ask for the facts that another filter does not want, where the kinds do not tell."""
    if words_of(other) and not has_time(other):
        return
    if other.words and _is_about_kinds(connection, other):
        return
    words, rest = words_condition(other), _rest(connection, other)
    _ask_kinds(connection, words, other)
    part = f"kind IN (SELECT id FROM kinds WHERE {words.sql}) AND " if words else ""  # noqa: S608
    condition.add(f"({part}{rest.sql}) IS NOT TRUE", *words.values, *rest.values)


def _ask_kinds(connection: sqlite3.Connection, kinds: Condition, wanted: Wanted) -> None:
    """Ask the kinds for the words that nothing else can have: they are few beside the facts."""
    for word in wanted.words:
        if _is_of_kinds(connection, word):
            kinds.add(f"({_IN_WORDS})", *[pattern(word)] * len(TEXT_WORDS))
    for other in wanted.without:
        if other.words and _is_about_kinds(connection, other):
            unwanted = words_condition(other)
            _ask_kinds(connection, unwanted, other)
            kinds.add(f"NOT ({unwanted.sql})", *unwanted.values)


def _is_about_kinds(connection: sqlite3.Connection, wanted: Wanted) -> bool:
    """Whether a filter's words are all that it asks for beside the kinds, and theirs alone."""
    more = (wanted.operation_id, wanted.before_id, wanted.slower_than_ms)
    return (
        all(one is None for one in more)
        and not has_time(wanted)
        and all(_is_of_kinds(connection, word) for word in wanted.words)
        and all(_is_about_kinds(connection, other) for other in wanted.without)
    )


def _is_of_kinds(connection: sqlite3.Connection, word: str) -> bool:
    """Whether a word stands in no note and in no operation's id."""
    letters, is_noted = connection.execute(
        f"SELECT letters, EXISTS (SELECT 1 FROM notes WHERE text {_LIKE}) FROM rolled",  # noqa: S608
        [pattern(word)],
    ).fetchone()
    return not is_noted and not set(word.lower()) <= set(letters)


def _add_word(connection: sqlite3.Connection, condition: Condition, word: str) -> None:
    """Ask for a word: in the few records that have it, or in each where they are many."""
    sought = pattern(word)
    letters, total, everything = connection.execute(
        f"SELECT letters, (SELECT total(total) FROM kinds WHERE {_IN_WORDS}), "  # noqa: S608
        "(SELECT total(total) FROM kinds) FROM rolled",
        [sought] * len(TEXT_WORDS),
    ).fetchone()
    if total == everything:
        return
    places = [
        f"kind IN (SELECT id FROM kinds WHERE {_IN_WORDS})",  # noqa: S608
        f"note IN (SELECT id FROM notes WHERE text {_LIKE})",  # noqa: S608
    ]
    if set(word.lower()) <= set(letters):
        places.append(f"operation_id {_LIKE}")
    values = [sought] * (len(TEXT_WORDS) + len(places) - 1)
    if total > _MANY:
        # With a plus SQLite does not look into an index first.
        condition.add(f"(+{' OR +'.join(places)})", *values)
    else:
        found = " UNION ALL ".join(f"SELECT id FROM facts WHERE {place}" for place in places)  # noqa: S608
        condition.add(f"id IN ({found})", *values)


def pattern(text: str) -> str:
    """What ``LIKE`` finds the text with, wherever it stands."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
