"""What is asked of the audit log's table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit.schema import SELECT, from_row

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cognitui.audit.records import Action, AuditRecord, Outcome

_TEXT_COLUMNS = (
    "webhook_id", "skill_id", "endpoint", "event", "detail", "error_code", "operation_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """Which records are wanted; ``None`` leaves a criterion out.

    Attributes:
        before_id: Older ones than this, for the next page.
        text: Part of an id, the endpoint, the event, the error code or the detail; upper and lower
            case are the same.
    """

    before_id: int | None = None
    action: Action | None = None
    outcome: Outcome | None = None
    tenant: str | None = None
    bot_id: str | None = None
    text: str | None = None
    webhook_id: str | None = None

    def where(self) -> tuple[str, list[str | int]]:
        """The SQL condition and its parameters."""
        conditions, values = ["1"], list[str | int]()
        if self.before_id is not None:
            conditions.append("id < ?")
            values.append(self.before_id)
        for column in ("action", "outcome", "tenant", "bot_id", "webhook_id"):
            if (wanted := getattr(self, column)) is not None:
                conditions.append(f"{column} = ?")
                values.append(str(wanted))
        if self.text:
            either = " OR ".join(f"{column} LIKE ? ESCAPE '\\'" for column in _TEXT_COLUMNS)
            conditions.append(f"({either})")
            values += [_pattern(self.text)] * len(_TEXT_COLUMNS)
        return " AND ".join(conditions), values


def recent(
    connection: sqlite3.Connection, path: Path, wanted: Filter, limit: int
) -> list[AuditRecord]:
    """The newest records, newest first.

    Raises:
        AuditDamaged: A row makes no sense.
    """
    where, values = wanted.where()
    rows = connection.execute(
        f"{SELECT} WHERE {where} ORDER BY id DESC LIMIT ?", [*values, max(limit, 0)]
    )
    return [from_row(row, path) for row in rows]


def count(connection: sqlite3.Connection, wanted: Filter) -> int:
    """How many records there are."""
    where, values = wanted.where()
    question = f"SELECT count(*) FROM records WHERE {where}"  # noqa: S608  # own column names
    return int(connection.execute(question, values).fetchone()[0])


def get(connection: sqlite3.Connection, path: Path, number: int) -> AuditRecord | None:
    """One record, or ``None`` where there is no such.

    Raises:
        AuditDamaged: The row makes no sense.
    """
    row = connection.execute(f"{SELECT} WHERE id = ?", (number,)).fetchone()
    return None if row is None else from_row(row, path)


def _pattern(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
