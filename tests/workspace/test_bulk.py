"""One action on many webhooks, over real sockets, with faults."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.limiter import SlidingWindowLimiter
from cognitui.cognigy.models import Bot
from cognitui.errors import UsageError
from cognitui.workspace.bulk import (
    CHECKS_A_SECOND,
    CONCURRENT,
    Bulk,
    BulkAction,
    time_left_s,
)
from cognitui.workspace.pace import SPARE_REQUESTS
from tests.support.tenants import asked

from .support import connect, records, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.sandbox import Sandbox
    from cognitui.workspace import Workspace
    from cognitui.workspace.bulk import BulkItem, BulkResult

CHANGES = (BulkAction.ENABLE, BulkAction.DISABLE, BulkAction.DELETE)


async def begin(
    workspace: Workspace, action: BulkAction, most: int | None = None
) -> tuple[Bulk, list[RegisteredWebhook]]:
    webhooks = (await workspace.list_webhooks())[:most]
    return workspace.webhooks.bulk(action, webhooks), webhooks


async def to_the_end(bulk: Bulk) -> tuple[list[BulkItem], BulkResult]:
    items = [item async for item in bulk.run()]
    return items, bulk.result


def held(sandbox: Sandbox) -> dict[str, bool]:
    """The ids of the first bot's webhooks at the sandbox, and whether each is on."""
    webhooks = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    return {webhook.id: webhook.enabled for webhook in webhooks.values()}


@pytest.mark.parametrize(
    ("action", "record"),
    [(BulkAction.ENABLE, Action.WEBHOOK_ENABLE), (BulkAction.DISABLE, Action.WEBHOOK_DISABLE)],
)
async def test_all_are_switched_each_with_its_record(
    workspace: Workspace, sandbox: Sandbox, action: BulkAction, record: Action
) -> None:
    bulk, webhooks = await begin(workspace, action)
    items, result = await to_the_end(bulk)
    wanted = action is BulkAction.ENABLE
    assert set(held(sandbox).values()) == {wanted}
    assert {item.webhook.id for item in items} == {webhook.id for webhook in webhooks}
    assert all(item.after is not None and item.after.enabled is wanted for item in items)
    assert sorted(result.done, key=repr) == sorted(items, key=repr)
    assert (result.failed, result.not_begun, result.ended_by) == ((), (), None)
    found = await records(workspace)
    assert {each.action for each in found} == {record}
    assert sorted(each.webhook_id for each in found) == sorted(hook.id for hook in webhooks)
    # Each is an operation of its own, with the one request that belongs to it.
    assert len({each.operation_id for each in found}) == len(webhooks)
    assert all([a.status for a in each.attempts] == [200] for each in found)


async def test_all_are_deleted_and_counted(workspace: Workspace, sandbox: Sandbox) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.DELETE, 12)
    items, result = await to_the_end(bulk)
    assert len(items) == len(result.done) == 12
    assert not held(sandbox).keys() & {webhook.id for webhook in webhooks}
    assert workspace.webhooks_used == 25
    found = await records(workspace)
    assert all(each.before is not None and each.after is None for each in found)
    assert bulk.progress.ended == bulk.progress.total == 12
    assert bulk.progress.left_s == 0


async def test_checks_bring_reports_and_ask_nothing_of_the_tenant(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.CHECK, 9)
    before = len(sandbox.tenant.requests)
    _, result = await to_the_end(bulk)
    later = sandbox.tenant.requests[before:]
    assert later
    assert not any(request.path.startswith("/api/") for request in later)
    verdicts = {item.webhook.id: item.report.verdict for item in result.done if item.report}
    assert len(verdicts) == len(webhooks)
    assert len(set(verdicts.values())) > 1
    assert await records(workspace) == []


async def test_checks_are_paced(workspace: Workspace, sandbox: Sandbox) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.CHECK, 12)
    loop = asyncio.get_running_loop()
    started = loop.time()
    await to_the_end(bulk)
    assert loop.time() - started >= (len(webhooks) - 1) / CHECKS_A_SECOND


@pytest.mark.parametrize("action", CHANGES)
async def test_a_failure_of_one_does_not_stop_the_others(
    workspace: Workspace, sandbox: Sandbox, action: BulkAction
) -> None:
    bulk, webhooks = await begin(workspace, action, 10)
    one = webhooks[3].id
    sandbox.inject(f"403:path=bots/*/webhooks/{one}")
    items, result = await to_the_end(bulk)
    assert len(items) == 10
    (failed,) = result.failed
    assert (failed.webhook.id, failed.after) == (one, None)
    assert failed.error is not None
    assert failed.error.code == "forbidden"
    assert result.reasons == [(failed.error.message, 1)]
    assert bulk.progress.failed == 1
    outcomes = [record.outcome for record in await records(workspace)]
    assert outcomes.count(Outcome.OK) == 9
    assert outcomes.count(Outcome.FAILED) == 1


