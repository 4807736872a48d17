# ruff: noqa: ASYNC240  # nothing else runs while a test looks at its file
from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import database, schema
from cognitui.audit.errors import (
    AuditDamaged,
    AuditDiskFull,
    AuditError,
    AuditLocked,
    AuditNotWritable,
    AuditTooNew,
    from_sqlite,
)
from cognitui.audit.store import AuditLog

from .support import record

if TYPE_CHECKING:
    from pathlib import Path


def good(error: AuditError, path: Path) -> bool:
    """One sentence that names the file, and a hint."""
    return str(path) in error.message and error.message.endswith(".") and bool(error.hint)


async def test_locked_by_another_program(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    async with await AuditLog.open(path) as log:
        await log.append(record(0))
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(AuditLocked) as caught:
            await log.append(record(1))
        assert good(caught.value, path)
        other.execute("ROLLBACK")
        other.close()
        await log.append(record(2))
        assert [one.operation_id for one in await log.recent()] == ["op_2", "op_0"]


async def test_a_short_lock_is_waited_for(log: AuditLog, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(log.append(record()))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    other.execute("ROLLBACK")
    other.close()
    assert (await waiting).id == 1


async def test_a_full_disk_loses_nothing_and_work_goes_on_when_there_is_room(
    log: AuditLog, path: Path
) -> None:
    await log.append(record(0))
    used = path.stat().st_size // 4096
    await log._read(lambda connection: connection.execute(f"PRAGMA max_page_count={used}").close())
    with pytest.raises(AuditDiskFull) as caught:
        await log.append(record(1, detail="x" * 100_000))
    assert good(caught.value, path)
    await log._read(lambda connection: connection.execute("PRAGMA max_page_count=100000").close())
    await log.append(record(2))
    assert [one.operation_id for one in await log.recent()] == ["op_2", "op_0"]


async def test_a_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    path = tmp_path / "file" / "audit.db"
    with pytest.raises(AuditNotWritable) as caught:
        await AuditLog.open(path)
    assert good(caught.value, path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
async def test_a_directory_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(AuditNotWritable):
        await AuditLog.open(tmp_path / "audit.db")


async def test_a_directory_in_the_place_of_the_file(path: Path) -> None:
    path.mkdir(parents=True, mode=0o755)
    with pytest.raises(AuditNotWritable):
        await AuditLog.open(path)
    assert path.stat().st_mode & 0o777 == 0o755


async def test_a_log_that_has_become_read_only_can_still_be_read(log: AuditLog) -> None:
    await log.append(record())
    await log._read(lambda connection: connection.execute("PRAGMA query_only = 1").close())
    with pytest.raises(AuditNotWritable):
        await log.append(record())
    assert await log.count() == 1


@pytest.mark.parametrize(
    "content", [b"not a database " * 100, b"SQLite format 3\0" + b"\xff" * 500]
)
async def test_something_else_is_refused_and_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(AuditDamaged) as caught:
        await AuditLog.open(path)
    assert good(caught.value, path)
    assert path.read_bytes() == content


async def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(AuditDamaged, match="another program"):
        await AuditLog.open(path)
    assert path.read_bytes() == before


async def test_broken_pages_are_reported_not_misread(path: Path) -> None:
    async with await AuditLog.open(path) as log:
        for number in range(200):
            await log.append(record(number, detail="x" * 200))
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(AuditDamaged):
        async with await AuditLog.open(path) as log:
            await log.recent()


@pytest.mark.parametrize(
    "nonsense",
    ["action = 'webhook.paint'", "at = 'yesterday'", "attempts = '[{}]'", "before = '{'"],
)
async def test_a_row_that_makes_no_sense_is_named(log: AuditLog, path: Path, nonsense: str) -> None:
    await log.append(record())
    other = sqlite3.connect(path)
    other.execute(f"UPDATE records SET {nonsense}")
    other.commit()
    other.close()
    with pytest.raises(AuditDamaged, match="record 1 makes no sense"):
        await log.recent()


async def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    async with await AuditLog.open(path) as log:
        await log.append(record())
    newer = sqlite3.connect(path)
    newer.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(AuditTooNew) as caught:
        await AuditLog.open(path)
    assert good(caught.value, path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (sqlite3.SQLITE_BUSY_SNAPSHOT, AuditLocked),
        (sqlite3.SQLITE_READONLY_DBMOVED, AuditNotWritable),
        (sqlite3.SQLITE_CORRUPT_INDEX, AuditDamaged),
        (sqlite3.SQLITE_IOERR_FSYNC, AuditError),
    ],
)
def test_extended_codes_belong_to_their_kind(path: Path, code: int, kind: type[AuditError]) -> None:
    raised = sqlite3.OperationalError("…")
    raised.sqlite_errorcode = code
    error = from_sqlite(raised, path)
    assert type(error) is kind
    assert good(error, path)
