"""Health while webhooks are checked, and right after that."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from cognitui.cli.demo import TENANT
from tests.support.servers import HANG, serving
from tests.webhooks.health.support import check, ref, refused

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.webhooks.health.course import Course

    from .conftest import OpenConsole
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def console(console: Console) -> Console:
    """A console in Health, which shows a bot that was never checked."""
    await go_to_health(console)
    return console


async def go_to_health(console: Console) -> None:
    await console.go("health")
    console.health.show_scope("bot")
    await console.settle()


def ref_of(console: Console, name: str) -> WebhookRef:
    """A webhook of the bot that is shown."""
    return ref(name, console.workspace.bot_id, TENANT)


async def test_the_log_is_not_read_for_what_a_sweep_tells(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, gone = await console.workspace.health.log(), ref_of(console, "wh_gone")
    await log.add(check(webhook=gone))
    await console.press("r")
    assert list(console.health.shown.courses) == [gone]
    monkeypatch.setattr(console.health, "_recall", _nothing)
    monkeypatch.setattr(log, "courses", _refuse)
    await console.press("s")
    shown = console.health.shown.courses
    assert (len(shown), gone in shown) == (37, False)
    # A sweep may go over more than what is shown.
    console.health.note(check(webhook=ref("wh_0", "bot_else", TENANT)))
    assert len(shown) == 37


async def test_a_sweep_gives_way_to_keys(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cognitui.workspace.pace.BUSY_S", 3600.0)
    monkeypatch.setattr("cognitui.workspace.pace.APART_S", 3600.0)
    await console.pilot.press("s")  # that is a key, too: only one check begins
    await console.until(lambda: len(console.health._known) == 1)
    await console.pilot.press("down", "up")
    assert (console.health.is_sweeping, len(console.health.shown.courses)) == (True, 1)
    console.app.workers.cancel_group(console.health, "health.sweep")
    await console.until(lambda: not console.health.is_sweeping)
    await console.settle()


async def test_what_is_found_while_the_log_is_read_is_newer(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, reading = await console.workspace.health.log(), asyncio.Event()
    usual = log.courses

    async def slowly(*names: str | None) -> list[Course]:
        read = await usual(*names)
        reading.set()
        await asyncio.sleep(0.05)
        return read

    await log.add(check(webhook=ref_of(console, "wh_known")))
    monkeypatch.setattr(log, "courses", slowly)
    console.health.reload()
    await reading.wait()
    found = check(refused(), 5, webhook=ref_of(console, "wh_late"))
    console.health.note(found)
    await console.settle()
    shown = console.health.shown.courses
    assert (len(shown), shown[found.ref].latest) == (2, found)


async def test_what_went_meanwhile_is_gone_when_one_comes_back(console: Console) -> None:
    log = await console.workspace.health.log()
    await log.add(check(refused(), webhook=ref_of(console, "wh_gone")))
    await console.press("r", "down")
    assert "wh_gone" in console.text
    console.health.action_sweep()
    console.app.action_go("browse")
    await console.until(lambda: len(console.health.shown.courses) == 37)
    await console.settle()
    rows = console.health.rows
    assert all("wh_gone" not in rows.source.key(at) for at in range(len(rows.source)))
    await console.go("health")
    assert "wh_gone" not in console.text


async def test_all_that_a_stopped_sweep_kept_is_shown(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    log, written = await console.workspace.health.log(), asyncio.Event()
    usual = log.add

    async def slowly(*checks: Check) -> None:
        await usual(*checks)
        written.set()
        await asyncio.sleep(0.05)

    monkeypatch.setattr(log, "add", slowly)
    console.health.action_sweep()
    await written.wait()
    console.app.workers.cancel_group(console.health, "health.sweep")
    await console.until(lambda: not console.health.is_sweeping)
    await console.settle()
    kept = {one.ref for one in await log.latest()}
    assert kept
    assert set(console.health.shown.courses) == kept


async def test_a_read_that_was_cut_off_is_made_up_for_after_a_sweep(console: Console) -> None:
    elsewhere = ref(tenant="other")
    await (await console.workspace.health.log()).add(check(webhook=elsewhere))
    console.health.action_sweep()
    await console.until(lambda: console.health.is_sweeping)
    console.health.show_scope("all")
    console.app.workers.cancel_group(console.health, "health.load")
    await console.until(lambda: not console.health.is_sweeping)
    await console.settle()
    assert elsewhere in console.health.shown.courses


async def test_how_many_there_are_is_told_while_none_answers(
    open_console: OpenConsole, sandbox: Sandbox
) -> None:
    async with serving(lambda _: HANG) as server:
        its = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
        for webhook in list(its.values()):
            its[webhook.id] = replace(webhook, url=server.origin)
        async with open_console() as console:
            await go_to_health(console)
            await console.pilot.press("s")
            await console.until(lambda: "checking all webhooks 0 of 37" in console.text)
            await console.press("escape")
            assert "goes on where it was stopped" in console.text


async def test_leaving_the_console_amid_a_sweep_breaks_nothing(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    await console.pilot.press("s")
    await console.until(lambda: console.health.is_sweeping)
    # What is left to be read would keep the console waiting.
    monkeypatch.setattr(await console.workspace.health.log(), "courses", _refuse)
    monkeypatch.setattr(console.health, "reload", _refuse_at_once)
    await console.pilot.press("q")
    await console.until(lambda: console.app._exit)


async def test_a_sweep_that_is_stopped_can_go_on(console: Console) -> None:
    console.app.under_way.clock = lambda: 1e9
    await console.pilot.press("s")
    await console.until(lambda: console.app.under_way.has_any("health"))
    await console.pilot.press("escape")
    await console.settle()
    if console.health.stopped_sweep:  # it may have been quicker
        await console.press("S")
    assert console.health.stopped_sweep == ""


async def _nothing(_: object) -> None:
    """Do without."""


async def _refuse(*_: object) -> None:
    raise AssertionError("the log was read")


def _refuse_at_once() -> None:
    raise AssertionError("the log was to be read")
