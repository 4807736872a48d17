# ruff: noqa: ASYNC240  # nothing else runs while a test looks at its file
"""Old records move into a file that verifies alone; the log goes on from there and verifies too."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import archive as archives
from cognitui.audit import chain
from cognitui.audit.errors import AuditChainBroken, AuditDamaged, AuditDiskFull, AuditError
from cognitui.audit.link import Link
from cognitui.audit.records import Action
from cognitui.audit.seal import Places
from cognitui.audit.store import AuditLog
from cognitui.audit.verdict import DamageKind
from cognitui.audit.verify import verify_archive, verify_log
from cognitui.errors import UsageError

from .support import START, old_log, record

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.archive import Archive
    from cognitui.audit.records import AuditRecord


@pytest.fixture
async def filled(log: AuditLog) -> AuditLog:
    """Twenty records, a second apart."""
    for number in range(20):
        await log.append(record(number))
    return log


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


def note(archive: Archive) -> AuditRecord:
    return record(99, action=Action.AUDIT_ARCHIVE, detail=f"to {archive.old.last}")


async def archived(log: AuditLog, to: Path, seconds: float) -> Archive:
    old = await log.older_than(START + timedelta(seconds=seconds))
    assert old is not None
    return await log.archive(old, to, note)


def of(log: AuditLog) -> Places:
    return Places(log.path, log.path.parent)


async def test_old_records_move_and_both_parts_verify(filled: AuditLog, to: Path) -> None:
    archive = await archived(filled, to, 12)
    assert (archive.old.first, archive.old.last, archive.old.count) == (1, 12, 12)
    verdict = verify_archive(to, of(filled))
    assert (verdict.is_whole, verdict.records, verdict.head) == (True, 12, archive.head)
    left = await filled.recent()
    assert [one.id for one in left] == [*range(21, 12, -1)]
    assert (left[0].action, left[0].detail) == (Action.AUDIT_ARCHIVE, "to 12")
    verdict = await filled.verify()
    assert (verdict.is_whole, verdict.records, verdict.archived_until) == (True, 9, 12)
    await filled.append(record(30))
    assert (await filled.verify()).records == 10
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert sorted(one.name for one in to.parent.iterdir()) == ["archive.db", "data"]


async def test_an_archive_can_be_read_as_a_log(filled: AuditLog, to: Path) -> None:
    written = await filled.get(7)
    await archived(filled, to, 12)
    async with await AuditLog.open(to, filled.path.parent / "nowhere") as archive:
        assert await archive.get(7) == written
        assert await archive.count() == 12


async def test_archive_follows_archive(filled: AuditLog, to: Path) -> None:
    await archived(filled, to, 5)
    second = await archived(filled, to.with_name("second.db"), 15)
    assert (second.old.first, second.old.last) == (6, 15)
    for file in (to, to.with_name("second.db")):
        assert verify_archive(file, of(filled)).is_whole
    assert (await filled.verify()).archived_until == 15


async def test_everything_may_be_archived(filled: AuditLog, to: Path) -> None:
    await archived(filled, to, 1000)
    assert [one.id for one in await filled.recent()] == [21]
    assert (await filled.verify()).is_whole
    async with await AuditLog.open(filled.path) as again:
        assert (await again.append(record(50))).id == 22


async def test_records_from_before_the_chain_may_be_archived(path: Path, to: Path) -> None:
    old_log(path, 3)
    async with await AuditLog.open(path) as log:
        await log.append(record(60))
        await archived(log, to, 30)
        assert (await log.verify()).is_whole
        assert verify_archive(to, of(log)).records == 3


async def test_no_record_is_left_in_between(filled: AuditLog) -> None:
    """A clock that was set back leaves old times behind newer ones."""
    await filled.append(record(-5))
    old = await filled.older_than(START + timedelta(seconds=3))
    assert old is not None
    assert (old.first, old.last) == (1, 3)
    assert await filled.older_than(START) is None


async def test_a_file_that_is_there_is_not_overwritten(filled: AuditLog, to: Path) -> None:
    to.write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        await archived(filled, to, 12)
    assert to.read_text() == "mine"
    assert await filled.count() == 20


async def test_a_place_that_cannot_be_written(filled: AuditLog, to: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        await archived(filled, to / "below" / "nothing.db", 12)
    assert await filled.count() == 20


async def test_a_damaged_log_is_not_archived(filled: AuditLog, to: Path) -> None:
    with closing(sqlite3.connect(filled.path)) as other:
        other.execute("UPDATE records SET tenant = 'other' WHERE id = 4")
        other.commit()
    with pytest.raises(AuditChainBroken, match="record 4 is not as it was written"):
        await archived(filled, to, 12)
    assert not to.exists()
    assert sorted(one.name for one in to.parent.iterdir()) == ["data"]
    assert await filled.count() == 20


async def test_a_failure_after_the_copy_loses_nothing(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AuditDiskFull("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(Link, "add", fail)
        with pytest.raises(AuditDiskFull):
            await archived(filled, to, 12)
    assert await filled.count() == 20
    assert verify_archive(to, of(filled)).is_whole
    verdict = await filled.verify()
    assert (verdict.records, verdict.archived_until) == (20, 0)
    await archived(filled, to.with_name("again.db"), 12)
    assert (await filled.verify()).is_whole


async def test_a_failure_on_the_way_loses_nothing(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    step = archives._step

    def some(connection: sqlite3.Connection, link: Link, last: int) -> bool:
        if len(steps) == 2:
            raise AuditDiskFull("The disk is full.")
        steps.append(last)
        return step(connection, link, last)

    monkeypatch.setattr(archives, "STEP", 5)
    with monkeypatch.context() as patch:
        patch.setattr(archives, "_step", some)
        with pytest.raises(AuditDiskFull):
            await archived(filled, to, 17)
    verdict = await filled.verify()
    assert (verdict.is_whole, verdict.records, verdict.archived_until) == (True, 11, 10)
    assert verify_archive(to, of(filled)).records == 17
    assert (await filled.recent(limit=1))[0].action is Action.AUDIT_ARCHIVE
    second = await archived(filled, to.with_name("second.db"), 17)
    assert (second.old.first, second.old.last) == (11, 17)
    assert (await filled.verify()).archived_until == 17


async def test_others_write_while_records_leave(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "STEP", 1)
    async with await AuditLog.open(filled.path) as other:
        await asyncio.gather(
            archived(filled, to, 17), *(other.append(record(number)) for number in range(30))
        )
    verdict = await filled.verify()
    assert (verdict.is_whole, verdict.records, verdict.archived_until) == (True, 34, 17)


async def test_a_crash_before_the_head_was_written_is_no_damage(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(chain.Chain, "_cover", lambda *_: None)
        await archived(filled, to, 1000)
    assert (await filled.verify()).is_whole
    await filled.append(record(50))
    assert (await filled.verify()).uncovered == 0


@pytest.mark.parametrize("attempt", range(5))
async def test_only_one_of_two_takes_the_same_records_out(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch, attempt: int
) -> None:
    monkeypatch.setattr("cognitui.audit.walk.SLICE", 1 + attempt)
    old = await filled.older_than(START + timedelta(seconds=12))
    assert old is not None
    results = await asyncio.gather(
        *(filled.archive(old, to.with_name(f"{name}.db"), note) for name in ("one", "other")),
        return_exceptions=True,
    )
    failures = [one for one in results if isinstance(one, BaseException)]
    assert [type(one) for one in failures] == [AuditChainBroken]
    verdict = await filled.verify()
    assert (verdict.is_whole, verdict.records) == (True, 9)


async def test_two_archives_of_one_name_leave_the_first_as_it_was_written(
    filled: AuditLog, to: Path
) -> None:
    """The second begins while the first is copied, and ends after the records left the log."""
    old = await filled.older_than(START + timedelta(seconds=12))
    assert old is not None
    has_begun, may_end = threading.Event(), threading.Event()

    def wait(*_: int) -> None:
        has_begun.set()
        assert may_end.wait(20)

    def copy_other() -> Archive:
        return archives.copy(of(filled), old, to, wait, threading.Event())

    loop = asyncio.get_running_loop()
    others: list[asyncio.Future[Archive]] = []

    def begin_other(*_: int) -> None:
        if not others:
            others.append(loop.run_in_executor(None, copy_other))
            assert has_begun.wait(20)

    made = await asyncio.to_thread(
        archives.copy, of(filled), old, to, begin_other, threading.Event()
    )
    await asyncio.wrap_future(
        filled._writer.run(partial(archives.take_out, archive=made, record=note))
    )
    may_end.set()
    with pytest.raises((UsageError, AuditChainBroken)):
        await others[0]
    assert verify_archive(to, of(filled)).records == 12
    assert (await filled.verify()).is_whole
    assert sorted(one.name for one in to.parent.iterdir()) == ["archive.db", "data"]


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "replaced"])
async def test_nothing_leaves_the_log_without_the_file_that_was_verified(
    filled: AuditLog, to: Path, is_removed: bool
) -> None:
    old = await filled.older_than(START + timedelta(seconds=12))
    assert old is not None
    made = await asyncio.to_thread(
        archives.copy, of(filled), old, to, lambda *_: None, threading.Event()
    )
    content = to.read_bytes()
    to.unlink()
    if not is_removed:
        to.with_name("other.db").write_bytes(content.replace(b"acme", b"evil"))
        to.with_name("other.db").rename(to)
    with pytest.raises(AuditError, match="not the file"):
        await asyncio.wrap_future(
            filled._writer.run(partial(archives.take_out, archive=made, record=note))
        )
    verdict = await filled.verify()
    assert (verdict.is_whole, verdict.records, verdict.archived_until) == (True, 20, 0)


async def test_a_strangers_file_beside_the_archive_is_left_alone(
    filled: AuditLog, to: Path
) -> None:
    stranger = to.with_name(f".{to.name}.new")
    stranger.write_text("mine")
    await archived(filled, to, 12)
    assert stranger.read_text() == "mine"


async def test_where_there_are_no_links_no_file_is_overwritten(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def come_first(*_: object) -> None:
        to.write_text("mine")
        fail()

    with monkeypatch.context() as patch:
        patch.setattr("os.link", come_first)
        with pytest.raises(UsageError, match="cannot be written"):
            await archived(filled, to, 12)
    assert to.read_text() == "mine"
    monkeypatch.setattr("os.link", fail)
    other = to.with_name("other.db")
    await archived(filled, other, 12)
    assert verify_archive(other, of(filled)).is_whole


async def test_records_are_archived_while_the_log_is_verified(
    filled: AuditLog, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.audit.walk.SLICE", 3)
    verdicts, _ = await asyncio.gather(
        asyncio.gather(*(filled.verify() for _ in range(5))), archived(filled, to, 12)
    )
    assert all(verdict.is_whole for verdict in verdicts)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE records SET tenant = 'x' WHERE id = 3", DamageKind.EDITED),
        ("DELETE FROM records WHERE id = 3", DamageKind.REMOVED),
        ("DELETE FROM records WHERE id > 10", DamageKind.TAIL_CUT),
        ("UPDATE archive_end SET last = 10", DamageKind.SWAPPED),
        ("DELETE FROM archive_end", DamageKind.SWAPPED),
        ("DROP TABLE archive_end", DamageKind.SWAPPED),
        ("UPDATE chain SET previous = mac", DamageKind.EDITED),
    ],
)
async def test_a_damaged_archive_is_found(
    filled: AuditLog, to: Path, statement: str, kind: DamageKind
) -> None:
    await archived(filled, to, 12)
    with closing(sqlite3.connect(to)) as other:
        other.execute(statement)
        other.commit()
    damage = verify_archive(to, of(filled)).damage
    assert damage is not None
    assert damage.kind is kind


async def test_an_archive_that_was_emptied_is_found(filled: AuditLog, to: Path) -> None:
    """With the log's own start in it, nothing seems to be missing."""
    await archived(filled, to, 5)
    second = to.with_name("second.db")
    await archived(filled, second, 15)
    whole = verify_archive(second, of(filled))
    assert (whole.first, whole.records) == (6, 10)
    with closing(sqlite3.connect(second, isolation_level=None)) as other:
        other.execute("ATTACH ? AS live", (str(filled.path),))
        other.execute("DELETE FROM records")
        other.execute("INSERT OR REPLACE INTO main.chain SELECT * FROM live.chain")
    damage = verify_archive(second, of(filled)).damage
    assert damage is not None
    assert damage.kind is DamageKind.EDITED


