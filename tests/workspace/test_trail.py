"""A record that cannot be written loses neither the action nor itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.errors import AuditClosed, AuditNotCovered, AuditNotWritable
from cognitui.audit.head import HeadFile
from cognitui.audit.records import Action, Outcome
from cognitui.audit.store import AuditLog
from cognitui.cognigy.errors import NotFound
from cognitui.config import Config
from cognitui.errors import ProgramFailed, UsageError
from cognitui.workspace import Workspace
from tests.audit.otlp_collector import collecting
from tests.support.tenants import webhook_for

from .support import first_webhook, records, registered, settings_in, until, writable

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.errors import CognituiError
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings


async def act(workspace: Workspace, name: str) -> None:
    async with workspace.trail.recorded(
        Action.MONITOR_SYNC, tenant="acme", bot_id="", webhook_id=name
    ):
        await asyncio.sleep(0)


def problem_of(workspace: Workspace) -> CognituiError | None:
    return workspace.trail.problem


async def test_the_action_is_done_and_the_record_is_kept_until_it_can_be_written(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await writable(workspace, on=False)
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.webhook is not None
    assert isinstance(problem_of(workspace), AuditNotWritable)
    await writable(workspace, on=True)
    assert await records(workspace) == []
    await workspace.webhooks.delete(result.webhook)
    assert problem_of(workspace) is None
    assert [record.action for record in await records(workspace)] == [
        Action.WEBHOOK_REGISTER,
        Action.WEBHOOK_DELETE,
    ]


async def test_many_kept_records_are_written_once_and_in_order(alone: Workspace) -> None:
    await writable(alone, on=False)
    names = [f"wh_{number}" for number in range(20)]
    await asyncio.gather(*(act(alone, name) for name in names[:10]))
    for name in names[10:]:
        await act(alone, name)
    assert problem_of(alone) is not None
    await writable(alone, on=True)
    await act(alone, "last")
    assert problem_of(alone) is None
    written = [record.webhook_id for record in await records(alone)]
    assert sorted(written[:10]) == names[:10]
    assert written[10:] == [*names[10:], "last"]


async def test_an_error_of_the_action_stays_the_error(workspace: Workspace) -> None:
    webhook = await first_webhook(workspace)
    await workspace.webhooks.delete(webhook)
    await writable(workspace, on=False)
    with pytest.raises(NotFound):
        await workspace.webhooks.delete(webhook)
    assert problem_of(workspace) is not None


async def test_a_record_that_is_written_and_not_covered_is_not_written_again(
    alone: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(HeadFile, "write_slot", fail)
        await act(alone, "wh_1")
    assert isinstance(problem_of(alone), AuditNotCovered)
    await act(alone, "wh_2")
    assert problem_of(alone) is None
    assert [record.webhook_id for record in await records(alone)] == ["wh_1", "wh_2"]
    assert (await alone.reports.verify()).is_whole


async def test_a_record_that_fails_for_any_reason_is_kept(
    alone: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret may stand here")

    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "append", fail)
        await act(alone, "wh_1")
    problem = problem_of(alone)
    assert isinstance(problem, ProgramFailed)
    assert problem.message == "cognitui failed with ZeroDivisionError."
    await act(alone, "wh_2")
    assert problem_of(alone) is None
    assert [record.webhook_id for record in await records(alone)] == ["wh_1", "wh_2"]


async def test_a_record_that_can_never_be_written_does_not_stand_in_the_way(
    alone: Workspace,
) -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    async with alone.trail.recorded(
        Action.WEBHOOK_UPDATE, tenant="acme", bot_id="", webhook_id="wh_1", before={"deep": deep}
    ):
        await asyncio.sleep(0)
    assert isinstance(problem_of(alone), ProgramFailed)
    await act(alone, "wh_2")
    assert isinstance(problem_of(alone), ProgramFailed)
    assert [record.webhook_id for record in await records(alone)] == ["wh_2"]
    while deep:
        deep = deep.pop()  # type: ignore[assignment]


async def test_a_log_that_was_closed(workspace: Workspace, sandbox: Sandbox) -> None:
    await workspace.log.close()
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.is_registered
    assert isinstance(problem_of(workspace), AuditClosed)


async def test_a_mistake_of_ours_is_not_recorded_as_success(alone: Workspace) -> None:
    with pytest.raises(ZeroDivisionError):
        async with alone.trail.recorded(Action.MONITOR_SYNC, tenant="acme", bot_id=""):
            raise ZeroDivisionError("a secret may stand here")
    (record,) = await records(alone)
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "internal")
    assert record.detail == "cognitui failed with ZeroDivisionError."


async def test_cancelled_twice_it_is_still_written(alone: Workspace) -> None:
    async def forever() -> None:
        async with alone.trail.recorded(Action.MONITOR_SYNC, tenant="acme", bot_id=""):
            await asyncio.Event().wait()

    acting = asyncio.create_task(forever())
    await asyncio.sleep(0)
    acting.cancel()
    await asyncio.sleep(0)
    acting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await acting
    (record,) = await records(alone)
    assert record.outcome is Outcome.CANCELLED


async def test_what_is_on_record_survives_the_workspace(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with Workspace(settings) as first:
        await act(first, "wh_1")
    async with Workspace(settings) as second:
        assert [record.webhook_id for record in await records(second)] == ["wh_1"]


async def test_what_is_still_kept_at_the_end_is_tried_once_more(settings: Settings) -> None:
    async with Workspace(settings) as first:
        await writable(first, on=False)
        await act(first, "wh_1")
        await writable(first, on=True)
    assert problem_of(first) is None
    async with Workspace(settings) as second:
        assert [record.webhook_id for record in await records(second)] == ["wh_1"]


async def test_a_read_only_directory_is_named(tmp_path: Path, alone: Workspace) -> None:
    await writable(alone, on=False)
    await act(alone, "wh_1")
    problem = problem_of(alone)
    assert problem is not None
    assert str(tmp_path) in problem.message
    assert problem.hint


async def test_those_who_watch_learn_what_is_written_and_only_then(alone: Workspace) -> None:
    seen: list[tuple[str, int | None]] = []

    def fails(_record: AuditRecord) -> None:
        raise ZeroDivisionError

    alone.trail.observers += [fails, lambda one: seen.append((one.webhook_id, one.id))]
    await writable(alone, on=False)
    await act(alone, "wh_1")
    assert seen == []
    await writable(alone, on=True)
    await act(alone, "wh_2")
    assert seen == [("wh_1", 1), ("wh_2", 2)]
    assert problem_of(alone) is None


async def test_a_collector_gets_what_is_written(tmp_path: Path) -> None:
    with collecting() as collector:
        config = Config(otlp_endpoint=collector.url)
        async with Workspace(replace(settings_in(tmp_path), config=config)) as workspace:
            await act(workspace, "wh_1")
            await until(lambda: bool(collector.logs), seconds=20)
    assert [log["cognitui.webhook_id"] for log in collector.logs] == ["wh_1"]
    assert collector.logs[0]["cognitui.actor"] == workspace.trail.actor


async def test_a_collector_that_cannot_be_is_told_before_anything_is_open(tmp_path: Path) -> None:
    config = Config(otlp_endpoint="nowhere")
    with pytest.raises(UsageError):
        await Workspace(replace(settings_in(tmp_path), config=config)).__aenter__()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - one look
