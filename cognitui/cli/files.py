"""Files that commands write for the person who runs them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

_PRIVATE = 0o600


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
