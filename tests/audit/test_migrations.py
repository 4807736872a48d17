# ruff: noqa: ASYNC240  # nothing else runs while a test looks at its file
"""Files that older versions wrote are brought up to date, and what is in them is sealed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import schema
from cognitui.audit.errors import AuditDamaged, AuditError
from cognitui.audit.store import AuditLog

from .support import FULL, old_log, record

if TYPE_CHECKING:
    from pathlib import Path

OLD = [1, 2, 3]
OPERATIONS = {1: ["op_0", "op_1", "op_7", "op_3"], 2: ["op_0", "op_1", "op_7", "op_3"], 3: ["op_0", "op_7", "op_3"]}  # fmt: skip


@pytest.mark.parametrize("version", OLD)
async def test_an_old_file_is_brought_up_to_date_and_sealed(path: Path, version: int) -> None:
    old_log(path, version)
    async with await AuditLog.open(path) as log:
        await log.append(record(9, actor="me@here"))
        found = list(reversed(await log.recent()))
        verdict = await log.verify()
        declared = await log._read(schema.changed_objects)
    assert [one.operation_id for one in found] == [*OPERATIONS[version], "op_9"]
    assert [one.actor for one in found] == ["" for _ in OPERATIONS[version]] + ["me@here"]
    full = found[OPERATIONS[version].index("op_7")]
    assert (full.attempts, full.before, full.after) == (FULL.attempts, FULL.before, FULL.after)
    assert full.latency_ms == FULL.latency_ms
    assert (verdict.is_whole, verdict.unchained_until) == (True, 4)
    assert verdict.records == len(found)
    assert "Records up to 4 are from before the chain" in "\n".join(verdict.lines())
    assert declared == []


@pytest.mark.parametrize("version", OLD)
async def test_an_old_record_that_is_changed_later_is_found(path: Path, version: int) -> None:
    old_log(path, version)
    async with await AuditLog.open(path) as log:
        await log.append(record(9))
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE records SET outcome = 'failed' WHERE id = 4")
            other.commit()
        damage = (await log.verify()).damage
    assert damage is not None
    assert (damage.kind, damage.record) == ("edited", 4)


async def test_an_empty_file_is_version_0(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"")
    async with await AuditLog.open(path) as log:
        await log.append(record())
        assert (await log.verify()).records == 1


async def test_two_programs_bring_one_file_up_to_date_at_once(path: Path) -> None:
    old_log(path, 1)
    async with await AuditLog.open(path) as one, await AuditLog.open(path) as other:
        await one.append(record(1))
        await other.append(record(2))
        verdict = await one.verify()
    assert (verdict.is_whole, verdict.records) == (True, 6)


async def test_an_old_row_that_makes_no_sense_is_named(path: Path) -> None:
    old_log(path, 3)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE records SET tenant = x'00' WHERE id = 3")
        other.commit()
    with pytest.raises(AuditDamaged, match="record 3 makes no sense"):
        await AuditLog.open(path)


@pytest.mark.parametrize("version", OLD)
async def test_a_migration_that_fails_leaves_the_version_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    old_log(path, version)
    today = schema.MIGRATIONS
    half = ("CREATE TABLE extra (x TEXT)", "CREATE TABLE records (x TEXT)")
    monkeypatch.setattr(schema, "MIGRATIONS", (*today, half))
    with pytest.raises(AuditError):
        await AuditLog.open(path)
    monkeypatch.setattr(schema, "MIGRATIONS", today)
    async with await AuditLog.open(path) as log:
        await log.append(record())
        assert await log._read(schema.changed_objects) == []
        assert (await log.verify()).is_whole
