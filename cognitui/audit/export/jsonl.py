"""The audit log as JSON Lines: every record whole, one a line, newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cognitui.audit.export.subject import as_dict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.audit.export.subject import Subject
    from cognitui.audit.records import AuditRecord

VERSION = 1


class JsonLines:
    """Lines of ASCII. The last one has the key ``export``; without it the file was cut short."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._count = 0

    def begin(self) -> bytes:
        """Nothing: the first line is a record."""
        return b""

    def page(self, records: Sequence[AuditRecord]) -> bytes:
        """One line for each."""
        self._count += len(records)
        return b"".join(_line(as_dict(record)) for record in records)

    def end(self) -> bytes:
        """What the export is of, and how many records it has."""
        about = {"version": VERSION, "records": self._count, **self._subject.about()}
        return _line({"export": about})


def _line(value: object) -> bytes:
    return json.dumps(value).encode("ascii") + b"\n"
