"""Files that commands write for the person who runs them."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cognitui.errors import UsageError

_PRIVATE = 0o600
_FOR_ALL = 0o644


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, in place of one that is there.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be written: {reason}.") from None


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file that everybody may read, and that nobody ever sees half written.

    Raises:
        UsageError: It cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            Path(temporary).chmod(_FOR_ALL)
            Path(temporary).replace(path)
        except OSError:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be written: {reason}.") from None
