"""Opening the file of checks: private, shared with other programs, moved aside when damaged."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cognitui.audit.database import journal_mode
from cognitui.webhooks.health.errors import not_usable
from cognitui.webhooks.health.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

BUSY_TIMEOUT_S = 5.0
"""How long one program waits for another that is writing."""
_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700
_MEMORY = ":memory:"
_COMPANIONS = ("", "-wal", "-shm", "-journal")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class HealthDatabase:
    """A connection to the file; to be used by one thread.

    Args:
        path: Where it is; ``None`` to keep checks in memory alone.

    Attributes:
        set_aside: Where a damaged file was moved to; ``None`` when none was.

    Raises:
        HealthLogError: It cannot be opened.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.set_aside: Path | None = None
        self._inode = 0
        self._connection: sqlite3.Connection | None = None
        self.mended(lambda: None)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        """The answer to a question, inside `mended`."""
        return self._open().execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write inside the block, all or nothing, inside `mended`."""
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # after a damage there may be none to roll back
                connection.execute("ROLLBACK")
            raise

    def mended(self, work: Callable[[], T]) -> T:
        """Do something; where the file turns out to be damaged, do it with a new one.

        Raises:
            HealthLogError: It cannot be done.
        """
        try:
            try:
                self._open()
                return work()
            except sqlite3.DatabaseError as error:
                if not self._is_damage(error):
                    raise
                self._move_aside()
                self._open()
                return work()
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise not_usable(self._path or Path(_MEMORY), reason) from None

    def _is_damage(self, error: sqlite3.DatabaseError) -> bool:
        code = getattr(error, "sqlite_errorcode", None)
        # A table that is missing, or another program's, is as good as damage.
        is_foreign = isinstance(error, sqlite3.OperationalError) and "no such" in str(error)
        return self._path is not None and (is_foreign or (code or 0) & 0xFF in _DAMAGED)

    def _move_aside(self) -> None:
        """Keep what is there under another name, unless another console has done so already."""
        self.close()
        path = self._path
        assert path is not None
        if self._was_replaced():
            return
        aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
        for companion in _COMPANIONS:
            with suppress(FileNotFoundError):
                path.with_name(path.name + companion).rename(
                    aside.with_name(aside.name + companion)
                )
        self.set_aside = aside

    def _was_replaced(self) -> bool:
        """Whether another file has the name of ours by now, or none.

        Ours must not be written any more: SQLite would take its journal for the other one's.
        """
        if self._path is None:
            return False
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return True

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and not self._was_replaced():
            return self._connection
        self.close()
        if self._path is not None:
            _create_private(self._path)
            self._inode = self._path.stat().st_ino
        connection = sqlite3.connect(
            self._path or _MEMORY, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_mode = {journal_mode()}").fetchone()
            migrate(connection, self._path or Path(_MEMORY))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone.

    An existing one is not opened for that: closing it would drop SQLite's locks on it.
    """
    path.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
    except FileExistsError:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~_PRIVATE:
            path.chmod(stat.S_IMODE(mode) & _PRIVATE)
