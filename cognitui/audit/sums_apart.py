"""Compares the sums of a large log in a process of its own, while the records are walked along.

Both take about as long, and neither waits for the disk: in one interpreter they would take turns,
and a console's keys with them.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.reading import reading_file
from cognitui.audit.sums import Sums
from cognitui.logs import get_logger
from cognitui.process import child_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.audit.connection import Connection

MODULE = "cognitui.audit.sums_apart"
LEAST_RECORDS = 100_000
"""Of fewer the sums are compared sooner than a process begins."""
LOOK_S = 0.1


class SumsApart:
    """The comparison from the side of the process that asked for it."""

    def __init__(self, path: str) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", MODULE, path],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # keys of the terminal are not meant for it
            env=child_environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )

    def is_answered(self, sums: Sums, go_on: Callable[[], None]) -> bool:
        """Wait for the answer and tell the sums; false when there is none, and it is still to do.

        Args:
            sums: Told in which table something else was found.
            go_on: Called now and then; may raise to end it.
        """
        while True:
            go_on()
            try:
                told, _ = self._process.communicate(timeout=LOOK_S)
                break
            except subprocess.TimeoutExpired:
                continue
        try:
            wrong = json.loads(told)["wrong"]
        except (ValueError, KeyError, TypeError):
            get_logger().warning("sums_not_compared_apart", outcome=self._process.returncode)
            return False
        sums.wrong = sums.wrong or wrong
        return True

    def end(self) -> None:
        """Let nothing of it be left."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()


@contextmanager
def comparing_apart(connection: Connection, records: int) -> Iterator[SumsApart | None]:
    """Have the sums of a log compared meanwhile; ``None`` where that is not worth it or not to be.

    Args:
        connection: The log.
        records: How many there are.
    """
    apart = _begin(connection) if records >= LEAST_RECORDS else None
    try:
        yield apart
    finally:
        if apart is not None:
            apart.end()


def _begin(connection: Connection) -> SumsApart | None:
    if not isinstance(connection, sqlite3.Connection):
        return None
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    try:
        return SumsApart(path)
    except OSError as error:
        get_logger().warning("sums_not_compared_apart", error_type=type(error).__name__)
        return None


def main() -> None:
    """Compare, and tell what was found; whoever asked does it himself where that fails."""
    with reading_file(Path(sys.argv[1])) as connection:
        sums = Sums(connection)
        sums.compare_all(lambda: None)
    sys.stdout.write(json.dumps({"wrong": sums.wrong}))


if __name__ == "__main__":
    main()
