"""Opening the audit log's file: permissions, journal mode, durability, schema, chain."""

from __future__ import annotations

import os
import sqlite3
import stat
from typing import TYPE_CHECKING

from cognitui.audit.chain import Chain
from cognitui.audit.errors import AuditLocked, broken, not_readable, not_writable
from cognitui.audit.head import is_unused
from cognitui.audit.private import PRIVATE, PRIVATE_DIRECTORY
from cognitui.audit.schema import migrate
from cognitui.audit.seal import load

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.seal import Places

BUSY_TIMEOUT_S = 5.0
"""How long one console waits for another that is writing."""

_WAL_RESET_FIXED = (3, 51, 3)
_WAL_RESET_BACKPORTS = {(3, 44): 6, (3, 50): 7}


def journal_mode(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> str:
    """The journal mode that is safe with this SQLite: ``wal`` or ``truncate``.

    Write-ahead logging of SQLite before 3.51.3 can corrupt a file that two connections write, and
    two consoles may share one log. The rollback journal has no such fault and is fast enough: a
    commit takes about a millisecond.
    """
    backport = _WAL_RESET_BACKPORTS.get((version[0], version[1]))
    has_fix = version >= _WAL_RESET_FIXED or (backport is not None and version[2] >= backport)
    return "wal" if has_fix else "truncate"


def connect(places: Places) -> tuple[sqlite3.Connection, Chain]:
    """Open the log, create it when there is none, and bring its schema up to date.

    Raises:
        AuditError: It is locked, damaged, too new, may not be written, or is not there though its
            head says that it has records.
        sqlite3.Error: SQLite failed.
    """
    path = places.log
    _refuse_to_replace(places)
    _create_private(path)
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=True
    )
    try:
        _configure(connection, path)
        migrate(connection, path)
        return connection, Chain.open(connection, places, BUSY_TIMEOUT_S)
    except BaseException:
        connection.close()
        raise


def reader(path: Path) -> sqlite3.Connection:
    """A connection that only reads, beside the one that writes.

    It finishes what a crash left half done, as every connection does. It must not stay in a
    transaction: without write-ahead logging a commit waits for it.

    Raises:
        sqlite3.Error: There is no such file, or SQLite failed.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
    )
    try:
        connection.execute("PRAGMA query_only = 1")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_to_replace(places: Places) -> None:
    """Make sure that a new log does not take the place of one that was lost."""
    if places.log.exists() and (not places.log.is_file() or places.log.stat().st_size):
        return
    if not any(one.exists() for one in places.seal):
        return
    try:
        if not places.key.exists() and is_unused(places.head):
            return  # the program was killed while it made them
        head = load(places, BUSY_TIMEOUT_S).head.read().head
    except TimeoutError:
        raise AuditLocked(
            f"The head of the audit log, {places.head}, is in use by another program.",
            hint="Close the program that holds it, or wait, and try again.",
        ) from None
    except OSError:
        raise not_readable(places.head) from None
    if head is None or head.last:
        count = "its records" if head is None else f"records up to number {head.last}"
        raise broken(places.log, f"the file is missing or empty, and {count} with it", places.seal)


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
        path.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
        except FileExistsError:
            mode = path.stat().st_mode
            if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~PRIVATE:
                path.chmod(stat.S_IMODE(mode) & PRIVATE)
    except OSError:
        raise not_writable(path) from None
