"""The file that checks are kept in. It blocks: `log.HealthLog` calls it in a thread of its own."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cognitui.network.outcome import Outcome
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.check import WebhookRef
from cognitui.webhooks.health.course import Course, Mark, since_after
from cognitui.webhooks.health.database import HealthDatabase
from cognitui.webhooks.health.stored import as_dict, from_dict

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from cognitui.webhooks.health.check import Check

MAX_KEPT = 200
"""Checks that are kept of each webhook, besides the last good one."""
WHOLE_KEPT = 20
"""Of these so many are kept with their stages and their evidence, which take most of the room."""
SWEEPS_KEPT = 500
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

    Raises:
        HealthLogError: It cannot be opened.
    """

    def __init__(self, path: Path | None, *, max_kept: int = MAX_KEPT) -> None:
        self._database = HealthDatabase(path)
        self._max_kept = max_kept

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged file was moved to; ``None`` when none was."""
        return self._database.set_aside

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def add(self, checks: Sequence[Check]) -> None:
        """Keep checks, all or none, and let the oldest make way.

        Raises:
            HealthLogError: They could not be written.
        """

        def work() -> None:
            with self._database.transaction() as connection:
                for check in checks:
                    self._add(connection, check)

        self._database.mended(work)

    def latest(self, tenant: str | None, bot_id: str | None) -> list[Check]:
        """The newest check of each webhook."""
        where, values = _where(tenant, bot_id)
        sql = f"SELECT whole FROM webhooks w JOIN checks c ON c.id = w.latest WHERE {where}"  # noqa: S608
        return self._database.mended(lambda: _checks(self._database.rows(sql, values)))

    def history(self, ref: WebhookRef, count: int) -> list[Check]:
        """The last checks of a webhook, the newest first, as far as they are kept whole."""
        sql = (
            "SELECT whole FROM checks WHERE of = (SELECT id FROM webhooks "
            "WHERE (tenant, bot, webhook) = (?, ?, ?)) AND whole <> '' ORDER BY id DESC LIMIT ?"
        )
        return self._database.mended(
            lambda: _checks(self._database.rows(sql, (*_names(ref), count)))
        )

    def since(self, ref: WebhookRef) -> datetime | None:
        """Since when a webhook is unhealthy."""
        sql = "SELECT unhealthy_since FROM webhooks WHERE (tenant, bot, webhook) = (?, ?, ?)"
        rows = self._database.mended(lambda: self._database.rows(sql, _names(ref)))
        return _moment(rows[0][0]) if rows else None

    def last_good(self, ref: WebhookRef) -> Check | None:
        """The newest check of a webhook that did not find it unhealthy."""
        sql = (
            "SELECT whole FROM webhooks w JOIN checks c ON c.id = w.last_good "
            "WHERE (tenant, bot, webhook) = (?, ?, ?)"
        )
        found = self._database.mended(lambda: _checks(self._database.rows(sql, _names(ref))))
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
            for number, since, whole in self._database.rows(sql, values):
                for latest in _checks([(whole,)]):
                    marks = _marks(self._database.rows(of_one, (number, count)))
                    found.append(Course(latest, _moment(since), marks))
            return found

        return self._database.mended(work)

    def list_only(self, tenant: str, bot_id: str, webhook_ids: Collection[str]) -> None:
        """Of this bot's webhooks show only these from now on; the others are no more there."""

        def work() -> None:
            with self._database.transaction() as connection:
                connection.execute(
                    "UPDATE webhooks SET is_listed = webhook IN (SELECT value FROM json_each(?)) "
                    "WHERE (tenant, bot) = (?, ?)",
                    (json.dumps(_names(sorted(webhook_ids))), *_names((tenant, bot_id))),
                )

        self._database.mended(work)

    def unlisted(self, refs: Collection[WebhookRef]) -> set[WebhookRef]:
        """Those of these webhooks that are not shown any more."""
        sql = "SELECT tenant, bot, webhook FROM webhooks WHERE NOT is_listed"
        gone = set(self._database.mended(lambda: self._database.rows(sql, ())))
        return {ref for ref in refs if _names(ref) in gone} if gone else set()

    def begin_sweep(self, sweep_id: str, scope: str, at: datetime) -> None:
        """Note that a sweep begins."""

        def work() -> None:
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT OR IGNORE INTO sweeps VALUES (?, ?, ?, NULL)",
                    (sweep_id, scope, _text(at)),
                )
                connection.execute(
                    "DELETE FROM sweeps WHERE rowid <= (SELECT max(rowid) FROM sweeps) - ?",
                    (SWEEPS_KEPT,),
                )

        self._database.mended(work)

    def end_sweep(self, sweep_id: str, at: datetime) -> None:
        """Note that a sweep has come to its end."""
        self._write("UPDATE sweeps SET ended = ? WHERE id = ?", _text(at), sweep_id)

    def last_sweep(self, scope: str) -> SweepRecord | None:
        """The sweep over this that was begun last."""
        sql = (
            "SELECT id, scope, began, ended FROM sweeps WHERE scope = ? ORDER BY rowid DESC LIMIT 1"
        )
        rows = self._database.mended(lambda: self._database.rows(sql, (scope,)))
        for number, its_scope, began, ended in rows:
            return SweepRecord(number, its_scope, datetime.fromisoformat(began), _moment(ended))
        return None

    def done_in(self, sweep_id: str) -> set[WebhookRef]:
        """The webhooks that a sweep has checked."""
        sql = (
            "SELECT DISTINCT tenant, bot, webhook FROM checks c JOIN webhooks w ON w.id = c.of "
            "WHERE sweep = ? AND sweep <> ''"
        )
        return {
            WebhookRef(*row)
            for row in self._database.mended(lambda: self._database.rows(sql, (sweep_id,)))
        }

    def _add(self, connection: sqlite3.Connection, check: Check) -> None:
        ref = _names(check.ref)
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
            with self._database.transaction() as connection:
                connection.execute(sql, values)

        self._database.mended(work)


def _where(tenant: str | None, bot_id: str | None) -> tuple[str, list[str]]:
    terms = ["is_listed"]
    values: list[str] = []
    for column, value in (("tenant", tenant), ("bot", bot_id)):
        if value is not None:
            terms.append(f"{column} = ?")
            values += _names([value])
    return " AND ".join(terms), values


def _names(names: Iterable[str]) -> tuple[str, ...]:
    """Names as the file can hold them: a tenant's may have half of a character in them."""
    return tuple(name.encode("utf-8", "backslashreplace").decode() for name in names)


def _checks(rows: Sequence[Any]) -> list[Check]:
    """The checks in these rows; one that cannot be read any more hides no other."""
    found = []
    for (whole,) in rows:
        with suppress(ValueError, KeyError, TypeError):
            found.append(from_dict(json.loads(whole)))
    return found


def _marks(rows: Sequence[Any]) -> tuple[Mark, ...]:
    """The marks in these rows; one that cannot be read any more hides no other."""
    found = []
    for at, verdict, outcome, *rest in rows:
        with suppress(ValueError, TypeError):
            moment = datetime.fromisoformat(at)
            found.append(Mark(moment, EndpointVerdict(verdict), Outcome(outcome), *rest))
    return tuple(found)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _moment(text: str | None) -> datetime | None:
    """A moment as it was written; ``None`` where it is not known, or cannot be read any more."""
    with suppress(ValueError, TypeError):
        return datetime.fromisoformat(text) if text else None
    return None
