"""Small private files that come into being whole, and locks that are not waited for endlessly."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700
_MOST_BYTES = 1 << 20
_FIRST_WAIT_S = 0.0005
_LONGEST_WAIT_S = 0.008


def create(path: Path, content: bytes) -> None:
    """Make a file that was not there; after a crash it is there whole, or not at all.

    Raises:
        FileExistsError: It is there already, and is left as it is.
        OSError: It cannot be made.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    sync_directory(path.parent)


def read(path: Path) -> tuple[bytes, int]:
    """A small file's content, and its mode. Whatever else has its name is not waited for.

    Raises:
        OSError: It cannot be read, or is not a file.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a file")
        return file.read(_MOST_BYTES), stat.S_IMODE(mode)


def sync_directory(path: Path) -> None:
    """Make new names in a directory survive a power cut, where the file system can do that."""
    directory = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def locked(handle: int, patience_s: float, *, shared: bool = False) -> Iterator[None]:
    """Hold the lock of an open file or directory.

    Raises:
        TimeoutError: Somebody else held it for all of the time.
    """
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    deadline = time.monotonic() + patience_s
    wait = _FIRST_WAIT_S
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise TimeoutError from None
        time.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_S)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
