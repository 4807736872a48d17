"""The tables of the log of checks, and the steps that bring an older file up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.webhooks.health.errors import HealthLogTooNew

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

APPLICATION_ID = 0x636F6768
"""Marks the file as ours (``cogh``)."""

_CHECKS = """
CREATE TABLE webhooks (
  id INTEGER PRIMARY KEY,
  tenant TEXT NOT NULL,
  bot TEXT NOT NULL,
  webhook TEXT NOT NULL,
  is_listed INTEGER NOT NULL DEFAULT 1,
  unhealthy_since TEXT,
  latest INTEGER,
  last_good INTEGER,
  UNIQUE (tenant, bot, webhook)
);
CREATE TABLE checks (
  id INTEGER PRIMARY KEY,
  of INTEGER NOT NULL REFERENCES webhooks (id),
  sweep TEXT NOT NULL,
  at TEXT NOT NULL,
  verdict TEXT NOT NULL,
  outcome TEXT NOT NULL,
  group_key TEXT NOT NULL,
  tls_days_left INTEGER,
  ms REAL NOT NULL,
  whole TEXT NOT NULL
);
CREATE INDEX checks_of ON checks (of, id);
CREATE INDEX checks_in_sweep ON checks (sweep) WHERE sweep <> '';
"""
_SWEEPS = """
CREATE TABLE sweeps (
  id TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  began TEXT NOT NULL,
  ended TEXT
);
"""
STEPS = (_CHECKS, _SWEEPS)
"""What makes each version out of the one before; the first out of nothing."""


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables up to date; two programs that do so at once do it once.

    Raises:
        HealthLogTooNew: A newer cognitui wrote the file.
        sqlite3.Error: SQLite failed.
    """
    if _version(connection) == len(STEPS):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)
        _require_known(version, path)
        for step in STEPS[version:]:
            # executescript would end the transaction.
            for statement in step.split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(STEPS)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _require_known(version: int, path: Path) -> None:
    if version > len(STEPS):
        raise HealthLogTooNew(
            f"The log of checks {path} was written by a newer cognitui.",
            hint="Update this one. Until then its checks are not kept.",
        )
