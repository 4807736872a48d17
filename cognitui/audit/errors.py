"""What can go wrong with the audit log and the monitor.

::

    CognituiError
    └── AuditError
        ├── AuditLocked           another program holds the file
        ├── AuditDiskFull         no room
        ├── AuditNotWritable      the file or its directory may not be written
        ├── AuditDamaged          not a database, or a broken one
        ├── AuditTooNew           written by a newer cognitui
        ├── AuditClosed           used after `close`
        ├── AuditUnreachable      the server of a shared log gave no answer
        ├── AuditSealLost         its key or its head is missing or cannot be used
        ├── AuditChainBroken      it does not end where its head says
        ├── AuditNotCovered       records were written, and the head was not
        ├── MonitorRefused        the monitor answered with something other than success
        ├── MonitorUnreachable    the monitor gave no answer
        ├── MonitorBusy           another program is telling the monitor
        └── SpoolFailed           what is for the monitor could not be kept on disk

None of them touches what was acknowledged before: an append that returned is on the disk, and the
head covers it.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from cognitui.errors import CognituiError, ErrorKind

if TYPE_CHECKING:
    from cognitui.audit.server import Server


class AuditError(CognituiError):
    """The audit log could not do what was asked."""

    code: ClassVar[str] = "audit"


class AuditLocked(AuditError):
    """Another program kept the file locked for longer than we wait."""

    code = "audit_locked"


class AuditDiskFull(AuditError):
    """There is no room for another record."""

    code = "audit_disk_full"


class AuditNotWritable(AuditError):
    """The file or its directory may not be written."""

    code = "audit_not_writable"


class AuditDamaged(AuditError):
    """The file is no audit log, or a broken one."""

    code = "audit_damaged"


class AuditTooNew(AuditError):
    """A newer cognitui wrote the file."""

    code = "audit_too_new"


class AuditClosed(AuditError):
    """The log was used after it was closed."""

    code = "audit_closed"


class AuditUnreachable(AuditError):
    """The server of a shared log gave no answer.

    A record that was on its way may have been written. Appended again, by the same `AuditLog` and
    as it was, it is written only if it was not.
    """

    code = "audit_unreachable"
    kind = ErrorKind.UNREACHABLE


class AuditSealLost(AuditError):
    """The log's key or its head is missing or cannot be used; the log itself can still be read."""

    code = "audit_seal_lost"


class AuditChainBroken(AuditError):
    """The log does not end where its head says: records are missing, or it is another log."""

    code = "audit_chain_broken"


class AuditNotCovered(AuditError):
    """The records are on the disk and chained, but the head could not be written after them.

    They must not be written again. The next record that is written covers them.
    """

    code = "audit_not_covered"


class MonitorRefused(AuditError):
    """The monitor answered, and not with success.

    Attributes:
        status: The HTTP status.
        answer: The beginning of what it said, made safe to show.
        retry_after_s: How many seconds it wants to be left alone; ``None`` when it does not say.
    """

    code = "monitor_refused"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        answer: str = "",
        retry_after_s: float | None = None,
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.answer = answer
        self.retry_after_s = retry_after_s


class MonitorUnreachable(AuditError):
    """The monitor gave no answer."""

    code = "monitor_unreachable"
    kind = ErrorKind.UNREACHABLE


class MonitorBusy(AuditError):
    """Another program was telling the monitor for longer than we wait."""

    code = "monitor_busy"


class SpoolFailed(AuditError):
    """What is for the monitor could not be kept on disk, or not be read from there."""

    code = "spool_failed"


_PRIMARY_CODE = 0xFF
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_NOT_WRITABLE = {
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_AUTH,
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}


def from_sqlite(error: sqlite3.Error, path: Path) -> AuditError:
    """The typed error for what SQLite said about ``path``."""
    primary = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if primary in _LOCKED:
        return AuditLocked(
            f"The audit log {path} is in use by another program.",
            hint="Close the program that holds it, or wait, and try again.",
        )
    if primary == sqlite3.SQLITE_FULL:
        return AuditDiskFull(
            f"The disk that holds the audit log {path} is full.",
            hint="Make room and try again; the records written before are complete.",
        )
    if primary in _NOT_WRITABLE:
        return not_writable(path)
    if primary in _DAMAGED:
        return damaged(path, "it is not a database or a part of it is broken")
    if is_no_text(error):
        return senseless(path, "a text in it")
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return AuditError(
        f"The audit log {path} failed with {name}.",
        hint="Check the disk that holds it; the records written before are complete.",
    )


def is_no_text(error: sqlite3.Error) -> bool:
    """Whether Python could not read a text, which is not UTF-8; SQLite itself did not fail."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is None and isinstance(error, sqlite3.OperationalError)


def not_writable(path: Path) -> AuditNotWritable:
    """The error for a file or directory that may not be written."""
    return AuditNotWritable(
        f"The audit log {path} cannot be written.",
        hint="Check who owns the file and its directory, or set COGNITUI_HOME to another place.",
    )


def not_readable(path: Path) -> AuditError:
    """The error for a file that may not be read."""
    return AuditError(f"{path} cannot be read.", hint="Check who owns the file and its directory.")


def damaged(path: Path | Server, reason: str) -> AuditDamaged:
    """The error for what cannot be read as an audit log."""
    keep = "Move it away" if isinstance(path, Path) else "Name another database"
    return AuditDamaged(
        f"The audit log {path} cannot be read: {reason}.",
        hint=f"It was left as it is. {keep} to start a new one, and keep it as evidence.",
    )


def senseless(path: Path | Server, what: str) -> AuditDamaged:
    """The error for a part of a log that no version of this program writes."""
    return AuditDamaged(
        f"The audit log {path} cannot be read: {what} makes no sense.",
        hint="It was changed after it was written; `cognitui audit verify` tells more.",
    )


def seal_lost(path: Path | Server, reason: str, files: tuple[Path, ...]) -> AuditSealLost:
    """The error for a log without its key or head."""
    return AuditSealLost(
        f"The audit log {path} cannot be continued: {reason}.",
        hint=f"Restore it from a backup. To start a new log, {_move_away(path, files)}.",
    )


def key_wanted(server: Server, reason: str, key: Path) -> AuditSealLost:
    """The error for a console that has not joined the log of its team yet."""
    return AuditSealLost(
        f"This console cannot write into the audit log {server}: {reason}.",
        hint=f"Get the log's key from a colleague, whose console keeps it as {key.name}, and set "
        "COGNITUI_AUDIT_KEY_FILE to where you put it.",
    )


def broken(path: Path | Server, reason: str, files: tuple[Path, ...]) -> AuditChainBroken:
    """The error for a log that does not end where its head says."""
    return AuditChainBroken(
        f"The audit log {path} is not as it was left: {reason}.",
        hint="Nothing is added to it; `cognitui audit verify` tells more. Restore it, or, to "
        f"start a new log, {_move_away(path, files)}.",
    )


def _move_away(path: Path | Server, files: tuple[Path, ...]) -> str:
    those = (path, *files) if isinstance(path, Path) else files
    moved = f"move {', '.join(map(str, those))} away together"
    return moved if isinstance(path, Path) else f"name another database and {moved}"
