"""Browse while it loads, and when it cannot: each state says why and what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.servers import Request, reply, serving, tenant

from .browsing import choose, filter_by, lines, rows, webhooks
from .support import offering, run_console, with_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANY = 10_000
WEBHOOKS = "bots/*/webhooks"


async def test_without_a_tenant_there_is_nothing_to_browse(console: Console) -> None:
    await console.workspace.disconnect()
    console.app.tenant_changed()
    await console.go("browse")
    assert "Nothing to browse yet." in console.shows("#browse-empty")
    assert "1  open a tenant" in console.shows("#browse-empty")
    await console.press("n")
    assert console.last_told == "No tenant is open: press 1 and open one."


async def test_while_the_bots_are_asked_for_it_says_so(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start()
    sandbox.inject("403:path=bots,times=1")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.until(lambda: bool(console.told))
        sandbox.inject("slow:path=bots,seconds=0.3")
        console.app.action_go("browse")
        await console.until(lambda: "◌ loading" in console.text)
        await console.settle()
        assert "Webhooks (37/50)" in lines(console)


async def test_a_key_that_may_not_see_the_bots(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start()
    sandbox.inject("403:path=bots")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.until(lambda: bool(console.told))
        await console.go("browse")
        text = console.shows("#browse-empty")
        assert "The key lacks the scope bot:read" in text
        assert "r  try again" in text
        assert "o  open a bot by its id" in text
        await console.answered("o")
        await console.pilot.press(*"bot_12345", "enter")
        await console.settle()
        assert "Webhooks (37/50)" in lines(console)


async def test_a_tenant_that_is_down_and_comes_back(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start()
    sandbox.inject("503:path=bots,times=4")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.until(lambda: bool(console.told))
        await console.go("browse")
        await console.press("r")
        assert "Webhooks (37/50)" in lines(console)
        assert console.focused == "browse-list"
        assert console.workspace.bot_id == "bot_12345"


async def test_offline_it_says_what_is_wrong_and_stays_of_use(settings: Settings) -> None:
    async with run_console(settings, offering("http://127.0.0.1:9/api/v1")) as console:
        await console.until(lambda: bool(console.told))
        await console.go("browse")
        text = console.shows("#browse-empty")
        assert text.strip().startswith("✗ ")
        assert "r  try again" in text
        await console.press("1")
        assert console.place.PLACE == "tenants"


async def test_a_tenant_that_does_not_list_its_bots(settings: Settings) -> None:
    async with serving(tenant(lambda _: reply(404))) as server:
        prepare = offering(f"{server.origin}/api/v1")
        async with run_console(settings, prepare) as console:
            await console.until(lambda: console.workspace.catalogue.lists_bots is not None)
            await console.settle()
            await console.go("browse")
            assert "This tenant does not list its bots." in console.shows("#browse-empty")
            assert "o  open a bot by its id" in console.shows("#browse-empty")
            await console.answered("o")
            await console.pilot.press(*"bot_x")
            assert "open the id bot_x" in console.text
            await console.press("enter")
            assert "knows nothing" in console.last_told
            assert "does not list its bots" in console.shows("#browse-empty")


async def test_a_bot_is_opened_by_a_few_letters_of_its_name(console: Console) -> None:
    await console.go("browse")
    await console.answered("o")
    await console.pilot.press(*"slas")
    assert "Sales Assistant" in console.text
    assert "HR Helper" not in console.text
    await console.press("enter")
    assert console.workspace.bot is not None
    assert console.workspace.bot.name == "Sales Assistant"
    assert "Webhooks (50/50)" in lines(console)
    before = console.workspace.bot
    await console.answered("o")
    await console.pilot.press("down", "up", "down")
    await console.press("escape")
    assert console.workspace.bot == before


async def test_a_page_that_fails_shows_what_was_loaded_and_the_key_to_go_on(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start()  # ten to a page
    sandbox.inject(f"403:path={WEBHOOKS},after=2,times=2")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.until(lambda: bool(console.told))
        await console.go("browse")
        assert len(webhooks(console)) == 20
        assert "Webhooks (20/50) …" in lines(console)
        assert lines(console)[-4].startswith("✗ The key lacks the scope bot:read")
        assert lines(console)[-3] == "r goes on from here"
        # What is there can be worked with.
        await filter_by(console, "billing")
        assert len(webhooks(console)) == 2
        await filter_by(console, "")
        await choose(console, "r goes on")
        detail = console.shows("#browse-detail")
        assert "Let the tenant's administrator add bot:read to the key" in detail
        await console.press("r")
        assert "Webhooks (37/50)" in lines(console)
        assert len(webhooks(console)) == 37
        # It was told when the tenant was opened, and when this place was.
        assert len(console.told) == 2
        asked = [r.query for r in sandbox.tenant.requests if r.path.endswith("/webhooks")]
        assert len(asked) == 6
        assert len(set(asked)) == 4


async def test_the_line_that_offers_to_go_on_does_so(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start()
    sandbox.inject(f"403:path={WEBHOOKS},after=1,times=2")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.until(lambda: bool(console.told))
        await console.go("browse")
        await choose(console, "r goes on")
        await console.press("enter")
        assert "Webhooks (37/50)" in lines(console)


async def test_reload_shows_what_changed_at_the_tenant(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    await choose(console, "wh_90ce")
    del sandbox.tenant.bots["bot_12345"].webhooks["wh_c33b"]
    sandbox.tenant.bots["bot_12345"].name = "Renamed"
    await console.press("r")
    assert "Webhooks (36/50)" in lines(console)
    assert lines(console)[0].startswith("Renamed")
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == "wh_90ce"


async def test_a_reload_that_fails_keeps_what_is_shown(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    sandbox.inject(f"403:path={WEBHOOKS}")
    await console.press("r")
    assert "The key lacks the scope" in console.last_told
    assert "Webhooks (37/50)" in lines(console)


async def test_a_tenant_without_skills_lists_says_so(settings: Settings) -> None:
    def answer(request: Request) -> bytes:
        if request.path.endswith("/bots"):
            return reply(200, {"items": [{"id": "b", "name": "Bot"}]})
        if request.path.endswith("/webhooks"):
            return reply(200, {"items": [{"id": "wh_1", "skillId": "skill_7"}]})
        return reply(404)

    async with serving(tenant(answer)) as server:
        prepare = offering(f"{server.origin}/api/v1")
        async with run_console(settings, prepare) as console:
            await console.connected()
            await console.go("browse")
            assert lines(console)[:3] == [
                "Bot",
                "Skills (–)  not listed by this tenant",
                "Webhooks (1/50)",
            ]
            assert lines(console)[3].split() == ["wh_1", "skill_7", "on"]


async def test_going_elsewhere_pauses_loading_and_coming_back_goes_on(
    settings: Settings, start: Callable[..., Sandbox]
) -> None:
    sandbox = start(webhooks=1000, webhook_limit=1000, page_size=10, requests_per_minute=100_000)
    sandbox.inject(f"slow:path={WEBHOOKS},seconds=0.01")
    prepare = offering(
        sandbox.info.base_url,
        key=sandbox.info.api_key,
        secret=sandbox.info.api_secret,
        requests_per_minute=100_000,
        webhook_limit=1000,
    )
    async with run_console(settings, prepare) as console:

        def loaded() -> int:
            return len(console.workspace.catalogue.bots["bot_12345"].webhooks.items)

        await console.until(lambda: "bot_12345" in console.workspace.catalogue.bots)
        await console.settle()
        assert loaded() == 100
        console.app.action_go("browse")
        await console.until(lambda: loaded() > 200)
        assert any("…" in line for line in lines(console))
        await console.go("audit")
        paused = loaded()
        await console.settle()
        assert loaded() == paused < 1000
        await console.go("browse")
        assert loaded() == 1000
        assert "Webhooks (1000/1000)" in lines(console)


async def test_ten_thousand_webhooks(settings: Settings, start: Callable[..., Sandbox]) -> None:
    sandbox = start(webhooks=MANY, webhook_limit=MANY, page_size=100, requests_per_minute=1_000_000)
    prepare = offering(
        sandbox.info.base_url,
        key=sandbox.info.api_key,
        secret=sandbox.info.api_secret,
        requests_per_minute=100_000,
        webhook_limit=MANY,
    )
    async with run_console(settings, prepare) as console:
        await console.until(lambda: console.workspace.bot is not None)
        await console.go("browse")
        assert f"Webhooks ({MANY}/{MANY})" in lines(console)[2]
        assert f"{MANY}/{MANY} webhooks" in console.status
        ids = [webhook.id for webhook in sandbox.tenant.webhooks("bot_12345")]
        assert webhooks(console) == ids

        await console.press("end", "up", "up")
        assert console.browse.webhook is not None
        assert console.browse.webhook.id == ids[-1]
        assert ids[-1] in console.text
        await console.press("home", "pagedown", "pagedown")
        assert ids[30] in console.text

        await console.press("slash")
        await filter_by(console, "billing")
        billing = [w.id for w in sandbox.tenant.webhooks("bot_12345") if "billing" in w.url]
        assert set(billing) <= set(webhooks(console))
        assert len(webhooks(console)) == MANY // 14 + (MANY % 14 > 1)
        await filter_by(console, f"billing {ids[1][3:]}")
        assert webhooks(console)[0] == ids[1]
        await console.press("escape")
        assert len(webhooks(console)) == MANY

        await console.press("s")
        assert webhooks(console) == sorted(ids)
        await console.press("ctrl+a")
        assert len(rows(console).marks) == MANY
        assert f"{MANY} marked" in lines(console)[2]
        await console.answered("d")
        assert f"Delete {MANY:,} webhooks?" in console.text
        await console.press("escape")
        await console.press("escape")
        assert rows(console).marks == ()
        assert len(sandbox.tenant.webhooks("bot_12345")) == MANY


async def test_bots_are_in_view_on_a_small_terminal(open_console: OpenConsole) -> None:
    async with open_console(size=(60, 16)) as console:
        await console.go("browse")
        await console.press("down", "down", "left", "down")
        assert "Sales Assistant" in console.text
