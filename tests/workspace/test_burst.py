"""Bursts on the audit trail."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.records import Action, Outcome
from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.cognigy.models import TriggerEvent
from cognitui.config import Config, Source
from cognitui.errors import ReadOnly, UsageError
from cognitui.workspace import Workspace
from tests.support.tenants import SIGNING_SECRET

from .support import records, settings_in

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.callbacks.burst.burst import Burst
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.sandbox import Sandbox

CONTENT = BurstContent(TriggerEvent.ON_MESSAGE, "skill_1")


def prepared(workspace: Workspace, url: str, count: int = 20, **changes: Any) -> Burst:
    plan = BurstPlan(count, changes.pop("rate_per_s", None))
    given = {"secret": SIGNING_SECRET, "scheme": COGNIGY, **changes}
    return workspace.lab.prepare_burst(url, plan, CONTENT, **given)


async def test_one_record_for_a_burst(workspace: Workspace, sandbox: Sandbox) -> None:
    url, secret = f"{sandbox.info.webhook_url}?token=hush", sandbox.info.webhook_secret
    burst = prepared(workspace, url, secret=secret)
    seen: list[BurstSnapshot] = []
    final = await workspace.lab.burst(burst, webhook_id="wh_1", on_snapshot=seen.append)
    assert seen[-1] == final
    assert final.all_delivered
    assert len(sandbox.tenant.endpoint_received) == 20
    (record,) = await records(workspace)
    assert (record.action, record.outcome, record.error_code) == (
        Action.CALLBACK_BURST, Outcome.OK, "",
    )  # fmt: skip
    assert (record.tenant, record.bot_id, record.webhook_id) == ("acme", "bot_12345", "wh_1")
    assert (record.endpoint, record.event) == (sandbox.info.webhook_url, "ON_MESSAGE")
    assert (record.skill_id, record.detail) == ("skill_1", final.reason)
    assert record.latency_ms == pytest.approx(final.elapsed_s * 1000)


async def test_what_failed_is_on_record(alone: Workspace, sandbox: Sandbox) -> None:
    url = sandbox.info.webhook_url.replace("receiver", "status/500")
    final = await alone.lab.burst(prepared(alone, url))
    assert dict(final.failures) == {"http_500": 20}
    (record,) = await records(alone)
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "not_delivered")


async def test_what_was_stopped_is_on_record(alone: Workspace, sandbox: Sandbox) -> None:
    burst = prepared(alone, sandbox.info.webhook_url, 1000, rate_per_s=5.0)
    final = await alone.lab.burst(burst, on_snapshot=lambda _: burst.stop())
    assert final.is_stopped
    (record,) = await records(alone)
    assert (record.outcome, record.error_code) == (Outcome.CANCELLED, "stopped")
    assert record.detail == final.reason


async def test_what_was_cancelled_is_on_record(alone: Workspace, sandbox: Sandbox) -> None:
    burst = prepared(alone, sandbox.info.webhook_url, 1000, rate_per_s=5.0)
    begun = asyncio.Event()
    task = asyncio.create_task(alone.lab.burst(burst, on_snapshot=lambda _: begun.set()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert burst.snapshot.is_stopped
    (record,) = await records(alone)
    assert (record.outcome, record.error_code) == (Outcome.CANCELLED, "cancelled")


async def test_another_machine_has_to_be_confirmed(alone: Workspace) -> None:
    with pytest.raises(UsageError, match="confirmed"):
        prepared(alone, "https://hooks.acme.example/")
    assert prepared(
        alone, "https://hooks.acme.example/", confirmed_host="hooks.acme.example"
    ).target.host == "hooks.acme.example"  # fmt: skip
    assert await records(alone) == []


async def test_read_only_refuses(tmp_path: Path, sandbox: Sandbox) -> None:
    async with Workspace(settings_in(tmp_path / "other")) as workspace:
        burst = prepared(workspace, sandbox.info.webhook_url)
    config = Config(read_only=True, sources={"read_only": Source.FLAG})
    async with Workspace(replace(settings_in(tmp_path), config=config)) as workspace:
        with pytest.raises(ReadOnly):
            prepared(workspace, sandbox.info.webhook_url)
        with pytest.raises(ReadOnly):
            await workspace.lab.burst(burst)
    assert sandbox.tenant.endpoint_received == []
