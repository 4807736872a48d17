"""An audit log with a past, so that its place has something to move in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, AuditRecord, Outcome
from cognitui.audit.store import AuditLog
from tests.benchmarks.connected import TENANT

if TYPE_CHECKING:
    from cognitui.settings import Paths

RECORDS = 300
FIRST = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def write_history(paths: Paths) -> None:
    """Write an audit log of registrations that went well."""
    asyncio.run(_write(paths))


async def _write(paths: Paths) -> None:
    async with await AuditLog.open(paths.audit_log, paths.state) as log:
        for number in range(RECORDS):
            await log.append(
                AuditRecord(
                    at=FIRST + timedelta(seconds=number),
                    monotonic=float(number),
                    operation_id=f"op_{number}",
                    tenant=TENANT,
                    bot_id="bot_12345",
                    action=Action.WEBHOOK_REGISTER,
                    outcome=Outcome.OK,
                    webhook_id=f"wh_{number:04x}",
                    skill_id="skill_67890",
                    endpoint="https://hooks.example.com/cognigy",
                    latency_ms=20.0 + number % 40,
                )
            )
