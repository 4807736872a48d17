"""Without its key and its head a log can be read, and is never quietly continued."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import chain, database, head, seal
from cognitui.audit.errors import (
    AuditChainBroken,
    AuditError,
    AuditLocked,
    AuditNotCovered,
    AuditNotWritable,
    AuditSealLost,
)
from cognitui.audit.seal import Places, load
from cognitui.audit.store import AuditLog
from cognitui.audit.verdict import DamageKind
from cognitui.audit.verify import verify_log

from .support import old_log, record

if TYPE_CHECKING:
    from pathlib import Path


APPENDED = (
    "INSERT INTO records SELECT 4, at, monotonic, operation_id, tenant, bot_id, action, "
    "webhook_id, skill_id, endpoint, event, outcome, latency_ms, attempts, error_code, "
    "detail, before, after, actor, mac FROM records WHERE id = 3"
)


@pytest.fixture
async def places(tmp_path: Path) -> Places:
    """A closed log of three records."""
    places = Places(tmp_path / "data" / "audit.db", tmp_path / "state")
    async with await reopened(places) as log:
        for number in range(3):
            await log.append(record(number))
    return places


async def reopened(places: Places) -> AuditLog:
    return await AuditLog.open(places.log, places.state)


async def kind_of(log: AuditLog) -> DamageKind | None:
    damage = (await log.verify()).damage
    return None if damage is None else damage.kind


async def test_the_head_can_be_asked_for(places: Places) -> None:
    async with await reopened(places) as log:
        assert await log.head() == (await log.verify()).head
        last = await log.append(record(3))
        head = await log.head()
    assert head is not None
    assert (head.last, len(head.mac)) == (last.id, 64)


def test_key_and_head_are_for_their_owner_alone_and_apart_from_the_log(places: Places) -> None:
    assert stat.S_IMODE(places.state.stat().st_mode) == 0o700
    for file in places.seal:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(places.state.iterdir()) == sorted(places.seal)
    key = json.loads(places.key.read_text())["key"]
    assert len(bytes.fromhex(key)) == 32
    assert bytes.fromhex(key) not in places.log.read_bytes()
    assert key.encode() not in places.log.read_bytes() + places.head.read_bytes()


async def test_a_key_that_others_may_read_is_made_private(places: Places) -> None:
    places.key.chmod(0o644)
    await (await reopened(places)).close()
    assert stat.S_IMODE(places.key.stat().st_mode) == 0o600


async def test_that_others_could_read_the_key_is_told(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []

    class Logger:
        def warning(self, event: str, *, mode: str) -> None:
            told.append((event, mode))

    monkeypatch.setattr(seal, "get_logger", Logger)
    places.key.chmod(0o644)
    for _ in range(2):
        verify_log(places)
    assert told == [("audit_key_was_readable_by_others", "0o644")]


@pytest.mark.parametrize("is_key", [True, False], ids=["key", "head"])
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, is_key: bool) -> None:
    places = Places(tmp_path / "audit.db", tmp_path)
    if not is_key:
        seal.create_if_new(places, 1)
        places.head.unlink()
    os.mkfifo(places.key if is_key else places.head)
    with pytest.raises(AuditError, match="not a file" if is_key else "cannot be read"):
        verify_log(places) if not is_key else load(places, 1)
    with pytest.raises(AuditError):
        database.connect(places)


async def test_keys_are_random(places: Places, tmp_path: Path) -> None:
    async with await AuditLog.open(tmp_path / "other.db", tmp_path / "other"):
        pass
    assert (tmp_path / "other" / "other.key").read_bytes() != places.key.read_bytes()


@pytest.mark.parametrize(
    "content",
    [None, "", "{}", "[]", '{"version":1,"log":"0","key":"00"}', "[" * 200_000],
    ids=["none", "empty", "object", "list", "short", "deep"],
)
async def test_without_its_key_a_log_is_read_and_not_continued(
    places: Places, content: str | None
) -> None:
    original = places.key.read_bytes()
    if content is None:
        places.key.unlink()
    else:
        places.key.write_text(content)
    async with await reopened(places) as log:
        assert await log.count() == 3
        with pytest.raises(AuditSealLost) as caught:
            await log.append(record(3))
        assert await kind_of(log) is DamageKind.KEY_LOST
        assert await log.count() == 3
        assert places.key.exists() is (content is not None)
        assert content is None or places.key.read_text() == content
        places.key.write_bytes(original)
        await log.append(record(3))
        assert await kind_of(log) is None
    assert str(places.key) in caught.value.message
    assert str(places.head) in caught.value.hint


async def test_without_its_head_a_log_is_read_and_not_continued(places: Places) -> None:
    places.head.unlink()
    async with await reopened(places) as log:
        with pytest.raises(AuditSealLost):
            await log.append(record(3))
        assert await kind_of(log) is DamageKind.HEAD_LOST
        assert await log.count() == 3
    assert not places.head.exists()


async def test_a_head_that_goes_while_the_log_is_open_is_missed(places: Places) -> None:
    async with await reopened(places) as log:
        places.head.unlink()
        with pytest.raises(AuditSealLost, match="head"):
            await log.append(record(3))
        assert await log.count() == 3


async def test_a_head_that_was_changed_is_not_believed(places: Places) -> None:
    places.head.write_bytes(places.head.read_bytes().replace(b'"last":', b'"last":1'))
    async with await reopened(places) as log:
        with pytest.raises(AuditChainBroken):
            await log.append(record(3))
        assert await kind_of(log) is DamageKind.HEAD_LOST


@pytest.mark.parametrize("empty", [False, True], ids=["removed", "emptied"])
async def test_a_new_log_does_not_take_the_place_of_one_that_was_lost(
    places: Places, empty: bool
) -> None:
    content = places.log.read_bytes()
    places.log.unlink()
    if empty:
        places.log.touch()
    with pytest.raises(AuditChainBroken, match="number 3") as caught:
        await reopened(places)
    assert str(places.key) in caught.value.hint
    assert places.log.exists() is empty
    places.log.write_bytes(content)
    async with await reopened(places) as log:
        assert await kind_of(log) is None


async def test_after_all_three_were_moved_away_a_new_log_begins(places: Places) -> None:
    for file in (places.log, *places.seal):
        file.rename(file.with_suffix(".gone"))
    async with await reopened(places) as log:
        assert (await log.append(record())).id == 1
        assert await kind_of(log) is None


async def test_an_old_log_does_not_take_the_place_of_a_chained_one(places: Places) -> None:
    places.log.unlink()
    old_log(places.log, 3)
    with pytest.raises(AuditChainBroken, match="3 records"):
        await reopened(places)


async def test_another_log_is_not_continued(places: Places, tmp_path: Path) -> None:
    async with await AuditLog.open(tmp_path / "other" / "audit.db") as other:
        for number in range(5):
            await other.append(record(number))
    places.log.write_bytes((tmp_path / "other" / "audit.db").read_bytes())
    async with await reopened(places) as log:
        with pytest.raises(AuditChainBroken, match="another log"):
            await log.append(record())
        assert await kind_of(log) is DamageKind.SWAPPED
        assert await log.count() == 5


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("DELETE FROM records WHERE id = 3", "record 3 is missing"),
        ("DELETE FROM records", "record 1 is missing"),
        ("UPDATE records SET mac = x'00' WHERE id = 3", "record 3 was replaced"),
        ("UPDATE chain SET archived_until = 2", "its start was changed"),
        ("DELETE FROM chain", "3 records are missing or not chained"),
        (APPENDED, "record 4 was not written by cognitui"),
    ],
    ids=["cut", "emptied", "replaced", "start", "no start", "appended"],
)
async def test_damage_is_not_built_upon(places: Places, statement: str, reason: str) -> None:
    with closing(sqlite3.connect(places.log)) as other:
        other.execute(statement)
        other.commit()
    before = places.head.read_bytes()
    with pytest.raises(AuditChainBroken, match=reason) as caught:
        async with await reopened(places) as log:
            await log.append(record(9))
    assert "audit verify" in caught.value.hint
    assert places.head.read_bytes() == before


async def test_damage_that_is_done_while_the_log_is_open_is_not_built_upon(places: Places) -> None:
    async with await reopened(places) as log:
        await log.append(record(3))
        with closing(sqlite3.connect(places.log)) as other:
            other.execute("DELETE FROM records WHERE id > 2")
            other.commit()
        with pytest.raises(AuditChainBroken, match="record 3 is missing"):
            await log.append(record(4))


@pytest.mark.parametrize(
    "trigger",
    [
        "CREATE TRIGGER records_changed BEFORE INSERT ON records BEGIN SELECT RAISE(IGNORE); END",
        "CREATE TRIGGER records_changed AFTER INSERT ON records BEGIN DELETE FROM records; END",
    ],
    ids=["ignored", "deleted"],
)
async def test_a_record_that_is_not_stored_is_not_acknowledged(
    places: Places, trigger: str
) -> None:
    """A trigger of a name that is known may do something else than it did."""
    with closing(sqlite3.connect(places.log, isolation_level=None)) as other:
        other.execute("DROP TRIGGER records_changed")
        other.execute(trigger)
    async with await reopened(places) as log:
        with pytest.raises(AuditChainBroken, match="record 4 was not stored"):
            await log.append(record(3))
        verdict = await log.verify()
    assert verdict.damage is not None
    assert verdict.damage.kind is DamageKind.EDITED
    assert "trigger records_changed" in verdict.damage.sentence


async def test_sealed_records_are_not_sealed_anew_with_another_key(places: Places) -> None:
    for file in places.seal:
        file.unlink()
    with closing(sqlite3.connect(places.log, isolation_level=None)) as other:
        other.execute("DELETE FROM chain")
        other.execute("UPDATE records SET tenant = 'other' WHERE id = 2")
    before = places.log.read_bytes()
    with pytest.raises(AuditChainBroken, match="are sealed, but the start"):
        await reopened(places)
    assert places.log.read_bytes() == before
    assert not any(file.exists() for file in places.seal)
    damage = verify_log(places).damage
    assert damage is not None
    assert damage.kind is DamageKind.KEY_LOST


async def test_that_old_records_are_sealed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int]] = []

    class Logger:
        def warning(self, event: str, *, until: int) -> None:
            told.append((event, until))

    monkeypatch.setattr(chain, "get_logger", Logger)
    old = tmp_path / "old" / "audit.db"
    old_log(old, 3)
    for _ in range(2):
        await (await AuditLog.open(old)).close()
    assert told == [("audit_sealed_old_records", 4)]


# -- crashes --------------------------------------------------------------------------------------


async def test_a_crash_between_the_commit_and_the_head_is_no_damage(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await reopened(places) as log:
        with monkeypatch.context() as patch:
            patch.setattr(chain.Chain, "_cover", lambda *_: None)
            await log.append(record(3))
        verdict = await log.verify()
        assert (verdict.is_whole, verdict.records, verdict.uncovered) == (True, 4, 1)
        await log.append(record(4))
        assert (await log.verify()).uncovered == 0


async def test_a_torn_head_is_told_from_a_cut_tail(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A newer head was being written, so its records were committed before: they must be there."""

    def tear(file: head.HeadFile, handle: int, number: int, _: head.Head) -> None:
        os.pwrite(handle, b"\0\1\2", number * head.SLOT)

    async with await reopened(places) as log:
        with monkeypatch.context() as patch:
            patch.setattr(head.HeadFile, "write_slot", tear)
            await log.append(record(3))
        verdict = await log.verify()
        assert (verdict.is_whole, verdict.uncovered) == (True, 1)
        with closing(sqlite3.connect(places.log)) as other:
            other.execute("DELETE FROM records WHERE id = 4")
            other.commit()
        assert await kind_of(log) is DamageKind.TAIL_CUT
        with pytest.raises(AuditChainBroken, match="record 4 is missing"):
            await log.append(record(4))