async def test_the_most_frequent_reason_comes_first(workspace: Workspace, sandbox: Sandbox) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.DELETE, 8)
    for webhook in webhooks[:3]:
        del sandbox.tenant.bots[sandbox.info.bot_id].webhooks[webhook.id]
    sandbox.inject(f"403:path=bots/*/webhooks/{webhooks[5].id}")
    _, result = await to_the_end(bulk)
    assert [number for _, number in result.reasons] == [3, 1]
    assert "knows nothing" in result.reasons[0][0]


async def test_lost_answers_are_repeated_and_counted_once(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("lost-answer:method=DELETE,every=3")
    bulk, _ = await begin(workspace, BulkAction.DELETE, 9)
    _, result = await to_the_end(bulk)
    assert len(result.done) == 9
    assert len(held(sandbox)) == 37 - 9
    assert workspace.webhooks_used == 37 - 9


async def test_a_tenant_that_is_down_ends_it(workspace: Workspace, sandbox: Sandbox) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.DISABLE)
    sandbox.inject("503:path=bots/*")
    _, result = await to_the_end(bulk)
    assert result.ended_by is not None
    assert result.ended_by.code == "circuit_open"
    assert result.not_begun
    assert len(result.done) + len(result.failed) + len(result.not_begun) == len(webhooks)
    # It was left alone after that, rather than asked 37 times.
    assert asked(sandbox, "PATCH", "") < 37


