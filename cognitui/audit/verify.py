"""Verifying an audit log or an archive, on a connection of its own, while others work with it."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from cognitui.audit.after_walk import of_pages, of_sums, of_written
from cognitui.audit.archive_end import read_end
from cognitui.audit.connection import has_any_table
from cognitui.audit.damage import Scene, find_kind
from cognitui.audit.database import BUSY_TIMEOUT_S
from cognitui.audit.errors import (
    AuditDamaged,
    AuditLocked,
    AuditSealLost,
    damaged,
    not_readable,
)
from cognitui.audit.reading import reading, reading_file
from cognitui.audit.schema import changed_objects, has_macs, has_records, require_known
from cognitui.audit.seal import load
from cognitui.audit.start import read_start
from cognitui.audit.sums import Sums
from cognitui.audit.sums_apart import comparing_apart
from cognitui.audit.threads import telling
from cognitui.audit.verdict import Damage, DamageKind, Verdict
from cognitui.audit.walk import FIRST, Beginning, Walk, fits, mac_text, slice_after

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.audit.archive_end import End
    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection
    from cognitui.audit.head import Head, Slots
    from cognitui.audit.seal import Places, Seal
    from cognitui.audit.server import Server
    from cognitui.audit.start import Start
    from cognitui.audit.sums_apart import SumsApart
    from cognitui.audit.threads import Progress

_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}
_PRIMARY_CODE = 0xFF
_START_CHANGED = "The line that the chain starts from was changed."


def verify_log(
    places: Places,
    progress: Progress | None = None,
    stopped: threading.Event | None = None,
    *,
    written: Head | None = None,
) -> Verdict:
    """Whether a log is whole, from its start to its head. Nothing in it is changed.

    Args:
        places: The log, and the directory of its key and its head.
        progress: Told now and then how far it is.
        stopped: Set by whoever does not want the verdict any more.
        written: A head that was written down elsewhere, which the log must have grown from.

    Raises:
        Stopped: It was set.
        AuditError: The log could not be read, for a reason that is no damage.
    """
    try:
        seal = load(places, BUSY_TIMEOUT_S)
    except AuditSealLost as problem:
        return _without_seal(places, problem)
    # The head is read before the log: what is written meanwhile is ahead of it, never behind.
    slots = _read_head(places, seal)
    if slots.head is None:
        return _whole_damage(DamageKind.HEAD_LOST, f"The head, {places.head}, was changed.")
    if not _has_content(places):
        return _of_missing(places.name, slots.head)
    told = telling(progress, stopped, slots.head.last)
    with reading(places.name) as connection:
        if isinstance(connection, sqlite3.Connection):
            _require_known(connection, places.log)
        elif not has_any_table(connection):
            return _of_missing(places.name, slots.head)
        return check(connection, seal.key, slots.head, told, is_torn=slots.is_torn, written=written)


def verify_archive(
    path: Path,
    places: Places,
    progress: Progress | None = None,
    stopped: threading.Event | None = None,
    *,
    written: Head | None = None,
) -> Verdict:
    """Whether an archive of a log is whole; it has its head in itself. The rest is as of a log.

    Raises:
        Stopped: It was set.
        AuditError: The archive or the log's key could not be read.
    """
    key = load(places, BUSY_TIMEOUT_S).key
    if not _is_filled(path):
        raise damaged(path, "it is missing or empty")
    with reading_file(path) as connection:
        try:
            require_known(connection, path)
            end = read_end(connection, key)
        except sqlite3.DatabaseError as error:
            if not _is_unreadable(error):
                raise
            return Verdict(Damage.of_record(DamageKind.TORN, 1))
        if end is None:
            return _whole_damage(DamageKind.SWAPPED, f"{path} is no archive of this log.")
        told = telling(progress, stopped, end.head.last)
        return check(connection, key, end.head, told, end=end, written=written)


def check(
    connection: Connection,
    key: Key,
    head: Head,
    told: Callable[[int], None],
    *,
    is_torn: bool = False,
    end: End | None = None,
    written: Head | None = None,
) -> Verdict:
    """Whether the records on a connection are those that a key and a head tell of.

    Args:
        connection: The log or the archive.
        key: The log's key.
        head: Where it should end.
        told: Called with the number of good records now and then; may raise `Stopped`.
        is_torn: Whether a newer head was being written when the machine stopped.
        end: What an archive holds; ``None`` for a log.
        written: A head that was written down elsewhere.

    Raises:
        Stopped: ``told`` raised it.
        sqlite3.Error: It could not be read, for a reason that is no damage.
    """
    with comparing_apart(connection, head.last if end is None else 0) as apart:
        return _check(connection, key, head, told, apart, is_torn=is_torn, end=end, written=written)


def _check(
    connection: Connection,
    key: Key,
    head: Head,
    told: Callable[[int], None],
    apart: SumsApart | None,
    *,
    is_torn: bool,
    end: End | None,
    written: Head | None,
) -> Verdict:
    walk = Walk(connection, key, head.last)
    try:
        if changed := _changed(connection, is_archive=end is not None):
            return _whole_damage(DamageKind.EDITED, f"{changed}.")
        # A server works its answers out of the records themselves.
        sums = Sums(connection) if isinstance(connection, sqlite3.Connection) else None
        walk.run(told, None, sums.pass_by if sums is not None else None)
        if end is not None and not end.follows(walk.start):
            return _whole_damage(DamageKind.EDITED, _START_CHANGED)
        damage = _of_walk(connection, key, head, walk, told, is_torn=is_torn)
        if end is not None and damage is None and walk.spot.records != end.count:
            damage = Damage.of_record(DamageKind.REMOVED, end.first)
        nothing = ""
        if damage is None and written is not None:
            damage, nothing = of_written(connection, walk, written)
        if damage is None and sums is not None and isinstance(connection, sqlite3.Connection):
            damage = of_sums(connection, sums, lambda: told(walk.spot.records), apart)
    except Beginning:
        return _of_start(connection, key, head)
    except (sqlite3.DatabaseError, AuditDamaged) as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR:  # a column is missing
            return _whole_damage(DamageKind.EDITED, f"What the file declares was changed: {error}.")
        if not _is_unreadable(error):
            raise
        damage, nothing = Damage.of_record(DamageKind.TORN, walk.spot.number + 1), ""
    return Verdict(
        damage,
        walk.spot.records,
        walk.first,
        walk.head,
        walk.start.unchained_until,
        walk.start.archived_until,
        max(0, walk.spot.number - head.last) if damage is None else 0,
        "" if damage else nothing,
    )


def _changed(connection: Connection, *, is_archive: bool) -> str:
    """What is declared and should not, or is not and should; empty when nothing is."""
    if isinstance(connection, sqlite3.Connection):
        changed = changed_objects(connection, is_archive=is_archive)
        what = "the file"
    else:
        from cognitui.audit.postgres import schema

        changed, what = schema.changed_objects(connection), "the database"
    return f"What {what} declares was changed: {', '.join(changed)}" if changed else ""


def _of_walk(
    connection: Connection,
    key: Key,
    head: Head,
    walk: Walk,
    told: Callable[[int], None],
    *,
    is_torn: bool,
) -> Damage | None:
    spot = walk.spot
    if spot.bad is not None:
        scene = Scene(connection, key, head, spot, lambda: told(spot.records))
        return Damage.of_record(*find_kind(scene))
    if spot.number < head.last or (is_torn and spot.number == head.last):
        return Damage.of_record(DamageKind.TAIL_CUT, spot.number + 1)
    if head.last >= walk.start.archived_until and spot.covered_mac != head.mac:
        # All of it was written with the key, and yet it is not what was written at first.
        return Damage.of_record(DamageKind.REWRITTEN, head.last)
    return of_pages(connection, lambda: told(spot.records))


def _of_start(connection: Connection, key: Key, head: Head) -> Verdict:
    found = read_start(connection)
    if found is None and not head.last:
        return _of_unchained(connection)
    if found is None or found[0].log != key.log:
        return _whole_damage(
            DamageKind.SWAPPED, "This is not the log that its key and its head belong to."
        )
    if not _is_any_ours(connection, key, found[0]):
        (first,) = connection.execute("SELECT min(id) FROM records").fetchone()
        return Verdict(Damage.of_record(DamageKind.REWRITTEN, first))
    return _whole_damage(DamageKind.EDITED, _START_CHANGED)


def _is_any_ours(connection: Connection, key: Key, start: Start) -> bool:
    """Whether any of the first records was written with this key, wherever it starts."""
    rows = slice_after(connection, FIRST)
    before = (key.beginning, *(mac_text(row[-1]) for row in rows))
    return (
        not rows
        or fits(key, rows[0], start.previous)
        or any(fits(key, row, mac) for row, mac in zip(rows, before, strict=False))
    )


def _without_seal(places: Places, problem: AuditSealLost) -> Verdict:
    has_log = _has_content(places)
    if not any(one.exists() for one in places.seal):
        if not has_log:
            return _nothing(places.name)
        with reading(places.name) as connection:
            try:
                if read_start(connection) is None and not has_macs(connection):
                    return _of_unchained(connection, places.name)
            except (sqlite3.DatabaseError, AuditDamaged) as error:
                if not _is_unreadable(error):
                    raise
                return Verdict(Damage.of_record(DamageKind.TORN, 1))
    only_head = places.key.exists() and not places.head.exists()
    lost = DamageKind.HEAD_LOST if only_head else DamageKind.KEY_LOST
    return _whole_damage(lost, f"Nothing can be told about the log. {problem.message}")


def _nothing(path: Path | Server | None) -> Verdict:
    where = "here" if path is None else f"at {path}"
    return Verdict(None, nothing=f"There is no audit log {where}. Nothing was verified.")


def _of_unchained(connection: Connection, path: Path | Server | None = None) -> Verdict:
    if not has_records(connection):  # a program was killed while it made the log
        return _nothing(path)
    return _whole_damage(
        DamageKind.NOT_SEALED,
        "The log is from before there was a chain. It is sealed when the console or a command "
        "opens it the next time.",
    )


def _of_missing(path: Path | Server, head: Head) -> Verdict:
    if not head.last:
        return _nothing(path)
    sentence = f"The log {path} is missing or empty, with its records up to number {head.last}."
    return _whole_damage(DamageKind.MISSING, sentence)


def _whole_damage(kind: DamageKind, sentence: str) -> Verdict:
    return Verdict(Damage(kind, None, sentence))


def _read_head(places: Places, seal: Seal) -> Slots:
    try:
        return seal.head.read()
    except TimeoutError:
        raise AuditLocked(
            f"The head of the audit log, {places.head}, is in use by another program.",
            hint="Close the program that holds it, or wait, and try again.",
        ) from None
    except OSError:
        raise not_readable(places.head) from None


def _has_content(places: Places) -> bool:
    return places.server is not None or _is_filled(places.log)


def _require_known(connection: sqlite3.Connection, path: Path) -> None:
    try:
        require_known(connection, path)
    except sqlite3.DatabaseError as error:
        if not _is_unreadable(error):
            raise  # else the check tells of it


def _is_filled(path: Path) -> bool:
    return path.exists() and (not path.is_file() or path.stat().st_size > 0)


def _is_unreadable(error: Exception) -> bool:
    if isinstance(error, AuditDamaged):
        return True
    return getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _UNREADABLE
