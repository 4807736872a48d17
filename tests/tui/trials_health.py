"""What each command of Health does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.demo import TENANT
from cognitui.tui.screens.browse import BrowsePlace
from cognitui.tui.screens.confirm import Confirm
from tests.webhooks.health.support import check, ref, refused, well

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.webhooks.health.check import Check

    from .support import Console

    Trial = Callable[[Console, str], Awaitable[None]]


async def known(console: Console, *checks: Check) -> None:
    """Let these checks have been made before, and be in Health."""
    log = await console.workspace.health.log()
    await log.add(*checks)
    await console.go("health")


async def on_a_webhook(console: Console) -> str:
    """Be on a webhook that was found unhealthy before; its id."""
    webhook = (await console.workspace.list_webhooks())[1]
    place = ref(webhook.id, console.workspace.bot_id, TENANT)
    await known(console, check(well(), webhook=place), check(refused(), 5, webhook=place))
    await console.press("down")
    assert console.health.course is not None
    return webhook.id


async def checks_all(console: Console, key: str) -> None:
    await console.connected()
    await console.go("health")
    console.health.show_scope("bot")
    await console.settle()
    await console.press(key)
    count = len(await console.workspace.list_webhooks())
    assert len(console.health.shown.courses) == count
    assert f"{count} webhooks checked: " in console.last_told


async def checks_one(console: Console, key: str) -> None:
    name = await on_a_webhook(console)
    await console.press(key)
    course = next(one for one in console.health.shown.courses.values())
    assert (course.latest.webhook_id, len(course.marks)) == (name, 3)
    assert console.last_told.startswith(f"✓ {name} is present: ")


async def pings(console: Console, key: str) -> None:
    name = await on_a_webhook(console)
    secret = console.workspace.callbacks.secret_of(name)
    await console.press(key)
    if secret is None:
        assert "a ping has to be signed" in console.last_told
    else:
        assert isinstance(console.app.screen, Confirm)
        await console.press("escape")


async def watches(console: Console, key: str) -> None:
    await console.connected()
    await console.go("health")
    await console.press(key)
    assert console.health.is_watching
    assert "watching, every 5 min" in console.text
    await console.press(key)
    assert not console.health.is_watching


async def shows_fewer(console: Console, key: str) -> None:
    await console.connected()
    await console.go("health")
    await console.press(key)
    assert console.health.scope == "bot"


async def shows_more(console: Console, key: str) -> None:
    await console.connected()
    await console.go("health")
    await console.press(key)
    assert console.health.scope == "all"
    assert "the webhooks of all tenants" in console.text


async def copies_the_report(console: Console, key: str) -> None:
    name = await on_a_webhook(console)
    await console.press(key)
    assert f"Webhook {name} of bot" in console.app.clipboard
    assert "What is different from the last good check" in console.app.clipboard


async def shows_the_webhook(console: Console, key: str) -> None:
    name = await on_a_webhook(console)
    await console.press(key)
    await console.until(lambda: isinstance(console.place, BrowsePlace))
    await console.until(lambda: getattr(console.browse.webhook, "id", "") == name)


async def filters(console: Console, key: str) -> None:
    sick = check(refused(), webhook=ref("wh_sick", tenant=TENANT))
    await known(console, check(well(), webhook=ref("wh_fine", tenant=TENANT)), sick)
    await console.press(key)
    assert console.focused == "health-filter"
    await console.type("#health-filter", "refused")
    await console.until(lambda: len(console.health.shown.rows()) == 2)
    assert "wh_sick" in console.text
    assert "1 well" in console.text, "what is filtered is counted all the same"
    # Keys that come at once find what is filtered, not what was there before.
    await console.press("escape", key, *"fine", "enter", "down")
    assert console.health.course is not None
    assert console.health.course.latest.webhook_id == "wh_fine"
    await console.press(key)
    await console.type("#health-filter", "nobody is called this")
    await console.until(lambda: "Nothing that was checked matches." in console.text)
    await console.press("escape")
    assert len(console.health.shown.rows()) == 3
    assert console.focused == "health-list"


async def goes_on(console: Console, key: str) -> None:
    await console.connected()
    await console.go("health")
    console.health.show_scope("bot")
    await console.settle()
    await console.press(key)
    assert "No check of all was stopped" in console.last_told
    health, scope = console.workspace.health, console.health.wanted()
    checks = health.sweep(scope).run()
    await anext(checks)
    await checks.aclose()
    console.health.reload()
    await console.settle()
    assert "goes on where it was stopped" in console.text
    await console.press(key)
    assert await health.unfinished(scope) == ""
    assert " checked: " in console.last_told  # how many are left depends on how quick it was


async def copies_the_id(console: Console, key: str) -> None:
    name = await on_a_webhook(console)
    await console.press(key)
    assert console.app.clipboard == name


async def goes_to_the_detail_and_back(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.focused == "health-box"
    await console.press(key)
    assert console.focused == "health-list"


async def reads_again(console: Console, key: str) -> None:
    await on_a_webhook(console)
    log = await console.workspace.health.log()
    await log.add(check(refused(), 9, webhook=ref("wh_new", "bot_1", TENANT)))
    await console.press(key)
    assert len(console.health.shown.courses) == 2


TRIED: dict[str, Trial] = {
    "health.sweep": checks_all,
    "health.check": checks_one,
    "health.ping": pings,
    "health.watch": watches,
    "health.narrow": shows_fewer,
    "health.widen": shows_more,
    "health.copy": copies_the_report,
    "health.webhook": shows_the_webhook,
    "health.filter": filters,
    "health.resume": goes_on,
    "health.copy-id": copies_the_id,
    "health.detail": goes_to_the_detail_and_back,
    "health.reload": reads_again,
}
