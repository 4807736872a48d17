"""Where an audit log ends, kept in a file of its own so that a cut tail is noticed.

The file has two slots of one disk sector each, written in turn, in place and synchronously: a crash
can tear one of them at most, and writing costs a tenth of what a commit costs. Each holds the
number and the MAC of the last record, under a MAC of its own::

    {"last":12,"log":"…","mac":"…","seal":"…"}

A head is written after its records are committed and before they are acknowledged. So the log may
be ahead of its head, by what was committed when a program was killed; it is never behind.
"""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from cognitui.audit.canonical import compact
from cognitui.audit.private import create, locked, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cognitui.audit.canonical import Key

SLOT = 512
_SLOTS = 2
_sync = getattr(os, "fdatasync", os.fsync)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a log.

    Attributes:
        log: The log's id.
        last: The number of its last record; 0 when it has none.
        mac: That record's MAC, in hex.
    """

    log: str
    last: int
    mac: str

    def values(self) -> dict[str, Any]:
        """What is under the MAC, besides the log."""
        return {"last": self.last, "mac": self.mac}


@dataclass(frozen=True, slots=True)
class Slots:
    """What the file holds.

    Attributes:
        head: The newest head; ``None`` when neither slot holds one under this key.
        slot: Which slot it is in.
        is_torn: Whether the other slot holds something else than an older head. Then a newer head
            was being written, after its records were committed: the log must be ahead of this one.
    """

    head: Head | None
    slot: int
    is_torn: bool


class HeadFile:
    """The file, which `begin` makes. Its lock keeps two programs from writing at once."""

    def __init__(self, path: Path, key: Key, patience_s: float) -> None:
        self.path = path
        self._key = key
        self._patience_s = patience_s
        self._known: dict[bytes, Head | None] = {}

    def begin(self) -> None:
        """Make the file for a log without records.

        Raises:
            OSError: It cannot be made, or is there already.
        """
        head = Head(self._key.log, 0, self._key.beginning)
        create(self.path, self._slot(head) + b" " * (SLOT - 1) + b"\n")

    def read(self) -> Slots:
        """What the file says.

        Raises:
            TimeoutError: Somebody is writing it, and does not end.
            OSError: It cannot be read.
        """
        handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            with locked(handle, self._patience_s, shared=True):
                return self._read(handle)
        finally:
            os.close(handle)

    @contextmanager
    def opened(self) -> Iterator[OpenHead]:
        """The file for a change, locked.

        Raises:
            TimeoutError: Somebody else is writing, and does not end.
            OSError: It cannot be written.
        """
        handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            with locked(handle, self._patience_s):
                yield OpenHead(self, handle, self._read(handle))
        finally:
            os.close(handle)

    def _read(self, handle: int) -> Slots:
        content = os.pread(handle, _SLOTS * SLOT, 0)
        slots = [content[number * SLOT : (number + 1) * SLOT] for number in range(_SLOTS)]
        # Nearly always both are as this program wrote or read them the last time.
        self._known = {slot: self._known.get(slot) or self._head(slot) for slot in slots}
        heads = [self._known[slot] for slot in slots]
        newest = 0
        for number, head in enumerate(heads):
            best = heads[newest]
            if head is not None and (best is None or head.last > best.last):
                newest = number
        return Slots(heads[newest], newest, _is_torn(heads, slots))

    def _slot(self, head: Head) -> bytes:
        content = {"log": head.log, **head.values(), "seal": self._key.sign("head", head.values())}
        return compact(content).ljust(SLOT - 1).encode() + b"\n"

    def _head(self, slot: bytes) -> Head | None:
        try:
            content = json.loads(slot)
            head = Head(content["log"], content["last"], content["mac"])
            seal = self._key.sign("head", head.values())
            fits = head.log == self._key.log and compare_digest(seal, content["seal"])
        except (ValueError, TypeError, KeyError, RecursionError):
            return None
        return head if fits and type(head.last) is int else None

    def write_slot(self, handle: int, number: int, head: Head) -> None:
        """Write one slot, onto the disk."""
        slot = self._slot(head)
        os.pwrite(handle, slot, number * SLOT)
        _sync(handle)
        self._known[slot] = head


def _is_torn(heads: list[Head | None], slots: list[bytes]) -> bool:
    """Whether a slot does not hold what was written there.

    None is empty once a record was written, and no two ever tell of the same one: whoever blanks
    the newer of them, or copies the older over it, takes a head away.
    """
    one, other = heads
    if one is not None and other is not None:
        return one.last == other.last
    is_empty = not all(slot.strip() for slot in slots)
    known = one or other
    return not (is_empty and known is not None and known.last == 0)


class OpenHead:
    """The file while it is locked.

    Attributes:
        slots: What it held when it was locked.
    """

    def __init__(self, file: HeadFile, handle: int, slots: Slots) -> None:
        self._file = file
        self._handle = handle
        self.slots = slots

    def write(self, head: Head) -> None:
        """Put a newer head in the place of the older one of the two.

        Raises:
            OSError: It could not be written; the newest one is still there.
        """
        self._file.write_slot(self._handle, (self.slots.slot + 1) % _SLOTS, head)


def is_unused(path: Path) -> bool:
    """Whether a head is of a log without records, as far as that can be told without its key.

    Raises:
        OSError: It cannot be read.
    """
    content, _ = read(path)
    try:
        return json.loads(content[:SLOT])["last"] == 0 and not content[SLOT:].strip()
    except (ValueError, TypeError, KeyError, RecursionError):
        return False
