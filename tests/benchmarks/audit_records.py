"""A log of many records, written in bulk: a team's few months with some bots."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cognitui.audit.connection import APPLICATION_ID
from cognitui.audit.schema import COLUMNS, MIGRATIONS, moment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIRST = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
DAYS = 120
BOTS = [(f"tenant-{one % 3}", f"bot_{one:05x}") for one in range(6)]
WEBHOOKS = 40
SKILLS = 14
EVENTS = ["ON_SKILL_START", "ON_SKILL_END", "ON_MESSAGE", "ON_INTENT_MATCH", "ON_FALLBACK"]
ACTIONS = {
    "callback.receive": 55.0, "callback.send": 35.0, "webhook.register": 4.0,
    "webhook.update": 2.0, "callback.probe": 2.0, "callback.burst": 1.0, "webhook.delete": 0.5,
    "monitor.sync": 0.5,
}  # fmt: skip
OUTCOMES = {"ok": 93.0, "failed": 5.0, "unconfirmed": 1.0, "cancelled": 1.0}
ERRORS = {
    "timeout": "Nothing was heard for 3 s.",
    "503": "The endpoint answered 503.",
    "connection_refused": "The endpoint refused the connection.",
    "bad_signature": "The signature does not match the body.",
}
BATCH = 20_000
WITHOUT_ROLL_UPS = 3
"""The version of the schema before there were any."""


def write_records(path: Path, count: int, *, version: int = len(MIGRATIONS), seed: int = 7) -> None:
    """Make a log of so many records, as a program of that schema version would have left it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        for statement in [one for step in MIGRATIONS[:version] for one in step]:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {version}")
        found = connection.execute("PRAGMA table_info(records)").fetchall()
        columns = [row[1] for row in found if row[1] in COLUMNS and row[1] != "id"]
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT INTO records ({', '.join(columns)}) VALUES ({marks})"
        connection.execute("BEGIN")
        connection.executemany(insert, _rows(count, columns, random.Random(seed)))
        connection.execute("COMMIT")


def _rows(count: int, columns: list[str], dice: random.Random) -> Iterator[tuple[object, ...]]:
    step = timedelta(days=DAYS) / count
    for begin in range(0, count, BATCH):
        size = min(BATCH, count - begin)
        actions = dice.choices(list(ACTIONS), list(ACTIONS.values()), k=size)
        outcomes = dice.choices(list(OUTCOMES), list(OUTCOMES.values()), k=size)
        for number, action, outcome in zip(
            range(begin, begin + size), actions, outcomes, strict=True
        ):
            at = FIRST + step * (number + dice.random())
            row = _row(number, at, action, outcome, dice)
            yield tuple(row.get(name, "") for name in columns)


def _row(
    number: int, at: datetime, action: str, outcome: str, dice: random.Random
) -> dict[str, object]:
    bot = int(dice.random() ** 2 * len(BOTS))
    webhook = int(dice.random() ** 2 * WEBHOOKS)
    tenant, bot_id = BOTS[bot]
    error = dice.choice(list(ERRORS)) if outcome in {"failed", "unconfirmed"} else ""
    is_callback = action.startswith("callback")
    latency = dice.lognormvariate(3.2, 0.9)
    tries = 0 if action == "callback.receive" else 1 + (dice.random() < 0.08)
    snapshot = None if is_callback else json.dumps({"id": f"wh_{webhook}", "enabled": True})
    return {
        "at": moment(at),
        "monotonic": float(number),
        "operation_id": f"op_{dice.getrandbits(64):016x}",
        "tenant": tenant,
        "bot_id": bot_id,
        "action": action,
        "webhook_id": "" if action == "monitor.sync" else f"wh_{bot}{webhook:03x}",
        "skill_id": f"skill_{bot}{webhook % SKILLS:03x}",
        "endpoint": f"https://hooks-{webhook % 7}.example.com/cognigy/{webhook}",
        "event": dice.choice(EVENTS) if is_callback else "",
        "outcome": outcome,
        "latency_ms": None if outcome == "cancelled" else latency,
        "attempts": json.dumps(
            [
                {"number": one + 1, "status": 200, "ms": latency, "error": None}
                for one in range(tries)
            ]
        ),
        "error_code": error,
        "detail": ERRORS.get(error, ""),
        "before": None,
        "after": snapshot,
    }
