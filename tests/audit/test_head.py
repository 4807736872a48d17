"""The head survives any crash while it is written, and nothing else passes for one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.canonical import Key
from cognitui.audit.head import SLOT, Head, HeadFile, is_unused

if TYPE_CHECKING:
    from pathlib import Path

KEY = Key("0" * 32, b"k" * 32)


def head(last: int) -> Head:
    return Head(KEY.log, last, f"{last:064x}")


@pytest.fixture
def file(tmp_path: Path) -> HeadFile:
    made = HeadFile(tmp_path / "audit.head", KEY, 0.05)
    made.begin()
    return made


def write(file: HeadFile, *numbers: int) -> None:
    for number in numbers:
        with file.opened() as opened:
            opened.write(head(number))


def test_it_begins_without_records(file: HeadFile) -> None:
    slots = file.read()
    assert slots.head == Head(KEY.log, 0, KEY.beginning)
    assert not slots.is_torn
    assert is_unused(file.path)
    assert file.path.stat().st_mode & 0o777 == 0o600


def test_it_is_made_once(file: HeadFile) -> None:
    write(file, 1)
    with pytest.raises(FileExistsError):
        file.begin()
    assert file.read().head == head(1)
    assert list(file.path.parent.iterdir()) == [file.path]


def test_the_newest_is_read_and_the_older_is_overwritten(file: HeadFile) -> None:
    for number in range(1, 6):
        write(file, number)
        assert file.read().head == head(number)
        assert file.path.stat().st_size == 2 * SLOT
    assert not is_unused(file.path)


@pytest.mark.parametrize("length", [1, 100, 250, SLOT - 1])
def test_a_torn_slot_leaves_the_head_before_it(file: HeadFile, length: int) -> None:
    write(file, 1, 2, 3)
    content = bytearray(file.path.read_bytes())
    newest = 0 if b'"last":3' in content[:SLOT] else SLOT
    content[newest : newest + length] = os.urandom(length)
    file.path.write_bytes(content)
    slots = file.read()
    assert (slots.head, slots.is_torn) == (head(2), True)
    write(file, 4)
    assert (file.read().head, file.read().is_torn) == (head(4), False)


@pytest.mark.parametrize("how", ["blank", "cut", "copied", "copied with a space"])
def test_a_newer_slot_that_was_taken_away_is_missed(file: HeadFile, how: str) -> None:
    """A program leaves a slot empty only until the first record, and never writes one twice."""
    write(file, 1, 2, 3)
    content = bytearray(file.path.read_bytes())
    newest = 0 if b'"last":3' in content[:SLOT] else SLOT
    older = content[SLOT - newest : 2 * SLOT - newest]
    content[newest : newest + SLOT] = {
        "blank": b" " * SLOT,
        "cut": b"\n" * SLOT,
        "copied": older,
        "copied with a space": b" " + older[:-2] + b"\n",
    }[how]
    file.path.write_bytes(content.rstrip() if how == "cut" else content)
    slots = file.read()
    assert (slots.head, slots.is_torn) == (head(2), True)


@pytest.mark.parametrize(
    "change",
    [(b'"last":2', b'"last":1'), (b'"last":2', b'"last":9'), (b'"mac":"0', b'"mac":"1')],
    ids=["back", "on", "another record"],
)
def test_a_changed_head_is_none(file: HeadFile, change: tuple[bytes, bytes]) -> None:
    write(file, 1, 2)
    file.path.write_bytes(file.path.read_bytes().replace(*change))
    slots = file.read()
    assert slots.is_torn
    assert slots.head in (head(1), None)


def test_another_keys_head_is_none(file: HeadFile) -> None:
    write(file, 1)
    other = HeadFile(file.path, Key(KEY.log, b"x" * 32), 0.05)
    assert other.read().head is None


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff" * 2000, b'{"last":"1"}'])
def test_anything_else_is_no_head(file: HeadFile, content: bytes) -> None:
    file.path.write_bytes(content)
    assert file.read().head is None
    assert not is_unused(file.path)


def test_two_programs_take_turns(file: HeadFile) -> None:
    with file.opened() as opened:
        with pytest.raises(TimeoutError), file.opened():
            pass
        with pytest.raises(TimeoutError):
            file.read()
        opened.write(head(1))
    assert file.read().head == head(1)
