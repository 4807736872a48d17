"""What can go wrong with a PostgreSQL server, in the words of the audit log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.errors import (
    AuditDiskFull,
    AuditError,
    AuditLocked,
    AuditNotWritable,
    AuditUnreachable,
    damaged,
)
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import psycopg

    from cognitui.audit.server import Server

_LOCKED = {"55P03", "40P01", "57014"}
_DISK_FULL = {"53100"}
_NOT_ALLOWED = {"42501", "25006"}
_DAMAGED = {"XX001", "XX002"}
_LONGEST = 200


def from_psycopg(error: psycopg.Error, server: Server, *, is_lost: bool) -> AuditError:
    """The typed error for what psycopg said about a server.

    Args:
        error: What it said.
        server: Whom it is about.
        is_lost: Whether the connection ended by it.
    """
    state = error.sqlstate or ""
    if is_lost:
        return AuditUnreachable(
            f"The connection to the audit log {server} was lost.",
            hint="What was not acknowledged is kept here and written once the server answers.",
        )
    if state in _LOCKED:
        return AuditLocked(
            f"The audit log {server} is in use by another program.",
            hint="Wait, and try again; the server's pg_locks tells who holds it.",
        )
    if state in _DISK_FULL:
        return AuditDiskFull(
            f"The disk that holds the audit log {server} is full.",
            hint="Make room and try again; the records written before are complete.",
        )
    if state in _NOT_ALLOWED:
        return AuditNotWritable(
            f"The audit log {server} does not let us do that: {_plain(error)}.",
            hint="Ask whoever runs the server for the right to do it; the README lists the rights.",
        )
    if state in _DAMAGED:
        return damaged(server, "the server says that a part of it is broken")
    name = state or type(error).__name__
    return AuditError(
        f"The audit log {server} failed with {name}.",
        hint="The server's own log tells more; the records written before are complete.",
    )


def unreachable(server: Server, error: psycopg.Error, password: object) -> AuditUnreachable:
    """The error for a server that could not be connected to."""
    reason = _plain(error)
    if isinstance(password, str) and password:
        reason = reason.replace(password, "…")
    return AuditUnreachable(
        f"The audit log {server} cannot be reached: {reason}.",
        hint="Check that the server runs, and COGNITUI_AUDIT_URL; without it the log of this "
        "machine is used.",
    )


def url_unusable() -> UsageError:
    """The error for a URL that libpq does not understand."""
    return UsageError(
        "The URL of the shared audit log cannot be used: a part of it is none that libpq knows.",
        hint="It looks like postgresql://cognitui@db.example/audit?sslmode=verify-full.",
        field="audit_url",
    )


def _plain(error: psycopg.Error) -> str:
    """The last thing that was said and asked nothing; made safe to show, as anybody wrote it."""
    said = error.diag.message_primary or str(error)
    lines = [line.strip() for line in said.splitlines()]
    told = [line for line in lines if line and not line.endswith("?")] or ["no reason was given"]
    reason = told[-1].rpartition(" failed: ")[2].removeprefix("FATAL:").strip()
    shown = "".join(one if one.isprintable() else "�" for one in reason)
    return shown[:_LONGEST].rstrip(".")
