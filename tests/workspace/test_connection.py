"""Opening and closing tenants, and what the header is told meanwhile."""

from __future__ import annotations

import asyncio
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.errors import AuditError
from cognitui.clock import SystemClock
from cognitui.cognigy.breaker import BreakerState
from cognitui.cognigy.errors import (
    ConnectFailed,
    NotFound,
    ServerError,
    TimedOut,
    TransportError,
    Unauthorized,
)
from cognitui.cognigy.models import Bot
from cognitui.errors import UsageError
from cognitui.tenants.profiles import Profile
from cognitui.workspace import TenantStatus, Workspace
from cognitui.workspace.status import ConnectionState
from cognitui.workspace.workspace import HEALTH_AGE_S
from tests.support.clock import FakeClock
from tests.support.servers import reply, serving, tenant
from tests.support.tenants import asked, credentials_of, webhook_for

from .support import REQUESTS, connect, first_webhook, profile_of, registered, until

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from tests.support.fixtures import Start


def used(workspace: Workspace) -> int | None:
    return workspace.status.webhooks_used


def state_of(workspace: Workspace) -> ConnectionState:
    return workspace.status.connection


def is_health_old(workspace: Workspace) -> bool:
    return workspace.is_health_old


def test_before_it_is_opened_there_is_no_log(settings: Settings) -> None:
    workspace = Workspace(settings)
    for name in ("log", "trail"):
        with pytest.raises(RuntimeError, match="not open"):
            getattr(workspace, name)


async def test_without_a_tenant(alone: Workspace) -> None:
    assert alone.status == TenantStatus()
    assert alone.tenant_name == ""
    with pytest.raises(UsageError, match="No tenant is open"):
        _ = alone.client
    with pytest.raises(UsageError, match="No bot is chosen"):
        _ = alone.bot_id
    await alone.disconnect()


async def test_connected(workspace: Workspace, sandbox: Sandbox) -> None:
    status = workspace.status
    assert (status.tenant, status.connection) == ("acme", ConnectionState.CONNECTED)
    assert (status.bot_name, status.bot_status, status.bot_is_healthy) == ("Support Bot", "", None)
    assert (status.webhooks_used, status.webhook_limit) == (None, 50)
    assert (status.requests_per_minute, status.requests_left) == (REQUESTS, REQUESTS - 1)
    assert status.breaker is BreakerState.CLOSED
    await workspace.refresh_bot_status()
    await workspace.list_webhooks()
    status = workspace.status
    assert (status.bot_status, status.bot_is_healthy) == ("healthy", True)
    assert status.webhooks_used == 37
    assert status.requests_left < REQUESTS - 1


