from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome

SECRET = "a-secret-of-more-than-32-characters!"
BOTH = pytest.mark.parametrize("store", ["file", "server"], indirect=True)
"""For tests of what a log does whatever it is kept with."""
START = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def record(number: int = 0, **changes: Any) -> AuditRecord:
    """A registration that went well, `number` seconds after the start."""
    values: dict[str, Any] = {
        "at": START + timedelta(seconds=number),
        "monotonic": 100.0 + number,
        "operation_id": f"op_{number}",
        "tenant": "acme",
        "bot_id": "bot_1",
        "action": Action.WEBHOOK_REGISTER,
        "outcome": Outcome.OK,
        "webhook_id": f"wh_{number}",
        "skill_id": "skill_1",
        "endpoint": "https://hooks.example/in",
        "latency_ms": 10.0,
    }
    return AuditRecord(**values | changes)


FULL = record(
    7,
    action=Action.WEBHOOK_UPDATE,
    outcome=Outcome.FAILED,
    event="ON_MESSAGE",
    latency_ms=0.1 + 0.2,
    attempts=(
        AttemptEvidence(1, 503, 12.25, "server_error"),
        AttemptEvidence(2, None, 3000.0, "timeout"),
    ),
    error_code="timeout",
    detail="Nothing was heard – für 3 s.",
    before={"url": "https://a.example", "triggers": [{"event": "ON_MESSAGE"}]},
    after={"nested": {"list": [1, 2.5, None, True]}},
)


def old_log(path: Path, version: int) -> None:
    """A log as the program wrote it that knew this version of the schema."""
    path.parent.mkdir(parents=True, exist_ok=True)
    script = (Path(__file__).parent / "old" / f"version_{version}.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
