"""The browser of these tests: what it is asked while its page changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.chromium import browser, chromium

if TYPE_CHECKING:
    from tests.support.chromium import Page

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine")


async def test_a_page_that_changes_while_it_is_read_is_read_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with browser() as page:
        await page.open("data:text/html,first")
        read = _changes_before(monkeypatch, page, "Runtime.queryObjects", "data:text/html,second")
        await page.until_screen(lambda _: len(read) > 1)
        assert await page.value("document.body.textContent") == "second"


def _changes_before(
    monkeypatch: pytest.MonkeyPatch, page: Page, method: str, url: str
) -> list[str]:
    """Let the page go to another address before it is asked something for the first time."""
    usual, heard = page.call, list[str]()

    async def call(name: str, **params: Any) -> dict[str, Any]:
        if name == method:
            heard.append(name)
            if len(heard) == 1:
                await page.open(url)
        return await usual(name, **params)

    monkeypatch.setattr(page, "call", call)
    return heard
