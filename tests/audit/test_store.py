# ruff: noqa: ASYNC240  # nothing else runs while a test looks at its file
from __future__ import annotations

import asyncio
import os
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import database
from cognitui.audit.errors import AuditClosed
from cognitui.audit.records import Action, Outcome
from cognitui.audit.store import AuditLog
from cognitui.audit.wanted import Wanted

from .support import BOTH, FULL, record

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cognitui.audit.seal import Places


@BOTH
async def test_a_record_comes_back_as_it_was_after_a_restart(places: Places) -> None:
    async with await AuditLog.at(places) as log:
        written = await log.append(FULL)
    async with await AuditLog.at(places) as log:
        assert await log.get(1) == written
        assert await log.recent() == [written]
        assert await log.get(2) is None
    assert written.id == 1


@BOTH
async def test_text_that_is_no_text_is_kept_in_a_readable_form(log: AuditLog, store: str) -> None:
    written = await log.append(record(skill_id="half \ud800 pair", detail="zero \0 byte"))
    read = await log.get(written.id or 0)
    assert read is not None
    zero = "\0" if store == "file" else "\\x00"  # PostgreSQL has no text with it
    assert (read.skill_id, read.detail) == ("half \\ud800 pair", f"zero {zero} byte")


@BOTH
async def test_pages_go_from_new_to_old_without_gap_or_repetition(log: AuditLog) -> None:
    for number in range(25):
        await log.append(record(number))
    seen: list[int] = []
    page = await log.recent(limit=10)
    while page:
        seen += [found.id or 0 for found in page]
        await log.append(record(99))  # what arrives meanwhile does not shift the pages
        page = await log.recent(limit=10, before_id=seen[-1])
    assert seen == list(range(25, 0, -1))


@pytest.fixture
async def varied(log: AuditLog) -> AuditLog:
    await log.append(record(0, detail="100 % of_all"))
    await log.append(record(1, action=Action.CALLBACK_SEND, event="ON_MESSAGE"))
    await log.append(record(2, outcome=Outcome.FAILED, error_code="timeout", tenant="beta"))
    await log.append(record(3, bot_id="bot_2", endpoint="https://Elsewhere.example/"))
    return log


@BOTH
@pytest.mark.parametrize(
    ("criteria", "operations"),
    [
        ({}, ["op_3", "op_2", "op_1", "op_0"]),
        ({"action": Action.CALLBACK_SEND}, ["op_1"]),
        ({"outcome": Outcome.FAILED}, ["op_2"]),
        ({"tenant": "beta"}, ["op_2"]),
        ({"tenant": ""}, []),
        ({"bot_id": "bot_2"}, ["op_3"]),
        ({"webhook_id": "wh_1"}, ["op_1"]),
        ({"webhook_id": "wh_1", "tenant": "beta"}, []),
        ({"webhook_id": "wh_"}, []),
        ({"text": "elsewhere"}, ["op_3"]),
        ({"text": "wh_2"}, ["op_2"]),
        ({"text": "MESSAGE"}, ["op_1"]),
        ({"text": "timeout", "tenant": "acme"}, []),
        ({"text": "%"}, ["op_0"]),
        ({"text": "of_all"}, ["op_0"]),
        ({"text": "ofxall"}, []),
        ({"text": "' OR 1=1 --"}, []),
        ({"text": "\\"}, []),
    ],
)
async def test_filters(varied: AuditLog, criteria: dict[str, str], operations: list[str]) -> None:
    found = await varied.recent(**criteria)  # type: ignore[arg-type]
    assert [one.operation_id for one in found] == operations
    assert await varied.count(Wanted(**criteria)) == len(operations)  # type: ignore[arg-type]


@BOTH
async def test_concurrent_appends_share_commits_and_keep_their_order(
    log: AuditLog, path: Path
) -> None:
    written = await asyncio.gather(*(log.append(record(number)) for number in range(300)))
    assert [one.id for one in written] == list(range(1, 301))
    assert [one.operation_id for one in written] == [f"op_{number}" for number in range(300)]
    assert await log.count() == 300


@BOTH
async def test_a_cancelled_caller_does_not_take_its_record_back(log: AuditLog) -> None:
    for number in range(50):
        task = asyncio.create_task(log.append(record(number)))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await log.count() == 50


@BOTH
async def test_what_waits_is_written_before_the_file_is_closed(places: Places) -> None:
    log = await AuditLog.at(places)
    tasks = [asyncio.create_task(log.append(record(number))) for number in range(100)]
    await asyncio.sleep(0)
    await asyncio.gather(log.close(), log.close())
    await log.close()
    assert len(await asyncio.gather(*tasks)) == 100
    with pytest.raises(AuditClosed):
        await log.append(record())
    with pytest.raises(AuditClosed):
        await log.recent()
    async with await AuditLog.at(places) as again:
        assert await again.count() == 100


async def test_closing_leaves_no_thread_and_no_journal_behind(path: Path) -> None:
    log = await AuditLog.open(path)
    await log.append(record())
    await log.close()
    deadline = time.monotonic() + 5
    while any(thread.name == "cognitui-audit" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert all(file.stat().st_size == 0 for file in path.parent.glob("audit.db-*"))


@BOTH
async def test_an_opening_that_is_cancelled_leaves_no_thread(places: Places) -> None:
    task = asyncio.create_task(AuditLog.at(places))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadline = time.monotonic() + 5
    while any(thread.name == "cognitui-audit" for thread in threading.enumerate()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        async with await AuditLog.open(path) as log:
            await log.append(record())
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    await (await AuditLog.open(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@BOTH
async def test_two_logs_of_one_process_share_the_file(log: AuditLog, places: Places) -> None:
    async with await AuditLog.at(places) as other:
        pairs = ((log.append(record(n)), other.append(record(n))) for n in range(30))
        await asyncio.gather(*(one for pair in pairs for one in pair))
        assert await log.count() == await other.count() == 60


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "truncate"),
        ((3, 44, 5), "truncate"),
        ((3, 44, 6), "wal"),
        ((3, 45, 9), "truncate"),
        ((3, 50, 6), "truncate"),
        ((3, 50, 7), "wal"),
        ((3, 51, 2), "truncate"),
        ((3, 51, 3), "wal"),
        ((4, 0, 0), "wal"),
    ],
)
def test_write_ahead_logging_only_where_it_is_sound(
    version: tuple[int, int, int], mode: str
) -> None:
    assert database.journal_mode(version) == mode


async def test_the_journal_mode_and_full_sync_are_in_force(log: AuditLog) -> None:
    def pragmas(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    full, five_seconds = 2, 5000
    assert await log._read(pragmas) == [database.journal_mode(), full, five_seconds]


LEFT_OPEN = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support import record
from cognitui.audit.store import AuditLog

async def main():
    log = await AuditLog.open(Path(sys.argv[1]))
    for number in range(40):
        asyncio.create_task(log.append(record(number)))
    await asyncio.sleep(0)

asyncio.run(main())
"""


async def test_a_program_that_ends_without_closing_does_not_hang_and_loses_nothing(
    path: Path, request: pytest.FixtureRequest
) -> None:
    helper = request.path.parent
    command = [sys.executable, "-c", LEFT_OPEN, str(path), str(helper)]
    ended = await asyncio.to_thread(
        subprocess.run, command, timeout=20, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    async with await AuditLog.open(path) as log:
        assert await log.count() == 40
