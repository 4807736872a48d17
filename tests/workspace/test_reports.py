"""What the audit log says about tenants, and which monitor is told."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.errors import MonitorRefused
from cognitui.audit.export.subject import ExportFormat
from cognitui.audit.records import Action, Outcome
from cognitui.audit.wanted import Wanted
from cognitui.errors import UsageError
from cognitui.workspace import Workspace
from tests.support.tenants import credentials_of, webhook_for

from .support import connect, profile_of, records, registered, settings_in

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox


async def test_the_report_of_what_was_registered(workspace: Workspace, sandbox: Sandbox) -> None:
    await registered(workspace, webhook_for(sandbox))
    sandbox.inject("403:method=POST")
    await registered(workspace, webhook_for(sandbox))
    for tenant in (None, "acme"):
        report = await workspace.reports.report(tenant)
        assert (report.total_registrations, report.success_rate) == (2, 0.5)
    assert (await workspace.reports.report("beta")).total_registrations == 0
    of_acme, of_beta = [
        await workspace.log.overview(Wanted(tenant=tenant)) for tenant in ("acme", "beta")
    ]
    assert (of_acme.registrations.total, of_beta.registrations.total) == (2, 0)
    assert len(await workspace.reports.recent(limit=1)) == 1
    assert await workspace.reports.recent(tenant="beta") == []


async def test_the_history_of_one_webhook(workspace: Workspace, sandbox: Sandbox) -> None:
    webhook, other = (await workspace.list_webhooks())[:2]
    await workspace.webhooks.set_enabled(webhook, enabled=False)
    await workspace.webhooks.delete(other)
    await workspace.webhooks.delete(webhook)
    bot_id = sandbox.info.bot_id
    found = await workspace.reports.history(webhook.id, bot_id=bot_id)
    assert [record.action for record in found] == [Action.WEBHOOK_DELETE, Action.WEBHOOK_DISABLE]
    (older,) = await workspace.reports.history(webhook.id, bot_id=bot_id, before_id=found[0].id)
    assert older == found[1]
    assert await workspace.reports.history(webhook.id, bot_id="another bot") == []


async def test_sync_tells_the_monitor_and_is_on_record(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await registered(workspace, webhook_for(sandbox))
    result = await workspace.reports.sync(f"{sandbox.info.monitor_url}?key=hush")
    assert (result.status, result.entries) == (200, 1)
    (body,) = sandbox.tenant.monitor_received
    assert {"audit_trail", "metrics"} == set(body) - {"receivedAt"}
    record = (await records(workspace))[-1]
    assert (record.action, record.outcome) == (Action.MONITOR_SYNC, Outcome.OK)
    assert (record.tenant, record.endpoint) == ("acme", sandbox.info.monitor_url)


async def test_a_sync_that_is_refused_is_on_record(workspace: Workspace, sandbox: Sandbox) -> None:
    sandbox.inject("500:path=monitor")
    with pytest.raises(MonitorRefused):
        await workspace.reports.sync(sandbox.info.monitor_url)
    (record,) = await records(workspace)
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "monitor_refused")


async def test_no_monitor(workspace: Workspace) -> None:
    with pytest.raises(UsageError, match="No monitor is known"):
        await workspace.reports.sync()
    assert await records(workspace) == []


async def test_the_open_tenants_monitor_goes_before_the_environments(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    given = "https://monitor.example.com/given"
    async with Workspace(settings_in(tmp_path, monitor_url=given)) as workspace:
        assert workspace.reports.monitor_url == given
        await connect(workspace, sandbox)
        assert workspace.reports.monitor_url == given
        own = profile_of(sandbox, monitor_url="https://monitor.example.com/own")
        await workspace.connect(own, credentials_of(sandbox))
        assert workspace.reports.monitor_url == own.monitor_url


async def test_a_named_tenants_own_monitor_is_told(workspace: Workspace, sandbox: Sandbox) -> None:
    workspace.tenants.store.save(
        profile_of(sandbox, name="beta", monitor_url=sandbox.info.monitor_url)
    )
    assert (await workspace.reports.sync(tenant="beta")).entries == 0
    (record,) = await records(workspace)
    assert record.tenant == "beta"


async def test_a_sync_that_gave_something_up_says_so_on_record(
    workspace: Workspace, sandbox: Sandbox, tmp_path: Path
) -> None:
    await registered(workspace, webhook_for(sandbox))
    sandbox.inject("503:path=monitor")
    with pytest.raises(MonitorRefused):
        await workspace.reports.sync(sandbox.info.monitor_url)
    await asyncio.to_thread(tear, tmp_path / "state" / "monitor")
    with pytest.raises(MonitorRefused):
        await workspace.reports.sync(sandbox.info.monitor_url)
    await asyncio.to_thread(tear, tmp_path / "state" / "monitor")
    sandbox.clear_faults()
    assert (await workspace.reports.sync(sandbox.info.monitor_url)).dropped == 1
    first, second, third = (await records(workspace))[-3:]
    assert first.after is None
    assert (second.outcome, second.after) == (Outcome.FAILED, {"given_up": 1})
    assert "refused with 503" in second.detail
    assert (third.outcome, third.after) == (Outcome.OK, {"given_up": 1})
    assert third.detail == "Given up: 1 of earlier syncs."


def tear(spool: Path) -> None:
    (path,) = spool.glob("*/*.json")
    path.write_text("{")


def contents(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    "url",
    ["user:hush-hush@monitor.example/x", "http://u:hush-hush@[bad/x?t=y", "token=hush-hush"],
    ids=["no-scheme", "broken", "token"],
)
async def test_a_url_that_cannot_be_a_monitors_is_refused_before_anything_is_kept(
    workspace: Workspace, tmp_path: Path, url: str
) -> None:
    with pytest.raises(UsageError) as caught:
        await workspace.reports.sync(url)
    assert caught.value.field == "monitor_url"
    assert "hush" not in f"{caught.value!r} {caught.value.hint}"
    assert await records(workspace) == []
    kept = await asyncio.to_thread(contents, tmp_path)
    assert kept
    assert not any(b"hush" in content for content in kept)


@pytest.mark.parametrize("form", [str(form) for form in ExportFormat])
async def test_an_export_carries_the_logs_head(
    workspace: Workspace, sandbox: Sandbox, tmp_path: Path, form: str
) -> None:
    await registered(workspace, webhook_for(sandbox))
    head = await workspace.log.head()
    assert head is not None
    assert head.last == 1
    path = tmp_path / "export"
    made = await workspace.reports.export(ExportFormat(form), path)
    assert made.records == 1
    text = path.read_text()
    if form == "csv":
        assert text.splitlines()[0].split(",")[0] == "id"
    else:
        assert f"{head.log}:1:{head.mac}" in text
