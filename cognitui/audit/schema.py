"""The tables of the audit log, numbered migrations, and the way from a record to a row and back.

To change the schema, append to `MIGRATIONS`; what is there is on people's disks and stays.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cognitui.audit import archive_end
from cognitui.audit.connection import APPLICATION_ID, has_table
from cognitui.audit.errors import AuditTooNew, damaged, senseless
from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.audit.rollup_tables import ROLL_UP_TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.server import Server

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """
        CREATE TABLE records (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            at TEXT NOT NULL,
            monotonic REAL NOT NULL,
            operation_id TEXT NOT NULL,
            tenant TEXT NOT NULL,
            bot_id TEXT NOT NULL,
            action TEXT NOT NULL,
            webhook_id TEXT NOT NULL,
            skill_id TEXT NOT NULL,
            endpoint TEXT NOT NULL,
            event TEXT NOT NULL,
            outcome TEXT NOT NULL,
            latency_ms REAL,
            attempts TEXT NOT NULL,
            error_code TEXT NOT NULL,
            detail TEXT NOT NULL,
            before TEXT,
            after TEXT
        )
        """,
    ),
    ("CREATE INDEX records_by_action ON records (action, tenant, id)",),
    ("CREATE INDEX records_by_webhook ON records (webhook_id, id)",),
    ("ALTER TABLE records ADD COLUMN actor TEXT NOT NULL DEFAULT ''",),
    (
        "ALTER TABLE records ADD COLUMN mac BLOB",
        """
        CREATE TABLE chain (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            log TEXT NOT NULL,
            unchained_until INTEGER NOT NULL,
            archived_until INTEGER NOT NULL,
            previous TEXT NOT NULL,
            mac TEXT NOT NULL
        )
        """,
    ),
    ROLL_UP_TABLES,
)
"""What brings a file from version n to version n+1; version 0 is an empty file."""

COLUMNS = (
    "id", "at", "monotonic", "operation_id", "tenant", "bot_id", "action", "webhook_id",
    "skill_id", "endpoint", "event", "outcome", "latency_ms", "attempts", "error_code", "detail",
    "before", "after", "actor",
)  # fmt: skip
"""A record's columns. All of them are under its MAC, in this order; see `canonical`."""

SELECT = f"SELECT {', '.join(COLUMNS)} FROM records"  # noqa: S608  # names from above
SELECT_SEALED = f"SELECT {', '.join(COLUMNS)}, mac FROM records"  # noqa: S608  # names from above
INSERT = (
    f"INSERT INTO records ({', '.join(COLUMNS)}, mac) "  # noqa: S608  # names from above
    f"VALUES ({', '.join('?' * len(COLUMNS))}, ?)"
)


_OF_SQLITE = {("table", f"sqlite_{name}") for name in ("sequence", "stat1", "stat4")}
"""What SQLite itself adds, which changes no answer."""

