"""Walking along a chain, record by record, in slices that hold no writer up."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from cognitui.audit.head import Head
from cognitui.audit.schema import SELECT_SEALED
from cognitui.audit.start import Start, is_genuine, read_start
from cognitui.audit.transaction import transaction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection

SLICE = 2000
"""Records that are read in one transaction: some twenty milliseconds, in which nobody commits."""

FIRST = -(2**63)
LAST = 2**63 - 1


class Beginning(Exception):
    """The line that the chain starts from is missing, or not signed with this key."""


@dataclass(frozen=True, slots=True)
class Spot:
    """How far a walk has come.

    Attributes:
        number: The last good record, or the last archived one.
        mac: Its MAC, in hex.
        records: How many were good.
        covered_mac: The MAC of the record that the head tells of, once it has been passed.
        bad: The first record that is not good; ``None`` while there is none.
    """

    number: int
    mac: str
    records: int = 0
    covered_mac: str | None = None
    bad: int | None = None


class Walk:
    """One walk along a chain. `run` makes it; the rest says where it stands.

    Args:
        connection: The log or an archive; not in a transaction.
        key: The log's key.
        covered: The record whose MAC is looked for, as the head tells its number.
        until: The last record to go to.

    Attributes:
        start: The line that the chain starts from.
        spot: How far it has come.
        first: The first good record; ``None`` while there is none.
    """

    def __init__(
        self, connection: Connection, key: Key, covered: int, *, until: int = LAST
    ) -> None:
        self._connection = connection
        self._key = key
        self._covered = covered
        self._until = until
        self.start = Start(key.log, 0, 0, key.beginning)
        self.spot = Spot(0, key.beginning)
        self.first: int | None = None

    def run(
        self,
        told: Callable[[int], None],
        visit: Callable[[list[Any]], None] | None,
        pass_by: Callable[[int, list[Any]], None] | None = None,
    ) -> None:
        """Walk to the end or to the first bad record.

        Args:
            told: Called with the number of good records after each slice; may raise `Stopped`.
            visit: Called with the rows of each slice, once they are found good.
            pass_by: Called with the record before each slice and its rows, in the transaction that
                reads them, before they are looked at.

        Raises:
            Beginning: There is no chain of this key.
            sqlite3.Error: The file cannot be read any further.
        """
        self._begin()
        while self.spot.bad is None:
            with transaction(self._connection, "DEFERRED"):
                self._skip_archived()
                rows = slice_after(self._connection, self.spot.number, until=self._until)
                if pass_by is not None:
                    pass_by(self.spot.number, rows)
            if not rows:
                return
            good = self._good(rows)
            if visit is not None:
                visit(rows[:good])
            told(self.spot.records)

    @property
    def head(self) -> Head:
        """The last good record."""
        return Head(self._key.log, self.spot.number, self.spot.mac)

    def _begin(self) -> None:
        with transaction(self._connection, "DEFERRED"):
            self._read_start()
            self.spot = Spot(self.start.archived_until, self.start.previous)
            early = self._connection.execute(
                "SELECT min(id) FROM records WHERE id <= ?", (self.spot.number,)
            ).fetchone()[0]
        self._pass_archived()
        self.spot = replace(self.spot, bad=early)

    def _read_start(self) -> None:
        found = read_start(self._connection)
        if found is None or not is_genuine(*found, self._key):
            raise Beginning
        self.start = found[0]

    def _skip_archived(self) -> None:
        """Records may be moved into an archive while the log is verified."""
        self._read_start()
        if self.start.archived_until > self.spot.number:
            self.spot = replace(
                self.spot, number=self.start.archived_until, mac=self.start.previous
            )
            self._pass_archived()

    def _pass_archived(self) -> None:
        """The last archived record may be the one that the head tells of."""
        if self._covered == self.spot.number:
            self.spot = replace(self.spot, covered_mac=self.spot.mac)

    def _good(self, rows: list[Any]) -> int:
        """Go along the rows that are good; how many they are."""
        key, covered, previous, number = self._key, self._covered, self.spot.mac, self.spot.number
        covered_mac, good, bad = self.spot.covered_mac, 0, None
        for row in rows:
            mac = row[-1]
            try:
                is_right = compare_digest(key.mac(row[:-1], previous), mac)
            except TypeError:
                is_right = False
            if not is_right:
                bad = row[0]
                break
            good += 1
            number, previous = row[0], mac.hex()
            if number == covered:
                covered_mac = previous
        if good and self.first is None:
            self.first = rows[0][0]
        self.spot = Spot(number, previous, self.spot.records + good, covered_mac, bad)
        return good


def slice_after(connection: Connection, number: int, *, until: int = LAST) -> list[Any]:
    """The rows after a record, as they are stored, with their MACs at the end.

    Text that is no text comes back in a form that nothing was ever written in.

    Raises:
        sqlite3.Error: The file cannot be read there.
    """
    if not isinstance(connection, sqlite3.Connection):
        return _fetch(connection, number, until)
    try:
        return _fetch(connection, number, until)
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", None) is not None:
            raise
        # This one comes from Python: a text is not UTF-8.
    usual = connection.text_factory
    connection.text_factory = _readable
    try:
        return _fetch(connection, number, until)
    finally:
        connection.text_factory = usual


def rows_after(connection: Connection, number: int) -> Iterator[Any]:
    """All rows after a record, read slice by slice.

    Raises:
        sqlite3.Error: The file cannot be read there.
    """
    while rows := slice_after(connection, number):
        yield from rows
        number = rows[-1][0]


def fits(key: Key, row: tuple[Any, ...], previous: object, number: int | None = None) -> bool:
    """Whether a row has the MAC that it has after another one.

    Args:
        key: The log's key.
        row: A row as `slice_after` gives it.
        previous: The MAC of the row before it, in hex.
        number: The number that it would have had, where that is not its own.
    """
    numbered = row[:-1] if number is None else (number, *row[1:-1])
    try:
        return bool(key.mac(numbered, str(previous)) == row[-1])
    except TypeError:
        return False


def mac_text(mac: object) -> str:
    """A stored MAC in hex; empty when it is none."""
    return mac.hex() if isinstance(mac, bytes) else ""


def _fetch(connection: Connection, number: int, until: int) -> list[Any]:
    question = f"{SELECT_SEALED} WHERE id > ? AND id <= ? ORDER BY id LIMIT {SLICE}"
    return connection.execute(question, (number, until)).fetchall()


def _readable(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
