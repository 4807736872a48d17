"""How the log grows: each record chained to the one before, the head written after the commit.

The order is always the same: the head's lock, then SQLite's, then the commit, then the head. So two
consoles continue each other's chain, and a head never goes back.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.audit.errors import (
    AuditError,
    AuditLocked,
    AuditNotCovered,
    AuditSealLost,
    broken,
    damaged,
    not_writable,
)
from cognitui.audit.head import Head
from cognitui.audit.schema import INSERT, has_macs
from cognitui.audit.seal import Places, Seal, create_if_new, load
from cognitui.audit.start import Start, is_genuine, read_start, write_start
from cognitui.audit.transaction import transaction
from cognitui.audit.walk import fits, mac_text, rows_after, slice_after
from cognitui.logs import get_logger

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

    from cognitui.audit.canonical import Key
    from cognitui.audit.head import OpenHead, Slots
    from cognitui.audit.schema import Row


class Chain:
    """What a log is continued with. Without its key or its head a log can only be read."""

    def __init__(self, places: Places, seal: Seal | None, patience_s: float) -> None:
        self.places = places
        self._seal = seal
        self._patience_s = patience_s
        self._genuine: tuple[Start, str] | None = None

    @classmethod
    def open(cls, connection: sqlite3.Connection, places: Places, patience_s: float) -> Chain:
        """The chain of an open log; records from before there was one are sealed as they are.

        Raises:
            AuditError: The log is not chained, and cannot be.
            sqlite3.Error: SQLite failed.
        """
        if read_start(connection) is None:
            if not any(one.exists() for one in places.seal) and has_macs(connection):
                raise _of_lost_start(places)
            seal = create_if_new(places, patience_s)
            chain = cls(places, seal, patience_s)
            chain._begin(connection, seal)
            return chain
        found = None
        with suppress(AuditSealLost):  # the log can still be read, and the seal be restored
            found = load(places, patience_s)
        return cls(places, found, patience_s)

    @property
    def seal(self) -> Seal:
        """The key and the head.

        Raises:
            AuditSealLost: They are not there or cannot be used.
        """
        if self._seal is None:
            self._seal = load(self.places, self._patience_s)
        return self._seal

    def append(self, connection: sqlite3.Connection, rows: Sequence[Row]) -> list[int]:
        """Write records, as `schema.to_row` gives them, and cover them; their numbers.

        Raises:
            AuditSealLost: There is no key or no head.
            AuditChainBroken: The log does not end where its head says.
            AuditNotCovered: They are written, the head is not.
            AuditError: Nothing was written.
            sqlite3.Error: Nothing was written.
        """
        with self.extended(connection) as link:
            return [link.add(row) for row in rows]

    @contextmanager
    def extended(self, connection: sqlite3.Connection) -> Iterator[Link]:
        """A transaction that adds records; what is raised is what `append` raises."""
        key = self.seal.key
        with self._opened_head(self.seal) as head:
            with transaction(connection, "IMMEDIATE"):
                link = Link(connection, key, self._end(connection, head.slots, key))
                yield link
                link.require_stored(self._broken)
            if link.end != head.slots.head:
                self._cover(head, link.end)

    def _begin(self, connection: sqlite3.Connection, seal: Seal) -> None:
        """Seal what is there, unless another program just did."""
        key = seal.key
        with self._opened_head(seal) as head:
            with transaction(connection, "IMMEDIATE"):
                if read_start(connection) is not None:
                    return
                self._require_unused(head.slots)
                if has_macs(connection):
                    raise _of_lost_start(self.places)
                end = self._seal_rows(connection, key)
                write_start(connection, Start(key.log, end.last, 0, key.beginning), key)
            if end.last:
                self._cover(head, end)
                get_logger().warning("audit_sealed_old_records", until=end.last)

    def _seal_rows(self, connection: sqlite3.Connection, key: Key) -> Head:
        """Chain the records that are there; the last of them."""
        end = Head(key.log, 0, key.beginning)
        while rows := slice_after(connection, end.last):
            macs = []
            for row in rows:
                try:
                    mac = key.mac(row[:-1], end.mac)
                except TypeError:
                    raise damaged(self.places.log, f"record {row[0]} makes no sense") from None
                end = replace(end, last=row[0], mac=mac.hex())
                macs.append((mac, row[0]))
            connection.executemany("UPDATE records SET mac = ? WHERE id = ?", macs)
        return end

    def _end(self, connection: sqlite3.Connection, slots: Slots, key: Key) -> Head:
        """Where the log ends, which is where the head says or, after a crash, behind that."""
        found = read_start(connection)
        if found is None or not (found == self._genuine or is_genuine(*found, key)):
            raise self._broken("it is another log, or its start was changed")
        self._genuine = found
        end = last_of(connection, found[0])
        covered = slots.head
        if covered is None:
            raise self._broken(f"its head, {self.places.head}, was changed")
        if end == covered and not slots.is_torn:
            return end
        if end.last < covered.last or (slots.is_torn and end.last == covered.last):
            raise self._broken(f"record {end.last + 1} is missing")
        if mac_at(connection, found[0], covered.last) != covered.mac:
            raise self._broken(f"record {covered.last} was replaced")
        self._require_ours(connection, key, covered)
        return end

    def _require_ours(self, connection: sqlite3.Connection, key: Key, covered: Head) -> None:
        """What a crash left behind the head must have been written with the key."""
        previous = covered.mac
        for row in rows_after(connection, covered.last):
            if not fits(key, row, previous):
                raise self._broken(f"record {row[0]} was not written by cognitui")
            previous = mac_text(row[-1])

    def _require_unused(self, slots: Slots) -> None:
        if slots.head is None:
            raise self._broken(f"its head, {self.places.head}, was changed")
        if slots.head.last:
            raise self._broken(f"its {slots.head.last} records are missing or not chained")

    @contextmanager
    def _opened_head(self, seal: Seal) -> Iterator[OpenHead]:
        try:
            with seal.head.opened() as head:
                yield head
        except TimeoutError:
            raise AuditLocked(
                f"The head of the audit log, {self.places.head}, is in use by another program.",
                hint="Close the program that holds it, or wait, and try again.",
            ) from None
        except FileNotFoundError:
            load(self.places, 0)  # says what is missing
            raise
        except OSError:
            raise not_writable(self.places.head) from None

    def _cover(self, head: OpenHead, end: Head) -> None:
        try:
            head.write(end)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise AuditNotCovered(
                f"The head of the audit log, {self.places.head}, could not be written: {reason}.",
                hint="The records are on the disk. The next one that is written covers them.",
            ) from None

    def _broken(self, reason: str) -> AuditError:
        return broken(self.places.log, reason, self.places.seal)


class Link:
    """The end of the log inside a transaction.

    Attributes:
        end: The last record so far.
    """

    def __init__(self, connection: sqlite3.Connection, key: Key, end: Head) -> None:
        self._connection = connection
        self._key = key
        self._added = self._stored = 0
        self.end = end

    def add(self, row: Row) -> int:
        """Add a record, as `schema.to_row` gives it; its number."""
        number = self.end.last + 1
        sealed = (number, *row)
        mac = self._key.mac(sealed, self.end.mac)
        self._stored += self._connection.execute(INSERT, (*sealed, mac)).rowcount
        self._added += 1
        self.end = replace(self.end, last=number, mac=mac.hex())
        return number

    def require_stored(self, broken: Callable[[str], AuditError]) -> None:
        """Make sure that what was added is there: a trigger in the file may do away with it.

        Raises:
            AuditError: What ``broken`` makes of the reason.
        """
        if not self._added:
            return
        last = mac_of(self._connection, self.end.last)
        if self._stored != self._added or last != self.end.mac:
            raise broken(f"record {self.end.last} was not stored")

    def start_after(self, start: Start) -> None:
        """Let the log start later: what comes before is in an archive."""
        write_start(self._connection, start, self._key)


def _of_lost_start(places: Places) -> AuditError:
    """The error for records with MACs of a key that is gone: a new one must not replace them."""
    reason = "its records are sealed, but the start of their chain is gone with key and head"
    return broken(places.log, reason, places.seal)


def head_of(connection: sqlite3.Connection) -> Head | None:
    """Where a log ends, as the log itself tells; ``None`` when it is not chained."""
    found = read_start(connection)
    return None if found is None else last_of(connection, found[0])


def last_of(connection: sqlite3.Connection, start: Start) -> Head:
    """The last record that is there, or what comes before the first."""
    row = connection.execute("SELECT id, mac FROM records ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return Head(start.log, start.archived_until, start.previous)
    return Head(start.log, row[0], mac_text(row[1]))


def mac_at(connection: sqlite3.Connection, start: Start, number: int) -> str:
    """A record's MAC as it is stored, in hex; empty when the record is not there."""
    return start.previous if number == start.archived_until else mac_of(connection, number)


def mac_of(connection: sqlite3.Connection, number: int) -> str:
    """The same of a record that is not archived."""
    row = connection.execute("SELECT mac FROM records WHERE id = ?", (number,)).fetchone()
    return "" if row is None else mac_text(row[0])
