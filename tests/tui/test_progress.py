"""What takes longer than a moment is told while it does, and can be stopped with esc."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Static

from cognitui.workspace.status import ConnectionState
from tests.support.servers import HANG, serving

from .support import SECRET, offering, run_console

if TYPE_CHECKING:
    from cognitui.settings import Settings

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


def line(console: Console) -> str:
    """The line above the key bar, empty while there is none."""
    progress = console.place.query_one("#progress", Static)
    return str(progress.render()).strip() if progress.display else ""


async def test_a_moment_is_not_told(console: Console) -> None:
    gate = asyncio.Event()

    async def work() -> None:
        with console.place.taking("doing something"):
            await gate.wait()

    worker = console.place.start(work(), "test")
    await asyncio.sleep(0)
    assert line(console) == ""
    gate.set()
    await worker.wait()
    assert line(console) == ""


async def test_what_takes_longer_is_told_counted_and_stopped(console: Console) -> None:
    ended = []

    async def work() -> None:
        try:
            with console.place.taking("checking", total=400) as work:
                work.advance(12)
                await asyncio.Event().wait()  # never
        finally:
            ended.append(True)

    await console.go("audit")
    console.place.start(work(), "test")
    await console.until(lambda: line(console) == "◌ checking 12 of 400 …   esc cancels")
    # It lies over the last line of the place; the key bar stays.
    assert "checking 12 of 400" in console.text.splitlines()[-2]
    assert "Help" in console.text.splitlines()[-1]
    # Another place does not tell it, and esc goes back from there as always.
    console.app.action_go("browse")
    await console.until(lambda: console.place.PLACE == "browse")
    assert line(console) == ""
    await console.pilot.press("escape")
    await console.until(lambda: console.place.PLACE == "audit")
    assert not ended
    await console.pilot.press("escape")
    await console.until(lambda: bool(ended))
    await console.settle()
    assert console.place.PLACE == "audit"
    assert line(console) == ""
    assert console.last_told == "Stopped checking."
    assert not console.app.under_way.has_any("audit")
    await console.press("escape")
    assert console.place.PLACE == "tenants"


async def test_a_tenant_that_never_answers_can_be_left_alone_and_tried_again(
    settings: Settings,
) -> None:
    async with (
        serving(lambda _: HANG) as server,
        run_console(settings, offering(f"{server.origin}/api/v1")) as console,
    ):
        # Everything works meanwhile, and every place tells.
        await console.until(lambda: "connecting to acme" in line(console))
        assert "acme ○ connecting" in console.status
        for key, place in (("6", "audit"), ("4", "callbacks")):
            await console.pilot.press(key)
            await console.until(lambda place=place: place == console.place.PLACE)  # type: ignore[misc]
            await console.until(lambda: "connecting to acme" in line(console))
        await console.pilot.press("x")
        assert console.value("#target") == "x"
        await console.pilot.press("escape")
        await console.settle()
        assert console.last_told == "Stopped connecting to acme."
        assert "acme ○ not connected" in console.status
        assert line(console) == ""
        asked = len(server.requests)
        await console.press("escape")
        await console.pilot.press("1")
        await console.until(lambda: console.place.PLACE == "tenants")
        await console.pilot.press("enter")
        await console.until(lambda: "acme ○ connecting" in console.status)
        await console.until(lambda: len(server.requests) > asked)


async def test_it_gives_up_by_itself(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognitui.tui.connection.CONNECT_S", 0.05)
    async with (
        serving(lambda _: HANG) as server,
        run_console(settings, offering(f"{server.origin}/api/v1")) as console,
    ):
        await console.until(lambda: "acme ○ not connected" in console.status)
        await console.settle()
        assert "127.0.0.1 did not answer within 0.05 s." in console.last_told
        assert "Check the base URL" in console.last_told
        assert "did not answer" in console.shows("#tenants-detail")


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        ("http://127.0.0.1:1/api/v1", "Nothing answers at 127.0.0.1:1."),
        ("https://no-such-host.invalid/api/v1", "There is no host called no-such-host.invalid."),
    ],
)
async def test_a_tenant_that_is_not_there_is_told_and_leaves_everything_usable(
    base_url: str, told: str, settings: Settings, quick_retries: None
) -> None:
    async with run_console(settings, offering(base_url)) as console:
        await console.until(lambda: "acme ○ not connected" in console.status)
        await console.settle()
        assert told in console.last_told
        assert told in console.shows("#tenants-detail")
        assert console.workspace.connection is ConnectionState.FAILED
        await console.go("callbacks")
        await console.press("f6")
        await console.press("ctrl+s")
        assert console.shows("#delivery").startswith("✓ Delivered")


async def test_sending_with_retries_counts_the_attempts_and_can_be_stopped(
    console: Console,
) -> None:
    await console.go("callbacks")
    webhook = await console.workspace.client.webhook(console.workspace.bot_id, "wh_90ce")
    async with serving(lambda _: HANG) as server:
        delivery = webhook.delivery.model_copy(update={"retries": 3, "timeout": 250})
        changes = {"url": server.origin, "delivery": delivery}
        console.callbacks.target(webhook.model_copy(update=changes))
        await console.type("#secret", SECRET)
        await console.pilot.press("ctrl+s")
        for number in (1, 2):
            words = f"attempt {number} of 4"  # sending it, or waiting before it
            await console.until(lambda words=words: words in line(console))  # type: ignore[misc]
        await console.press("escape")
    assert console.shows("#delivery") == "– stopped: it may have arrived"
    (record,) = await console.records()
    assert record.outcome == "cancelled"
