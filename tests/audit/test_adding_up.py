"""When what was appended is added up, and that it survives what the log survives."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import cubes, file_backend, rollups, schema, writer
from cognitui.audit.connection import APPLICATION_ID
from cognitui.audit.records import Outcome
from cognitui.audit.store import AuditLog
from cognitui.audit.wanted import Wanted

from .naive import write_rows
from .support import FULL, record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cognitui.audit.records import AuditRecord


def upto(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT upto FROM rolled").fetchone()[0])


def write_old(path: Path, records: Sequence[AuditRecord]) -> None:
    """A log as the last program left it that added nothing up."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        for statement in [one for step in schema.MIGRATIONS[:3] for one in step]:
            old.execute(statement)
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 3")
        old.execute("BEGIN")
        write_rows(old, records)
        old.execute("COMMIT")


async def wait_for(log: AuditLog, number: int) -> None:
    deadline = time.monotonic() + 20
    while await log._read(upto) < number:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.3)  # a question too is something to do


async def test_an_append_adds_nothing_up_and_a_question_does(log: AuditLog) -> None:
    await log.append(record(1))
    assert await log._read(upto) == 0
    assert len(await log.recent()) == await log.count() == 1
    assert await log._read(upto) == 0
    assert await log.count(Wanted(tenant="acme")) == 1
    assert await log._read(upto) == 1


async def test_many_are_added_up_when_nothing_else_is_to_do(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_backend, "MANY", 10)
    monkeypatch.setattr(writer, "IDLE_S", 0.05)
    await asyncio.gather(*(log.append(record(number)) for number in range(9)))
    await asyncio.sleep(0.3)
    assert await log._read(upto) == 0
    await log.append(record(9))
    await wait_for(log, 10)


async def test_an_old_file_is_added_up_some_at_a_time_and_appends_come_between(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_backend, "MANY", 1)
    monkeypatch.setattr(writer, "IDLE_S", 0.0)
    monkeypatch.setattr(rollups, "AT_A_TIME", 7)
    write_old(path, [*(record(number) for number in range(50)), FULL])
    async with await AuditLog.open(path) as log:
        await log.append(record(99))
        await wait_for(log, 52)
        assert (await log.overview(Wanted())).records == 52
        assert await log.count(Wanted(outcome=Outcome.FAILED)) == 1


async def test_an_append_does_not_wait_until_an_old_file_is_added_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_old(path, [record(number) for number in range(600)])
    monkeypatch.setattr(rollups, "AT_A_TIME", 3)
    ended: list[str] = []
    async with await AuditLog.open(path) as log:
        asked = asyncio.create_task(log.count(Wanted(tenant="acme")))
        asked.add_done_callback(lambda _: ended.append("asked"))
        await asyncio.sleep(0)
        await log.append(record(600))
        ended.append("appended")
        assert await asked == 601
        await asyncio.sleep(0)
    assert ended == ["appended", "asked"]


async def test_what_is_added_up_is_there_after_a_restart(path: Path) -> None:
    for expected in range(1, 4):
        async with await AuditLog.open(path) as log:
            await log.append(record(expected))
            assert (await log.overview(Wanted(tenant="acme"))).records == expected


async def test_two_logs_of_one_file_add_up_each_others_records(log: AuditLog, path: Path) -> None:
    async with await AuditLog.open(path) as other:
        for number in range(10):
            await (log, other)[number % 2].append(record(number))
            counts = [await one.count(Wanted(tenant="acme")) for one in (log, other)]
            assert counts == [number + 1] * 2


async def test_adding_up_that_fails_leaves_no_half(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await AuditLog.open(path) as log:
        for number in range(5):
            await log.append(record(number))
        with monkeypatch.context() as patch:
            patch.setattr(cubes, "cells_of", _fail)
            with pytest.raises(RuntimeError):
                await log.overview(Wanted())
        facts = "SELECT count(*) FROM facts"
        assert await log._read(lambda one: one.execute(facts).fetchone()[0]) == 0
        assert (await log.overview(Wanted())).everything.total == 5


def _fail(*_: object) -> None:
    raise RuntimeError


async def test_records_that_another_program_deletes_are_counted_no_more(
    log: AuditLog, path: Path
) -> None:
    for number in range(6):
        await log.append(record(number))
    assert await log.count(Wanted(tenant="acme")) == 6
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DELETE FROM records WHERE id < 4")
    assert await log.count(Wanted(tenant="acme")) == 3
    assert (await log.overview(Wanted())).everything.total == 3
    assert [one.id for one in await log.page(Wanted(tenant="acme"))] == [6, 5, 4]