async def test_an_archive_does_not_pass_for_the_log(filled: AuditLog, to: Path) -> None:
    await archived(filled, to, 12)
    await filled.close()
    filled.path.write_bytes(to.read_bytes())
    damage = verify_log(of(filled)).damage
    assert damage is not None
    assert damage.kind is DamageKind.EDITED  # it declares an end, as no log does
    async with await AuditLog.open(filled.path) as log:
        with pytest.raises(AuditChainBroken, match="record 13 is missing"):
            await log.append(record(50))


async def test_an_archive_that_is_not_there(filled: AuditLog, to: Path) -> None:
    with pytest.raises(AuditDamaged, match="missing"):
        verify_archive(to, of(filled))
    to.write_bytes(b"something else " * 100)
    damage = verify_archive(to, of(filled)).damage
    assert damage is not None
    assert damage.kind is DamageKind.TORN


async def test_an_archive_of_another_log_is_none_of_ours(
    filled: AuditLog, to: Path, tmp_path: Path
) -> None:
    async with await AuditLog.open(tmp_path / "other" / "audit.db") as other:
        await other.append(record())
        await archived(other, to, 1000)
    damage = verify_archive(to, of(filled)).damage
    assert damage is not None
    assert damage.kind is DamageKind.SWAPPED


async def test_progress_is_told(filled: AuditLog, to: Path) -> None:
    old = await filled.older_than(START + timedelta(seconds=12))
    assert old is not None
    told: list[tuple[int, int]] = []
    await filled.archive(old, to, note, lambda done, last: told.append((done, last)))
    assert told[-1] == (12, 12)
