"""The file that checks are kept in. It blocks: `log.HealthLog` calls it in a thread of its own."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cognitui.audit.database import journal_mode
from cognitui.network.outcome import Outcome
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.check import WebhookRef
from cognitui.webhooks.health.course import Course, Mark, since_after
from cognitui.webhooks.health.errors import not_usable
from cognitui.webhooks.health.schema import migrate
from cognitui.webhooks.health.stored import as_dict, from_dict

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from cognitui.webhooks.health.check import Check

T = TypeVar("T")

MAX_KEPT = 200
"""Checks that are kept of each webhook, besides the last good one."""
WHOLE_KEPT = 20
"""Of these so many are kept with their stages and their evidence, which take most of the room."""
SWEEPS_KEPT = 500
BUSY_TIMEOUT_S = 5.0
_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700
_MEMORY = ":memory:"
_COMPANIONS = ("", "-wal", "-shm", "-journal")
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_MARK = "at, verdict, outcome, group_key, tls_days_left, ms"


class SweepRecord(NamedTuple):
    """A sweep that was begun.

    Attributes:
        scope: What it goes over, as `workspace.health.Scope` writes it.
    """

    id: str
    scope: str
    began: datetime
    ended: datetime | None


class HealthFile:
    """An open file of checks; to be used by one thread.

    Args:
        path: Where it is; ``None`` to keep checks in memory alone.
        max_kept: Checks that are kept of each webhook.

    Attributes:
        set_aside: Where a damaged file was moved to; ``None`` when none was.

    Raises:
        HealthLogError: It cannot be opened.
    """

    def __init__(self, path: Path | None, *, max_kept: int = MAX_KEPT) -> None:
        self._path = path
        self._max_kept = max_kept
        self.set_aside: Path | None = None
        self._inode = 0
        self._connection: sqlite3.Connection | None = None
        self._mended(lambda: None)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def add(self, checks: Sequence[Check]) -> None:
        """Keep checks, all or none, and let the oldest make way.

        Raises:
            HealthLogError: They could not be written.
        """

        def work() -> None:
            with self._transaction() as connection:
                for check in checks:
                    self._add(connection, check)

        self._mended(work)

    def latest(self, tenant: str | None, bot_id: str | None) -> list[Check]:
        """The newest check of each webhook."""
        where, values = _where(tenant, bot_id)
        sql = f"SELECT whole FROM webhooks w JOIN checks c ON c.id = w.latest WHERE {where}"  # noqa: S608
        return self._mended(lambda: _checks(self._rows(sql, values)))

    def history(self, ref: WebhookRef, count: int) -> list[Check]:
        """The last checks of a webhook, the newest first, as far as they are kept whole."""
        sql = (
            "SELECT whole FROM checks WHERE of = (SELECT id FROM webhooks "
            "WHERE (tenant, bot, webhook) = (?, ?, ?)) AND whole <> '' ORDER BY id DESC LIMIT ?"
        )
        return self._mended(lambda: _checks(self._rows(sql, (*ref, count))))

    def since(self, ref: WebhookRef) -> datetime | None:
        """Since when a webhook is unhealthy."""
        sql = "SELECT unhealthy_since FROM webhooks WHERE (tenant, bot, webhook) = (?, ?, ?)"
        rows = self._mended(lambda: self._rows(sql, ref))
        return _moment(rows[0][0]) if rows else None

    def last_good(self, ref: WebhookRef) -> Check | None:
        """The newest check of a webhook that did not find it unhealthy."""
        sql = (
            "SELECT whole FROM webhooks w JOIN checks c ON c.id = w.last_good "
            "WHERE (tenant, bot, webhook) = (?, ?, ?)"
        )
        found = self._mended(lambda: _checks(self._rows(sql, ref)))
        return found[0] if found else None

    def courses(self, tenant: str | None, bot_id: str | None, count: int) -> list[Course]:
        """How each webhook fared, with so many of its last checks."""
        where, values = _where(tenant, bot_id)
        sql = (
            "SELECT w.id, unhealthy_since, whole FROM webhooks w "  # noqa: S608
            f"JOIN checks c ON c.id = w.latest WHERE {where}"
        )
        of_one = f"SELECT {_MARK} FROM checks WHERE of = ? ORDER BY id DESC LIMIT ?"  # noqa: S608

        def work() -> list[Course]:
            found = []
            for number, since, whole in self._rows(sql, values):
                for latest in _checks([(whole,)]):
                    marks = tuple(_mark(row) for row in self._rows(of_one, (number, count)))
                    found.append(Course(latest, _moment(since), marks))
            return found

        return self._mended(work)

    def list_only(self, tenant: str, bot_id: str, webhook_ids: Collection[str]) -> None:
        """Of this bot's webhooks show only these from now on; the others are no more there."""

        def work() -> None:
            with self._transaction() as connection:
                connection.execute(
                    "UPDATE webhooks SET is_listed = webhook IN (SELECT value FROM json_each(?)) "
                    "WHERE (tenant, bot) = (?, ?)",
                    (json.dumps(sorted(webhook_ids)), tenant, bot_id),
                )

        self._mended(work)

    def begin_sweep(self, sweep_id: str, scope: str, at: datetime) -> None:
        """Note that a sweep begins."""

        def work() -> None:
            with self._transaction() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO sweeps VALUES (?, ?, ?, NULL)",
                    (sweep_id, scope, _text(at)),
                )
                connection.execute(
                    "DELETE FROM sweeps WHERE rowid <= (SELECT max(rowid) FROM sweeps) - ?",
                    (SWEEPS_KEPT,),
                )

        self._mended(work)

    def end_sweep(self, sweep_id: str, at: datetime) -> None:
        """Note that a sweep has come to its end."""
        self._write("UPDATE sweeps SET ended = ? WHERE id = ?", _text(at), sweep_id)

    def last_sweep(self, scope: str) -> SweepRecord | None:
        """The sweep over this that was begun last."""
        sql = (
            "SELECT id, scope, began, ended FROM sweeps WHERE scope = ? ORDER BY rowid DESC LIMIT 1"
        )
        rows = self._mended(lambda: self._rows(sql, (scope,)))
        for number, its_scope, began, ended in rows:
            return SweepRecord(number, its_scope, datetime.fromisoformat(began), _moment(ended))
        return None

    def done_in(self, sweep_id: str) -> set[WebhookRef]:
        """The webhooks that a sweep has checked."""
        sql = (
            "SELECT DISTINCT tenant, bot, webhook FROM checks c JOIN webhooks w ON w.id = c.of "
            "WHERE sweep = ? AND sweep <> ''"
        )
        return {WebhookRef(*row) for row in self._mended(lambda: self._rows(sql, (sweep_id,)))}

    def _add(self, connection: sqlite3.Connection, check: Check) -> None:
        ref = tuple(check.ref)
        connection.execute(
            "INSERT INTO webhooks (tenant, bot, webhook) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            ref,
        )
        of, since, last_good = connection.execute(
            "SELECT id, unhealthy_since, last_good FROM webhooks "
            "WHERE (tenant, bot, webhook) = (?, ?, ?)",
            ref,
        ).fetchone()
        number = connection.execute(
            "INSERT INTO checks (of, sweep, at, verdict, outcome, group_key, tls_days_left, ms, "
            "whole) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                of, check.sweep_id, _text(check.at), check.verdict, check.outcome,
                check.group_key, check.tls_days_left, check.ms, json.dumps(as_dict(check)),
            ),
        ).lastrowid  # fmt: skip
        since = since_after(_moment(since), check)
        last_good = last_good if check.is_unhealthy else number
        connection.execute(
            "UPDATE webhooks SET is_listed = 1, unhealthy_since = ?, latest = ?, last_good = ? "
            "WHERE id = ?",
            (_text(since) if since else None, number, last_good, of),
        )
        connection.execute(
            "UPDATE checks SET whole = '' WHERE id IS NOT ? AND id = "
            "(SELECT id FROM checks WHERE of = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (last_good, of, WHOLE_KEPT),
        )
        connection.execute(
            "DELETE FROM checks WHERE of = ? AND id IS NOT ? AND id <= "
            "(SELECT id FROM checks WHERE of = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (of, last_good, of, self._max_kept),
        )

    def _write(self, sql: str, *values: str) -> None:
        def work() -> None:
            with self._transaction() as connection:
                connection.execute(sql, values)

        self._mended(work)

    def _rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        return self._open().execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._open()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # after a damage there may be none to roll back
                connection.execute("ROLLBACK")
            raise

    def _mended(self, work: Callable[[], T]) -> T:
        """Do something; a damaged file is moved aside first, and it is done with a new one."""
        try:
            try:
                self._open()
                return work()
            except sqlite3.DatabaseError as error:
                if not self._is_damage(error):
                    raise
                self._move_aside()
                self._open()
                return work()
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            assert self._path is not None, "what is in memory does not fail"
            raise not_usable(self._path, reason) from None

    def _is_damage(self, error: sqlite3.DatabaseError) -> bool:
        code = getattr(error, "sqlite_errorcode", None)
        # A table that is missing, or another program's, is as good as damage.
        is_foreign = isinstance(error, sqlite3.OperationalError) and "no such" in str(error)
        return self._path is not None and (is_foreign or (code or 0) & 0xFF in _DAMAGED)

    def _move_aside(self) -> None:
        """Keep what is there under another name, unless another console has done so already."""
        self.close()
        path = self._path
        assert path is not None
        if not path.exists() or path.stat().st_ino != self._inode:
            return
        aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        for companion in _COMPANIONS:
            with suppress(FileNotFoundError):
                path.with_name(path.name + companion).rename(
                    aside.with_name(aside.name + companion)
                )
        self.set_aside = aside

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        if self._path is not None:
            _create_private(self._path)
            self._inode = self._path.stat().st_ino
        connection = sqlite3.connect(
            self._path or _MEMORY, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA journal_mode = {journal_mode()}").fetchone()
            migrate(connection, self._path or Path(_MEMORY))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection


def _where(tenant: str | None, bot_id: str | None) -> tuple[str, list[str]]:
    terms, values = ["is_listed"], []
    for column, value in (("tenant", tenant), ("bot", bot_id)):
        if value is not None:
            terms.append(f"{column} = ?")
            values.append(value)
    return " AND ".join(terms), values


def _checks(rows: Sequence[Any]) -> list[Check]:
    """The checks in these rows; one that cannot be read any more hides no other."""
    found = []
    for (whole,) in rows:
        with suppress(ValueError, KeyError, TypeError):
            found.append(from_dict(json.loads(whole)))
    return found


def _mark(row: Any) -> Mark:
    at, verdict, outcome, group_key, tls_days_left, ms = row
    return Mark(
        datetime.fromisoformat(at), EndpointVerdict(verdict), Outcome(outcome),
        group_key, tls_days_left, ms,
    )  # fmt: skip


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _create_private(path: Path) -> None:
    """Make the file readable by its owner alone.

    An existing one is not opened for that: closing it would drop SQLite's locks on it.
    """
    path.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _PRIVATE))
    except FileExistsError:
        mode = path.stat().st_mode
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & ~_PRIVATE:
            path.chmod(stat.S_IMODE(mode) & _PRIVATE)
