"""The root of every error that cognitui raises on purpose.

::

    CognituiError
    ├── UsageError              what was typed or configured cannot be used
    │   └── config.ConfigBroken a setting cannot be used as it stands
    ├── ReadOnly                nothing may be changed or sent in this run
    ├── FileTrouble             a file could not be read or written, and nobody expected that
    ├── ProgramFailed           a mistake of this program, as a command tells it
    ├── cognigy.errors.ApiError the tenant said no, or could not be heard
    ├── callbacks.errors.…      a callback could not be composed, sent or received
    ├── audit.errors.…          the audit log could not be read or written
    └── tenants.errors.…        a profile or the vault

Each has a stable ``code`` for machines, a sentence for people and a ``hint`` that says what to do.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


class ErrorKind(Enum):
    """What an error means to the person who meets it, and the exit status it becomes."""

    REFUSED = 1
    """The answer is no."""
    USAGE = 2
    """The question was wrong."""
    UNREACHABLE = 3
    """The tenant could not be reached or did not let us in."""


class CognituiError(Exception):
    """Something went wrong that a person can act on.

    Args:
        message: One sentence, without secrets, that says what is wrong.
        hint: What to do about it; empty when the message says it already.
        field: The field of the input that is at fault, where there is one.
    """

    code: ClassVar[str] = "error"
    kind: ClassVar[ErrorKind] = ErrorKind.REFUSED

    def __init__(self, message: str, *, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    def __str__(self) -> str:
        return self.message

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, message={self.message!r})"

    def as_dict(self) -> dict[str, str | None]:
        """The error as commands print it with ``--json``."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint or None,
            "field": self.field,
        }


class UsageError(CognituiError):
    """A flag, a file, a field or a setting that cannot be used as it stands."""

    code = "usage"
    kind = ErrorKind.USAGE


class ReadOnly(CognituiError):
    """Something would have been changed at the tenant or sent, and this run may not do so.

    Args:
        place: Where it was said that this run may not: a flag, a variable, or a line of the file.
    """

    code = "read_only"

    def __init__(self, place: str) -> None:
        super().__init__(
            "This is read-only: nothing is changed at the tenant or sent to an endpoint.",
            hint=f"So says {place}.",
        )


class FileTrouble(CognituiError):
    """A file could not be read or written where that was not expected."""

    code = "file"


class ProgramFailed(CognituiError):
    """This program made a mistake; the log has where."""

    code = "internal"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question that offers the nearest known word; empty when none is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.65)
    return f"Did you mean {near[0]!r}?" if near else ""
