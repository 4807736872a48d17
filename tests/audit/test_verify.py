# ruff: noqa: ASYNC240  # nothing else runs while a test looks at its file
"""Every kind of damage is found, called by its name, and told with the first record concerned."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from cognitui.audit import database, walk
from cognitui.audit.errors import AuditLocked, AuditTooNew
from cognitui.audit.seal import Places
from cognitui.audit.store import AuditLog
from cognitui.audit.threads import Stopped, in_thread
from cognitui.audit.verdict import Damage, DamageKind, Verdict
from cognitui.audit.verify import verify_log

from .support import BOTH, old_log, record
from .tamper import TAMPERINGS, Sample, fault, samples, tamper

ROUNDS = 3


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    return samples(tmp_path_factory.mktemp("samples"))


@pytest.mark.parametrize("kind", ["new", "old", "archived"])
@pytest.mark.parametrize("name", sorted(TAMPERINGS))
def test_every_tampering_is_found_and_named(logs: list[Sample], name: str, kind: str) -> None:
    (sample,) = (one for one in logs if one.name == kind)
    for seed in range(ROUNDS):
        assert fault(*tamper(sample, logs[-1], name, seed)) == "", seed


@pytest.mark.parametrize("kind", ["new", "old", "archived", "other"])
def test_what_was_not_tampered_with_is_whole(logs: list[Sample], kind: str) -> None:
    (sample,) = (one for one in logs if one.name == kind)
    TAMPERINGS["nothing"] = lambda _: None  # type: ignore[assignment,return-value]
    try:
        _, verdict = tamper(sample, sample, "nothing", 1)
    finally:
        del TAMPERINGS["nothing"]
    assert verdict.is_whole
    assert verdict.head == sample.head


@BOTH
async def test_an_empty_log_is_whole(log: AuditLog) -> None:
    verdict = await log.verify()
    assert (verdict.is_whole, verdict.records) == (True, 0)


def test_where_nothing_was_ever_recorded_nothing_is_wrong(places: Places) -> None:
    verdict = verify_log(places)
    assert (verdict.damage, verdict.is_whole, verdict.records) == (None, False, 0)
    assert verdict.lines()[0].startswith(f"There is no audit log at {places.log}")
    assert not places.log.exists()


def test_a_log_from_before_the_chain_is_told_as_such_and_left_alone(places: Places) -> None:
    old_log(places.log, 3)
    before = places.log.read_bytes()
    damage = verify_log(places).damage
    assert damage is not None
    assert damage.kind is DamageKind.NOT_SEALED
    assert places.log.read_bytes() == before
    assert not places.key.exists()


async def test_a_file_that_is_cut_short_is_torn(places: Places) -> None:
    async with await AuditLog.open(places.log) as log:
        for number in range(60):
            await log.append(record(number, detail="x" * 300))
    os.truncate(places.log, places.log.stat().st_size // 2)
    verdict = verify_log(places)
    assert verdict.damage is not None
    assert verdict.damage.kind is DamageKind.TORN
    assert verdict.damage.record == verdict.records + 1


@pytest.mark.parametrize(
    "content", [b"not a database " * 100, b"SQLite format 3\0" + b"\xff" * 500]
)
async def test_something_else_in_its_place_is_torn(places: Places, content: bytes) -> None:
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
    places.log.write_bytes(content)
    damage = verify_log(places).damage
    assert damage is not None
    assert damage.kind is DamageKind.TORN


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("PRAGMA application_id = 5", "application_id"),
        ("PRAGMA user_version = 2", "table chain"),
        ("DROP INDEX records_by_webhook; CREATE INDEX records_by_webhook ON records (tenant)",
         "index records_by_webhook"),
        ("CREATE TABLE sqlite_x (a)", "table sqlite_x"),
        ("DROP TABLE gone; CREATE VIEW gone AS SELECT 1 AS id", "view gone"),
    ],
)  # fmt: skip
async def test_what_is_declared_otherwise_is_told(
    places: Places, statement: str, name: str
) -> None:
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
    with closing(sqlite3.connect(places.log)) as other:
        if "sqlite_" in statement:
            other.execute("PRAGMA writable_schema = 1")
            other.execute(
                "INSERT INTO sqlite_master SELECT type, 'sqlite_x', 'sqlite_x', rootpage, "
                "'CREATE TABLE sqlite_x (a)' FROM sqlite_master WHERE name = 'gone'"
            )
            other.commit()
        else:
            other.executescript(statement)
    damage = verify_log(places).damage
    assert damage is not None
    assert damage.kind is DamageKind.EDITED
    assert name in damage.sentence


async def test_statistics_of_the_database_are_no_damage(places: Places) -> None:
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
    with closing(sqlite3.connect(places.log)) as other:
        other.execute("ANALYZE")
    assert verify_log(places).is_whole


async def test_a_log_of_a_newer_program_is_told_as_such(places: Places) -> None:
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
    with closing(sqlite3.connect(places.log)) as other:
        other.execute("PRAGMA user_version = 99")
    with pytest.raises(AuditTooNew, match="schema 99"):
        verify_log(places)


async def test_a_log_that_was_made_and_lost_before_its_first_record_is_not_whole(
    places: Places,
) -> None:
    await (await AuditLog.open(places.log)).close()
    assert verify_log(places).is_whole
    places.log.unlink()
    verdict = verify_log(places)
    assert (verdict.damage, verdict.is_whole) == (None, False)


async def test_a_device_in_the_place_of_the_log_is_none(places: Places) -> None:
    verdict = verify_log(Places(Path("/dev/null"), places.state))
    assert (verdict.damage, verdict.is_whole) == (None, False)


async def test_a_lost_log_is_missing(places: Places) -> None:
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
    places.log.unlink()
    damage = verify_log(places).damage
    assert damage is not None
    assert (damage.kind, damage.record) == (DamageKind.MISSING, None)
    assert not places.log.exists()


@pytest.mark.skipif(
    database.journal_mode() == "wal", reason="a reader waits for nobody with write-ahead logging"
)
async def test_another_program_that_locks_the_log_is_no_damage(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    async with await AuditLog.open(places.log) as log:
        await log.append(record())
        with closing(sqlite3.connect(places.log, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            with pytest.raises(AuditLocked):
                await log.verify()
        assert (await log.verify()).is_whole


# -- while others work ----------------------------------------------------------------------------


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "SLICE", 10)


async def filled(log: AuditLog, count: int) -> None:
    await asyncio.gather(*(log.append(record(number)) for number in range(count)))


@pytest.mark.usefixtures("small_slices")
@BOTH
async def test_progress_is_told_in_the_callers_thread(log: AuditLog) -> None:
    await filled(log, 95)
    told: list[tuple[int, int, bool]] = []
    main = threading.get_ident()
    verdict = await log.verify(
        lambda done, last: told.append((done, last, threading.get_ident() == main))
    )
    assert verdict.records == 95
    assert [done for done, *_ in told] == [*range(10, 100, 10), 95]
    assert all(last == 95 and is_main for _, last, is_main in told)


@pytest.mark.usefixtures("small_slices")
@BOTH
async def test_records_are_written_while_the_log_is_verified(log: AuditLog) -> None:
    await filled(log, 200)
    verifying = asyncio.create_task(log.verify())
    written = [await log.append(record(number)) for number in range(40)]
    verdict = await verifying
    assert verdict.is_whole
    assert verdict.records >= 200
    assert [one.id for one in written] == list(range(201, 241))
    assert (await log.verify()).records == 240


@pytest.mark.usefixtures("small_slices")
@BOTH
async def test_it_can_be_called_off(log: AuditLog) -> None:
    await filled(log, 100)
    begun = asyncio.Event()
    verifying = asyncio.create_task(log.verify(lambda *_: begun.set()))
    await begun.wait()
    verifying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await verifying
    assert (await log.verify()).records == 100


async def test_work_that_is_called_off_ends() -> None:
    ended = threading.Event()
    begun = threading.Event()

    def work(_: object, stopped: threading.Event) -> None:
        begun.set()
        stopped.wait(20)
        ended.set()

    task = asyncio.create_task(in_thread(work, None))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(ended.wait, 20)


async def test_nobody_wants_it_any_more(log: AuditLog, path: Path) -> None:
    await filled(log, 3)
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Stopped):
        verify_log(Places(path, path.parent), None, stopped)


async def test_it_needs_no_right_to_write(log: AuditLog, path: Path) -> None:
    await filled(log, 3)
    before = path.read_bytes()
    assert (await log.verify()).is_whole
    assert path.read_bytes() == before


# -- words ----------------------------------------------------------------------------------------


def test_a_whole_log_is_called_tamper_evident_and_no_more() -> None:
    words = " ".join(Verdict(None, 3).lines())
    assert words.startswith("Whole: 3 records, ")
    assert Verdict(None, 1).lines()[0] == "Whole: 1 record, each as it was written."
    assert "tamper-evident, not tamper-proof" in words


@pytest.mark.parametrize("kind", list(DamageKind))
def test_damage_is_told_in_a_sentence(kind: DamageKind) -> None:
    if kind in {
        DamageKind.SWAPPED, DamageKind.MISSING, DamageKind.NOT_SEALED, DamageKind.KEY_LOST,
        DamageKind.HEAD_LOST, DamageKind.SUMS_WRONG,
    }:  # fmt: skip
        damage = Damage(kind, None, "It is so.")
    else:
        damage = Damage.of_record(kind, 12)
        assert damage.sentence.startswith("Record 12 ")
    verdict = Verdict(damage, 11)
    assert verdict.lines()[0] == f"Damaged ({kind}). {damage.sentence}"
    assert verdict.as_dict()["damage"] == str(kind)
    assert verdict.as_dict()["whole"] is False


async def test_a_program_that_was_killed_while_it_made_the_log_did_no_damage(
    places: Places,
) -> None:
    await (await AuditLog.open(places.log)).close()
    with closing(sqlite3.connect(places.log)) as other:
        other.execute("DELETE FROM chain")
        other.commit()
        assert verify_log(places).nothing
        tables = other.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if not table.startswith("sqlite_"):
                other.execute(f"DROP TABLE {table}")
        other.execute("PRAGMA user_version = 0")
        other.commit()
    assert verify_log(places).nothing
    for file in places.seal:
        file.unlink()
    assert verify_log(places).nothing
