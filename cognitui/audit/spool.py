"""What the monitor has not acknowledged yet, kept on disk until it has.

One directory for each monitor, named after the digest of its URL, which may hold a token and is
therefore not written down. One small file for each POST, readable by its owner alone, whole or not
there at all.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import uuid
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.audit.errors import SpoolFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_POSTINGS = 100
"""Beyond so many the oldest makes way: the newest ones tell the most."""

MAX_BYTES = 256 * 1024
_NAME = re.compile(r"(?P<number>[0-9]{12})\.json", re.ASCII)
_KEY = re.compile(r"[0-9a-f-]{36}", re.ASCII)
_ASIDE = ".unreadable"
_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700


@dataclass(frozen=True, slots=True)
class Posting:
    """One POST, however often it is sent.

    Attributes:
        number: Its place in the order.
        key: What the monitor knows it by.
        body: The bytes.
        entries: How many registrations are in them.
    """

    number: int
    key: str
    body: bytes
    entries: int


class Spool:
    """The postings for one monitor, oldest first.

    Args:
        directory: Where the spools of all monitors are.
        url: The monitor.
        most: How many are kept.
    """

    def __init__(self, directory: Path, url: str, *, most: int = MAX_POSTINGS) -> None:
        self._directory = directory / hashlib.sha256(url.encode("utf-8")).hexdigest()[:32]
        self._most = most

    @contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other program is sending from here; none can begin to inside the block.

        Raises:
            SpoolFailed: The directory cannot be written.
        """
        try:
            self._directory.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
            lock = os.open(self._directory / ".lock", flags, _PRIVATE)
        except OSError as error:
            raise self._failed(error) from None
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True
        finally:
            os.close(lock)

    def waiting(self) -> list[Posting]:
        """All that is kept, oldest first. A file that cannot be read as a posting is passed over.

        Raises:
            SpoolFailed: It cannot be read.
        """
        try:
            numbers = self._numbers()
            return [posting for number in numbers if (posting := self._read(number)) is not None]
        except OSError as error:
            raise self._failed(error) from None

    def set_aside(self) -> int:
        """Give files whose content is no posting, or none any more, another name; how many.

        Raises:
            SpoolFailed: They cannot be read or renamed.
        """
        try:
            torn = [number for number in self._numbers() if self._read(number) is None]
            for number in torn:
                path = self._path(number)
                path.replace(path.with_name(f"{path.name}{_ASIDE}"))
        except OSError as error:
            raise self._failed(error) from None
        return len(torn)

    def put(self, body: bytes, entries: int) -> tuple[Posting, int]:
        """Keep a body under a key of its own; how many older ones made way for it.

        One that says the same as the newest is that one.

        Raises:
            SpoolFailed: It cannot be written, or is too large to be read again.
        """
        try:
            numbers = self._numbers()
            newest = self._read(numbers[-1]) if numbers else None
            if newest is not None and newest.body == body:
                return newest, 0
            surplus = numbers[: max(len(numbers) + 1 - self._most, 0)]
            number = numbers[-1] + 1 if numbers else 1
            posting = Posting(number, str(uuid.uuid4()), body, entries)
            self._write(posting.number, _content(posting))
            for old in surplus:
                self._path(old).unlink()
        except OSError as error:
            raise self._failed(error) from None
        return posting, len(surplus)

    def remove(self, posting: Posting) -> None:
        """The monitor has it, or will never take it.

        Raises:
            SpoolFailed: It cannot be removed; it would be sent again under the same key.
        """
        try:
            self._path(posting.number).unlink(missing_ok=True)
        except OSError as error:
            raise self._failed(error) from None

    def _numbers(self) -> list[int]:
        found = [_NAME.fullmatch(path.name) for path in self._directory.iterdir()]
        return sorted(int(match["number"]) for match in found if match)

    def _path(self, number: int) -> Path:
        return self._directory / f"{number:012d}.json"

    def _read(self, number: int) -> Posting | None:
        with self._path(number).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        try:
            if len(content) > MAX_BYTES:
                return None
            values = json.loads(content)
            key, body, entries = values["key"], values["body"], values["entries"]
            if not _KEY.fullmatch(key):
                return None
            return Posting(number, key, body.encode("ascii"), int(entries))
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _write(self, number: int, content: bytes) -> None:
        path = self._path(number)
        beside = self._directory / ".new"
        flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(beside, flags, _PRIVATE), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        directory = os.open(self._directory, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _failed(self, error: OSError) -> SpoolFailed:
        reason = error.strerror or type(error).__name__
        return SpoolFailed(
            f"What is for the monitor cannot be kept in {self._directory}: {reason}.",
            hint="Check the disk and who owns the directory.",
        )


def _content(posting: Posting) -> bytes:
    values = {
        "key": posting.key,
        "entries": posting.entries,
        "body": posting.body.decode("ascii"),
    }
    content = json.dumps(values).encode("ascii")
    if len(content) > MAX_BYTES:
        raise SpoolFailed(
            f"What is for the monitor is too large to be kept: {len(content):,} bytes.",
            hint=f"At most {MAX_BYTES:,} are; it was not sent.",
        )
    return content