@pytest.mark.parametrize("is_copied", [False, True], ids=["blanked", "copied"])
async def test_the_last_records_and_their_head_are_missed(places: Places, is_copied: bool) -> None:
    content = bytearray(places.head.read_bytes())
    newest = 0 if b'"last":3' in content[: head.SLOT] else head.SLOT
    older = content[head.SLOT - newest : 2 * head.SLOT - newest]
    content[newest : newest + head.SLOT] = older if is_copied else b" " * head.SLOT
    places.head.write_bytes(content)
    with closing(sqlite3.connect(places.log)) as other:
        other.execute("DELETE FROM records WHERE id = 3")
        other.commit()
    async with await reopened(places) as log:
        assert await kind_of(log) is DamageKind.TAIL_CUT
        with pytest.raises(AuditChainBroken, match="record 3 is missing"):
            await log.append(record(3))


async def test_a_program_that_was_killed_while_it_made_the_seal_is_no_obstacle(
    places: Places,
) -> None:
    for file in (places.log, *places.seal):
        file.unlink()
    async with await reopened(places) as log:
        pass
    places.key.unlink()
    places.log.unlink()
    async with await reopened(places) as log:
        await log.append(record())
        assert await kind_of(log) is None


async def test_a_head_that_cannot_be_written_after_the_commit_is_told_as_such(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    async with await reopened(places) as log:
        with monkeypatch.context() as patch:
            patch.setattr(head.HeadFile, "write_slot", fail)
            with pytest.raises(AuditNotCovered, match="Input/output error"):
                await log.append(record(3))
        assert await log.count() == 4
        await log.append(record(4))
        verdict = await log.verify()
        assert (verdict.is_whole, verdict.records, verdict.uncovered) == (True, 5, 0)


async def test_a_head_that_another_program_holds(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    async with await reopened(places) as log:
        holder = head.HeadFile(places.head, load(places, 1).key, 1)
        with holder.opened(), pytest.raises(AuditLocked):
            await log.append(record(3))
        await log.append(record(4))
        assert await log.count() == 4


async def test_a_state_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a directory")
    with pytest.raises(AuditNotWritable, match="state"):
        await AuditLog.open(tmp_path / "audit.db", tmp_path / "state")
