"""Place 2: bots, skills and webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import Button, Tree

from cognitui.audit.records import Action, Outcome
from cognitui.tui.screens.confirm import Confirm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from textual.widgets.tree import TreeNode

    from cognitui.sandbox import Sandbox

    from .conftest import OpenConsole
    from .support import Console


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def browse(shared: Console) -> Console:
    """The place with the cursor on the first bot; for tests that change nothing."""
    await shared.go("browse")
    await shared.type("#browse-filter", "")
    tree(shared).focus()
    tree(shared).move_cursor_to_line(0)
    shared.told.clear()
    await shared.settle()
    return shared


def tree(console: Console) -> Tree[object]:
    return console.app.screen.query_one("#browse-tree", Tree)


def nodes(console: Console) -> Iterator[TreeNode[object]]:
    def walk(node: TreeNode[object]) -> Iterator[TreeNode[object]]:
        for child in node.children:
            yield child
            yield from walk(child)

    return walk(tree(console).root)


def labels(console: Console) -> list[str]:
    return [str(node.label) for node in nodes(console)]


async def choose(console: Console, text: str) -> None:
    """Move the cursor to the first line with this text."""
    node = next(node for node in nodes(console) if text in str(node.label))
    tree(console).move_cursor(node)
    await console.settle()


async def test_bots_skills_and_webhooks_are_listed(browse: Console) -> None:
    console = browse
    shown = labels(console)
    assert shown[:3] == ["Support Bot  ● healthy", "Skills (14)", "Order status"]
    assert "Webhooks (37/50)" in shown
    assert "wh_3af1  Password reset  off" in shown
    assert shown[-2:] == ["Sales Assistant", "HR Helper"]
    assert console.focused == "browse-tree"
    assert "Support Bot ● healthy" in console.status


async def test_lists_of_many_pages_are_read_to_their_end(
    start: Callable[..., Sandbox], open_console: OpenConsole, sandbox: Sandbox
) -> None:
    del sandbox  # ten to a page, as it comes
    async with open_console() as console:
        await console.go("browse")
        assert "Webhooks (37/50)" in labels(console)


async def test_the_detail_follows_the_cursor(browse: Console) -> None:
    console = browse
    assert "bot_12345" in console.shows("#browse-detail")
    await choose(console, "Billing")
    assert "n writes a webhook for this skill" in console.shows("#browse-detail")
    await choose(console, "wh_c33b")
    detail = console.shows("#browse-detail")
    for part in ("wh_c33b", "/endpoints/hooks/billing", "Billing (skill_", "ON_SKILL_START",
                 "3000 ms · 1 retries", "hmac_sha256"):  # fmt: skip
        assert part in detail
    await choose(console, "wh_3af1")
    assert "off: the tenant does not call it" in console.shows("#browse-detail")
    await choose(console, "wh_56fa")
    assert "template for" in console.shows("#browse-detail")
    assert '"id": "{{sessionId}}"' in console.shows("#browse-detail")


async def test_the_filter_narrows_what_is_loaded_and_esc_clears_it(browse: Console) -> None:
    console = browse
    everything = len(labels(console))
    await console.press("slash")
    assert console.focused == "browse-filter"
    await console.type("#browse-filter", "Billing ")
    found = [label for label in labels(console) if "Billing" in label]
    assert len(found) == 4
    assert not any("Order status" in label for label in labels(console))
    await console.type("#browse-filter", "wh_c33b billing")
    assert [label for label in labels(console) if label.startswith("wh_")] == ["wh_c33b  Billing"]
    await console.press("enter")
    assert console.focused == "browse-tree"
    await console.press("escape")
    assert len(labels(console)) == everything
    assert console.place.PLACE == "browse"


async def test_keys_that_need_a_webhook_are_grey_elsewhere(browse: Console) -> None:
    console = browse
    place = console.browse
    for action in ("edit", "callback", "check", "switch", "delete"):
        assert place.check_action(action, ()) is None
    await choose(console, "wh_90ce")
    for action in ("edit", "callback", "check", "switch", "delete"):
        assert place.check_action(action, ()) is True


async def test_enter_on_another_bot_switches_to_it(console: Console) -> None:
    await console.go("browse")
    await choose(console, "HR Helper")
    assert "enter to load" in console.shows("#browse-detail")
    await console.press("enter")
    assert console.workspace.bot_id != "bot_12345"
    assert "HR Helper  ▲ degraded" in labels(console)
    assert "Webhooks (0/50)" in labels(console)
    assert "HR Helper ▲ degraded" in console.status
    assert "0/50 webhooks" in console.status


async def test_enter_opens_a_webhook_in_the_editor(browse: Console) -> None:
    console = browse
    await choose(console, "wh_c33b")
    await console.press("enter")
    assert console.place.PLACE == "webhook"
    assert "Edit wh_c33b" in console.shows("#webhook-title")
    assert console.value("#endpoint_url").endswith("/hooks/billing")
    assert "Billing" in console.note("skill_id")


async def test_enter_on_a_skill_begins_a_webhook_for_it(browse: Console) -> None:
    console = browse
    await choose(console, "Billing")
    await console.press("enter")
    assert console.place.PLACE == "webhook"
    assert "New webhook" in console.shows("#webhook-title")
    assert "✓ Billing" in console.note("skill_id")
    assert console.focused == "endpoint_url"


async def test_t_aims_the_simulator_at_the_webhook(browse: Console) -> None:
    console = browse
    await choose(console, "wh_c33b")
    await console.press("t")
    assert console.place.PLACE == "callbacks"
    assert console.value("#target").endswith("/hooks/billing")
    assert "its secret is not known here" in console.note("target")


async def test_y_copies_the_id(browse: Console) -> None:
    console = browse
    await console.press("y")
    assert console.app.clipboard == "bot_12345"
    await choose(console, "wh_c33b")
    await console.press("y")
    assert console.app.clipboard == "wh_c33b"
    assert "wh_c33b" in console.last_told


async def test_h_checks_the_endpoint(browse: Console) -> None:
    console = browse
    await choose(console, "wh_90ce")
    await console.press("h")
    assert "wh_90ce  Order status  ✓ present" in labels(console)
    detail = console.shows("#browse-detail")
    assert "✓ present" in detail
    for stage in ("url", "dns", "tcp", "http"):
        assert stage in detail
    await choose(console, "wh_f028")
    await console.press("h")
    assert "✗ unreachable" in console.shows("#browse-detail")


async def test_x_switches_a_webhook_off_and_on(console: Console, sandbox: Sandbox) -> None:
    def is_on() -> bool:
        return sandbox.tenant.bots["bot_12345"].webhooks["wh_90ce"].enabled

    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("x")
    assert not is_on()
    assert "wh_90ce  Order status  off" in labels(console)
    assert console.last_told == "wh_90ce is off."
    await console.press("x")
    assert is_on()
    actions = [record.action for record in await console.records()]
    assert actions == [Action.WEBHOOK_ENABLE, Action.WEBHOOK_DISABLE]


async def test_delete_asks_and_only_another_key_agrees(console: Console, sandbox: Sandbox) -> None:
    held = sandbox.tenant.bots["bot_12345"].webhooks
    url = held["wh_c33b"].url
    await console.go("browse")
    await choose(console, "wh_c33b")
    await console.answered("d")
    assert isinstance(console.app.screen, Confirm)
    assert "Delete webhook wh_c33b?" in console.text
    assert isinstance(console.app.focused, Button)
    assert console.focused == "cancel"
    await console.press("d")
    assert isinstance(console.app.screen, Confirm)
    await console.press("enter")
    assert "wh_c33b" in held
    assert await console.records() == []

    await console.answered("d")
    await console.press("y")
    assert "wh_c33b" not in held
    assert not any("wh_c33b" in label for label in labels(console))
    assert "Webhooks (36/50)" in labels(console)
    assert "36/50 webhooks" in console.status
    (record,) = await console.records()
    assert (record.action, record.outcome) == (Action.WEBHOOK_DELETE, Outcome.OK)
    assert (record.webhook_id, record.endpoint) == ("wh_c33b", url)
    assert record.before is not None
    assert record.after is None


async def test_a_refused_delete_is_told_and_recorded(console: Console, sandbox: Sandbox) -> None:
    sandbox.inject("403:method=DELETE")
    await console.go("browse")
    await choose(console, "wh_c33b")
    await console.answered("d")
    await console.press("y")
    assert "wh_c33b  Billing" in labels(console)
    (record,) = await console.records()
    assert record.outcome is Outcome.FAILED
    assert record.detail
    assert record.detail in console.last_told


async def test_reload_shows_what_changed_at_the_tenant(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    await choose(console, "wh_90ce")
    del sandbox.tenant.bots["bot_12345"].webhooks["wh_c33b"]
    await console.press("r")
    assert "Webhooks (36/50)" in labels(console)


async def test_the_cursor_stays_where_it_was_when_the_list_is_drawn_again(
    console: Console,
) -> None:
    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("x")
    assert "wh_90ce" in console.shows("#browse-detail")
    await console.press("r")
    assert "wh_90ce" in console.shows("#browse-detail")


async def test_what_could_not_be_loaded_is_told_and_can_be_tried_again(
    console: Console, sandbox: Sandbox
) -> None:
    sandbox.inject("403:path=bots/*/webhooks,times=1")
    await console.go("browse")
    assert len(console.told) == 1
    assert "Skills (14) …" in labels(console)
    await console.press("r")
    assert "Webhooks (37/50)" in labels(console)


async def test_without_a_tenant_there_is_nothing_to_browse(console: Console) -> None:
    await console.workspace.disconnect()
    console.app.tenant_changed()
    await console.go("browse")
    assert "open a tenant first" in console.shows("#browse-empty")
