"""What is known of a tenant, loaded page by page, over real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr

from cognitui.cognigy.errors import CircuitOpen, Forbidden, ServerError
from cognitui.cognigy.limiter import SlidingWindowLimiter
from cognitui.cognigy.models import Bot, RegisteredWebhook
from cognitui.workspace.catalogue import FIRST_PAGES, LoadedBot, Sharing
from cognitui.workspace.pace import SPARE_REQUESTS, first_of
from tests.support.servers import Request, reply, serving, tenant
from tests.support.tenants import SIGNING_SECRET, asked, credentials_of, webhook_for

from .support import connect, first_webhook, profile_of, registered, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.sandbox import Sandbox
    from cognitui.workspace import Workspace

WEBHOOKS = "bots/*/webhooks"


def chosen(workspace: Workspace) -> LoadedBot:
    loaded = workspace.catalogue.chosen
    assert loaded is not None
    return loaded


async def load(workspace: Workspace) -> int:
    """Load the chosen bot to the end, and count the pages."""
    return sum([1 async for _ in workspace.catalogue.load(chosen(workspace))])


async def test_bots_first_then_pages_of_one(workspace: Workspace, sandbox: Sandbox) -> None:
    catalogue = workspace.catalogue
    assert (catalogue.bots, catalogue.lists_bots) == ({}, None)
    await catalogue.load_bots()
    assert list(catalogue.bots) == list(sandbox.tenant.bots)
    assert catalogue.lists_bots
    loaded = chosen(workspace)
    assert not loaded.webhooks.items
    await loaded.webhooks.load_page()
    assert len(loaded.webhooks.items) == 10
    assert not loaded.webhooks.is_complete
    assert await load(workspace) == 3 + 2
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert list(loaded.webhooks.items) == [webhook.id for webhook in held]
    assert len(loaded.skills.items) == 14
    assert loaded.is_complete
    assert workspace.webhooks_used == 37
    assert await load(workspace) == 0


async def test_opening_loads_a_usual_bot_whole(workspace: Workspace, sandbox: Sandbox) -> None:
    await workspace.catalogue.load_first(chosen(workspace))
    assert chosen(workspace).is_complete
    assert workspace.webhooks_used == 37
    assert asked(sandbox, "GET", "/webhooks") == 4
    assert asked(sandbox, "GET", "/skills") == 2


async def test_opening_loads_a_huge_bot_in_part(
    start: Callable[..., Sandbox], alone: Workspace
) -> None:
    sandbox = start(webhooks=300, webhook_limit=300, page_size=10)
    await connect(alone, sandbox)
    await alone.catalogue.load_first(chosen(alone))
    assert len(chosen(alone).webhooks.items) == FIRST_PAGES * 10
    assert alone.webhooks_used is None
    assert await load(alone) == 20
    assert alone.webhooks_used == 300


async def test_a_page_that_fails_leaves_what_was_loaded_and_is_tried_again(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    sandbox.inject(f"403:path={WEBHOOKS},after=2,times=1")
    with pytest.raises(Forbidden):
        await load(workspace)
    loaded = chosen(workspace)
    assert len(loaded.webhooks.items) == 20
    assert isinstance(loaded.problem, Forbidden)
    assert not loaded.is_complete
    await load(workspace)
    assert len(loaded.webhooks.items) == 37
    assert chosen(workspace).problem is None
    assert asked(sandbox, "GET", "/webhooks") == 5


async def test_a_tenant_without_lists(alone: Workspace) -> None:
    async with serving(tenant(lambda _: reply(404))) as server:
        await _open(alone, f"{server.origin}/api/v1")
        await alone.catalogue.load_bots()
        assert not alone.catalogue.lists_bots
        assert len(alone.catalogue.bots) == 0
        alone.choose_bot(Bot(id="bot_typed"))
        await alone.catalogue.load_bots()
        assert list(alone.catalogue.bots) == ["bot_typed"]
        await alone.catalogue.load_first(chosen(alone))
        assert chosen(alone).is_complete
        assert not chosen(alone).webhooks.is_offered


async def test_a_list_that_ends_in_a_404_has_failed(alone: Workspace) -> None:
    def answer(request: Request) -> bytes:
        if "page" in request.target:
            return reply(404)
        items = [{"id": "wh_1"}] if request.path.endswith("webhooks") else []
        link = "/api/v1/bots/b/webhooks?page=2" if items else None
        return reply(200, {"items": items, "nextPage": link})

    async with serving(tenant(answer)) as server:
        await _open(alone, f"{server.origin}/api/v1")
        alone.choose_bot(Bot(id="b"))
        with pytest.raises(Exception, match="knows nothing"):
            await load(alone)
        assert list(chosen(alone).webhooks.items) == ["wh_1"]
        assert chosen(alone).problem is not None


async def _open(workspace: Workspace, base_url: str) -> None:
    profile = profile_of(_Info(base_url))  # type: ignore[arg-type]
    await workspace.connect(profile, credentials_of(base_url))


class _Info:
    """As much of a sandbox as a profile is made of."""

    def __init__(self, base_url: str) -> None:
        self.info = self
        self.base_url = base_url


async def test_the_chosen_bot_is_there_though_the_tenant_does_not_list_it(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    workspace.choose_bot(Bot(id="bot_hidden"))
    await workspace.catalogue.load_bots()
    assert list(workspace.catalogue.bots) == ["bot_hidden", *sandbox.tenant.bots]


async def test_another_look_at_the_bots_keeps_what_is_loaded(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await workspace.catalogue.load_bots()
    await load(workspace)
    sandbox.tenant.bots[sandbox.info.bot_id].name = "Renamed"
    await workspace.catalogue.load_bots()
    assert chosen(workspace).is_complete
    assert chosen(workspace).bot.name == "Renamed"


async def test_what_is_done_to_a_webhook_is_known(workspace: Workspace, sandbox: Sandbox) -> None:
    await load(workspace)
    webhooks = chosen(workspace).webhooks
    edition = webhooks.edition
    webhook = await first_webhook(workspace)
    await workspace.webhooks.set_enabled(webhook, enabled=False)
    assert not webhooks.items[webhook.id].enabled
    assert next(iter(webhooks.items)) == webhook.id
    await workspace.webhooks.delete(webhook)
    assert webhook.id not in webhooks.items
    _, result = await registered(workspace, webhook_for(sandbox))
    assert result is not None
    assert result.webhook is not None
    assert list(webhooks.items)[-1] == result.webhook.id
    assert webhooks.edition == edition + 3
    await workspace.disconnect()
    assert workspace.catalogue.bots == {}


async def test_reloading_keeps_the_old_until_the_new_is_there(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await load(workspace)
    catalogue, old = workspace.catalogue, chosen(workspace)
    gone, kept, changed = list(old.webhooks.items)[:3]
    del sandbox.tenant.bots[sandbox.info.bot_id].webhooks[gone]
    reloading = catalogue.reload(old.bot)
    for _ in range(3):
        fresh = await anext(reloading)
        assert chosen(workspace) is old
    # What happens meanwhile is known to both.
    await workspace.webhooks.delete(old.webhooks.items[kept])
    await workspace.webhooks.set_enabled(old.webhooks.items[changed], enabled=False)
    async for _ in reloading:
        pass
    assert chosen(workspace) is fresh
    assert not {gone, kept} & set(fresh.webhooks.items)
    assert not fresh.webhooks.items[changed].enabled
    assert workspace.webhooks_used == 35


async def test_a_reload_that_fails_changes_nothing(workspace: Workspace, sandbox: Sandbox) -> None:
    await load(workspace)
    old = chosen(workspace)
    sandbox.inject(f"503:path={WEBHOOKS},after=1")
    with pytest.raises((ServerError, CircuitOpen)):
        async for _ in workspace.catalogue.reload(old.bot):
            pass
    assert chosen(workspace) is old
    assert len(old.webhooks.items) == 37


async def test_two_who_load_at_once_get_each_page_once(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    await asyncio.gather(load(workspace), load(workspace), workspace.catalogue.load_first(
        chosen(workspace)))  # fmt: skip
    assert len(chosen(workspace).webhooks.items) == 37
    assert asked(sandbox, "GET", "/webhooks") == 4


async def test_half_of_the_minute_is_left_to_others_until_somebody_is_in_a_hurry(
    start: Callable[..., Sandbox], alone: Workspace
) -> None:
    sandbox = start(webhooks=50, page_size=1)
    await alone.connect(profile_of(sandbox, requests_per_minute=40), credentials_of(sandbox))
    alone.choose_bot(Bot(id=sandbox.info.bot_id))
    limiter = SlidingWindowLimiter(40, window_s=600)
    alone.client._pipeline.limiter = limiter
    loading = asyncio.ensure_future(load(alone))
    await until(lambda: limiter.remaining == 20)
    await asyncio.sleep(0.05)
    assert limiter.remaining == 20
    alone.catalogue.hurry(on=True)
    await until(lambda: limiter.remaining == SPARE_REQUESTS)
    await asyncio.sleep(0.05)
    assert limiter.remaining == SPARE_REQUESTS
    loading.cancel()
    await asyncio.gather(loading, return_exceptions=True)
    alone.catalogue.hurry(on=False)
    assert len(chosen(alone).skills.items) == 14
    assert len(chosen(alone).webhooks.items) == 40 - SPARE_REQUESTS - 14


async def test_no_limit_is_exceeded(start: Callable[..., Sandbox], alone: Workspace) -> None:
    sandbox = start(webhooks=50, page_size=2, requests_per_minute=20, rate_window_s=0.3)
    await alone.connect(profile_of(sandbox, requests_per_minute=20), credentials_of(sandbox))
    alone.choose_bot(Bot(id=sandbox.info.bot_id))
    alone.client._pipeline.limiter = SlidingWindowLimiter(20, window_s=0.3)
    await load(alone)
    assert len(chosen(alone).webhooks.items) == 50
    assert {request.status for request in sandbox.tenant.requests} == {200}


def raw(number: int, **changes: Any) -> RegisteredWebhook:
    fields = {
        "id": f"wh_{number}",
        "skillId": "skill_1",
        "url": "https://a.example/",
        "triggers": [{"event": "ON_MESSAGE", "payload_template": {"a": [1, {"b": None}]}}],
        "auth": {"type": "hmac_sha256"},
        "delivery": {"timeout": 3000, "retries": 3},
        "enabled": True,
        "createdAt": "2026-01-01",
    }
    return RegisteredWebhook.model_validate(fields | changes)


def test_what_is_shared_is_equal() -> None:
    sharing = Sharing()
    one, two = sharing.webhook(raw(1)), sharing.webhook(raw(2))
    assert (one, two) == (raw(1), raw(2))
    assert one.triggers[0] is two.triggers[0]
    assert one.auth is two.auth
    assert one.delivery is two.delivery
    other = sharing.webhook(raw(3, delivery={"timeout": 3000, "retries": 3, "new": 1}))
    assert other == raw(3, delivery={"timeout": 3000, "retries": 3, "new": 1})
    assert other.delivery is not one.delivery


def test_secrets_are_not_shared() -> None:
    sharing = Sharing()
    secrets = [SIGNING_SECRET, SIGNING_SECRET[::-1]]
    hooks = [sharing.webhook(raw(1, auth={"secret": secret})) for secret in secrets]
    assert [hook.auth.secret for hook in hooks] == [SecretStr(secret) for secret in secrets]


async def test_the_first_of_several_waits_ends_the_others() -> None:
    never = asyncio.Event()
    waiting = asyncio.all_tasks()
    await first_of(never.wait(), asyncio.sleep(0), never.wait())
    assert asyncio.all_tasks() == waiting
