"""A list is complete or it fails; no link in an answer leads anywhere but to the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cognitui.cognigy import pages
from cognitui.cognigy.errors import Forbidden, InvalidAnswer, NotFound, OriginRefused, ServerError
from tests.support.servers import Request, reply, serving, tenant
from tests.support.tenants import asked

if TYPE_CHECKING:
    from collections.abc import AsyncIterable

    from cognitui.cognigy.bots_v1 import CognigyClient
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Connect, Start


async def read_into(
    items: list[RegisteredWebhook], listed: AsyncIterable[RegisteredWebhook]
) -> None:
    """Read a list and keep what it handed out, even if it fails."""
    async for item in listed:
        items.append(item)  # noqa: PERF401


async def test_all_pages_in_order(sandbox: Sandbox, client: CognigyClient) -> None:
    bot_id = sandbox.info.bot_id
    listed = await client.webhooks(bot_id).all()
    assert [webhook.id for webhook in listed] == [w.id for w in sandbox.tenant.webhooks(bot_id)]
    sizes = [len(page.items) async for page in client.webhooks(bot_id).pages()]
    assert sizes == [10, 10, 10, 7]


async def test_a_list_can_be_left_after_any_item(sandbox: Sandbox, client: CognigyClient) -> None:
    async for _ in client.webhooks(sandbox.info.bot_id):
        break
    assert asked(sandbox, "GET", "/webhooks") == 1


async def test_bots_and_skills_are_lists_too(start: Start, connect: Connect) -> None:
    sandbox = start(bots=12, webhooks=0)
    client = connect(sandbox)
    assert [bot.id for bot in await client.bots().all()] == list(sandbox.tenant.bots)
    for bot in sandbox.tenant.bots.values():
        assert [skill.id for skill in await client.skills(bot.id).all()] == list(bot.skills)


async def test_a_foreign_page_is_not_asked_for(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("foreign-page:times=1")
    read: list[RegisteredWebhook] = []
    with pytest.raises(OriginRefused, match="was not followed: it leads to http://localhost:"):
        await read_into(read, client.webhooks(sandbox.info.bot_id))
    assert len(read) == 10  # what came before is handed out, then the list fails
    assert not [r for r in sandbox.tenant.requests if r.path.startswith("/elsewhere")]
    assert asked(sandbox, "GET", "/webhooks") == 1


async def test_another_servers_origin_costs_it_no_request(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    async with serving(lambda _: reply(200, {"items": [], "nextPage": None})) as foreign:
        for link in (
            foreign.origin,
            f"{foreign.origin}/api/v1/bots",
            f"{sandbox.info.base_url}@127.0.0.1:{foreign.port}/api/v1/bots",
        ):
            sandbox.inject(f"foreign-page:times=1,to={link}")
            with pytest.raises(OriginRefused):
                await client.webhooks(sandbox.info.bot_id).all()
    assert foreign.requests == []


async def test_a_page_that_leads_to_itself_is_read_once(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("loop-page")
    with pytest.raises(OriginRefused, match="back to a page already read"):
        await client.webhooks(sandbox.info.bot_id).all()
    assert asked(sandbox, "GET", "/webhooks") == 1


async def test_a_later_page_that_loops_is_found_too(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("loop-page:after=2,times=1")
    with pytest.raises(OriginRefused):
        await client.webhooks(sandbox.info.bot_id).all()
    assert asked(sandbox, "GET", "/webhooks") == 3


async def test_an_empty_page_with_a_cursor_goes_on(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("empty-page")
    listed = await client.webhooks(sandbox.info.bot_id).all()
    assert len(listed) == 37
    assert asked(sandbox, "GET", "/webhooks") == 8


@pytest.mark.parametrize(
    ("fault", "error"),
    [("500", ServerError), ("content-type", InvalidAnswer)],
)
async def test_a_later_page_that_fails_fails_the_list(
    fault: str, error: type[Exception], sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject(f"{fault}:path=bots/*/webhooks,after=2")
    read: list[RegisteredWebhook] = []
    with pytest.raises(error):
        await read_into(read, client.webhooks(sandbox.info.bot_id))
    assert len(read) == 20


async def test_a_later_page_that_fails_once_is_asked_for_again(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("503:after=2,times=1")
    assert len(await client.webhooks(sandbox.info.bot_id).all()) == 37


async def test_the_number_of_pages_is_bounded(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_PAGES", 5)
    numbers = iter(range(100))

    def handle(_: Request) -> bytes:
        return reply(200, {"items": [], "nextPage": f"/api/v1/bots?page={next(numbers)}"})

    async with serving(tenant(handle)) as server:
        with pytest.raises(OriginRefused, match="after 5 pages"):
            await connect(f"{server.origin}/api/v1").bots().all()
    assert server.asked("GET", "/api/v1/bots") == 5


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"items": None},
        {"items": {}},
        {"items": [{"name": "no id"}]},
        {"items": [], "nextPage": 7},
        {"items": [], "nextPage": ["/api/v1/bots"]},
        [],
        "items",
        None,
    ],
    ids=repr,
)
async def test_what_is_no_page_is_refused(body: Any, connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(200, body))) as server:
        with pytest.raises(InvalidAnswer):
            await connect(f"{server.origin}/api/v1").bots().all()


async def test_a_reader_goes_on_with_the_page_that_failed(
    sandbox: Sandbox, client: CognigyClient
) -> None:
    sandbox.inject("403:path=bots/*/webhooks,after=2,times=2")
    reader = client.webhooks(sandbox.info.bot_id).reader()
    sizes: list[int] = []
    for _ in range(2):
        while len(sizes) < 2:
            page = await reader.read()
            assert page is not None
            sizes.append(len(page.items))
        with pytest.raises(Forbidden):
            await reader.read()
        assert not reader.is_complete
    while (page := await reader.read()) is not None:
        sizes.append(len(page.items))
    assert sizes == [10, 10, 10, 7]
    assert reader.is_complete
    assert await reader.read() is None
    assert asked(sandbox, "GET", "/webhooks") == 6


async def test_a_reader_refuses_a_link_each_time(sandbox: Sandbox, client: CognigyClient) -> None:
    sandbox.inject("foreign-page:times=1")
    reader = client.webhooks(sandbox.info.bot_id).reader()
    assert await reader.read() is not None
    for _ in range(2):
        with pytest.raises(OriginRefused):
            await reader.read()
    assert not reader.is_complete
    assert asked(sandbox, "GET", "/webhooks") == 1


@pytest.mark.parametrize("end", [None, ""])
async def test_the_last_page_has_no_link(end: str | None, connect: Connect) -> None:
    body = {"items": [{"id": "b", "new": 1}], "nextPage": end, "total": 1}
    async with serving(tenant(lambda _: reply(200, body))) as server:
        (bot,) = await connect(f"{server.origin}/api/v1").bots().all()
    assert bot.model_dump() == {"id": "b", "name": "", "new": 1}  # unknown fields are kept


async def test_a_tenant_that_cannot_list_bots_says_so(connect: Connect) -> None:
    async with serving(tenant(lambda _: reply(404))) as server:
        with pytest.raises(NotFound):
            await connect(f"{server.origin}/api/v1").bots().all()
