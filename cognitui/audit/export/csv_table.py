"""The audit log as CSV (RFC 4180), for a spreadsheet: one row a record, newest first."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING, Any

from cognitui.audit.export.subject import FIELDS, as_dict
from cognitui.audit.export.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.audit.export.subject import Subject
    from cognitui.audit.records import AuditRecord

# A spreadsheet takes a cell that begins so for a formula; some take the wide forms too.
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001 - exactly these
_TEXT = "'"
# Where a list is written with commas in numbers, a spreadsheet begins a cell at a semicolon. Tabs,
# at which one may begin too, are escapes by then.
_SIGN_IN_TEXT = re.compile(rf"""(;[\s"]*)(?=[{"".join(map(re.escape, _FORMULA))}])""")
_SIGN_IN_JSON = re.compile(r""";(?=[\s"]*[=+\-@])""")
_SEMICOLON = r"\u003b"


class CsvTable:
    """Rows of UTF-8 that end with CR LF; what is a list or an object in a record is JSON in them.

    No cell is a formula: what would be taken for one begins with an apostrophe, also where it
    follows a semicolon, at which some spreadsheets begin a cell. Control characters are written as
    escapes. Where each character counts, export JSON Lines.
    """

    def __init__(self, _subject: Subject) -> None:
        """A table has no place for what the export is of."""

    def begin(self) -> bytes:
        """The names of the columns."""
        return _rows([FIELDS])

    def page(self, records: Sequence[AuditRecord]) -> bytes:
        """One row for each."""
        return _rows([_cell(value) for value in as_dict(one).values()] for one in records)

    def end(self) -> bytes:
        """Nothing."""
        return b""


def _rows(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    if not isinstance(value, str):
        # The same JSON, spelt without what a spreadsheet might part it at.
        return _SIGN_IN_JSON.sub(lambda _: _SEMICOLON, json.dumps(value)) if value else ""
    text = _SIGN_IN_TEXT.sub(rf"\1{_TEXT}", shown(value))
    return _TEXT + text if text.lstrip().startswith(_FORMULA) else text
