"""Checking webhooks: one, and sweeps over a bot, a tenant and all tenants, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.cognigy.models import RegisteredWebhook
from cognitui.errors import ReadOnly, UsageError
from cognitui.network.outcome import Outcome as StageOutcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.check import WebhookRef
from cognitui.webhooks.health.database import HealthDatabase
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.workspace import Workspace
from cognitui.workspace.bulk import BulkAction
from cognitui.workspace.pace import SPARE_REQUESTS
from cognitui.workspace.scope import Scope, Target
from tests.support.servers import HANG, reply, serving
from tests.support.tenants import asked, credentials_of

from .support import connect, profile_of, records, settings_in, until

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.webhooks.health.check import Check
    from cognitui.workspace.sweep import Sweep
    from tests.support.fixtures import Start
    from tests.support.servers import Request

V = EndpointVerdict
ITS, ALL = 36, 85
"""Webhooks of the first bot, and of all bots."""


@pytest.fixture
def sandbox(start: Start) -> Sandbox:
    """A sandbox without the endpoints that take their time."""
    sandbox = start()
    for bot in sandbox.tenant.bots.values():
        for webhook in list(bot.webhooks.values()):
            if webhook.url.endswith("/slow"):
                del bot.webhooks[webhook.id]
    return sandbox


async def swept(sweep: Sweep) -> list[Check]:
    return [check async for check in sweep.run()]


def held(sandbox: Sandbox, bot_id: str) -> set[str]:
    return set(sandbox.tenant.bots[bot_id].webhooks)


def verdict_of(checks: list[Check], end: str) -> EndpointVerdict:
    return next(check.verdict for check in checks if check.url.endswith(end))


def target(url: str, number: int = 1, **fields: Any) -> Target:
    webhook = RegisteredWebhook(id=f"wh_{number}", url=url, **fields)
    return Target.of(WebhookRef("acme", "bot_1", webhook.id), webhook)


async def test_all_webhooks_of_a_bot(workspace: Workspace, sandbox: Sandbox) -> None:
    sweep = workspace.health.sweep(Scope.bot_of(workspace))
    checks = await swept(sweep)
    assert {check.webhook_id for check in checks} == held(sandbox, sandbox.info.bot_id)
    assert {check.ref[:2] for check in checks} == {("acme", sandbox.info.bot_id)}
    assert {check.sweep_id for check in checks} == {sweep.id}
    assert verdict_of(checks, "/failing") is V.SERVER_ERROR
    assert verdict_of(checks, "/gone") is V.GONE
    assert verdict_of(checks, "/missing") is V.INCONCLUSIVE
    assert sandbox.tenant.endpoint_received == []
    progress = sweep.progress
    assert (progress.total, progress.ended, progress.left_s) == (ITS, ITS, 0.0)
    assert progress.unhealthy == sum(check.is_unhealthy for check in checks) > 0
    assert sweep.troubles == []


async def test_what_was_found_is_there_in_the_next_session(
    workspace: Workspace, settings: Settings
) -> None:
    scope = Scope.bot_of(workspace)
    checks = await swept(workspace.health.sweep(scope))
    async with Workspace(settings) as later:
        courses = await later.health.courses(scope)
        by_ref = {course.latest.ref: course for course in courses}
        assert {ref: course.latest for ref, course in by_ref.items()} == {
            check.ref: check for check in checks
        }
        bad = next(check for check in checks if check.is_unhealthy)
        assert by_ref[bad.ref].unhealthy_since == bad.at == await later.health.since(bad.ref)
        assert await later.health.history(bad.ref) == [bad]
        assert await later.health.last_good(bad.ref) is None
        assert await later.health.courses(Scope("other")) == []
        assert later.health.problem is None


async def test_all_bots_of_a_tenant(workspace: Workspace, sandbox: Sandbox) -> None:
    checks = await swept(workspace.health.sweep(Scope.tenant_of(workspace)))
    by_bot = Counter(check.bot_id for check in checks)
    assert by_bot == {
        bot_id: len(bot.webhooks) for bot_id, bot in sandbox.tenant.bots.items() if bot.webhooks
    }


async def test_only_some_of_a_bot(workspace: Workspace, sandbox: Sandbox) -> None:
    wanted = sorted(held(sandbox, sandbox.info.bot_id))[:3]
    scope = Scope("acme", sandbox.info.bot_id, frozenset(wanted))
    checks = await swept(workspace.health.sweep(scope))
    assert sorted(check.webhook_id for check in checks) == wanted


async def test_all_tenants_whose_keys_are_at_hand(
    workspace: Workspace, sandbox: Sandbox, start: Start
) -> None:
    second = start(seed=7, bots=1, webhooks=2)
    tenants = workspace.tenants
    tenants.add_session(profile_of(sandbox), credentials_of(sandbox))
    tenants.add_session(profile_of(second, name="second"), credentials_of(second))
    tenants.store.save(profile_of(second, name="locked"))
    sweep = workspace.health.sweep(Scope.everything())
    checks = await swept(sweep)
    assert Counter(check.tenant for check in checks) == {"acme": ALL, "second": 2}
    assert sweep.left_out == ["locked"]
    assert sweep.troubles == []
    assert workspace.tenant_name == "acme"


async def test_a_tenant_that_cannot_be_listed_is_told_and_hinders_no_other(
    workspace: Workspace, sandbox: Sandbox, start: Start
) -> None:
    second = start(seed=7, bots=2, webhooks=2)
    second.inject("503:path=bots")
    third = start(seed=8, bots=2, webhooks=2)
    third.inject(f"500:path=bots/{third.info.bot_id}/webhooks")
    tenants = workspace.tenants
    for name, one in (("second", second), ("third", third)):
        tenants.add_session(profile_of(one, name=name), credentials_of(one))
    sweep = workspace.health.sweep(Scope.everything())
    checks = await swept(sweep)
    assert {(one.tenant, one.bot_id, one.error.code) for one in sweep.troubles} == {
        ("second", "", "server_error"),
        ("third", third.info.bot_id, "server_error"),
    }
    assert {check.tenant for check in checks} == {"third"}
    assert {check.bot_id for check in checks}.isdisjoint({third.info.bot_id})


async def test_a_tenant_that_hangs_holds_up_no_other(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    workspace.tenants.add_session(profile_of(sandbox), credentials_of(sandbox))
    async with serving(lambda _: HANG) as server:
        profile = profile_of(sandbox, name="hangs", base_url=f"{server.origin}/api/v1")
        workspace.tenants.add_session(profile, credentials_of(sandbox))
        sweep = workspace.health.sweep(Scope.everything())
        found = 0
        async for check in sweep.run():
            assert check.tenant == "acme"
            found += 1
            if found == ALL:
                assert sweep.progress.is_listing
                sweep.stop()
    assert found == ALL


async def test_a_sweep_leaves_the_person_some_requests_and_says_that_it_waits(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await workspace.connect(
        profile_of(sandbox, requests_per_minute=SPARE_REQUESTS + 3), credentials_of(sandbox)
    )
    sweep = workspace.health.sweep(Scope.tenant_of(workspace))
    task = asyncio.create_task(swept(sweep))
    await until(lambda: sweep.progress.is_waiting and sweep.progress.ended == ITS)
    assert workspace.client.requests_left <= SPARE_REQUESTS
    assert sweep.progress.left_s is None
    sweep.stop()
    await task


async def test_there_is_no_such_tenant(alone: Workspace) -> None:
    with pytest.raises(UsageError, match="There is no tenant nobody"):
        await swept(alone.health.sweep(Scope("nobody")))
    with pytest.raises(UsageError, match="No tenant is known"):
        await swept(alone.health.sweep(Scope.everything()))


async def test_a_tenant_that_cannot_list_its_bots(workspace: Workspace, sandbox: Sandbox) -> None:
    sandbox.inject("501:method=GET,path=bots")
    checks = await swept(workspace.health.sweep(Scope.tenant_of(workspace)))
    assert {check.bot_id for check in checks} == {sandbox.info.bot_id}


async def test_stopped_at_once_and_resumed(workspace: Workspace) -> None:
    scope = Scope("acme", "bot_1")
    hangs = True

    def answer(request: Request) -> bytes:
        return HANG if hangs and request.path > "/5" else reply(405, b"", "Allow: POST")

    async with serving(answer) as server:
        targets = [target(f"{server.origin}/{n}", n) for n in range(10)]
        first = workspace.health.sweep(scope, targets=targets)
        before = []
        async for check in first.run():
            before.append(check)
            if len(before) == 6:
                first.stop()
        assert first.progress.is_stopping
        assert sorted(check.webhook_id for check in before) == [f"wh_{n}" for n in range(6)]
        assert await workspace.health.unfinished(scope) == first.id
        hangs = False
        again = workspace.health.sweep(scope, targets=targets, resume=first.id)
        after = await swept(again)
    assert sorted(check.webhook_id for check in after) == [f"wh_{n}" for n in range(6, 10)]
    assert again.progress.skipped == 6
    assert (again.progress.total, again.progress.ended) == (10, 10)
    assert await workspace.health.unfinished(scope) == ""


async def test_a_sweep_gives_way_to_whoever_is_busy(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle_s = 0.0
    async with serving(lambda _: reply(405, b"", "Allow: POST")) as server:
        targets = [target(f"{server.origin}/{n}", n) for n in range(10)]

        def begun() -> Sweep:
            return workspace.health.sweep(Scope(), targets=targets, idle_s=lambda: idle_s)

        assert len(await swept(begun())) == 10  # it takes longer, and comes to its end
        monkeypatch.setattr("cognitui.workspace.pace.APART_S", 3600.0)
        sweep = begun()
        async for _ in sweep.run():
            assert sweep.progress.ended == 1
            sweep.stop()
        assert sweep.progress.ended == 1
        idle_s = 1.0
        assert len(await swept(begun())) == 10


async def test_a_sweep_whose_tenant_is_left_can_be_gone_on_with(
    workspace: Workspace, sandbox: Sandbox, start: Start
) -> None:
    other = start(seed=9, bots=1, webhooks=1)
    scope = Scope.tenant_of(workspace)
    sandbox.inject("slow:seconds=0.2,path=bots/*/webhooks")
    sweep = workspace.health.sweep(scope)
    found = 0
    async for _ in sweep.run():
        found += 1
        if found == ITS:
            await workspace.connect(profile_of(other, name="other"), credentials_of(other))
    assert {one.error.code for one in sweep.troubles} == {"client_closed"}
    sandbox.clear_faults()
    await workspace.connect(profile_of(sandbox), credentials_of(sandbox))
    assert await workspace.health.unfinished(scope) == sweep.id
    again = workspace.health.sweep(scope, resume=sweep.id)
    assert len(await swept(again)) == ALL - found
    assert await workspace.health.unfinished(scope) == ""


@pytest.mark.parametrize(("minutes", "is_told"), [(59, True), (61, False), (-61, False)])
async def test_what_was_cut_off_long_ago_is_begun_anew(
    workspace: Workspace, minutes: int, is_told: bool
) -> None:
    began = workspace.clock.now() - timedelta(minutes=minutes)
    await (await workspace.health.log()).begin_sweep("sweep_1", Scope("acme").key, began)
    assert await workspace.health.unfinished(Scope("acme")) == ("sweep_1" if is_told else "")


async def test_one_that_is_left_behind_keeps_what_it_found(workspace: Workspace) -> None:
    scope = Scope("acme", "bot_1")

    def answer(request: Request) -> bytes:
        return HANG if request.path > "/5" else reply(405, b"", "Allow: POST")

    async with serving(answer) as server:
        targets = [target(f"{server.origin}/{n}", n) for n in range(10)]
        before = asyncio.all_tasks()
        sweep = workspace.health.sweep(scope, targets=targets)
        async with aclosing(sweep.run()) as checks:
            first = await anext(checks)
        await until(lambda: asyncio.all_tasks() - before <= server_tasks(asyncio.all_tasks()))
    courses = await workspace.health.courses(scope)
    assert first in [course.latest for course in courses]
    assert await workspace.health.unfinished(scope) == sweep.id


def server_tasks(tasks: set[asyncio.Task[object]]) -> set[asyncio.Task[object]]:
    """Those of the small server, which has requests that hang."""
    return {task for task in tasks if "_converse" in repr(task.get_coro())}


async def test_cancelled_while_it_waits_for_endpoints_that_hang(workspace: Workspace) -> None:
    async with serving(lambda _: HANG) as server:
        targets = [target(f"{server.origin}/{n}", n) for n in range(20)]
        sweep = workspace.health.sweep(Scope("acme", "bot_1"), targets=targets)
        task = asyncio.create_task(swept(sweep))
        await until(lambda: bool(server.requests))
        sweep.stop()
        assert await asyncio.wait_for(task, 4) == []


async def test_a_host_is_asked_by_a_few_at_once_and_holds_up_nobody_else(
    workspace: Workspace,
) -> None:
    under_way = most = 0
    go_on = asyncio.Event()

    async def slow(_request: Request) -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await go_on.wait()
        under_way -= 1
        return reply(405, b"", "Allow: POST")

    async with serving(slow) as busy, serving(lambda _: reply(405, b"", "Allow: POST")) as free:
        targets = [target(f"{busy.origin}/{n}", n) for n in range(70)]
        targets += [target(f"{free.origin}/{n}", 100 + n) for n in range(10)]
        found = []
        async for check in workspace.health.sweep(Scope(), targets=targets).run():
            found.append(check)
            if len(found) == 10:
                assert {check.url for check in found} == {f"{free.origin}/{n}" for n in range(10)}
                go_on.set()
    assert len(found) == 80
    assert most == 4


async def test_what_hangs_is_told_and_takes_no_longer_than_it_may(workspace: Workspace) -> None:
    workspace.health.stage_timeout_s = 0.2
    async with serving(lambda _: HANG) as server:
        targets = [target(f"{server.origin}/{n}", n) for n in range(8)]
        checks = await swept(workspace.health.sweep(Scope(), targets=targets))
    assert {(check.verdict, check.cause) for check in checks} == {(V.UNREACHABLE, Cause.TIMEOUT)}


async def test_one_that_is_listed_twice_is_checked_once(workspace: Workspace) -> None:
    async with serving(lambda _: reply(405, b"", "Allow: POST")) as server:
        targets = [target(f"{server.origin}/1"), target(f"{server.origin}/1")]
        sweep = workspace.health.sweep(Scope(), targets=targets)
        assert len(await swept(sweep)) == 1
        assert len(server.requests) == 1
    assert (sweep.progress.total, sweep.progress.ended) == (1, 1)


async def test_a_sweep_without_a_webhook(workspace: Workspace) -> None:
    sweep = workspace.health.sweep(Scope(), targets=[])
    assert await swept(sweep) == []
    assert sweep.progress.left_s == 0.0


async def test_a_log_that_fails_at_everything_does_not_end_a_sweep(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise HealthLogError("The disk is full.")

    await workspace.health.log()
    monkeypatch.setattr(HealthDatabase, "mended", full)
    sweep = workspace.health.sweep(Scope.bot_of(workspace))
    assert len(await swept(sweep)) == ITS
    assert sweep.troubles == []
    assert sweep.problem is not None
    assert sweep.problem.message == "The disk is full."
    (webhook, *_) = await workspace.list_webhooks()
    assert (await workspace.webhooks.check(webhook)).summary


async def test_a_mistake_of_this_program_ends_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def wrong(*_: object, **__: object) -> Check:
        raise ZeroDivisionError

    monkeypatch.setattr(workspace.health, "checked", wrong)
    with pytest.raises(ZeroDivisionError):
        await swept(workspace.health.sweep(Scope.bot_of(workspace)))


async def test_a_webhook_that_was_deleted_is_told_of_no_more(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    scope = Scope.bot_of(workspace)
    await swept(workspace.health.sweep(scope))
    gone = sandbox.tenant.webhooks(sandbox.info.bot_id)[0].id
    del sandbox.tenant.bots[sandbox.info.bot_id].webhooks[gone]
    await swept(workspace.health.sweep(scope))
    courses = await workspace.health.courses(scope)
    assert len(courses) == ITS - 1
    assert gone not in {course.latest.webhook_id for course in courses}


async def test_without_consent_nothing_is_sent_and_with_it_a_ping_that_is_a_test(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    url = sandbox.info.webhook_url
    webhook = RegisteredWebhook(id="wh_x", url=url, skillId="skill_1")
    check = await workspace.health.check(webhook)
    assert (check.verdict, check.is_pinged) == (V.PRESENT, False)
    its = WebhookRef("acme", workspace.bot_id, "wh_x")
    assert not workspace.health.can_ping(its)
    check = await workspace.health.check(webhook, ping=True)  # nobody knows its secret
    assert (check.verdict, check.is_pinged) == (V.PRESENT, False)
    assert sandbox.tenant.endpoint_received == []

    secret = credentials_secret(sandbox)
    workspace.callbacks.remember_secret("wh_x", secret)
    assert workspace.health.can_ping(its)
    check = await workspace.health.check(webhook, ping=True)
    assert (check.verdict, check.is_pinged, check.outcome) == (V.ACCEPTING, True, StageOutcome.OK)
    (received,) = sandbox.tenant.endpoint_received
    assert received.verified
    body = json.loads(received.body)
    assert (body["test"], body["skillId"]) == (True, "skill_1")
    assert await workspace.health.history(check.ref, 1) == [check]
    (record,) = [one for one in await records(workspace) if one.action is Action.CALLBACK_SEND]
    assert (record.webhook_id, record.outcome, record.endpoint) == ("wh_x", Outcome.OK, url)
    assert [attempt.status for attempt in record.attempts] == [200]


async def test_a_ping_that_is_not_taken_is_recorded_as_failed(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    workspace.callbacks.remember_secret("wh_x", credentials_secret(sandbox))
    url = sandbox.info.webhook_url.replace("receiver", "hooks/missing")
    check = await workspace.health.check(RegisteredWebhook(id="wh_x", url=url), ping=True)
    assert check.verdict is V.MISSING
    (record,) = [one for one in await records(workspace) if one.action is Action.CALLBACK_SEND]
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "missing")
    assert [attempt.status for attempt in record.attempts] == [404]


async def test_a_secret_signs_pings_of_its_own_webhook_only(workspace: Workspace) -> None:
    """Tenants give ids of their own, so two webhooks may have the same."""
    secret = credentials_secret(None)
    workspace.callbacks.remember_secret("wh_1", secret, ("acme", "bot_1"))
    async with serving(lambda _: reply(405, b"", "Allow: POST")) as server:
        mine = target(f"{server.origin}/mine")
        others = [
            Target.of(WebhookRef(*home, "wh_1"), RegisteredWebhook(id="wh_1", url=server.origin))
            for home in (("acme", "bot_2"), ("other", "bot_1"))
        ]
        sweep = workspace.health.sweep(Scope(), targets=[mine, *others], consents=lambda _url: True)
        checks = await swept(sweep)
    assert {check.ref[:2]: check.is_pinged for check in checks} == {
        ("acme", "bot_1"): True,
        ("acme", "bot_2"): False,
        ("other", "bot_1"): False,
    }
    assert sweep.unsigned == 2


async def test_the_secret_of_the_environment_is_for_the_open_tenant(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    settings = settings_in(tmp_path, webhook_secret=credentials_secret(None))
    async with Workspace(settings) as workspace, serving(lambda _: reply(401)) as server:
        await connect(workspace, sandbox)
        here = target(f"{server.origin}/here")
        there = replace(here, ref=WebhookRef("other", "bot_1", "wh_1"))
        sweep = workspace.health.sweep(Scope(), targets=[here, there], consents=lambda _url: True)
        checks = {check.tenant: check for check in await swept(sweep)}
    assert [checks[name].is_pinged for name in ("acme", "other")] == [True, False]
    assert checks["acme"].cause is Cause.SIGNATURE
    assert "COGNITUI_WEBHOOK_SECRET: is that the secret of this webhook?" in checks["acme"].hint


async def test_who_does_not_consent_is_not_pinged_nor_is_what_is_switched_off(
    workspace: Workspace,
) -> None:
    for name in ("wh_1", "wh_2", "wh_3"):
        workspace.callbacks.remember_secret(name, credentials_secret(None))
    async with serving(lambda _: reply(405, b"", "Allow: POST")) as server:
        targets = [
            target(f"{server.origin}/yes", 1),
            target(f"{server.origin}/no", 2),
            target(f"{server.origin}/off", 3, enabled=False),
        ]
        sweep = workspace.health.sweep(
            Scope(), targets=targets, consents=lambda url: not url.endswith("/no")
        )
        assert len(await swept(sweep)) == 3
    assert [request.path for request in server.requests if request.method == "POST"] == ["/yes"]


async def test_what_is_checked_in_browse_is_kept_too(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    (webhook, other, *_) = await workspace.list_webhooks()
    report = await workspace.webhooks.check(webhook)
    async for _ in workspace.webhooks.bulk(BulkAction.CHECK, [other]).run():
        pass
    courses = await workspace.health.courses(Scope.bot_of(workspace))
    assert {course.latest.webhook_id for course in courses} == {webhook.id, other.id}
    ref = WebhookRef("acme", sandbox.info.bot_id, webhook.id)
    assert [one.summary for one in await workspace.health.history(ref)] == [report.summary]


async def test_who_may_only_read_sends_no_ping(
    tmp_path: Path, sandbox: Sandbox, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Workspace, "is_read_only", property(lambda _: True))
    with pytest.raises(ReadOnly):
        workspace.health.sweep(Scope(), consents=lambda _: True)
    with pytest.raises(ReadOnly):
        await workspace.health.check(RegisteredWebhook(id="wh_x", url="http://x/"), ping=True)
    assert len(await swept(workspace.health.sweep(Scope.bot_of(workspace)))) == ITS


async def test_the_requests_of_a_sweep_are_those_of_its_lists(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    before = len(sandbox.tenant.requests)
    await swept(workspace.health.sweep(Scope.bot_of(workspace)))
    assert asked(sandbox, "GET", "/webhooks") == 4
    own = [one for one in list(sandbox.tenant.requests)[before:] if "/api/" in one.path]
    assert len(own) == 4


def credentials_secret(sandbox: Sandbox | None) -> SecretStr:
    return SecretStr(sandbox.info.webhook_secret if sandbox else "s" * 40)
