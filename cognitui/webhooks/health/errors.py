"""What can go wrong with the log of checks.

::

    CognituiError
    └── HealthLogError          it cannot be read or written
        └── HealthLogTooNew     a newer cognitui wrote it

A file that is damaged is no error: it is moved aside, and a new one begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from cognitui.errors import CognituiError

if TYPE_CHECKING:
    from pathlib import Path


class HealthLogError(CognituiError):
    """The log of checks cannot be read or written; checks themselves go on."""

    code: ClassVar[str] = "health_log"


class HealthLogTooNew(HealthLogError):
    """A newer cognitui wrote the log of checks."""

    code = "health_log_too_new"


def not_usable(path: Path, reason: str) -> HealthLogError:
    """The error for a log that could not be used."""
    return HealthLogError(
        f"The log of checks {path} cannot be used: {reason}.",
        hint="Checks go on, but are not kept. Look at the file's rights and the room on the disk.",
    )
