"""Place 2: bots, skills and webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import Button

from cognitui.audit.records import Action, Outcome
from cognitui.tui.screens.confirm import Confirm

from .browsing import choose, filter_by, lines, rows, webhooks
from .support import NARROW

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.sandbox import Sandbox

    from .conftest import OpenConsole
    from .support import Console


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def browse(shared: Console) -> Console:
    """The place as it is at first, with the cursor on the bot; for tests that change nothing."""
    await shared.go("browse")
    place = shared.browse
    place.show_view({"sort": "tenant", "tab": "overview", "filter": ""})
    place.shown.folds.clear()
    await filter_by(shared, "")
    rows(shared).set_marks(())
    rows(shared).focus()
    place.draw()
    rows(shared).move_cursor(0)
    await shared.settle()
    shared.told.clear()
    return shared


# The list


async def test_bots_skills_and_webhooks_are_listed(browse: Console) -> None:
    console = browse
    shown = lines(console)
    assert shown[:4] == [
        "Support Bot  ● healthy",
        "Skills (14)",
        "Webhooks (37/50)",
        shown[3],
    ]
    assert shown[3].startswith("wh_90ce  Order status  http://127.0.0.1:")
    assert shown[3].endswith("/hooks/order-status  on")
    assert any(line.startswith("wh_3af1  Password reset") and "off" in line for line in shown)
    assert shown[-2:] == ["Sales Assistant", "HR Helper"]
    assert console.focused == "browse-list"
    assert "Support Bot ● healthy" in console.status


async def test_lists_of_many_pages_are_read_to_their_end(
    start: Callable[..., Sandbox], open_console: OpenConsole, sandbox: Sandbox
) -> None:
    sandbox.tenant.config.__class__  # noqa: B018  # ten to a page, as it comes
    async with open_console() as console:
        await console.go("browse")
        assert "Webhooks (37/50)" in lines(console)
        assert len(webhooks(console)) == 37


async def test_branches_fold_and_unfold(browse: Console) -> None:
    console = browse
    everything = lines(console)
    await choose(console, "Skills (14)")
    await console.press("right")
    assert lines(console)[2] == "Order status"
    assert len(lines(console)) == len(everything) + 14
    await console.press("right", "down")
    assert console.browse.item == console.browse.skills()[1]
    await console.press("left", "left")
    assert lines(console) == everything
    await console.press("enter")
    assert lines(console)[2] == "Order status"
    await choose(console, "Webhooks (37/50)")
    await console.press("left")
    assert webhooks(console) == []
    await choose(console, "Support Bot")
    await console.press("left")
    assert lines(console) == ["Support Bot  ● healthy", "Sales Assistant", "HR Helper"]


async def test_keys_that_need_a_webhook_are_grey_elsewhere_and_say_why(browse: Console) -> None:
    console = browse
    place = console.browse
    needy = ("edit", "callback", "check", "switch", "delete", "mark", "copy_url", "copy_curl")
    for action in needy:
        assert place.check_action(action, ()) is None
    await console.press("e")
    assert console.last_told == "The cursor is on a bot: move to a webhook."
    await choose(console, "Skills (14)")
    await console.press("d")
    assert console.last_told == "The cursor is on a heading: move to a webhook."
    await console.press("right", "down", "t")
    assert console.last_told == "The cursor is on a skill: move to a webhook."
    await choose(console, "wh_90ce")
    for action in needy:
        assert place.check_action(action, ()) is True


async def test_enter_on_another_bot_switches_to_it(console: Console) -> None:
    await console.go("browse")
    await choose(console, "HR Helper")
    assert "enter opens it" in console.shows("#browse-detail")
    await console.press("n")
    assert console.last_told == "This bot is not open: enter opens it."
    await console.press("enter")
    assert console.workspace.bot_id != "bot_12345"
    assert "HR Helper  ▲ degraded" in lines(console)
    assert "Webhooks (0/50)" in lines(console)
    assert "no webhooks yet · n writes one" in lines(console)
    # Where there are no webhooks the skills are what one needs.
    assert "Leave request" in lines(console)
    assert "HR Helper ▲ degraded" in console.status
    assert "0/50 webhooks" in console.status
    assert console.browse.item == console.workspace.bot
    await choose(console, "Support Bot")
    await console.press("right")
    assert console.workspace.bot_id == "bot_12345"
    assert "Webhooks (37/50)" in lines(console)


async def test_enter_opens_a_webhook_in_the_editor(browse: Console) -> None:
    console = browse
    await choose(console, "wh_c33b")
    await console.press("enter")
    assert console.place.PLACE == "webhook"
    assert "Edit wh_c33b" in console.shows("#webhook-title")
    assert console.value("#endpoint_url").endswith("/hooks/billing")
    assert "Billing" in console.note("skill_id")


@pytest.mark.parametrize(("where", "keys"), [("Billing", ("enter",)), ("wh_c33b", ("n",))])
async def test_a_webhook_begins_for_a_skill_or_for_that_of_another_webhook(
    browse: Console, where: str, keys: tuple[str, ...]
) -> None:
    console = browse
    await choose(console, "Skills (14)")
    await console.press("right")
    await choose(console, where)
    await console.press(*keys)
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
    assert "it is not known here" in console.note("secret")


async def test_the_mouse_opens_folds_and_sorts(browse: Console) -> None:
    console = browse
    top = rows(console).region.y
    await console.pilot.click(offset=(10, top + 4))
    await console.settle()
    assert console.browse.webhook is not None
    await console.pilot.click(offset=(rows(console).region.x + 4, top + 2))
    await console.settle()
    assert "Order status" in lines(console)
    await console.pilot.click(offset=(rows(console).region.x + 6, top))
    await console.settle()
    assert webhooks(console) == sorted(webhooks(console))
    await console.pilot.click(offset=(rows(console).region.x + 6, top))
    await console.settle()
    assert webhooks(console) == sorted(webhooks(console), reverse=True)


# Filtering


async def test_the_filter_narrows_what_is_loaded_and_esc_clears_it(browse: Console) -> None:
    console = browse
    everything = lines(console)
    await console.press("slash")
    assert console.focused == "browse-filter"
    await filter_by(console, "Billing ")
    assert len(webhooks(console)) == 3
    assert "Webhooks (37/50)  3 match" in lines(console)
    assert "Skills (14)" in lines(console)
    assert not any("Order status" in line for line in lines(console))
    await filter_by(console, "wh_c33b billing")
    assert webhooks(console) == ["wh_c33b"]
    await console.press("enter")
    assert console.focused == "browse-list"
    assert console.browse.webhook is not None
    await console.press("escape")
    assert lines(console) == everything
    assert console.place.PLACE == "browse"


async def test_letters_left_out_find_it_and_those_that_matched_stand_out(browse: Console) -> None:
    console = browse
    await console.press("slash")
    await filter_by(console, "blng")
    assert len(webhooks(console)) == 3
    index = rows(console).cursor
    name = rows(console).source.row(index).cells[1]
    assert [text for text, role in name if role == "match"] == ["B", "l", "ng"]
    assert "".join(text for text, _ in name) == "Billing"


async def test_the_best_match_comes_first_and_has_the_cursor(browse: Console) -> None:
    console = browse
    await choose(console, "wh_3af1")
    await console.press("slash")
    await filter_by(console, "c33")
    assert webhooks(console)[0] == "wh_c33b"
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == "wh_c33b"
    await filter_by(console, "warr")
    first = webhooks(console)[0]
    await console.press("down", "down", "up")
    assert console.focused == "browse-filter"
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == webhooks(console)[1] != first
    # Cleared, the cursor stays on what was found.
    found = console.browse.webhook.id
    await console.press("escape")
    assert console.browse.webhook.id == found


async def test_a_filter_that_finds_nothing_says_so(browse: Console) -> None:
    console = browse
    await filter_by(console, "zzzz")
    assert lines(console) == [
        "Support Bot  ● healthy",
        "Webhooks (37/50)  0 match",
        "nothing matches · esc clears it",
    ]


async def test_other_bots_are_filtered_too(browse: Console) -> None:
    console = browse
    await filter_by(console, "helper")
    assert [line for line in lines(console) if "Helper" in line] == ["HR Helper"]
    assert "Sales Assistant" not in lines(console)


# Sorting


@pytest.mark.parametrize(
    ("name", "column"), [("id", 0), ("skill", 1), ("endpoint", 2), ("state", 3)]
)
async def test_webhooks_are_sorted_by_a_column(browse: Console, name: str, column: int) -> None:
    console = browse
    await console.browse.run_action(f"sort_{name}")
    await console.settle()
    shown = [
        "".join(text for text, _ in rows(console).source.row(index).cells[column])
        for index in range(len(rows(console).source))
        if rows(console).source.key(index).startswith("webhook:")
    ]
    assert len(shown) == 37
    wanted = sorted(shown, key=str.casefold) if name != "state" else sorted(shown)
    assert shown == wanted
    assert "▲" in rows(console).render_line(0).text
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == webhooks(console)[0]
    before = webhooks(console)
    await console.press("S")
    assert webhooks(console) == before[::-1]
    assert "▼" in rows(console).render_line(0).text


async def test_s_goes_through_the_orders(browse: Console) -> None:
    console = browse
    tenants = webhooks(console)
    seen = []
    for _ in range(5):
        await console.press("s")
        seen.append(webhooks(console))
    assert seen[-1] == tenants
    assert seen[0] == sorted(tenants)
    assert "▲" not in rows(console).render_line(0).text


async def test_what_fails_comes_first_by_state(browse: Console) -> None:
    console = browse
    await choose(console, "wh_f028")
    await console.press("h")
    await console.browse.run_action("sort_state")
    await console.settle()
    assert webhooks(console)[0] == "wh_f028"


async def test_a_chosen_order_holds_while_filtering(browse: Console) -> None:
    console = browse
    await console.browse.run_action("sort_id")
    await filter_by(console, "order")
    assert webhooks(console) == sorted(webhooks(console))


# The detail


async def test_the_detail_follows_the_cursor(browse: Console) -> None:
    console = browse
    assert "bot_12345" in console.shows("#browse-detail")
    last = console.shows("#browse-detail").split("\n")[-2:]
    assert [line.split(maxsplit=1)[1] for line in last] == ["14", "37 of 50"]
    await choose(console, "Webhooks (37")
    assert "on          33\noff         4" in console.shows("#browse-detail")
    await choose(console, "Skills (14)")
    assert "skills      14" in console.shows("#browse-detail")
    await console.press("right")
    await choose(console, "Billing")
    assert "webhooks    3" in console.shows("#browse-detail")
    assert "n writes a webhook for this skill" in console.shows("#browse-detail")
    await choose(console, "wh_c33b")
    detail = console.shows("#browse-detail")
    for part in ("wh_c33b", "/endpoints/hooks/billing", "Billing (skill_", "ON_SKILL_START",
                 "3000 ms · 1 retry", "hmac_sha256"):  # fmt: skip
        assert part in detail
    await choose(console, "wh_3af1")
    assert "off: the tenant does not call it" in console.shows("#browse-detail")
    await choose(console, "wh_56fa")
    assert "template for" in console.shows("#browse-detail")
    assert '"id": "{{sessionId}}"' in console.shows("#browse-detail")


async def test_json_is_what_the_tenant_tells_and_stays_while_one_moves(browse: Console) -> None:
    console = browse
    await choose(console, "wh_c33b")
    await console.press("right_square_bracket")
    text = console.shows("#browse-detail")
    assert '"id": "wh_c33b"' in text
    assert '"createdAt"' in text
    assert "secret" not in text
    await console.press("down")
    assert '"id": "wh_aa39"' in console.shows("#browse-detail")
    await console.press("home")
    assert '"engineVersion"' in console.shows("#browse-detail") or '"name": "Support Bot"' in (
        console.shows("#browse-detail")
    )
    await console.press("left_square_bracket")
    assert "engine      healthy" in console.shows("#browse-detail")


async def test_the_history_tells_what_was_done(console: Console) -> None:
    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("left_square_bracket")
    assert "Nothing was done with it from this machine yet." in console.shows("#browse-detail")
    await console.press("x")
    assert "disable" in console.shows("#browse-detail")
    assert "✓ ok" in console.shows("#browse-detail")
    await console.press("x")
    assert console.shows("#browse-detail").splitlines()[0].split()[1] == "enable"
    await choose(console, "wh_c33b")
    assert "Nothing was done" in console.shows("#browse-detail")
    # A bot has no history: its overview is shown, and the history again after that.
    await console.press("home")
    assert "engine" in console.shows("#browse-detail")
    await choose(console, "wh_90ce")
    assert "disable" in console.shows("#browse-detail")


async def test_a_failure_is_in_the_history_with_its_reason(
    console: Console, sandbox: Sandbox
) -> None:
    sandbox.inject("403:method=PATCH")
    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("left_square_bracket", "x")
    assert "✗ failed" in console.shows("#browse-detail")
    assert "The key lacks the scope" in console.shows("#browse-detail")


async def test_tabs_take_clicks_and_v_goes_to_the_detail_and_back(browse: Console) -> None:
    console = browse
    await choose(console, "wh_c33b")
    await console.pilot.click("#browse-tabs", offset=(13, 0))
    await console.settle()
    assert '"id": "wh_c33b"' in console.shows("#browse-detail")
    await console.press("v")
    assert console.focused == "browse-scroll"
    await console.press("right")
    assert "Nothing was done" in console.shows("#browse-detail")
    await console.press("left", "left")
    assert "signed      hmac_sha256" in console.shows("#browse-detail")
    await console.press("v")
    assert console.focused == "browse-list"
    await console.press("v", "escape")
    assert console.focused == "browse-list"


# Doing something to one webhook


async def test_h_checks_the_endpoint(browse: Console) -> None:
    console = browse
    await choose(console, "wh_90ce")
    await console.press("h")
    assert any(line.startswith("wh_90ce") and "✓ present" in line for line in lines(console))
    detail = console.shows("#browse-detail")
    assert "✓ present" in detail
    for stage in ("url", "dns", "tcp", "http"):
        assert stage in detail
    await choose(console, "wh_f028")
    await console.press("h")
    assert "✗ unreachable" in console.shows("#browse-detail")
    await choose(console, "Webhooks (37")
    assert "checked     2: 1 ✓ · 1 ✗" in console.shows("#browse-detail")


async def test_what_is_under_way_is_shown_in_its_line(console: Console, sandbox: Sandbox) -> None:
    sandbox.inject("slow:method=PATCH,seconds=0.3")
    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.pilot.press("x")
    await console.until(lambda: "◌ switching" in lines(console)[3])
    await console.pilot.press("x")
    await console.until(lambda: "Still at it" in console.last_told)
    await console.settle()
    assert lines(console)[3].endswith("off")


async def test_x_switches_a_webhook_off_and_on(console: Console, sandbox: Sandbox) -> None:
    def is_on() -> bool:
        return sandbox.tenant.bots["bot_12345"].webhooks["wh_90ce"].enabled

    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("x")
    assert not is_on()
    assert lines(console)[3].endswith("off")
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
    assert not any("wh_c33b" in line for line in lines(console))
    assert "Webhooks (36/50)" in lines(console)
    assert "36/50 webhooks" in console.status
    # The cursor is where it was, on the one that came after.
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == "wh_aa39"
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
    assert "wh_c33b" in webhooks(console)
    (record,) = await console.records()
    assert record.outcome is Outcome.FAILED
    assert record.detail
    assert record.detail in console.last_told


async def test_the_cursor_stays_where_it_was_when_the_list_is_drawn_again(
    console: Console,
) -> None:
    await console.go("browse")
    await choose(console, "wh_90ce")
    await console.press("x")
    assert "wh_90ce" in console.shows("#browse-detail")
    await console.press("r")
    assert "wh_90ce" in console.shows("#browse-detail")


# What the editor and the palette ask of it


async def test_a_change_in_the_editor_is_seen(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    webhook = console.workspace.catalogue.bots["bot_12345"].webhooks.items["wh_c33b"]
    after = await console.workspace.webhooks.set_enabled(webhook, enabled=False)
    console.app.webhook_registered(after)
    await console.settle()
    assert any(line.startswith("wh_c33b") and "off" in line for line in lines(console))


async def test_a_webhook_can_be_gone_to(browse: Console) -> None:
    console = browse
    await filter_by(console, "warranty")
    console.browse.shown.toggle("group:webhooks")
    console.browse.show_webhook("wh_3af1")
    await console.settle()
    assert console.browse.webhook is not None
    assert console.browse.webhook.id == "wh_3af1"
    assert console.value("#browse-filter") == ""
    assert "wh_3af1" in console.text
    console.browse.show_webhook("wh_none")
    await console.settle()
    assert console.last_told == "This bot has no webhook wh_none: it may be gone."


async def test_how_it_is_seen_is_kept(browse: Console) -> None:
    console = browse
    await console.press("s", "S", "right_square_bracket")
    await filter_by(console, "bill")
    state = console.browse.view()
    assert state == {"sort": "id", "descending": True, "filter": "bill", "tab": "json"}
    shown = lines(console)
    console.browse.show_view({"sort": "nonsense", "filter": 7, "tab": [], "more": 1})
    await filter_by(console, "")
    assert lines(console) != shown
    console.browse.show_view(state)
    await console.settle()
    assert lines(console) == shown
    assert console.value("#browse-filter") == "bill"


async def test_one_pane_at_a_time_where_there_is_room_for_one(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(60, 16)) as console:
        await console.go("browse")
        await choose(console, "wh_90ce")
        assert "wh_90ce" in console.text
        assert "signed" not in console.text
        await console.press("v")
        assert "signed      hmac_sha256" in console.text
        assert "Webhooks (37" not in console.text
        await console.press("escape")
        assert "Webhooks (37" in console.text
        await console.resize(*NARROW)
        await console.until(lambda: "signed" in console.text)
        assert "Webhooks (37" in console.text


async def test_keys_while_another_tenant_is_being_opened_find_empty_rows(console: Console) -> None:
    await console.go("browse")
    await console.press("down")
    # What was known of the tenant is forgotten before the list is drawn anew.
    console.workspace.catalogue.clear()
    await console.press("left", "up", "right")
    assert rows(console).source.row(0).is_open is None
    assert console.text
