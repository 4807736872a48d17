"""How the log grows: each record chained to the one before, the head written after the commit.

The order is always the same: the head's lock, then the database's, then the commit, then the head.
So two consoles continue each other's chain, and a head never goes back.

Consoles of several machines that share a log have a head each. One that was away finds its head far
behind the log: it goes along what the others wrote before it takes the lock that they wait for.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from cognitui.audit.doubt import Doubt
from cognitui.audit.errors import (
    AuditError,
    AuditLocked,
    AuditNotCovered,
    AuditSealLost,
    AuditUnreachable,
    broken,
    damaged,
    not_writable,
)
from cognitui.audit.head import Head, Slots
from cognitui.audit.link import Link
from cognitui.audit.schema import has_macs
from cognitui.audit.seal import Places, Seal, create_if_new, join, load
from cognitui.audit.start import Start, is_genuine, read_start, write_start
from cognitui.audit.tail import last_number, last_of, mac_at, mac_at_number
from cognitui.audit.transaction import transaction
from cognitui.audit.walk import SLICE, fits, mac_text, rows_after, slice_after
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection
    from cognitui.audit.doubt import Added
    from cognitui.audit.head import OpenHead
    from cognitui.audit.schema import Row


class Chain:
    """What a log is continued with. Without its key or its head a log can only be read."""

    def __init__(self, places: Places, seal: Seal | AuditError, patience_s: float = 0.0) -> None:
        self.places = places
        self._seal = seal
        self._patience_s = patience_s
        self._genuine: tuple[Start, str] | None = None
        self._doubt = Doubt()

    @classmethod
    def open(cls, connection: Connection, places: Places, patience_s: float) -> Chain:
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
            if places.server is None:
                return chain
        try:
            return cls(places, _seal(connection, places, patience_s), patience_s)
        except AuditError as problem:
            # The log can still be read, and the seal of a file be restored.
            if places.server is None and not isinstance(problem, AuditSealLost):
                raise
            return cls(places, problem, patience_s)

    @property
    def seal(self) -> Seal:
        """The key and the head.

        Raises:
            AuditSealLost: They are not there or cannot be used.
        """
        if isinstance(self._seal, AuditError):
            if self.places.server is not None:
                raise type(self._seal)(self._seal.message, hint=self._seal.hint)
            self._seal = load(self.places, self._patience_s)
        return self._seal

    def append(self, connection: Connection, rows: Sequence[Row]) -> list[int]:
        """Write records, as `schema.to_row` gives them, and cover them; their numbers.

        Raises:
            AuditSealLost: There is no key or no head.
            AuditChainBroken: The log does not end where its head says.
            AuditNotCovered: They are written, the head is not.
            AuditUnreachable: They may have been written. When they are appended again, only those
                are written that were not.
            AuditError: Nothing was written.
            sqlite3.Error: Nothing was written.
        """
        added: list[Added] = []
        numbers: list[int | None] = []
        try:
            with self.extended(connection) as link:
                self._doubt.settle(lambda number: mac_at_number(connection, number))
                numbers, fresh = self._doubt.known(rows)
                added += link.add_all(fresh)
        except AuditUnreachable:
            self._doubt.add(added)
            raise
        except AuditNotCovered:
            self._doubt.tell(rows, numbers)
            raise
        self._doubt.tell(rows, numbers)
        new = iter(added)
        return [next(new).number if number is None else number for number in numbers]

    @contextmanager
    def extended(self, connection: Connection) -> Iterator[Link]:
        """A transaction that adds records; what is raised is what `append` raises."""
        key = self.seal.key
        with self._opened_head(self.seal) as head:
            seen = self._gone_along(connection, head.slots, key)
            with transaction(connection, "IMMEDIATE"):
                link = Link(connection, key, self._end(connection, seen, key))
                yield link
                link.require_stored(self._broken)
            if link.end != head.slots.head:
                self._cover(head, link.end)

    def behind(self, connection: Connection) -> int:
        """How many records the head does not cover; 0 where there is no head to move.

        Raises:
            AuditError: That could not be found out.
        """
        if isinstance(self._seal, AuditError):
            return 0
        with self._opened_head(self._seal) as head:
            covered = head.slots.head
        return 0 if covered is None else max(0, last_number(connection) - covered.last)

    def catch_up(self, connection: Connection) -> None:
        """Let the head cover what others wrote, so that they cannot take it away any more.

        Raises:
            AuditSealLost: There is no key or no head.
            AuditChainBroken: What they wrote does not continue what the head covers.
            AuditError: The log could not be read.
        """
        with self.extended(connection):
            pass

    def _gone_along(self, connection: Connection, slots: Slots, key: Key) -> Slots:
        """Where a head stands that is far behind, once it has gone along what others wrote.

        What is wrong with it is found where the end is: this stops before it.
        """
        seen = slots.head
        if self.places.server is None or seen is None:
            return slots
        if last_number(connection) - seen.last <= SLICE:
            return slots
        found = read_start(connection)
        if found is None or mac_at(connection, found[0], seen.last) != seen.mac:
            return slots
        while rows := slice_after(connection, seen.last):
            for row in rows:
                if row[0] != seen.last + 1 or not fits(key, row, seen.mac):
                    return slots
                seen = replace(seen, last=row[0], mac=mac_text(row[-1]))
        return Slots(seen, slots.slot, is_torn=False)

    def _begin(self, connection: Connection, seal: Seal) -> None:
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

    def _seal_rows(self, connection: Connection, key: Key) -> Head:
        """Chain the records that are there; the last of them."""
        end = Head(key.log, 0, key.beginning)
        while rows := slice_after(connection, end.last):
            macs = []
            for row in rows:
                try:
                    mac = key.mac(row[:-1], end.mac)
                except TypeError:
                    raise damaged(self.places.name, f"record {row[0]} makes no sense") from None
                end = replace(end, last=row[0], mac=mac.hex())
                macs.append((mac, row[0]))
            connection.executemany("UPDATE records SET mac = ? WHERE id = ?", macs)
        return end

    def _end(self, connection: Connection, slots: Slots, key: Key) -> Head:
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

    def _require_ours(self, connection: Connection, key: Key, covered: Head) -> None:
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
        return broken(self.places.name, reason, self.places.seal)


def _seal(connection: Connection, places: Places, patience_s: float) -> Seal:
    """The seal of a log that is chained; of a shared one made when this console is new to it."""
    found = read_start(connection)
    if places.server is None or found is None:
        return load(places, patience_s)
    return join(places, partial(is_genuine, *found), patience_s)


def _of_lost_start(places: Places) -> AuditError:
    """The error for records with MACs of a key that is gone: a new one must not replace them."""
    reason = "its records are sealed, but the start of their chain is gone with key and head"
    return broken(places.name, reason, places.seal)
