"""What each command of Browse does, pressed as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.open_bot import OpenBot
from cognitui.tui.widgets.row_list import RowList

from .browsing import choose, line, marked, rows, webhooks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .support import Console

    Trial = Callable[[Console, str], Awaitable[None]]

WEBHOOK = "wh_c33b"


async def on_a_webhook(console: Console) -> None:
    """Browse, with the cursor on a webhook."""
    await console.go("browse")
    await choose(console, WEBHOOK)


async def is_on(console: Console) -> bool:
    """Whether the tenant has the webhook switched on."""
    return next(one for one in await console.workspace.list_webhooks() if one.id == WEBHOOK).enabled


async def filters(console: Console, key: str) -> None:
    await console.go("browse")
    await console.press(key)
    assert console.focused == "browse-filter"


async def begins_one(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.place.PLACE == "webhook"
    assert console.editor.draft.webhook_id is None
    assert console.editor.draft.skill_id


async def opens_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.place.PLACE == "webhook"
    assert console.editor.draft.webhook_id == WEBHOOK


async def aims_at_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.place.PLACE == "callbacks"
    assert console.value("#target").endswith("/hooks/billing")


async def checks_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert "✓" in line(console, rows(console).cursor) or "reach" in console.text


async def switches_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    before = await is_on(console)
    await console.press(key)
    assert await is_on(console) is not before


async def switches_it_on(console: Console, key: str) -> None:
    await on_a_webhook(console)
    held = next(one for one in await console.workspace.list_webhooks() if one.id == WEBHOOK)
    await console.workspace.webhooks.set_enabled(held, enabled=False)
    await console.press("r")
    await choose(console, WEBHOOK)
    await console.answered(key)
    await console.press("y")
    assert await is_on(console)


async def switches_it_off(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.answered(key)
    await console.press("y")
    assert not await is_on(console)


async def deletes_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.answered(key)
    assert isinstance(console.app.screen, Confirm)
    await console.press("y")
    assert WEBHOOK not in webhooks(console)
    assert WEBHOOK not in [one.id for one in await console.workspace.list_webhooks()]


async def marks_it(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert marked(console) == [WEBHOOK]


async def marks_all(console: Console, key: str) -> None:
    await console.go("browse")
    await console.press(key)
    assert sorted(marked(console)) == sorted(webhooks(console))
    await console.press(key)
    assert marked(console) == []


async def unmarks(console: Console, key: str) -> None:
    assert key == ""
    await marks_it(console, "space")
    await console.browse.run_action("unmark")
    assert marked(console) == []


async def copies_the_id(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.app.clipboard == WEBHOOK


async def copies_the_url(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert console.app.clipboard.endswith("/endpoints/hooks/billing")


async def copies_the_json(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert f'"id": "{WEBHOOK}"' in console.app.clipboard


async def copies_a_script(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert "curl" in console.app.clipboard
    assert "/bots/bot_12345/webhooks" in console.app.clipboard


async def sorts(console: Console, key: str) -> None:
    await console.go("browse")
    await console.press(key)
    assert webhooks(console) == sorted(webhooks(console))


def sorts_by(column: int) -> Trial:
    """By the text of a column."""

    async def trial(console: Console, key: str) -> None:
        assert key == ""
        await console.go("browse")
        await console.browse.run_action(f"sort_{('id', 'skill', 'endpoint')[column]}")
        await console.settle()
        source = rows(console).source
        found = [
            "".join(text for text, _ in source.row(index).cells[column]).strip().casefold()
            for index in range(len(source))
            if source.key(index).startswith("webhook:")
        ]
        assert found == sorted(found)

    return trial


async def sorts_what_fails_first(console: Console, key: str) -> None:
    assert key == ""
    await console.go("browse")
    await choose(console, "wh_f028")
    await console.press("h")
    await console.browse.run_action("sort_state")
    await console.settle()
    assert webhooks(console)[0] == "wh_f028"


async def sorts_as_the_tenant_does(console: Console, key: str) -> None:
    assert key == ""
    await console.go("browse")
    tenants = webhooks(console)
    await console.press("s", "S")
    assert webhooks(console) != tenants
    await console.browse.run_action("sort_tenant")
    await console.settle()
    assert set(webhooks(console)) == set(tenants)
    assert "▲" not in rows(console).render_line(0).text


async def reverses(console: Console, key: str) -> None:
    await console.go("browse")
    await console.press("s")
    before = webhooks(console)
    await console.press(key)
    assert webhooks(console) == before[::-1]


async def opens_a_bot(console: Console, key: str) -> None:
    await console.go("browse")
    await console.answered(key)
    assert isinstance(console.app.screen, OpenBot)
    await console.press(*"hr", "enter")
    bot = console.workspace.bot
    assert bot is not None
    assert "HR" in bot.name


async def goes_to_the_detail(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert not isinstance(console.app.focused, RowList)
    await console.press(key)
    assert isinstance(console.app.focused, RowList)


async def shows_the_next_tab(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press(key)
    assert f'"id": "{WEBHOOK}"' in console.text


async def shows_the_tab_before(console: Console, key: str) -> None:
    await on_a_webhook(console)
    await console.press("right_square_bracket")
    await console.press(key)
    assert f'"id": "{WEBHOOK}"' not in console.text


async def stops(console: Console, key: str) -> None:
    assert key == ""
    await console.go("browse")
    await console.press("ctrl+a")
    await console.pilot.press("h")
    await console.until(lambda: console.app.under_way.has_any("browse") or not console._busy)
    await console.browse.run_action("stop")
    await console.settle()
    assert not console.app.under_way.has_any("browse")


async def loads_again(console: Console, key: str) -> None:
    await on_a_webhook(console)
    held = next(one for one in await console.workspace.list_webhooks() if one.id == WEBHOOK)
    await console.workspace.client.delete_webhook(console.workspace.bot_id, held.id)
    await console.press(key)
    assert WEBHOOK not in webhooks(console)


TRIED: dict[str, Trial] = {
    "browse.filter": filters,
    "browse.new": begins_one,
    "browse.edit": opens_it,
    "browse.callback": aims_at_it,
    "browse.check": checks_it,
    "browse.switch": switches_it,
    "browse.enable": switches_it_on,
    "browse.disable": switches_it_off,
    "browse.delete": deletes_it,
    "browse.mark": marks_it,
    "browse.mark-all": marks_all,
    "browse.unmark": unmarks,
    "browse.copy": copies_the_id,
    "browse.copy-url": copies_the_url,
    "browse.copy-json": copies_the_json,
    "browse.copy-curl": copies_a_script,
    "browse.sort": sorts,
    "browse.sort-tenant": sorts_as_the_tenant_does,
    "browse.sort-id": sorts_by(0),
    "browse.sort-skill": sorts_by(1),
    "browse.sort-endpoint": sorts_by(2),
    "browse.sort-state": sorts_what_fails_first,
    "browse.reverse": reverses,
    "browse.open-bot": opens_a_bot,
    "browse.detail": goes_to_the_detail,
    "browse.next-tab": shows_the_next_tab,
    "browse.previous-tab": shows_the_tab_before,
    "browse.stop": stops,
    "browse.reload": loads_again,
}
