"""What is asked of a log after a walk along its chain found every record good."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cognitui.audit.start import read_start
from cognitui.audit.tail import mac_at
from cognitui.audit.threads import Stopped
from cognitui.audit.transaction import transaction
from cognitui.audit.verdict import Damage, DamageKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.audit.connection import Connection
    from cognitui.audit.head import Head
    from cognitui.audit.sums import Sums
    from cognitui.audit.sums_apart import SumsApart
    from cognitui.audit.walk import Walk

_STEPS = 200_000
"""Of SQLite's machine, between two looks at whether the verdict is still wanted: some 10 ms."""


def of_pages(connection: Connection, go_on: Callable[[], None]) -> Damage | None:
    """Whether that is good by which records are found."""
    if not isinstance(connection, sqlite3.Connection):
        return _of_server(connection)
    with _stoppable(connection, go_on):
        found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found == "ok":
        return None
    return Damage(DamageKind.TORN, None, f"The records are good, the file is not: {found}.")


def _of_server(connection: Connection) -> Damage | None:
    from cognitui.audit.postgres.schema import has_false_sums

    if not has_false_sums(connection):
        return None
    sentence = "The records are good; what the server worked out of them is not."
    return Damage(DamageKind.TORN, None, sentence)


def of_written(connection: Connection, walk: Walk, written: Head) -> tuple[Damage | None, str]:
    """Whether a whole log has the record of a head that was written down, or why not to tell."""
    last = written.last
    if written.log != walk.head.log:
        sentence = "This is not the log that the head was written down of."
        return Damage(DamageKind.SWAPPED, None, sentence), ""
    if last > walk.head.last:
        sentence = (
            f"Record {last} was there when its head was written down, and is missing: the end was "
            "cut off, or older copies were put back."
        )
        return Damage(DamageKind.TAIL_CUT, walk.head.last + 1, sentence), ""
    with transaction(connection, "DEFERRED"):
        found = read_start(connection)
        start = walk.start if found is None else found[0]
        mac = mac_at(connection, start, last)
    if not mac and last < start.archived_until:
        return None, f"Record {last} was moved into an archive: verify that with this head."
    if mac == written.mac:
        return None, ""
    sentence = f"Record {last} is not the one whose head was written down: it was written anew."
    return Damage(DamageKind.REWRITTEN, last, sentence), ""


def of_sums(
    connection: sqlite3.Connection,
    sums: Sums,
    go_on: Callable[[], None],
    apart: SumsApart | None,
) -> Damage | None:
    """Whether what is added up is what the records say.

    Args:
        connection: The log.
        sums: What was found of them by now.
        go_on: Called now and then; may raise to end it.
        apart: Compares them in a process of its own; ``None`` where none does.
    """
    if apart is None or not apart.is_answered(sums, go_on):
        with _stoppable(connection, go_on):
            sums.compare_all(go_on)
    if sums.wrong is None:
        return None
    return Damage(
        DamageKind.SUMS_WRONG,
        None,
        "What is added up beside the records is not what they say, so that filters and numbers may "
        f"be wrong (table {sums.wrong}). `cognitui audit verify --rebuild` adds it up anew.",
    )


@contextmanager
def _stoppable(connection: sqlite3.Connection, go_on: Callable[[], None]) -> Iterator[None]:
    """Let ``go_on`` end a long statement by raising `Stopped`."""

    def is_enough() -> bool:
        try:
            go_on()
        except Stopped:
            return True
        return False

    connection.set_progress_handler(is_enough, _STEPS)
    try:
        yield
    except sqlite3.OperationalError:
        go_on()  # raises `Stopped` when that is the reason
        raise
    finally:
        connection.set_progress_handler(None, 0)