async def test_another_tenant_opened_meanwhile_ends_it(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("slow:method=DELETE,seconds=0.05")
    bulk, webhooks = await begin(workspace, BulkAction.DELETE, 20)
    run = bulk.run()
    await anext(run)
    old = workspace._client
    assert old is not None
    workspace._client = None  # what opening another tenant begins with
    items = [item async for item in run]
    workspace._client = old
    assert len(items) < CONCURRENT
    assert len(bulk.result.not_begun) >= len(webhooks) - 2 * CONCURRENT
    assert isinstance(bulk.result.ended_by, UsageError)


async def test_another_bot_chosen_meanwhile_does_not(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    bulk, webhooks = await begin(workspace, BulkAction.DELETE, 6)
    other = (await workspace.bots())[1]
    run = bulk.run()
    await anext(run)
    workspace.choose_bot(Bot(id=other.id, name=other.name))
    workspace.webhooks_used = 50
    assert len([item async for item in run]) == 5
    assert not held(sandbox).keys() & {webhook.id for webhook in webhooks}
    assert {record.bot_id for record in await records(workspace)} == {sandbox.info.bot_id}
    assert workspace.webhooks_used == 50


async def test_stopped_it_begins_no_more_and_lets_the_rest_end(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("slow:method=DELETE,seconds=0.03")
    bulk, webhooks = await begin(workspace, BulkAction.DELETE)
    items = []
    async for item in bulk.run():
        items.append(item)
        bulk.stop()
        assert bulk.progress.is_stopping
    assert 1 <= len(items) <= 2 * CONCURRENT
    assert bulk.result.failed == ()
    gone = {item.webhook.id for item in items}
    assert held(sandbox).keys() == {hook.id for hook in webhooks} - gone
    assert {hook.id for hook in bulk.result.not_begun} == held(sandbox).keys()


async def test_closed_it_cuts_off_what_is_under_way_and_records_that(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    bulk, _ = await begin(workspace, BulkAction.DELETE, 12)
    sandbox.inject("hang:method=DELETE,after=3")

    async def consume() -> None:
        async for _ in bulk.run():
            pass

    running = asyncio.ensure_future(consume())
    limiter = workspace.client._pipeline.limiter
    await until(lambda: bulk.progress.ended == 3 and limiter._in_flight == CONCURRENT)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert running.cancelled()
    outcomes = [record.outcome for record in await records(workspace)]
    assert outcomes.count(Outcome.OK) == 3
    assert outcomes.count(Outcome.CANCELLED) == CONCURRENT


async def test_a_few_at_a_time(workspace: Workspace, sandbox: Sandbox) -> None:
    """With a slow tenant as many requests are under way as are allowed, and no more."""
    sandbox.inject("slow:method=PATCH,seconds=0.05")
    bulk, _ = await begin(workspace, BulkAction.DISABLE, 12)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, workspace.client._pipeline.limiter._in_flight)
            await asyncio.sleep(0.002)

    watcher = asyncio.ensure_future(watch())
    await to_the_end(bulk)
    watcher.cancel()
    assert most == CONCURRENT


async def test_it_keeps_within_the_limit_and_leaves_requests_for_the_person(
    start: Callable[..., Sandbox], alone: Workspace
) -> None:
    sandbox = start(requests_per_minute=30, rate_window_s=0.5, page_size=100)
    await connect(alone, sandbox)
    alone.client._pipeline.limiter = SlidingWindowLimiter(30, window_s=0.5)
    bulk, webhooks = await begin(alone, BulkAction.DISABLE)
    left: list[int] = []
    waited = False
    async for _ in bulk.run():
        left.append(alone.client.requests_left)
        waited = waited or bulk.progress.is_waiting
    assert len(bulk.result.done) == len(webhooks) == 37
    assert {request.status for request in sandbox.tenant.requests} <= {200}
    assert min(left) > SPARE_REQUESTS - CONCURRENT
    assert waited


async def test_stopping_does_not_wait_for_the_minute_to_end(
    start: Callable[..., Sandbox], alone: Workspace
) -> None:
    sandbox = start(page_size=100)
    await connect(alone, sandbox)
    bulk, _ = await begin(alone, BulkAction.DISABLE)
    alone.client._pipeline.limiter = SlidingWindowLimiter(SPARE_REQUESTS + 2, window_s=600)
    run = asyncio.ensure_future(to_the_end(bulk))
    await until(lambda: bulk.progress.is_waiting)
    bulk.stop()
    _, result = await run
    assert 1 <= len(result.done) <= 2 + CONCURRENT
    assert len(result.done) + len(result.not_begun) == 37


async def test_each_is_done_once_and_none_is_no_work(workspace: Workspace) -> None:
    webhook = (await workspace.list_webhooks())[0]
    _, result = await to_the_end(workspace.webhooks.bulk(BulkAction.DELETE, [webhook, webhook]))
    assert len(result.done) == 1
    items, result = await to_the_end(workspace.webhooks.bulk(BulkAction.DELETE, []))
    assert (items, result.done) == ([], ())


async def test_a_revoked_key_ends_it(workspace: Workspace, sandbox: Sandbox) -> None:
    bulk, _ = await begin(workspace, BulkAction.DISABLE)
    workspace.client._pipeline.tokens.invalidate(await workspace.client._pipeline.tokens.get())
    credentials = workspace.client._pipeline._credentials
    object.__setattr__(credentials, "api_secret", SecretStr("revoked"))
    _, result = await to_the_end(bulk)
    assert result.ended_by is not None
    assert result.ended_by.code == "unauthorized"
    assert len(result.failed) <= CONCURRENT
    assert not result.done


async def test_without_a_tenant_there_is_nothing_to_do_it_to(alone: Workspace) -> None:
    with pytest.raises(UsageError):
        alone.webhooks.bulk(BulkAction.DELETE, [])


@pytest.mark.parametrize(
    ("ended", "total", "elapsed_s", "room", "left_s"),
    [
        (0, 10, 3.0, 90, None),
        (10, 10, 3.0, 90, 0.0),
        (5, 10, 3.0, 90, 3.0),
        (5, 10, 3.0, None, 3.0),
        # 100 more than the minute still allows take another minute at least.
        (10, 130, 1.0, 20, 60.0),
        # Whoever is slower than the limit is not sped up by it.
        (10, 130, 60.0, 20, 720.0),
    ],
)
def test_the_estimate(
    ended: int, total: int, elapsed_s: float, room: int | None, left_s: float | None
) -> None:
    assert time_left_s(ended, total, elapsed_s, room=room, per_minute=100) == left_s


@given(st.integers(1, 500), st.integers(0, 500), st.floats(0, 1e4), st.none() | st.integers(0, 100))
def test_the_estimate_is_never_negative_and_grows_with_what_is_left(
    ended: int, more: int, elapsed_s: float, room: int | None
) -> None:
    left = time_left_s(ended, ended + more, elapsed_s, room=room, per_minute=100)
    longer = time_left_s(ended, ended + more + 1, elapsed_s, room=room, per_minute=100)
    assert left is not None
    assert longer is not None
    assert 0 <= left <= longer
