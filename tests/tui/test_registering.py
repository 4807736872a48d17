"""Place 3: the preflight, registering, and changing what is registered."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import Checkbox

from cognitui.audit.records import Action, Outcome
from cognitui.tui.widgets.steps import Steps
from cognitui.webhooks.draft import Draft

from .support import SECRET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.sandbox import Sandbox

    from .support import Console


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def editor(shared: Console, shared_sandbox: Sandbox) -> AsyncIterator[Console]:
    """The editor with nothing in it; for tests that register nothing."""
    await shared.go("webhook")
    shared.editor.load(Draft())
    shared.told.clear()
    await shared.settle()
    bot, before = shared.workspace.bot, len(await shared.records())
    yield shared
    shared_sandbox.clear_faults()
    shared.workspace.bot = bot
    assert len(await shared.records()) == before


async def write(console: Console, sandbox: Sandbox, **changes: str) -> None:
    """Write a webhook that this sandbox would register."""
    await console.go("webhook")
    values = {
        "skill_id": sandbox.info.skill_id,
        "endpoint_url": sandbox.info.webhook_url,
        "secret_key": SECRET,
        **changes,
    }
    for name, value in values.items():
        await console.type(f"#{name}", value)
    console.app.screen.query_one("#on-ON_MESSAGE", Checkbox).value = True
    await console.settle()


async def use_bot(console: Console, name: str) -> None:
    bots = await console.workspace.bots()
    console.workspace.choose_bot(next(bot for bot in bots if bot.name == name))


def lines(console: Console) -> list[str]:
    return console.shows("#steps").splitlines()


async def test_an_unfinished_webhook_goes_to_the_first_field_that_is_wrong(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await console.go("webhook")
    await console.press("ctrl+s")
    assert console.focused == "skill_id"
    assert all(console.problem(name) for name in ("skill_id", "endpoint_url", "secret_key"))
    assert "at least one trigger" in console.problem("triggers")
    assert lines(console)[-1].endswith(
        "4 fields to correct first: skill, endpoint, triggers, secret"
    )
    await write(console, sandbox, endpoint_url="x")
    await console.press("ctrl+s")
    assert console.focused == "endpoint_url"
    assert lines(console)[-1] == "✗ 1 field to correct first: endpoint"


async def test_the_preflight_shows_each_step_and_changes_nothing(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await write(console, sandbox)
    assert lines(console) == ["F5 checks whether it would go well"]
    before = len(sandbox.tenant.webhooks(sandbox.info.bot_id))
    await console.press("f5")
    shown = lines(console)
    assert [line.split()[1] for line in shown[:4]] == ["limit", "skill", "engine", "endpoint"]
    assert "✓ limit    37/50" in shown[0]
    assert "Order status exists" in shown[1]
    assert "runs these triggers" in shown[2]
    assert all(line.rstrip().endswith("ms") for line in shown[:4])
    assert shown[-1].startswith("✓ ready")
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == before


async def test_steps_that_are_under_way_are_marked(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    sandbox.inject("slow:path=bots/*/status,seconds=0.4")
    await write(console, sandbox)
    await console.pilot.press("f5")
    await console.until(lambda: lines(console)[0].startswith("✓ limit"))
    assert lines(console)[2].startswith("◌ engine")
    await console.settle()
    assert lines(console)[2].startswith("✓ engine")


async def test_registering_shows_the_id_and_leaves_a_record(
    console: Console, sandbox: Sandbox
) -> None:
    await write(console, sandbox)
    await console.press("ctrl+s")
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert len(held) == 38
    new = held[-1]
    assert (new.url, new.secret) == (sandbox.info.webhook_url, SECRET)
    assert f"✓ registered as {new.id}" in lines(console)[-1]
    assert f"Edit {new.id}" in console.shows("#webhook-title")
    assert not console.editor.is_dirty
    assert "38/50 webhooks" in console.status

    (record,) = await console.records()
    assert (record.action, record.outcome) == (Action.WEBHOOK_REGISTER, Outcome.OK)
    assert (record.webhook_id, record.bot_id) == (new.id, sandbox.info.bot_id)
    assert record.latency_ms is not None
    assert len(record.attempts) == 1
    assert SECRET not in str(record)


async def test_a_registered_webhook_is_known_everywhere(console: Console, sandbox: Sandbox) -> None:
    await console.go("browse")
    await write(console, sandbox)
    await console.press("ctrl+s")
    new = sandbox.tenant.webhooks(sandbox.info.bot_id)[-1]
    await console.go("browse")
    assert "Webhooks (38/50)" in console.text
    # The simulator aims at it, with the secret that was just typed.
    await console.go("callbacks")
    assert console.value("#target") == new.url
    assert console.value("#secret") == SECRET
    assert console.note("target") == new.id


async def test_a_preflight_that_fails_registers_nothing(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await write(console, sandbox, skill_id="skill_of_somebody_else")
    await console.press("ctrl+s")
    shown = lines(console)
    assert shown[1].startswith("✗ skill")
    assert "Choose a skill of this bot" in console.shows("#steps")
    assert shown[-1].startswith("✗ not registered")
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 37


async def test_a_full_bot_is_told_by_the_preflight(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await use_bot(console, "Sales Assistant")
    skill = next(iter(sandbox.tenant.bots[console.workspace.bot_id].skills))
    await write(console, sandbox, skill_id=skill)
    await console.press("f5")
    assert "✗ limit    50/50" in lines(console)[0]
    assert "Delete a webhook" in lines(console)[1]
    assert lines(console)[-1] == "✗ it would not go well"


async def test_an_engine_that_is_too_old_is_told_by_the_preflight(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await use_bot(console, "Sales Assistant")
    await write(console, sandbox)
    console.app.screen.query_one("#on-ON_FALLBACK", Checkbox).value = True
    await console.press("f5")
    assert "does not run ON_FALLBACK" in console.shows("#steps")


async def test_the_tenants_no_puts_the_cursor_into_its_field(
    console: Console, sandbox: Sandbox
) -> None:
    # The endpoint answers, so the preflight is content; the tenant wants no fragment.
    await write(console, sandbox, endpoint_url=f"{sandbox.info.webhook_url}#part")
    console.screen_one("#retry_count").focus()
    await console.press("ctrl+s")
    assert console.focused == "endpoint_url"
    assert "fragment" in console.last_told
    assert lines(console)[-1] == "✗ refused"
    (record,) = await console.records()
    assert record.outcome is Outcome.FAILED
    assert [attempt.status for attempt in record.attempts] == [400]
    assert console.editor.is_dirty


async def test_a_lost_answer_is_looked_up_and_not_sent_again(
    console: Console, sandbox: Sandbox
) -> None:
    sandbox.inject("lost-answer:path=bots/*/webhooks,method=POST,times=1")
    await write(console, sandbox)
    await console.press("ctrl+s")
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert len(held) == 38
    assert f"✓ registered as {held[-1].id}" in lines(console)[-1]


async def test_the_same_key_twice_registers_once(console: Console, sandbox: Sandbox) -> None:
    sandbox.inject("slow:method=POST,seconds=0.3,path=bots/*/webhooks")
    await write(console, sandbox)
    await console.pilot.press("ctrl+s")
    await console.until(lambda: any("37/50" in line for line in lines(console)))
    await console.pilot.press("ctrl+s", "f5")
    await console.until(lambda: "registered as" in console.shows("#steps"))
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 38
    assert any("Still at it" in told for told in console.told)
    assert [r.outcome for r in await console.records()] == [Outcome.OK]


async def test_an_answer_does_not_rename_what_was_opened_meanwhile(
    console: Console, sandbox: Sandbox
) -> None:
    sandbox.inject("slow:method=POST,seconds=0.3,path=bots/*/webhooks")
    await write(console, sandbox)
    other = await console.workspace.client.webhook(console.workspace.bot_id, "wh_90ce")
    await console.pilot.press("ctrl+s")
    await console.until(lambda: any("37/50" in line for line in lines(console)))
    console.editor.load(Draft.of(other))
    await console.until(lambda: len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 38)
    await console.settle()
    assert console.editor.draft.webhook_id == "wh_90ce"


async def test_an_edit_stays_with_the_bot_that_it_was_opened_on(
    console: Console, sandbox: Sandbox
) -> None:
    webhook = await console.workspace.client.webhook(console.workspace.bot_id, "wh_90ce")
    console.app.edit_webhook(webhook, [])
    await console.settle()
    await console.type("#timeout_ms", "700")
    await use_bot(console, "HR Helper")
    await console.press("ctrl+s")
    assert "belongs to" in console.last_told
    assert not [r for r in sandbox.tenant.requests if r.method == "PATCH"]


async def test_without_a_bot_it_says_where_to_choose_one(
    editor: Console, shared_sandbox: Sandbox
) -> None:
    console, sandbox = editor, shared_sandbox
    await write(console, sandbox)
    console.workspace.bot = None
    await console.press("f5")
    assert "No bot is chosen: choose one in Browse" in console.last_told


async def open_webhook(console: Console, webhook_id: str) -> None:
    """Open a registered webhook in the editor, as Browse does."""
    client, bot_id = console.workspace.client, console.workspace.bot_id
    webhook = await client.webhook(bot_id, webhook_id)
    console.app.edit_webhook(webhook, await client.skills(bot_id).all())
    await console.until(lambda: console.place.PLACE == "webhook")
    await console.settle()


async def test_a_registered_webhook_is_changed_and_keeps_its_secret(
    console: Console, sandbox: Sandbox
) -> None:
    held = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    before = held["wh_56fa"]
    await open_webhook(console, "wh_56fa")
    assert console.value("#secret_key") == ""
    assert "stays as it is" in console.text
    assert "Nothing is changed yet" in console.shows("#view")
    await console.press("ctrl+s")
    assert console.last_told == "Nothing is changed."

    await console.type("#timeout_ms", "700")
    assert "● not saved" in console.shows("#webhook-title")
    await console.press("ctrl+s")
    after = held["wh_56fa"]
    assert (after.timeout_ms, after.secret) == (700, before.secret)
    assert (after.url, after.triggers) == (before.url, before.triggers)
    assert lines(console)[-1].startswith("✓ wh_56fa is changed")
    assert not console.editor.is_dirty
    assert len(held) == 37
    patches = [r for r in sandbox.tenant.requests if r.method == "PATCH"]
    assert len(patches) == 1
    (record,) = await console.records()
    assert record.action is Action.WEBHOOK_UPDATE
    assert record.before is not None
    assert record.after is not None
    assert (record.before["timeout_ms"], record.after["timeout_ms"]) == (1000, 700)


async def test_a_webhook_that_was_just_registered_is_changed_not_registered_twice(
    console: Console, sandbox: Sandbox
) -> None:
    await write(console, sandbox)
    await console.press("ctrl+s")
    await console.type("#retry_count", "0")
    await console.press("ctrl+s")
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert len(held) == 38
    assert held[-1].retries == 0


async def test_what_was_typed_a_moment_ago_is_what_is_registered(
    console: Console, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write(console, sandbox)
    monkeypatch.setattr("cognitui.tui.soon.DELAY_S", 5)
    await console.type("#timeout_ms", "700")
    await console.press("ctrl+s")
    assert sandbox.tenant.webhooks(sandbox.info.bot_id)[-1].timeout_ms == 700
    await console.type("#timeout_ms", "70")
    await console.press("ctrl+s")
    assert "500 to 10000" in console.problem("timeout_ms")
    assert sandbox.tenant.webhooks(sandbox.info.bot_id)[-1].timeout_ms == 700


async def test_a_new_secret_reaches_the_tenant(console: Console, sandbox: Sandbox) -> None:
    await open_webhook(console, "wh_56fa")
    await console.press("f3")
    secret = console.value("#secret_key")
    await console.press("ctrl+s")
    assert sandbox.tenant.bots[sandbox.info.bot_id].webhooks["wh_56fa"].secret == secret
    assert secret not in str(await console.records())


@pytest.mark.parametrize("key", ["f5", "ctrl+s"])
async def test_a_preflight_that_cannot_reach_the_tenant_says_so(
    editor: Console, shared_sandbox: Sandbox, key: str
) -> None:
    console, sandbox = editor, shared_sandbox
    sandbox.inject("403:path=bots/*/status")
    await write(console, sandbox)
    await console.press(key)
    assert lines(console)[2].startswith("✗ engine")
    assert console.app.screen.query_one(Steps)


async def test_what_it_says_after_registering_leads_to_that_webhook(
    console: Console, sandbox: Sandbox
) -> None:
    held = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    before = set(held)
    await console.go("browse")
    await console.press("3")
    await console.type("#skill_id", sandbox.info.skill_id)
    await console.type("#endpoint_url", sandbox.info.webhook_url)
    await console.press("f3")
    console.screen_one("#on-ON_MESSAGE").focus()
    await console.press("space", "ctrl+s")
    (new,) = set(held) - before
    assert "t prepares a callback to it" in console.shows("#steps")
    # From a box that is ticked, too, not only from a field that takes letters.
    await console.press("escape", "t")
    assert console.place.PLACE == "callbacks"
    assert console.note("target") == new
