"""Exports the audit log, page by page."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from cognitui.audit.export.subject import ExportFormat, Subject, Writer, pages
from cognitui.audit.export.target import private_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.audit.store import AuditLog


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written.

    Attributes:
        records: How many records it is about.
        size: Bytes.
    """

    format: ExportFormat
    records: int
    size: int


async def export(log: AuditLog, form: ExportFormat, subject: Subject, sink: BinaryIO) -> Exported:
    """Write the log, or what is asked for of it, into an open file.

    A page of records is held at a time, whatever the log's length. What takes time is done in
    another thread.

    Raises:
        AuditError: The log could not be read.
        OSError: The file could not be written.
    """
    writer = _writer(form, subject)
    records = 0
    size = await asyncio.to_thread(_write, sink, writer.begin)
    async for page in pages(log, subject):
        size += await asyncio.to_thread(_write, sink, partial(writer.page, page))
        records += len(page)
    size += await asyncio.to_thread(_write, sink, writer.end)
    return Exported(form, records, size)


async def export_file(log: AuditLog, form: ExportFormat, subject: Subject, path: Path) -> Exported:
    """Write the log into a file that appears whole or not at all, for its owner alone.

    Raises:
        AuditError: The log could not be read.
        UsageError: The file cannot be written.
    """
    with private_file(path) as file:
        return await export(log, form, subject, file)


def _write(sink: BinaryIO, make: Callable[[], bytes]) -> int:
    content = make()
    sink.write(content)
    sink.flush()  # else the last bytes would fail after all is said to be well
    return len(content)


def _writer(form: ExportFormat, subject: Subject) -> Writer:
    # Each is loaded for who asks for it.
    if form is ExportFormat.JSONL:
        from cognitui.audit.export.jsonl import JsonLines

        return JsonLines(subject)
    if form is ExportFormat.CSV:
        from cognitui.audit.export.csv_table import CsvTable

        return CsvTable(subject)
    from cognitui.audit.export.report import Report

    return Report(subject)
