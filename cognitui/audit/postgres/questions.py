"""Finding records on a server, by its own indexes and its own planner."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.facts import TEXT_WORDS, Condition, has_time, pattern, words_condition, words_of
from cognitui.audit.postgres.text import storable
from cognitui.audit.schema import SELECT, from_row
from cognitui.audit.steps import to_us

if TYPE_CHECKING:
    from cognitui.audit.connection import Connection
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server
    from cognitui.audit.wanted import Wanted

_TEXTS = (*TEXT_WORDS, "detail", "operation_id")
_LIKE = " OR ".join(f"{name} ILIKE ? ESCAPE '\\'" for name in _TEXTS)


def page(connection: Connection, server: Server, wanted: Wanted, limit: int) -> list[AuditRecord]:
    """The newest records that are wanted, newest first.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    found = condition(wanted)
    rows = connection.execute(
        f"{SELECT} WHERE {found.sql} ORDER BY id DESC LIMIT ?", (*found.values, max(limit, 0))
    )
    return [from_row(row, server) for row in rows]


def count(connection: Connection, wanted: Wanted) -> int:
    """How many records are wanted."""
    found = condition(wanted)
    question = f"SELECT count(*) FROM records WHERE {found.sql}"  # noqa: S608  # own names
    return int(connection.execute(question, found.values).fetchone()[0])


def condition(wanted: Wanted) -> Condition:
    """What a filter asks of a record, with values that PostgreSQL takes."""
    found = words_condition(wanted)
    if wanted.before_id is not None:
        found.add("id < ?", wanted.before_id)
    if wanted.operation_id is not None:
        found.add("operation_id = ?", wanted.operation_id)
    if wanted.since is not None:
        found.add("at_us >= ?", to_us(wanted.since))
    if wanted.until is not None:
        found.add("at_us < ?", to_us(wanted.until))
    if wanted.slower_than_ms is not None:
        found.add("latency_ms > ?", wanted.slower_than_ms)
    for word in wanted.words:
        found.add(f"({_LIKE})", *[pattern(word)] * len(_TEXTS))
    for other in wanted.without:
        if not words_of(other) or has_time(other):
            unwanted = condition(other)
            found.add(f"({unwanted.sql}) IS NOT TRUE", *unwanted.values)
    found.values = [storable(one) if isinstance(one, str) else one for one in found.values]
    return found
