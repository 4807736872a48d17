"""Opening the audit log's file: permissions, journal mode, durability, schema."""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING

from cognitui.audit.errors import AuditLocked, not_writable
from cognitui.audit.schema import migrate

if TYPE_CHECKING:
    from pathlib import Path

BUSY_TIMEOUT_S = 5.0
"""How long one console waits for another that is writing."""

_WAL_RESET_FIXED = (3, 51, 3)
_WAL_RESET_BACKPORTS = {(3, 44): 6, (3, 50): 7}
_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700


def journal_mode(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str:
    """The journal mode that is safe with this SQLite: ``wal`` or ``truncate``.

    Write-ahead logging of SQLite before 3.51.3 can corrupt a file that two connections write, and
    two consoles may share one log. The rollback journal has no such fault and is fast enough: a
    commit takes about a millisecond.
    """
    backport = _WAL_RESET_BACKPORTS.get((version[0], version[1]))
    has_fix = version >= _WAL_RESET_FIXED or (backport is not None and version[2] >= backport)
    return "wal" if has_fix else "truncate"


def connect(path: Path) -> sqlite3.Connection:
    """Open the file, create it when it is missing, and bring its schema up to date.

    Raises:
        AuditError: It is locked, damaged, too new, or may not be written.
        sqlite3.Error: SQLite failed.
    """
    _create_private(path)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=True
    )
    try:
        _configure(connection, path)
        migrate(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection, path: Path) -> None:
    wanted = journal_mode()
    connection.execute("PRAGMA synchronous = FULL")
    actual = connection.execute(f"PRAGMA journal_mode = {wanted}").fetchone()[0]
    if wanted == "truncate" and actual == "wal":
        raise AuditLocked(
            f"The audit log {path} is open in a program whose SQLite cannot share it with ours.",
            hint="Close that program and try again.",
        )


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone.

    An existing file is not opened for that: closing any descriptor of it would drop the locks
    which this process holds on it through SQLite.
    """
    try:
        path.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
        except FileExistsError:
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~_PRIVATE:
                path.chmod(stat.S_IMODE(mode) & _PRIVATE)
    except OSError:
        raise not_writable(path) from None
