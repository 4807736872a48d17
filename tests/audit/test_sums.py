"""What is added up beside the records is compared with them when the log is verified."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import rollups
from cognitui.audit.errors import AuditDamaged
from cognitui.audit.records import Action, Outcome
from cognitui.audit.store import AuditLog
from cognitui.audit.verdict import DamageKind
from cognitui.audit.wanted import Wanted

from .support import FULL, START, record

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord


def various(number: int) -> AuditRecord:
    return record(
        number * 7001,
        webhook_id=f"wh_{number % 5}",
        outcome=Outcome.FAILED if number % 4 == 0 else Outcome.OK,
        latency_ms=None if number % 6 == 0 else 0.1 + number * 1.7,
        detail=f"note {number % 3}" if number % 3 else "",
    )


@pytest.fixture
async def filled(log: AuditLog) -> AuditLog:
    """Forty records, the last three of which are not added up."""
    for number in range(36):
        await log.append(various(number))
    await log.append(FULL)
    assert await log.count(Wanted(tenant="acme")) == 37
    for number in range(3):
        await log.append(various(number))
    return log


def change(log: AuditLog, statements: str) -> None:
    with closing(sqlite3.connect(log.path)) as other:
        other.executescript(statements)


async def test_sums_that_are_right(filled: AuditLog) -> None:
    assert (await filled.verify()).is_whole
    await filled.overview(Wanted())
    assert (await filled.verify()).is_whole


TAMPERINGS = {
    "all": "DELETE FROM facts; DELETE FROM cells; UPDATE kinds SET total = 0",
    "one fact": "DELETE FROM facts WHERE id = 36",
    "far": "UPDATE rolled SET upto = 1000000",
    "back": "UPDATE rolled SET upto = 5",
    "unknown": "DELETE FROM rolled",
    "twice": "INSERT INTO rolled VALUES (0, 1, '')",
    "letters": "UPDATE rolled SET letters = 'x'",
    "kind of a fact": "UPDATE facts SET kind = kind + 1 WHERE id = 3",
    "word": "UPDATE kinds SET outcome = 'cancelled' WHERE id = 1",
    "time": "UPDATE facts SET at = at + 1 WHERE id = 9",
    "latency": "UPDATE facts SET latency_ms = 1 WHERE id = 9",
    "attempts": "UPDATE facts SET attempts = 9 WHERE id = 37",
    "note": "UPDATE notes SET text = 'other' WHERE id = 1",
    "operation": "UPDATE facts SET operation_id = 'op_1' WHERE id = 9",
    "total of a kind": "UPDATE kinds SET total = total + 1 WHERE id = 1",
    "more facts": "INSERT INTO facts SELECT 99, kind, at, 1, 1, note, 'op' FROM facts WHERE id = 1",
    "span": "UPDATE spans SET latest = earliest",
    "gone": "INSERT INTO gone VALUES (1)",
    "gone for nothing": "INSERT INTO gone VALUES (99)",
    "cells": "DELETE FROM cells",
    "a cell": "DELETE FROM cells WHERE cut = 1 AND grain = 0",
    "total of a cell": "UPDATE cells SET total = total + 1 WHERE cut = 1 AND grain = 0",
    "spent": "UPDATE cells SET spent_ms = spent_ms + 1 WHERE cut = 1 AND grain = 0",
    "most": "UPDATE cells SET most_ms = most_ms * 2 WHERE cut = 1 AND grain = 0",
    "tries": "UPDATE cells SET attempts = attempts + 1 WHERE cut = 1 AND grain = 0",
    "times": "UPDATE cells SET times = zeroblob(length(times)) WHERE cut = 1 AND grain = 0",
    "half of the times": "UPDATE cells SET times = x'00' WHERE cut = 1 AND grain = 0",
    "no text": "UPDATE cells SET times = CAST(x'ff' AS TEXT) WHERE cut = 1",
    "no letters": "UPDATE rolled SET letters = CAST(x'ff' AS TEXT)",
    "far as a word": "UPDATE rolled SET upto = 'far'",
    "no words": "UPDATE kinds SET tenant = CAST(x'ff' AS TEXT)",
    "words in numbers": "UPDATE cells SET total = 'many', times = 'x' WHERE cut = 1",
    "another cell": "INSERT INTO cells SELECT cut, grain, start + 99, 1, 0, 0, 0, 0, x'' FROM cells"
    " WHERE cut = 1 AND grain = 3600 LIMIT 1",
    "a cell of no cut": "UPDATE cells SET cut = 999 WHERE cut = 1",
    "a cut": "UPDATE cuts SET tenant = 'other' WHERE id = 1",
}


@pytest.mark.parametrize("name", sorted(TAMPERINGS))
async def test_sums_that_were_changed_are_found_and_can_be_rebuilt(
    filled: AuditLog, name: str
) -> None:
    change(filled, TAMPERINGS[name])
    verdict = await filled.verify()
    assert verdict.damage is not None
    assert verdict.damage.kind is DamageKind.SUMS_WRONG
    assert "--rebuild" in verdict.damage.sentence
    assert verdict.records == 40
    await filled.rebuild_sums()
    assert (await filled.verify()).is_whole
    assert await filled.count(Wanted(tenant="acme")) == 40


@pytest.mark.parametrize(
    "statements",
    [
        "DELETE FROM cells; INSERT INTO gone VALUES (1)",
        "DELETE FROM rolled",
        "UPDATE rolled SET upto = 5",
        "UPDATE rolled SET upto = 'far'",
        "UPDATE cells SET times = 'x', total = 'many'",
        "UPDATE cells SET times = CAST(x'ff' AS TEXT)",
        "UPDATE rolled SET letters = CAST(x'ff' AS TEXT)",
        "UPDATE facts SET attempts = 'many'; INSERT INTO gone VALUES (1)",
        "UPDATE cells SET times = x'00'; UPDATE rolled SET upto = upto",
    ],
)
async def test_sums_that_make_no_sense_are_made_anew_by_the_next_question(
    filled: AuditLog, path: Path, statements: str
) -> None:
    change(filled, statements)
    await filled.append(various(3))
    async with await AuditLog.open(path) as again:
        assert await again.count(Wanted(tenant="acme")) == 41
        assert (await again.overview(Wanted(tenant="acme"))).records == 41
        assert (await again.verify()).is_whole


@pytest.mark.parametrize(
    "change_of_one",
    [
        "at = 'once'", "attempts = '['", "operation_id = CAST(x'ff' AS TEXT)",
        "webhook_id = CAST(x'ff' AS TEXT)", "before = '['",
    ],
)  # fmt: skip
async def test_one_record_that_makes_no_sense_does_not_end_all_questions(
    filled: AuditLog, change_of_one: str
) -> None:
    change(filled, f"UPDATE records SET {change_of_one} WHERE id = 3")
    assert await filled.count(Wanted(tenant="acme")) == 40
    assert len(await filled.page(Wanted(tenant="acme", outcome=Outcome.FAILED), 5)) == 5
    if "webhook_id" in change_of_one:  # the name of a group is no text
        with pytest.raises(AuditDamaged, match="makes no sense"):
            await filled.overview(Wanted(tenant="acme"))
    else:
        assert (await filled.overview(Wanted(tenant="acme"))).records == 40
    with pytest.raises(AuditDamaged) as caught:
        await filled.page(Wanted(tenant="acme"), 100)
    assert "audit verify" in caught.value.hint
    with pytest.raises(AuditDamaged):
        await filled.page(Wanted(), 100)
    damage = (await filled.verify()).damage
    assert damage is not None
    assert (damage.kind, damage.record) == (DamageKind.EDITED, 3)


@pytest.mark.parametrize("column", ["attempts", "before", "after"])
async def test_nothing_is_too_deep_to_be_told(filled: AuditLog, column: str) -> None:
    change(filled, f"UPDATE records SET {column} = '{'[' * 200_000}' WHERE id = 40")
    with pytest.raises(AuditDamaged, match="record 40 makes no sense"):
        await filled.recent()


async def test_sums_that_will_be_made_anew_are_not_asked(filled: AuditLog) -> None:
    change(filled, "DELETE FROM cells; UPDATE rolled SET stale = 1")
    assert (await filled.verify()).is_whole
    assert (await filled.overview(Wanted())).records == 40
    assert (await filled.verify()).is_whole


async def test_sums_after_records_left_the_log(filled: AuditLog, path: Path) -> None:
    old = await filled.older_than(START + timedelta(seconds=7001 * 20))
    assert old is not None
    moved = record(99, action=Action.AUDIT_ARCHIVE)
    await filled.archive(old, path.with_name("old.db"), lambda _: moved)
    assert (await filled.verify()).is_whole  # they are to be taken out
    await filled.overview(Wanted())
    assert (await filled.verify()).is_whole  # they were


async def test_sums_are_verified_while_records_are_written_and_added_up(
    filled: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.audit.walk.SLICE", 3)
    monkeypatch.setattr(rollups, "AT_A_TIME", 2)

    async def work() -> None:
        for number in range(30):
            await filled.append(various(number))
            await filled.count(Wanted(tenant="acme"))

    verdicts, _ = await asyncio.gather(asyncio.gather(*(filled.verify() for _ in range(5))), work())
    assert all(verdict.is_whole for verdict in verdicts)
