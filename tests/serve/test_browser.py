"""The console in a real browser, from the address to a key press and a closed tab."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.chromium import browser, chromium

from .support import served, wait_until_gone

if TYPE_CHECKING:
    from tests.cli.support import Cli

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine")


async def test_the_page_draws_the_console_and_keys_reach_it(cli: Cli) -> None:
    with served(cli) as server:
        async with browser() as page:
            await page.resize(1_000, 700)
            await page.open(str(server.url))
            await page.shows("● connected")
            (pid,) = await server.consoles(1)
            before = await page.ink()
            assert before > 1_000, "nothing is drawn"

            await page.press("2")
            await page.shows("Webhooks (37/50)")
            await page.until_ink(lambda ink: abs(ink - before) > before / 20)

            # The token has left the address, and a reload opens another console all the same.
            assert await page.value("location.href") == f"{server.origin}/"
            await page.call("Page.reload")
            await page.shows("Where to go from here")
            await wait_until_gone(pid)
            (pid,) = await server.consoles(1)

            # The size of the page is the console's.
            wide = max(map(len, (await page.screen()).splitlines()))
            await page.resize(1_400, 900)
            await page.until_screen(lambda text: max(map(len, text.splitlines())) > wide + 20)

            await page.press("q")
            await page.until("document.activeElement.textContent === 'Open a new one'")
            await wait_until_gone(pid)
            await page.press("Enter")
            await page.shows("● connected")
            (pid,) = await server.consoles(1)

            own = (server.origin, server.origin.replace("http", "ws"), "data:")
            assert [url for url in page.urls if not url.startswith(own)] == []
            assert any(url.startswith("ws:") for url in page.urls)
            assert page.complaints == []
        await wait_until_gone(pid)


async def test_what_is_typed_while_the_socket_opens_arrives(cli: Cli) -> None:
    with served(cli) as server:
        async with browser() as page:
            await page.open(str(server.url))
            await page.shows("● connected")
            socket = server.origin.replace("http", "ws") + "/ws?width=80&height=24"
            told = await page.value(
                f"(window.told = '', window.early = new WebSocket('{socket}'),"
                "window.early.onmessage = (event) => window.told += event.data,"
                "window.early.send(JSON.stringify(['ping', 'early'])), window.early.readyState)"
            )
            assert told == 0, "it was open already"
            await page.until("window.told.includes('early')")
            assert page.complaints == []


async def test_without_the_token_it_is_a_plain_page(cli: Cli) -> None:
    with served(cli) as server:
        async with browser() as page:
            await page.open(f"{server.origin}/?token=guess")
            assert "with its token" in await page.value("document.body.innerText")
            assert await server.consoles(0) == []


async def test_a_page_of_another_origin_gets_no_console(cli: Cli) -> None:
    with served(cli, "--no-token") as server, served(cli) as other:
        async with browser() as page:
            await page.open(str(other.url))
            await page.shows("● connected")
            foreign = server.origin.replace("http", "ws") + "/ws"
            await page.value(
                f"(window.told = '', window.foreign = new WebSocket('{foreign}'),"
                "window.foreign.onerror = () => window.told = 'refused',"
                "window.foreign.onopen = () => window.told = 'open', 0)"
            )
            await page.until("window.told !== ''")
            assert await page.value("window.told") == "refused"
            assert await server.consoles(0) == []
