"""Adds up what the records say, some thousands at a time, so that questions need not.

An append does none of this: it stays as quick as it is. Whoever asks brings the sums up to date
first, and the log's thread does so in its idle moments. What is added up and how far it goes is
written in one transaction, so that it is right whenever the process dies.
"""

from __future__ import annotations

import sqlite3

from cognitui.audit import cubes
from cognitui.audit.errors import is_no_text
from cognitui.audit.schema import COLUMNS
from cognitui.audit.steps import MONDAY, SECOND_US

AT_A_TIME = 20_000
"""So many records are added up in one go: about a third of a second."""

NONSENSE = (sqlite3.IntegrityError, TypeError, ValueError, LookupError, ArithmeticError)
"""What sums raise that somebody changed."""

SPAN_BITS = 10
WORDS = (
    "tenant", "bot_id", "actor", "action", "webhook_id", "skill_id", "endpoint", "event", "outcome",
    "error_code",
)  # fmt: skip


def behind(connection: sqlite3.Connection) -> int:
    """About how many records are not added up yet."""
    gone = connection.execute("SELECT count(*) FROM gone").fetchone()[0]
    return _newest(connection) - (_upto(connection) or 0) + int(gone)


def catch_up(connection: sqlite3.Connection) -> None:
    """Add up all that is not added up yet. Call it in a transaction that may write."""
    while advance(connection, AT_A_TIME):
        pass


def rebuild(connection: sqlite3.Connection) -> None:
    """Forget all sums and add everything up anew. Call it in a transaction that may write.

    Nobody has to call it after deleting or changing records: the table takes note of that by
    itself, and before the next question what was deleted is taken out of the sums.
    """
    forget(connection)
    catch_up(connection)


def advance(connection: sqlite3.Connection, most: int) -> bool:
    """Add up the next records, at most so many; whether there were any.

    What was deleted is taken out first, so many at a time too.
    """
    upto = _upto(connection)
    if upto is None:
        forget(connection)
        upto = 0
    try:
        return _advance(connection, upto, most)
    except NONSENSE:
        if not upto:
            raise
    except sqlite3.OperationalError as error:
        if not upto or not is_no_text(error):
            raise
    forget(connection)  # somebody changed them: what they were is in the records
    return _advance(connection, 0, most)


def _upto(connection: sqlite3.Connection) -> int | None:
    """Up to which record all is added up; ``None`` when all has to be added up anew."""
    state = connection.execute("SELECT upto, stale FROM rolled").fetchall()
    if len(state) != 1 or state[0][1] or type(state[0][0]) is not int:
        return None
    return int(state[0][0])


def _advance(connection: sqlite3.Connection, upto: int, most: int) -> bool:
    if _take_out(connection, most):
        return True
    newest = _newest(connection)
    if newest <= upto:
        return False
    # Ids have gaps where records were deleted.
    row = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM records WHERE id > ? ORDER BY id LIMIT ?)",
        (upto, most),
    ).fetchone()
    span = (upto, int(row[0]))
    _add_facts(connection, span)
    for key, cell in cubes.cells_of(connection, "id > ? AND id <= ?", span):
        cubes.add(connection, key, cell)
    _add_letters(connection, span)
    connection.execute("UPDATE rolled SET upto = ?", (span[1],))
    return True


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT max(id) FROM records").fetchone()[0] or 0)


