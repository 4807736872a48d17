"""Moving old records into a file of their own, which verifies alone and with the log's key.

First they are copied and the copy is verified. Then a record says so, they leave the log, and the
log's start moves behind them. A crash in between leaves some of them in both places.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cognitui.audit.archive_end import CREATE, End, read_end, write_end
from cognitui.audit.database import BUSY_TIMEOUT_S, reader
from cognitui.audit.errors import AuditError, broken, damaged, from_sqlite
from cognitui.audit.private import PRIVATE, sync_directory
from cognitui.audit.schema import INSERT, migrate, moment, to_row
from cognitui.audit.seal import load
from cognitui.audit.start import read_start, write_start
from cognitui.audit.threads import telling
from cognitui.audit.transaction import transaction
from cognitui.audit.verify import check
from cognitui.audit.walk import Beginning, Walk, mac_text
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from cognitui.audit.canonical import Key
    from cognitui.audit.chain import Chain
    from cognitui.audit.connection import Connection
    from cognitui.audit.head import Head
    from cognitui.audit.link import Link
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.seal import Places
    from cognitui.audit.threads import Progress


STEP = 10_000
"""Records that leave the log in one transaction."""


@dataclass(frozen=True, slots=True)
class Old:
    """The oldest records of a log.

    Attributes:
        first: The number of the first.
        last: The number of the last.
        count: How many they are.
        until: When the last was written, as it is stored.
    """

    first: int
    last: int
    count: int
    until: str


@dataclass(frozen=True, slots=True)
class Archive:
    """Records in a file of their own.

    Attributes:
        file: The file.
        old: The records.
        head: The last of them.
        identity: Which file was verified: its device, inode, size, and when it was written.
    """

    file: Path
    old: Old
    head: Head
    identity: tuple[int, ...]


def require_file(places: Places) -> None:
    """See to it that a log is one that records can leave.

    Raises:
        UsageError: Others write into it too, and their heads would not know what was moved.
    """
    if places.server is not None:
        raise UsageError(
            "Records of a shared audit log cannot be archived from here.",
            hint="They stay on the server; `cognitui audit export` copies them.",
        )


def older_than(connection: Connection, before: datetime) -> Old | None:
    """The records up to the first that is not older; ``None`` when there is none.

    Records are moved in the order in which they were written, so that none is left in between.
    """
    stop = connection.execute(
        "SELECT min(id) FROM records WHERE at >= ?", (moment(before),)
    ).fetchone()[0]
    first, last, count = connection.execute(
        "SELECT min(id), max(id), count(*) FROM records WHERE ? IS NULL OR id < ?", (stop, stop)
    ).fetchone()
    if not count:
        return None
    until = connection.execute("SELECT at FROM records WHERE id = ?", (last,)).fetchone()[0]
    return Old(first, last, count, str(until))


def copy(
    places: Places, old: Old, to: Path, progress: Progress, stopped: threading.Event
) -> Archive:
    """Copy records into a new archive and verify it; the log is left as it is.

    Raises:
        Stopped: ``stopped`` was set; there is no archive then.
        UsageError: The file is there already or cannot be made.
        AuditChainBroken: The records are not as they were written.
        AuditError: The log cannot be read.
    """
    key = load(places, BUSY_TIMEOUT_S).key
    # Nobody else has this name: another program that archives to the same place has its own.
    beside = to.with_name(f".{to.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        if to.exists():
            raise UsageError(f"{to} is there already.", hint="Give another name.", field="to")
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW, PRIVATE))
        try:
            head = _fill(places, key, old, beside, telling(progress, stopped, old.count))
            identity = _give_name(beside, to)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{to} cannot be written: {reason}.", field="to") from None
    return Archive(to, old, head, identity)


def take_out(
    connection: Connection,
    chain: Chain,
    archive: Archive,
    record: Callable[[Archive], AuditRecord],
) -> None:
    """Take archived records out of the log, and let a record say so.

    It goes step by step, so that other programs are not kept waiting. The record comes with the
    first step; after each of them the log verifies.

    Raises:
        AuditChainBroken: The log does not hold what the archive holds; nothing was changed.
        AuditError: What was not taken out yet is still there.
        sqlite3.Error: The same.
    """
    with chain.extended(connection):
        pass  # the head goes ahead of what is taken out, even after a crash
    with chain.extended(connection) as link:
        _require_there(connection, chain, archive)
        _require_kept(archive, chain.seal.key)
        link.add(to_row(record(archive)))
        is_done = _step(connection, link, archive.head.last)
    while not is_done:
        with chain.extended(connection) as link:
            _require_kept(archive, chain.seal.key)
            is_done = _step(connection, link, archive.head.last)


def _require_there(connection: Connection, chain: Chain, archive: Archive) -> None:
    first = connection.execute("SELECT min(id) FROM records").fetchone()[0]
    last = connection.execute(
        "SELECT mac FROM records WHERE id = ?", (archive.old.last,)
    ).fetchone()
    if first != archive.old.first or last is None or last[0] != bytes.fromhex(archive.head.mac):
        reason = f"record {archive.old.first} or {archive.old.last} has gone meanwhile"
        raise broken(chain.places.log, reason, chain.places.seal)


def _require_kept(archive: Archive, key: Key) -> None:
    """Nothing leaves the log unless the file that was verified is still there, under its name."""
    try:
        is_same = _identity(archive.file) == archive.identity
        with closing(reader(archive.file)) as connection:
            found = read_end(connection, key)
    except (OSError, sqlite3.Error):
        is_same, found = False, None
    if not is_same or found is None or found.head != archive.head:
        raise AuditError(
            f"The archive {archive.file} is not the file that was just written.",
            hint="What has not left the log is still there. Archive it again, to another name.",
        )


def _step(connection: Connection, link: Link, last: int) -> bool:
    """Take some records out, up to the last at most; whether that one has gone too."""
    rows = connection.execute(
        "SELECT id, mac FROM records WHERE id <= ? ORDER BY id LIMIT ?", (last, STEP)
    ).fetchall()
    found = read_start(connection)
    if not rows or found is None:
        return True
    number, mac = rows[-1]
    connection.execute("DELETE FROM records WHERE id <= ?", (number,))
    link.start_after(replace(found[0], archived_until=number, previous=mac_text(mac)))
    return bool(number == last)


def _fill(places: Places, key: Key, old: Old, temporary: Path, told: Callable[[int], None]) -> Head:
    try:
        with closing(sqlite3.connect(temporary, isolation_level=None)) as archive:
            migrate(archive, temporary)
            with transaction(archive, "IMMEDIATE"):
                walk = _copy_rows(places, key, old, archive, told)
                archive.execute(CREATE)
                write_start(archive, walk.start, key)
                end = End(
                    walk.start.archived_until, walk.start.previous, old.first, old.count, walk.head
                )
                write_end(archive, end, key)
            verdict = check(archive, key, walk.head, lambda _: None, end=end)
    except sqlite3.Error as error:
        raise from_sqlite(error, temporary) from None
    if not verdict.is_whole:
        raise damaged(temporary, "it does not verify after it was written")
    return walk.head


def _copy_rows(
    places: Places,
    key: Key,
    old: Old,
    archive: sqlite3.Connection,
    told: Callable[[int], None],
) -> Walk:
    def visit(rows: list[Any]) -> None:
        archive.executemany(INSERT, rows)

    try:
        with closing(reader(places.log)) as connection:
            walk = Walk(connection, key, covered=old.last, until=old.last)
            walk.run(told, visit)
    except Beginning:
        raise broken(places.log, "its start was changed", places.seal) from None
    except sqlite3.Error as error:
        raise from_sqlite(error, places.log) from None
    if walk.spot.bad is not None or walk.spot.number != old.last:
        wrong = walk.spot.bad or walk.spot.number + 1
        raise broken(places.log, f"record {wrong} is not as it was written", places.seal)
    if walk.spot.records != old.count or walk.start.archived_until >= old.first:
        # Another program archived them meanwhile.
        raise broken(places.log, f"record {old.first} has gone meanwhile", places.seal)
    return walk


def _give_name(beside: Path, to: Path) -> tuple[int, ...]:
    """Let the file appear whole, and never in the place of another; which file that is."""
    identity = _identity(beside)
    try:
        os.link(beside, to)
    except FileExistsError:
        raise
    except OSError:  # not every file system has links
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))  # the name is ours
        beside.rename(to)
        identity = _identity(to)
    sync_directory(to.parent)
    return identity


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
