"""Verifying the audit log and moving old records out of it, by command."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.records import Action
from cognitui.audit.store import AuditLog
from tests.audit.support import old_log, record

if TYPE_CHECKING:
    from pathlib import Path

    from .support import Cli


@pytest.fixture
def filled(empty: Cli) -> Cli:
    """Twenty records of the thirty-first of January 2026, a second apart, from noon on."""

    async def write() -> None:
        async with await AuditLog.open(*empty.audit) as log:
            for number in range(20):
                await log.append(record(number))

    asyncio.run(write())
    return empty


def damage(cli: Cli, statement: str) -> None:
    with closing(sqlite3.connect(cli.audit[0])) as log:
        log.execute(statement)
        log.commit()


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


NOON = "2026-01-31T12:00:05+00:00"


def test_a_whole_log(filled: Cli) -> None:
    result = filled.spawn("audit", "verify")
    assert (result.status, result.err) == (0, "")
    first, head, claim = result.out.splitlines()
    assert first == "Whole: 20 records, each as it was written."
    assert head.startswith("Head: record 20, ")
    assert claim.startswith("This is tamper-evident, not tamper-proof")


def test_a_whole_log_for_machines(filled: Cli) -> None:
    told = filled.run("audit", "verify", "--json").json
    assert list(told) == [
        "whole", "records", "damage", "record", "reason", "first", "log", "last", "mac",
        "unchained_until", "archived_until", "uncovered",
    ]  # fmt: skip
    assert (told["whole"], told["records"], told["last"], told["damage"]) == (True, 20, 20, None)
    assert len(told["mac"]) == 64


def test_sums_that_are_wrong_are_made_anew(filled: Cli) -> None:
    listed = filled.run("audit", "list", "acme", "--json")
    assert (listed.status, listed.err) == (0, "")
    damage(filled, "DELETE FROM cells")
    assert filled.run("audit", "verify", "--json").json["damage"] == "sums wrong"
    result = filled.run("audit", "verify", "--rebuild")
    assert (result.status, result.out.splitlines()[0]) == (
        0,
        "Whole: 20 records, each as it was written.",
    )
    assert "added up anew" in result.err
    assert filled.run("audit", "verify").status == 0


@pytest.mark.parametrize(
    ("statement", "kind", "number"),
    [
        ("UPDATE records SET outcome = 'failed' WHERE id = 7", "edited", 7),
        ("DELETE FROM records WHERE id = 7", "removed", 7),
        ("DELETE FROM records WHERE id > 15", "tail cut", 16),
        ("UPDATE records SET id = 30 WHERE id = 7", "reordered", 7),
        ("UPDATE chain SET log = 'another'", "swapped", None),
    ],
)
def test_damage_is_named_and_the_answer_is_no(
    filled: Cli, statement: str, kind: str, number: int | None
) -> None:
    damage(filled, statement)
    result = filled.run("audit", "verify", "--json")
    assert result.status == 1
    assert (result.json["whole"], result.json["damage"]) == (False, kind)
    assert result.json["record"] == number
    result = filled.run("audit", "verify")
    assert result.status == 1
    assert result.out.startswith(f"Damaged ({kind}). ")


def test_a_lost_key_is_explained_and_no_new_one_is_made(filled: Cli) -> None:
    key = filled.audit[1] / "audit.key"
    key.unlink()
    result = filled.run("audit", "verify")
    assert result.status == 1
    assert result.out.startswith("Damaged (key lost). Nothing can be told about the log.")
    assert str(key) in result.out
    assert filled.run("audit", "report", "--json").json["total_registrations"] == 20
    assert not key.exists()


def test_a_log_that_no_command_can_open_is_verified_all_the_same(filled: Cli) -> None:
    filled.audit[0].write_bytes(b"something else " * 100)
    assert filled.run("audit", "report").status == 1
    result = filled.run("audit", "verify", "--json")
    assert (result.status, result.json["damage"]) == (1, "torn")


def written_down(cli: Cli) -> str:
    told = cli.run("audit", "verify", "--json").json
    return f"{told['log']}:{told['last']}:{told['mac']}"


def test_a_head_that_was_written_down_is_found_again(filled: Cli) -> None:
    head = written_down(filled)
    export = filled.run("audit", "export", "--format", "html").out
    assert head in export
    append(filled)
    result = filled.run("audit", "verify", "--head", head)
    assert result.status == 0
    assert "Record 20 is the one that was written down." in result.out


def test_an_older_copy_of_everything_is_found_by_the_head(filled: Cli) -> None:
    log, state = filled.audit
    files = [log, *state.glob("audit.*")]
    copies = [(file, file.read_bytes()) for file in files]
    append(filled)
    head = written_down(filled)
    for file, content in copies:
        file.write_bytes(content)
    assert filled.run("audit", "verify").status == 0
    result = filled.run("audit", "verify", "--head", head, "--json")
    assert (result.status, result.json["damage"], result.json["record"]) == (1, "tail cut", 21)
    append(filled, 51)  # another record in its place
    result = filled.run("audit", "verify", "--head", head, "--json")
    assert (result.status, result.json["damage"], result.json["record"]) == (1, "rewritten", 21)


def test_the_head_of_a_record_that_was_archived(filled: Cli, to: Path) -> None:
    head = written_down(filled)
    append(filled)
    filled.run("audit", "archive", "--before", "2030-01-01", "--to", str(to), "--yes")
    result = filled.run("audit", "verify", "--head", head, "--json")
    assert (result.status, result.json["whole"], result.json["damage"]) == (1, False, None)
    assert "was moved into an archive" in result.json["reason"]
    assert filled.run("audit", "verify", "--head", head, "--archive", str(to)).status == 0


def test_the_head_of_another_log(filled: Cli) -> None:
    head = f"{'0' * 32}:20:{'0' * 64}"
    result = filled.run("audit", "verify", "--head", head, "--json")
    assert (result.status, result.json["damage"]) == (1, "swapped")


@pytest.mark.parametrize("head", ["", "20", "a:b:c", f"{'0' * 32}:{'9' * 30}:{'0' * 64}"])
def test_a_head_that_is_none(filled: Cli, head: str) -> None:
    result = filled.run("audit", "verify", "--head", head)
    assert result.status == 2
    assert "--head" in result.err


def append(cli: Cli, number: int = 50) -> None:
    async def write() -> None:
        async with await AuditLog.open(*cli.audit) as log:
            await log.append(record(number))

    asyncio.run(write())


def test_verifying_where_nothing_was_recorded(empty: Cli) -> None:
    result = empty.run("audit", "verify", "--json")
    assert (result.status, result.json["records"]) == (1, 0)
    assert (result.json["whole"], result.json["damage"]) == (False, None)
    assert result.json["reason"].startswith(f"There is no audit log at {empty.audit[0]}")
    out = empty.run("audit", "verify").out
    assert "Whole" not in out
    assert "Damaged" not in out
    assert not empty.audit[0].exists()


def test_an_old_log_is_sealed_by_the_next_command(empty: Cli) -> None:
    old_log(empty.audit[0], 3)
    result = empty.run("audit", "verify", "--json")
    assert (result.status, result.json["damage"]) == (1, "not sealed")
    assert empty.run("audit", "report").status == 0
    result = empty.run("audit", "verify", "--json")
    assert (result.status, result.json["unchained_until"]) == (0, 4)


def test_progress_is_for_terminals(filled: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    err = filled.run("audit", "verify").err
    assert "Verified 20 records, 100%" in err
    assert err.endswith("\r\x1b[K")


# -- archive --------------------------------------------------------------------------------------


def test_old_records_are_moved_and_all_of_it_verifies(filled: Cli, to: Path) -> None:
    filled.environment["COGNITUI_ACTOR"] = "nightly"
    result = filled.spawn("audit", "archive", "--before", NOON, "--to", str(to), "--yes", "--json")
    assert (result.status, result.err) == (0, "")
    told = result.json
    assert (told["archived"], told["first"], told["last"]) == (5, 1, 5)
    assert told["file"] == str(to)
    archive = filled.run("audit", "verify", "--archive", str(to), "--json")
    assert (archive.status, archive.json["records"], archive.json["mac"]) == (0, 5, told["mac"])
    log = filled.run("audit", "verify", "--json")
    assert (log.status, log.json["records"], log.json["archived_until"]) == (0, 16, 5)
    last = filled.records()[-1]
    assert (last.action, last.actor) == (Action.AUDIT_ARCHIVE, "nightly")
    assert last.after is not None
    assert last.after["mac"] == told["mac"]


def test_archiving_for_people(filled: Cli, to: Path) -> None:
    result = filled.run("audit", "archive", "--before", NOON, "--to", str(to), "--yes")
    first, head = result.out.splitlines()
    assert first == f"Moved 5 records, 1 to 5, into {to}."
    assert head.startswith("Head of the archive: record 5, ")
    out = filled.run("audit", "verify").out
    assert "Records up to 5 were moved into an archive." in out


@pytest.mark.parametrize(("answer", "moved"), [("yes\n", 5), ("y\n", 0), ("\n", 0), ("", 0)])
def test_a_person_is_asked(filled: Cli, to: Path, answer: str, moved: int) -> None:
    result = filled.run(
        "audit", "archive", "--before", NOON, "--to", str(to), stdin=answer, terminal=True
    )
    assert "Move 5 records" in result.err
    assert result.status == (0 if moved else 1)
    assert to.exists() is bool(moved)
    assert len(filled.records()) == (16 if moved else 20)


def test_without_a_terminal_it_needs_yes(filled: Cli, to: Path) -> None:
    result = filled.run("audit", "archive", "--before", NOON, "--to", str(to))
    assert (result.status, to.exists()) == (2, False)
    assert "--yes" in result.sentence


def test_nothing_is_that_old(filled: Cli, to: Path) -> None:
    result = filled.run("audit", "archive", "--before", "2026-01-01", "--to", str(to), "--yes")
    assert (result.status, result.out) == (0, "No record is that old.\n")
    assert not to.exists()


@pytest.mark.parametrize("day", ["yesterday", "1h", "2099-01-01"])
def test_days_as_the_filter_knows_them(filled: Cli, to: Path, day: str) -> None:
    result = filled.run("audit", "archive", "--before", day, "--to", str(to), "--yes", "--json")
    assert (result.status, result.json["archived"]) == (0, 20)


@pytest.mark.parametrize("day", ["someday", "", "2026-13-01", "9999-12-31T23:59:59-23:59"])
def test_a_day_that_is_none(filled: Cli, to: Path, day: str) -> None:
    result = filled.run("audit", "archive", "--before", day, "--to", str(to), "--yes", "--json")
    assert result.status == 2
    assert result.json["error"]["field"] == "before"


def test_an_archive_that_is_there(filled: Cli, to: Path) -> None:
    to.write_text("mine")
    result = filled.run("audit", "archive", "--before", NOON, "--to", str(to), "--yes", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "to")
    assert to.read_text() == "mine"


def test_a_damaged_log_is_not_archived(filled: Cli, to: Path) -> None:
    damage(filled, "UPDATE records SET outcome = 'failed' WHERE id = 2")
    result = filled.run("audit", "archive", "--before", NOON, "--to", str(to), "--yes", "--json")
    assert (result.status, result.json["error"]["code"]) == (1, "audit_chain_broken")
    assert not to.exists()


@pytest.mark.parametrize(
    "name",
    ["/", "", "n" * 300, "/dev/null/archive.db", "nowhere/archive.db"],
    ids=["root", "nothing", "long", "below-a-file", "below-nothing"],
)
def test_an_archive_where_no_file_can_be(filled: Cli, name: str) -> None:
    result = filled.run("audit", "archive", "--before", NOON, "--to", name, "--yes", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "to")
    assert result.sentence
    assert len(filled.records()) == 20


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/nowhere/archive.db", "There is no archive at /nowhere/archive.db."),
        ("/", "/ is not a file."),
        ("", ". is not a file."),
        ("n" * 300, f"{'n' * 300} cannot be read: File name too long."),
        ("/dev/null/archive.db", "There is no archive at /dev/null/archive.db."),
    ],
    ids=["missing", "directory", "nothing", "long", "below-a-file"],
)
def test_what_is_no_archive(filled: Cli, name: str, reason: str) -> None:
    result = filled.run("audit", "verify", "--archive", name, "--json")
    assert (result.status, result.json["error"]["message"]) == (2, reason)
    assert result.json["error"]["field"] == "archive"
    assert result.sentence == reason


@pytest.mark.parametrize("content", [b"", b"something else"], ids=["empty", "text"])
def test_a_file_of_something_else_is_no_archive(filled: Cli, to: Path, content: bytes) -> None:
    to.write_bytes(content)
    result = filled.run("audit", "verify", "--archive", str(to), "--json")
    assert (result.status, result.json["error"]["code"]) == (1, "audit_damaged")
    assert result.sentence == f"{to} is no archive, or its beginning is gone."
    assert "move" not in result.err.lower()