def forget(connection: sqlite3.Connection) -> None:
    """Forget all sums, so that everything is added up anew before the next question."""
    for table in ("facts", "cells", "cuts", "kinds", "notes", "spans", "gone"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608  # own table names
    connection.execute("DELETE FROM rolled")
    connection.execute("INSERT INTO rolled VALUES (0, 0, '')")


_WORDS_OF_RECORD = ", ".join(name if name in COLUMNS else f"'' AS {name}" for name in WORDS)
_SAME_WORDS = " AND ".join(
    f"kinds.{name} = records.{name}" if name in COLUMNS else f"kinds.{name} = ''" for name in WORDS
)
_MONDAY_S = int(MONDAY.timestamp())
ATTEMPTS = (
    "CASE WHEN json_valid(records.attempts) THEN json_array_length(records.attempts) ELSE 0 END"
)
"""How many attempts a record tells of. What was tampered with must not end all questions."""


def at_us(column: str) -> str:
    """The microseconds since Monday of a moment in a column; 0 where it is none."""
    return (
        f"ifnull((CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) - {_MONDAY_S})"
        f" * {SECOND_US} + CAST(substr({column}, 21, 6) AS INTEGER), 0)"
    )


def _add_facts(connection: sqlite3.Connection, span: tuple[int, int]) -> None:
    inside = "id > ? AND id <= ?"
    connection.execute(
        f"INSERT OR IGNORE INTO kinds ({', '.join(WORDS)}) "  # noqa: S608  # own names
        f"SELECT DISTINCT {_WORDS_OF_RECORD} FROM records WHERE {inside}",
        span,
    )
    connection.execute(
        f"INSERT OR IGNORE INTO notes (text) SELECT DISTINCT detail FROM records "  # noqa: S608
        f"WHERE {inside} AND detail <> ''",
        span,
    )
    connection.execute(
        "INSERT INTO facts SELECT records.id, kinds.id, "  # noqa: S608  # own names
        f"{at_us('at')}, latency_ms, {ATTEMPTS}, notes.id, operation_id "
        f"FROM records JOIN kinds ON {_SAME_WORDS} LEFT JOIN notes ON notes.text = detail "
        "WHERE records.id > ? AND records.id <= ? ORDER BY records.id",
        span,
    )
    connection.execute(
        "INSERT INTO spans "  # noqa: S608  # a number
        f"SELECT id >> {SPAN_BITS} AS span, min(at), max(at) FROM facts "
        f"WHERE {inside} GROUP BY span "
        "ON CONFLICT (id) DO UPDATE SET "
        "earliest = min(earliest, excluded.earliest), latest = max(latest, excluded.latest)",
        span,
    )
    connection.execute(
        "UPDATE kinds SET total = total + more FROM "  # noqa: S608
        f"(SELECT kind, count(*) AS more FROM facts WHERE {inside} GROUP BY kind) "
        "WHERE kind = kinds.id",
        span,
    )


def _add_letters(connection: sqlite3.Connection, span: tuple[int, int]) -> None:
    letters = set(connection.execute("SELECT letters FROM rolled").fetchone()[0])
    for (operation_id,) in connection.execute(
        # As bytes: a text may be none.
        "SELECT CAST(operation_id AS BLOB) FROM facts WHERE id > ? AND id <= ?",
        span,
    ):
        letters.update(operation_id.decode("utf-8", "replace").lower())
    connection.execute("UPDATE rolled SET letters = ?", ("".join(sorted(letters)),))


def _take_out(connection: sqlite3.Connection, most: int) -> bool:
    """Take records that were deleted out of the sums; whether there were any."""
    last = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM gone ORDER BY id LIMIT ?)", (most,)
    ).fetchone()[0]
    if last is None:
        return False
    inside = "id IN (SELECT id FROM gone WHERE id <= ?)"
    for key, cell in cubes.cells_of(connection, inside, (last,)):
        cubes.subtract(connection, key, cell)
    connection.execute(
        "UPDATE kinds SET total = total - less FROM "  # noqa: S608  # the line above
        f"(SELECT kind, count(*) AS less FROM facts WHERE {inside} GROUP BY kind) "
        "WHERE kind = kinds.id",
        (last,),
    )
    connection.execute(f"DELETE FROM facts WHERE {inside}", (last,))  # noqa: S608
    connection.execute("DELETE FROM gone WHERE id <= ?", (last,))
    return True
