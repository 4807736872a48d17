"""What is asked of the audit log's table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.schema import COLUMNS, SELECT, from_row, moment

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.wanted import Wanted

Value = str | int | float

TEXT_COLUMNS = (
    "webhook_id", "skill_id", "endpoint", "event", "detail", "error_code", "operation_id",
)  # fmt: skip
_EXACT = (
    "action", "outcome", "tenant", "bot_id", "webhook_id", "skill_id", "event", "actor",
    "operation_id", "error_code",
)  # fmt: skip


def where(wanted: Wanted) -> tuple[str, list[Value]]:
    """The SQL condition on the table of records, and its parameters."""
    parts = [("1", list[Value]()), *_of_columns(wanted), *_of_words(wanted)]
    for other in wanted.without:
        condition, values = where(other)
        parts.append((f"({condition}) IS NOT TRUE", values))
    return " AND ".join(part for part, _ in parts), [one for _, those in parts for one in those]


def _of_columns(wanted: Wanted) -> Iterator[tuple[str, list[Value]]]:
    if wanted.before_id is not None:
        yield "id < ?", [wanted.before_id]
    for column in _EXACT:
        value = getattr(wanted, column)
        # Older logs do not tell who acted.
        if value is not None and column in COLUMNS:
            yield f"{column} = ?", [str(value)]
    if wanted.actions:
        yield f"action IN ({_marks(wanted.actions)})", [str(action) for action in wanted.actions]
    if wanted.since is not None:
        yield "at >= ?", [moment(wanted.since)]
    if wanted.until is not None:
        yield "at < ?", [moment(wanted.until)]
    if wanted.slower_than_ms is not None:
        yield "latency_ms > ?", [wanted.slower_than_ms]


def _of_words(wanted: Wanted) -> Iterator[tuple[str, list[Value]]]:
    either = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in TEXT_COLUMNS)
    for word in wanted.words:
        yield f"({either})", [pattern(word)] * len(TEXT_COLUMNS)


def page(
    connection: sqlite3.Connection, path: Path, wanted: Wanted, limit: int
) -> list[AuditRecord]:
    """The newest records, newest first.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    condition, values = where(wanted)
    rows = connection.execute(
        f"{SELECT} WHERE {condition} ORDER BY id DESC LIMIT ?", [*values, max(limit, 0)]
    )
    return [from_row(row, path) for row in rows]


def count(connection: sqlite3.Connection, wanted: Wanted) -> int:
    """How many records there are."""
    condition, values = where(wanted)
    question = f"SELECT count(*) FROM records WHERE {condition}"  # noqa: S608  # own column names
    return int(connection.execute(question, values).fetchone()[0])


def get(connection: sqlite3.Connection, path: Path, number: int) -> AuditRecord | None:
    """One record, or ``None`` where there is no such.

    Raises:
        AuditDamaged: The row makes no sense.
    """
    row = connection.execute(f"{SELECT} WHERE id = ?", (number,)).fetchone()
    return None if row is None else from_row(row, path)


def pattern(text: str) -> str:
    """What ``LIKE`` finds the text with, wherever it stands."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _marks(values: tuple[object, ...]) -> str:
    return ", ".join("?" * len(values))
