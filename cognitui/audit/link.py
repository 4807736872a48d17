"""Adding records to the end of a chain."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.audit.doubt import Added
from cognitui.audit.schema import INSERT
from cognitui.audit.start import Start, write_start
from cognitui.audit.walk import mac_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.audit.canonical import Key
    from cognitui.audit.connection import Connection
    from cognitui.audit.errors import AuditError
    from cognitui.audit.head import Head
    from cognitui.audit.schema import Row


class Link:
    """The end of the log inside a transaction.

    Attributes:
        end: The last record so far.
    """

    def __init__(self, connection: Connection, key: Key, end: Head) -> None:
        self._connection = connection
        self._key = key
        self._begin = end.last
        self.end = end

    def add(self, row: Row) -> int:
        """Add a record, as `schema.to_row` gives it; its number."""
        number = self.end.last + 1
        sealed = (number, *row)
        mac = self._key.mac(sealed, self.end.mac)
        self._connection.execute(INSERT, (*sealed, mac))
        self.end = replace(self.end, last=number, mac=mac.hex())
        return number

    def add_all(self, rows: Sequence[Row]) -> list[Added]:
        """Add records, as `schema.to_row` gives them; what became of each."""
        added, values, end = [], [], self.end
        for row in rows:
            sealed = (end.last + 1, *row)
            mac = self._key.mac(sealed, end.mac)
            end = replace(end, last=end.last + 1, mac=mac.hex())
            added.append(Added(row, end.last, end.mac))
            values.append((*sealed, mac))
        if values:
            self._connection.executemany(INSERT, values)
        self.end = end
        return added

    def require_stored(self, broken: Callable[[str], AuditError]) -> None:
        """Make sure that what was added is there: a trigger in the log may do away with it.

        Raises:
            AuditError: What ``broken`` makes of the reason.
        """
        if self.end.last == self._begin:
            return
        stored, mac = self._connection.execute(
            "SELECT count(*), (SELECT mac FROM records WHERE id = ?) FROM records WHERE id > ?",
            (self.end.last, self._begin),
        ).fetchone()
        if stored != self.end.last - self._begin or mac is None or mac_text(mac) != self.end.mac:
            raise broken(f"record {self.end.last} was not stored")

    def start_after(self, start: Start) -> None:
        """Let the log start later: what comes before is in an archive."""
        write_start(self._connection, start, self._key)
