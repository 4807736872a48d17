"""An audit log and a log of checks with a past, so that their places have something to move in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, AuditRecord, Outcome
from cognitui.audit.store import AuditLog
from cognitui.webhooks.health.log import HealthLog
from tests.benchmarks.connected import TENANT
from tests.webhooks.health.support import check, ref, refused, well

if TYPE_CHECKING:
    from cognitui.settings import Paths

RECORDS = 300
WEBHOOKS, CHECKS = 37, 12
FIRST = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def write_history(paths: Paths) -> None:
    """Write an audit log of registrations that went well, and checks of which some did not."""
    asyncio.run(_write(paths))
    asyncio.run(_write_checks(paths))


async def _write_checks(paths: Paths) -> None:
    async with await HealthLog.at(paths.state / "health.db") as log:
        for step in range(CHECKS):
            await log.add(
                *(
                    check(
                        refused() if number % 7 == 0 else well(),
                        step,
                        webhook=ref(f"wh_{number:04x}", "bot_12345", TENANT),
                    )
                    for number in range(WEBHOOKS)
                )
            )


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
