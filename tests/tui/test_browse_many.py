"""What Browse does to several webhooks at once, and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import Button, Static

from cognitui.audit.records import Action, Outcome
from cognitui.tui import clipboard
from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.confirm_many import ConfirmMany
from cognitui.tui.screens.switch_many import SwitchMany

from .browsing import choose, filter_by, lines, marked, rows, webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

THREE = ["wh_90ce", "wh_c33b", "wh_aa39"]


@pytest_asyncio.fixture(loop_scope="module")
async def many(console: Console) -> AsyncIterator[Console]:
    """Browse with the first three webhooks marked."""
    await console.go("browse")
    await choose(console, THREE[0])
    await console.press("space", "down", "space", "down", "space")
    yield console


def held(sandbox: Sandbox) -> dict[str, bool]:
    """The ids of the first bot's webhooks at the sandbox, and whether each is on."""
    return {w.id: w.enabled for w in sandbox.tenant.webhooks("bot_12345")}


def progress(console: Console) -> str:
    return str(console.browse.query_one("#browse-bulk", Static).render())


# Marks


async def test_marks_are_counted_and_esc_takes_them_away(many: Console) -> None:
    assert marked(many) == THREE
    assert lines(many)[2] == "Webhooks (37/50)  3 marked"
    await many.press("space")
    assert marked(many) == THREE[:2]
    await many.press("escape")
    assert marked(many) == []
    assert many.place.PLACE == "browse"
    await many.press("U")
    assert "The URL was sent" in many.last_told


async def test_shift_and_arrows_and_ctrl_a_mark_what_is_shown(console: Console) -> None:
    await console.go("browse")
    await choose(console, THREE[0])
    await console.press("shift+down", "shift+down")
    assert marked(console) == THREE
    await console.press("escape")
    await filter_by(console, "billing")
    rows(console).focus()
    await console.press("ctrl+a")
    assert marked(console) == webhooks(console)
    assert len(marked(console)) == 3
    await console.press("ctrl+a")
    assert marked(console) == []
    await console.browse.run_action("mark_all")
    await console.browse.run_action("unmark")
    assert marked(console) == []


async def test_marks_do_not_outlive_their_webhooks_or_their_bot(
    many: Console, sandbox: Sandbox
) -> None:
    del sandbox.tenant.bots["bot_12345"].webhooks[THREE[1]]
    await many.press("r")
    assert marked(many) == [THREE[0], THREE[2]]
    await choose(many, "Sales Assistant")
    await many.press("enter")
    assert marked(many) == []


# Checking


async def test_all_marked_are_checked(many: Console) -> None:
    await many.press("h")
    checked = [line for line in lines(many) if "✓ present" in line or "✗" in line]
    assert len(checked) == 3
    assert many.last_told.startswith("3 webhooks checked: ")
    assert marked(many) == THREE
    assert not many.screen_one("#browse-bulk").display


async def test_on_the_heading_all_that_are_shown_are_checked(console: Console) -> None:
    await console.go("browse")
    await choose(console, "Webhooks (37")
    await console.press("h")
    assert console.last_told.startswith("37 webhooks checked: ")
    assert "Sorting by state (s) puts what fails first." in console.last_told
    assert not any(line.endswith("  on") for line in lines(console))
    await console.browse.run_action("sort_state")
    await console.settle()
    assert "✗" in lines(console)[3]
    assert await console.records() == []


# Switching


@pytest.mark.parametrize(
    ("key", "enabled", "action"),
    [("minus", False, Action.WEBHOOK_DISABLE), ("plus", True, Action.WEBHOOK_ENABLE)],
)
async def test_marked_ones_are_switched_after_asking_which_way(
    many: Console, sandbox: Sandbox, key: str, enabled: bool, action: Action
) -> None:
    await many.answered("x")
    assert isinstance(many.app.screen, SwitchMany)
    assert "Switch 3 webhooks?" in many.text
    assert "wh_90ce, wh_c33b, wh_aa39: 3 on and 0 off now." in many.text
    assert many.focused == "cancel"
    await many.pilot.press(key)
    await many.until(lambda: isinstance(many.app.screen, Confirm))
    assert "Switch 3 webhooks" in many.text
    await many.press("y")
    assert [held(sandbox)[name] for name in THREE] == [enabled] * 3
    assert many.last_told.startswith("3 webhooks switched")
    assert marked(many) == []
    assert {record.action for record in await many.records()} == {action}
    assert len(await many.records()) == 3


