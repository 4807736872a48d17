"""Reading a log on a connection of its own."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.database import BUSY_TIMEOUT_S, reader
from cognitui.audit.errors import from_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.audit.connection import Connection
    from cognitui.audit.server import Server


@contextmanager
def reading(name: Path | Server) -> Iterator[Connection]:
    """A log that is only read, beside those who write it.

    Raises:
        AuditError: It could not be opened, or could not be read any further.
    """
    if isinstance(name, Path):
        with reading_file(name) as file:
            yield file
        return
    from cognitui.audit.postgres.connection import ServerConnection

    with closing(ServerConnection.open(name, BUSY_TIMEOUT_S)) as connection:
        yield connection


@contextmanager
def reading_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A log or an archive in a file, likewise."""
    try:
        with closing(reader(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise from_sqlite(error, path) from None