async def test_the_number_of_webhooks_follows_what_is_done(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await registered(workspace, webhook_for(sandbox))
    assert used(workspace) is None
    webhook = await first_webhook(workspace)
    assert used(workspace) == 38
    await registered(workspace, webhook_for(sandbox))
    assert used(workspace) == 39
    await workspace.webhooks.delete(webhook)
    assert used(workspace) == 38


async def test_another_bot_starts_unknown(workspace: Workspace) -> None:
    await workspace.refresh_bot_status()
    await workspace.list_webhooks()
    assert workspace.bot is not None
    workspace.choose_bot(workspace.bot)
    assert used(workspace) == 37
    workspace.choose_bot(Bot(id="bot_2"))
    status = workspace.status
    assert (status.bot_name, status.bot_status, status.webhooks_used) == ("bot_2", "", None)


async def test_disconnected(workspace: Workspace) -> None:
    await workspace.disconnect()
    assert workspace.status == TenantStatus()
    with pytest.raises(UsageError):
        _ = workspace.client
    await workspace.disconnect()


async def test_the_profile_says_the_first_bot_and_the_limits(
    alone: Workspace, sandbox: Sandbox
) -> None:
    profile = profile_of(sandbox, bot_id="bot_7", webhook_limit=5, requests_per_minute=9)
    await alone.connect(profile, credentials_of(sandbox))
    status = alone.status
    assert (alone.bot_id, status.bot_name) == ("bot_7", "bot_7")
    assert (status.webhook_limit, status.requests_per_minute) == (5, 9)


async def test_a_key_that_is_refused_keeps_the_tenant_open(
    alone: Workspace, sandbox: Sandbox
) -> None:
    other = credentials_of("another tenant's")
    with pytest.raises(Unauthorized) as caught:
        await alone.connect(profile_of(sandbox), other)
    status = alone.status
    assert (status.tenant, status.connection) == ("acme", ConnectionState.FAILED)
    assert status.problem == caught.value.message
    await connect(alone, sandbox)
    assert (alone.status.connection, alone.status.problem) == (ConnectionState.CONNECTED, "")


async def test_a_tenant_that_comes_back_counts_as_connected(
    alone: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("503:path=auth/token")
    with pytest.raises(ServerError):
        await connect(alone, sandbox)
    sandbox.clear_faults()
    assert len(await alone.bots()) == 3
    assert (alone.status.connection, alone.status.problem) == (ConnectionState.CONNECTED, "")


async def test_nothing_listens(alone: Workspace, start: Start) -> None:
    gone = start()
    gone.stop()
    with pytest.raises(ConnectFailed):
        await connect(alone, gone)
    assert alone.status.connection is ConnectionState.FAILED


async def test_a_tenant_that_accepts_and_never_answers_is_given_up(
    alone: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("hang:path=auth/token")
    profile = profile_of(sandbox)
    with pytest.raises(TimedOut, match=r"127\.0\.0\.1 did not answer within 0\.05 s"):
        await alone.connect(profile, credentials_of(sandbox), patience_s=0.05)
    assert alone.status.connection is ConnectionState.FAILED
    assert "did not answer" in alone.status.problem


async def test_a_tenant_that_stops_answering_is_offline_until_it_answers_again(
    workspace: Workspace, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is asked a few times more; the waits in between are not the point.
    monkeypatch.setattr(SystemClock, "sleep", lambda *_: asyncio.sleep(0))
    sandbox.inject("cut:path=bots/*/status")
    with pytest.raises(TransportError):
        await workspace.refresh_bot_status()
    assert state_of(workspace) is ConnectionState.LOST
    sandbox.clear_faults()
    await workspace.refresh_bot_status()
    assert state_of(workspace) is ConnectionState.CONNECTED


async def test_health_is_asked_for_again_when_it_is_old_and_cheap(
    alone: Workspace, sandbox: Sandbox
) -> None:
    clock = FakeClock()
    alone.clock = clock
    profile = profile_of(sandbox, requests_per_minute=8)
    await alone.connect(profile, credentials_of(sandbox))
    alone.choose_bot(Bot(id=sandbox.info.bot_id))
    assert not is_health_old(alone)  # nobody has asked yet, so nobody shows it
    await alone.refresh_bot_status()
    assert not is_health_old(alone)
    clock.advance(HEALTH_AGE_S)
    assert is_health_old(alone)
    await alone.refresh_bot_status()
    assert not is_health_old(alone)
    # With less than half of the minute's requests left, the rest is for what a person wants.
    clock.advance(HEALTH_AGE_S - 1)
    for _ in range(5):
        await alone.client.status(alone.bot_id)
    clock.advance(2)
    assert not is_health_old(alone)


async def test_whoever_draws_the_header_hears_of_each_change(
    alone: Workspace, sandbox: Sandbox
) -> None:
    heard: list[ConnectionState] = []
    alone.on_change = lambda: heard.append(alone.connection)
    await connect(alone, sandbox)
    await alone.disconnect()
    states = ConnectionState
    # Requests that leave and end are told too.
    told = [state for state, _ in groupby(heard)]
    assert told == [states.NONE, states.CONNECTING, states.CONNECTED, states.NONE]


async def test_a_second_tenant_takes_the_place_of_the_first(
    workspace: Workspace, start: Start
) -> None:
    first = workspace.client
    other = start(seed=7, bots=1)
    await workspace.connect(profile_of(other, name="beta"), credentials_of(other))
    assert (workspace.tenant_name, workspace.bot) == ("beta", None)
    assert workspace.client is not first
    assert len(await workspace.bots()) == 1


async def test_cancelling_while_connecting_leaves_it_usable(
    alone: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject("hang:path=auth/token")
    connecting = asyncio.create_task(connect(alone, sandbox))
    await until(lambda: asked(sandbox, "POST", "/auth/token") == 1)
    assert state_of(alone) is ConnectionState.CONNECTING
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert state_of(alone) is ConnectionState.FAILED
    assert alone.status.problem == ""
    sandbox.clear_faults()
    await connect(alone, sandbox)
    assert state_of(alone) is ConnectionState.CONNECTED


async def test_a_tenant_that_lists_no_bots_works_by_typed_ids(alone: Workspace) -> None:
    async with serving(tenant(lambda _request: reply(404, {}))) as server:
        profile = Profile(name="small", base_url=f"{server.origin}/api/v1")
        await alone.connect(profile, credentials_of("a small server"))
        with pytest.raises(NotFound):
            await alone.bots()
        alone.choose_bot(Bot(id="bot_1"))
        assert await alone.bots() == [Bot(id="bot_1")]
        assert await alone.refresh_bot_status() is None


async def test_a_log_that_cannot_be_opened_opens_nothing(settings: Settings) -> None:
    (settings.paths.data / "audit.db").mkdir(parents=True)
    workspace = Workspace(settings)
    with pytest.raises(AuditError):
        await workspace.__aenter__()
    with pytest.raises(RuntimeError, match="not open"):
        _ = workspace.trail


async def test_what_a_key_has_used_of_its_minute_outlives_a_reconnect(
    alone: Workspace, sandbox: Sandbox
) -> None:
    profile, credentials = profile_of(sandbox, requests_per_minute=100), credentials_of(sandbox)
    await alone.connect(profile, credentials)
    await alone.bots()
    left = alone.status.requests_left
    assert left <= 98
    await alone.connect(profile, credentials)
    assert alone.status.requests_left == left - 1  # the new token
