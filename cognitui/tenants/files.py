"""Small private files that are replaced as a whole, by one process at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.tenants.errors import NotStored

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 1024 * 1024
_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep other processes and threads from changing the file between reading and replacing it.

    The lock is a file beside it, because the file itself is a new one after each change. Where the
    file is a link, that is beside what it leads to.

    Raises:
        NotStored: The directory cannot be written.
    """
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        real = _real(path)
        real.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        lock = os.open(_beside(real, "lock"), flags, _PRIVATE)
    except OSError as error:
        raise _not_stored(path, error) from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def replace(path: Path, content: bytes) -> None:
    """Replace a file so that after a crash either the old or the new one is there, whole.

    A link stays one: what it leads to is replaced. Call it inside `exclusive`.

    Raises:
        NotStored: It could not be written; the old one is there.
    """
    if len(content) > MAX_BYTES:
        raise _not_stored(path, OSError(errno.EFBIG, "it would be larger than 1 MiB"))
    try:
        real = _real(path)
        # The name is always the same, so that what a crash left behind is removed, not collected.
        temporary = _beside(real, "new")
        try:
            _write(temporary, content)
            temporary.replace(real)
        except OSError:
            with suppress(OSError):
                temporary.unlink()
            raise
    except OSError as error:
        raise _not_stored(path, error) from None
    # The content is safe; only the new name is not yet, and not every file system can do this.
    with suppress(OSError):
        _sync_directory(real.parent)


def remove(path: Path) -> None:
    """Remove a file, if it is there.

    Raises:
        NotStored: It could not be removed.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise _not_stored(path, error) from None


def read(path: Path) -> bytes | None:
    """A file's content, or ``None`` when there is no file.

    Raises:
        ValueError: It is larger than any file of ours.
        OSError: It cannot be read.
    """
    try:
        # A pipe in its place must not be waited for.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(_regular(handle), "rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError("it is larger than 1 MiB")
    return content


def _regular(handle: int) -> int:
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return handle
    os.close(handle)
    reason = errno.EISDIR if stat.S_ISDIR(mode) else errno.EINVAL
    raise OSError(reason, os.strerror(reason))


def _write(path: Path, content: bytes) -> None:
    # Never into a file that is there: whoever has it open would read along.
    path.unlink(missing_ok=True)
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, _PRIVATE), "wb") as file:
        os.fchmod(file.fileno(), _PRIVATE)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    """Make the new name itself survive a power cut."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.name}.{suffix}")


def _not_stored(path: Path, error: OSError) -> NotStored:
    reason = error.strerror or type(error).__name__
    return NotStored(
        f"{path} could not be written: {reason}.",
        hint="What was there before is unchanged. Check the disk and who owns the directory.",
    )