Row = tuple[str | float | None, ...]


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the file up to this program's schema, each step in a transaction of its own.

    Raises:
        AuditTooNew: A newer program wrote it.
        AuditDamaged: It is another program's database.
        sqlite3.Error: SQLite failed; the file is at the version of the last whole step.
    """
    while _version(connection, path) < len(MIGRATIONS):
        # Another process may be migrating too: the lock comes first, then the version counts.
        connection.execute("BEGIN IMMEDIATE")
        try:
            version = _version(connection, path)
            if version < len(MIGRATIONS):
                for statement in MIGRATIONS[version]:
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection, path: Path) -> int:
    version = _pragma(connection, "user_version")
    application = _pragma(connection, "application_id")
    if application != APPLICATION_ID:
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables or version or application:
            raise damaged(path, "it is a database of another program")
    require_known(connection, path)
    return version


def require_known(connection: sqlite3.Connection, path: Path) -> None:
    """Make sure that no newer program wrote the file, whose tables are not known here.

    Raises:
        AuditTooNew: One did.
    """
    version = _pragma(connection, "user_version")
    if version > len(MIGRATIONS):
        raise AuditTooNew(
            f"The audit log {path} was written by a newer cognitui (schema {version}; "
            f"this one knows {len(MIGRATIONS)}).",
            hint="Install that version, or set COGNITUI_HOME to start another log.",
        )


def changed_objects(connection: sqlite3.Connection, *, is_archive: bool = False) -> list[str]:
    """What the file declares and should not, or does not and should: tables, indexes, triggers.

    A view in the place of the table, or a trigger, could show other records than there are, and
    keep some from being stored. So each must have the very words that this program gave it.
    """
    version = _pragma(connection, "user_version")
    wrong = []
    if version and _pragma(connection, "application_id") != APPLICATION_ID:
        wrong.append("application_id")
    if version > len(MIGRATIONS):
        wrong.append("user_version")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        for step in MIGRATIONS[: max(0, version)]:
            for statement in step:
                fresh.execute(statement)
        if is_archive:
            fresh.execute(archive_end.CREATE)
        wanted = _objects(fresh)
    return wrong + sorted({f"{kind} {name}" for kind, name, *_ in wanted ^ _objects(connection)})


def has_records(connection: Connection) -> bool:
    """Whether there is any record, or anything in the place of the table."""
    if not has_table(connection, "records"):
        return isinstance(connection, sqlite3.Connection) and bool(_objects(connection))
    return connection.execute("SELECT 1 FROM records LIMIT 1").fetchone() is not None


def has_macs(connection: Connection) -> bool:
    """Whether any record was sealed, whatever has become of the start of its chain."""
    if not has_table(connection, "records"):
        return False
    if not isinstance(connection, sqlite3.Connection):
        found = connection.execute("SELECT 1 FROM records WHERE mac IS NOT NULL LIMIT 1")
        return found.fetchone() is not None
    columns = {row[1] for row in connection.execute("PRAGMA table_info(records)")}
    if "mac" not in columns:
        return False
    found = connection.execute("SELECT 1 FROM records WHERE mac IS NOT NULL LIMIT 1")
    return found.fetchone() is not None


def _objects(connection: sqlite3.Connection) -> set[tuple[str, str, str, str]]:
    """Each object's type, name, table and words, however these are spaced."""
    declared = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return {
        (kind, name, table, " ".join((sql or "").split()))
        for kind, name, table, sql in declared
        if (kind, name) not in _OF_SQLITE
    }


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])


def moment(at: datetime) -> str:
    """A moment as it is stored: UTC and of one width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def to_row(record: AuditRecord) -> Row:
    """The values of `COLUMNS` but the number, in their order, each as SQLite gives it back."""
    return (
        moment(record.at),
        _real(record.monotonic),
        *(
            _text(value)
            for value in (
                record.operation_id,
                record.tenant,
                record.bot_id,
                record.action,
                record.webhook_id,
                record.skill_id,
                record.endpoint,
                record.event,
                record.outcome,
            )
        ),
        None if record.latency_ms is None else _real(record.latency_ms),
        json.dumps([asdict(attempt) for attempt in record.attempts]),
        _text(record.error_code),
        _text(record.detail),
        None if record.before is None else json.dumps(record.before, sort_keys=True),
        None if record.after is None else json.dumps(record.after, sort_keys=True),
        _text(record.actor),
    )


def from_row(row: Sequence[Any], path: Path | Server) -> AuditRecord:
    """A record from a row of `SELECT`.

    Raises:
        AuditDamaged: The row holds something that no version of this program writes.
    """
    values: dict[str, Any] = dict(zip(COLUMNS, row, strict=True))
    try:
        return AuditRecord(
            **values
            | {
                "at": datetime.fromisoformat(values["at"]),
                "action": Action(values["action"]),
                "outcome": Outcome(values["outcome"]),
                "attempts": tuple(AttemptEvidence(**a) for a in json.loads(values["attempts"])),
                "before": _decoded(values["before"]),
                "after": _decoded(values["after"]),
            }
        )
    except (ValueError, TypeError, RecursionError):
        pass
    raise senseless(path, f"record {values['id']}")


def _decoded(text: str | None) -> dict[str, Any] | None:
    return None if text is None else json.loads(text)


def _real(value: float) -> float:
    # SQLite keeps no negative zero, and gives every number of such a column back as a float.
    return float(value) + 0.0


def _text(value: str) -> str:
    # Half a surrogate pair, which JSON from a tenant may carry, is not text to SQLite.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