async def test_switching_can_be_left_at_every_question(many: Console, sandbox: Sandbox) -> None:
    await many.answered("x")
    await many.press("enter")
    assert many.place.PLACE == "browse"
    await many.answered("minus")
    assert isinstance(many.app.screen, Confirm)
    await many.press("escape")
    await many.answered("x")
    await many.pilot.click("#disable")
    await many.until(lambda: isinstance(many.app.screen, Confirm))
    await many.press("enter")
    assert all(held(sandbox)[name] for name in THREE)
    assert await many.records() == []
    assert marked(many) == THREE


async def test_plus_and_minus_work_on_one_webhook_too(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    await choose(console, THREE[0])
    await console.answered("minus")
    assert "Switch 1 webhook off?" in console.text
    await console.press("y")
    assert not held(sandbox)[THREE[0]]


# Deleting


async def test_a_few_are_deleted_after_asking_with_another_key(
    many: Console, sandbox: Sandbox
) -> None:
    await many.answered("d")
    assert "Delete 3 webhooks?" in many.text
    assert "wh_90ce, wh_c33b, wh_aa39." in many.text
    assert isinstance(many.app.focused, Button)
    assert many.focused == "cancel"
    await many.press("d")
    assert isinstance(many.app.screen, Confirm)
    assert set(THREE) <= held(sandbox).keys()
    await many.press("y")
    assert not set(THREE) & held(sandbox).keys()
    assert "Webhooks (34/50)" in lines(many)
    assert "34/50 webhooks" in many.status
    assert many.last_told == "3 webhooks deleted."
    records = await many.records()
    assert {(r.action, r.outcome) for r in records} == {(Action.WEBHOOK_DELETE, Outcome.OK)}
    assert {r.webhook_id for r in records} == set(THREE)


async def test_many_are_deleted_only_after_typing_how_many(
    console: Console, sandbox: Sandbox
) -> None:
    await console.go("browse")
    await console.press("ctrl+a")
    await console.answered("d")
    assert isinstance(console.app.screen, ConfirmMany)
    assert "Delete 37 webhooks?" in console.text
    assert "and 34 more" in console.text
    assert "Type 37 to go on:" in console.text

    def may_agree() -> bool:
        return not console.app.screen.query_one("#agree", Button).disabled

    await console.press("y", "d")
    assert not may_agree()
    await console.pilot.press("3")
    assert console.focused == "number"
    await console.pilot.press("enter")
    assert isinstance(console.app.screen, ConfirmMany)
    await console.pilot.press("7")
    assert may_agree()
    await console.pilot.press("1")
    assert not may_agree()
    await console.pilot.press("backspace", "enter")
    await console.settle()
    assert held(sandbox) == {}
    assert console.last_told == "37 webhooks deleted."
    assert "no webhooks yet · n writes one" in lines(console)


async def test_many_are_kept_when_one_does_not_type(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    await console.press("ctrl+a")
    for key in ("escape", "enter"):
        await console.answered("d")
        await console.press(key)
        assert console.place.PLACE == "browse"
    assert len(held(sandbox)) == 37
    assert len(marked(console)) == 37


async def test_what_the_filter_hides_is_named_and_done_too(many: Console, sandbox: Sandbox) -> None:
    await filter_by(many, "billing")
    assert marked(many) == THREE
    rows(many).focus()
    await many.answered("d")
    assert (
        "2 of them are hidden by the filter" in many.text.replace("\n", " ").replace("│", "")
        or "hidden by the" in many.text
    )
    await many.press("y")
    assert not set(THREE) & held(sandbox).keys()


async def test_a_failure_of_one_leaves_it_marked_and_tells_why(
    many: Console, sandbox: Sandbox
) -> None:
    sandbox.inject(f"403:method=DELETE,path=bots/*/webhooks/{THREE[1]},times=1")
    await many.answered("d")
    await many.press("y")
    assert "2 webhooks deleted.\n1 failed.\nThe key lacks the scope" in many.last_told
    assert marked(many) == [THREE[1]]
    await many.answered("d")
    await many.press("y")
    assert many.last_told == "1 webhook deleted."
    assert not set(THREE) & held(sandbox).keys()


async def test_progress_is_shown_and_esc_stops(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    sandbox.inject("slow:method=PATCH,seconds=0.15")
    await console.press("ctrl+a")
    await console.answered("minus")
    await console.pilot.press("y")
    await console.until(lambda: "/37" in progress(console) and "esc stops" in progress(console))
    assert progress(console).startswith("◌ Switching off")
    assert console.browse.check_action("stop", ()) is True
    await console.pilot.press("minus")
    await console.until(lambda: "Still at it" in console.last_told)
    # Everything else goes on meanwhile.
    await console.pilot.press("home", "down")
    assert rows(console).cursor == 1
    await console.pilot.press("escape")
    await console.until(lambda: "were left as they are" in console.last_told)
    await console.settle()
    done = 37 - 4 - sum(held(sandbox).values())
    assert 0 < done < 33
    assert len(await console.records()) >= done
    assert len(marked(console)) == 37 - len(await console.records())
    assert not console.screen_one("#browse-bulk").display
    assert console.browse.check_action("stop", ()) is None


async def test_it_goes_on_while_one_is_elsewhere(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    sandbox.inject("slow:method=PATCH,seconds=0.02")
    await console.press("ctrl+a")
    await console.answered("minus")
    await console.pilot.press("y")
    await console.until(lambda: console.browse.is_bulk_under_way)
    await console.pilot.press("6")
    await console.until(lambda: console.place.PLACE == "audit")
    await console.until(lambda: not any(held(sandbox).values()))
    await console.settle()
    assert "37 webhooks switched off." in console.told


async def test_another_tenant_ends_it(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    sandbox.inject("slow:method=PATCH,seconds=0.2")
    await console.press("ctrl+a")
    await console.answered("minus")
    await console.pilot.press("y")
    await console.until(lambda: console.browse.is_bulk_under_way)
    console.app.connection.open("sandbox")
    await console.settle()
    assert any(held(sandbox).values())
    assert any("were left as they are" in told for told in console.told)


# Copying


@pytest.fixture(autouse=True)
def _no_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever desktop the tests run on keeps its clipboard."""
    monkeypatch.setattr(clipboard, "_tool", lambda _: [])


async def test_y_copies_the_id_and_says_how(console: Console) -> None:
    await console.go("browse")
    await console.press("y")
    assert console.app.clipboard == "bot_12345"
    await choose(console, "wh_c33b")
    await console.press("y")
    assert console.app.clipboard == "wh_c33b"
    assert "wh_c33b was sent to the terminal's clipboard (OSC 52)" in console.last_told
    await choose(console, "Skills (14)")
    await console.press("y")
    assert "The cursor is on a heading" in console.last_told


async def test_y_copies_the_ids_of_all_that_are_marked(many: Console) -> None:
    await many.press("y")
    assert many.app.clipboard == "\n".join(THREE)
    assert many.last_told.startswith("A list of 3 ids was sent")


@pytest.mark.parametrize(
    ("key", "what", "parts"),
    [
        ("U", "The URL", ["/endpoints/hooks/billing"]),
        ("Y", "The JSON of wh_c33b", ['"id": "wh_c33b"', '"createdAt"']),
        (
            "c",
            "A script that registers wh_c33b again",
            ["curl", "-X POST", "$COGNITUI_WEBHOOK_SECRET", "/bots/bot_12345/webhooks"],
        ),
    ],
)
async def test_the_rest_of_a_webhook_is_copied(
    console: Console, sandbox: Sandbox, key: str, what: str, parts: list[str]
) -> None:
    await console.go("browse")
    await choose(console, "wh_c33b")
    await console.press(key)
    assert console.last_told.startswith(f"{what} was sent to the terminal's clipboard")
    for part in parts:
        assert part in console.app.clipboard
    for secret in (sandbox.info.api_secret, sandbox.info.webhook_secret):
        assert secret not in console.app.clipboard


async def test_what_is_too_long_for_the_terminal_is_told(
    console: Console, sandbox: Sandbox
) -> None:
    from dataclasses import replace

    hooks = sandbox.tenant.bots["bot_12345"].webhooks
    template = {"text": "x" * 80_000}
    trigger = {"event": "ON_MESSAGE", "payload_template": template}
    hooks["wh_c33b"] = replace(hooks["wh_c33b"], triggers=(trigger,))
    await console.go("browse")
    await console.press("r")
    await choose(console, "wh_c33b")
    await console.press("Y")
    assert "was not copied: it has 80" in console.last_told
    await console.press("right_square_bracket")
    assert "characters more: Y copies all of it" in console.shows("#browse-detail")
