"""A file that an export appears in: whole under its name or not at all, for its owner alone."""

from __future__ import annotations

import os
import secrets
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_PRIVATE = 0o600


@contextmanager
def private_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file beside the one that is meant, and let it take the name when all is written.

    What was there before stays when the block raises or the program is killed.

    Raises:
        UsageError: It cannot be written there.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        if not path.name or (path.exists() and not path.is_file()):
            raise UsageError(f"{path} is not a file.", field="to")
        beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
        handle = os.open(beside, flags, _PRIVATE)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be written: {reason}.", field="to") from None
