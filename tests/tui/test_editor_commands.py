"""Commands of the editor that change what is shown or what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.tui.widgets.template_editor import TemplateEditor

from .test_registering import open_webhook, write

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .conftest import OpenConsole
    from .support import Console


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_copy_is_a_new_webhook_without_id_and_secret(
    console: Console, sandbox: Sandbox
) -> None:
    held = sandbox.tenant.bots[sandbox.info.bot_id].webhooks["wh_56fa"]
    await open_webhook(console, "wh_56fa")
    await console.press("escape")
    await console.press("D")
    draft = console.editor.draft
    assert (draft.webhook_id, draft.endpoint_url) == (None, held.url)
    assert draft.secret_key.get_secret_value() == ""
    assert console.last_told == "A copy of wh_56fa. It needs a secret of its own: F3 makes one."
    assert console.editor.is_dirty


async def test_the_views_follow_one_another(console: Console) -> None:
    await open_webhook(console, "wh_56fa")
    assert "Nothing is changed yet" in console.shows("#view")
    await console.type("#timeout_ms", "700")
    await console.until(lambda: "700" in console.shows("#view"))
    assert "1000" in console.shows("#view")
    await console.press("f7")
    await console.until(lambda: '"timeout"' in console.shows("#view"))
    assert '"secret"' not in console.shows("#view")


async def test_what_was_typed_a_moment_ago_stays_with_its_draft(console: Console) -> None:
    await console.press("3", "escape", "n")
    await console.settle()
    editor, key = console.editor, console.editor.desk.key
    # No message is handled in between: as fast as keys can come.
    editor.form.fill("timeout_ms", "700")
    editor.action_generate()
    editor.action_new()
    await console.settle()
    kept = editor.desk.kept(key)
    assert kept is not None
    assert kept.draft.timeout_ms == "700"
    assert kept.draft.secret_key.get_secret_value()
    assert editor.draft.timeout_ms == "3000"
    assert not editor.draft.secret_key.get_secret_value()


async def test_a_template_typed_a_moment_ago_is_not_another_drafts(console: Console) -> None:
    await console.press("3", "escape", "n")
    await console.settle()
    editor = console.editor
    editor.form.template.area.insert("{")
    editor.form.template.post_message(TemplateEditor.Edited(editor.form.template, "{"))
    editor.action_new()
    await console.settle()
    assert not editor.draft.templates
    assert editor.form.template.area.text == ""


async def test_esc_leads_from_a_view_to_the_form_where_they_take_turns(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(80, 24)) as console:
        await open_webhook(console, "wh_56fa")
        await console.press("f7")
        assert '"timeout"' in console.text or "Nothing is changed yet" in console.text
        await console.press("escape")
        assert "Endpoint" in console.text
        assert console.place.PLACE == "webhook"
        await console.press("escape")
        assert console.place.PLACE != "webhook"


async def test_after_an_undo_nothing_is_left_to_save(console: Console, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    await console.press("ctrl+s")
    webhook_id = console.editor.draft.webhook_id
    assert webhook_id is not None
    await console.type("#timeout_ms", "1500")
    await console.settle()
    await console.press("ctrl+s")
    assert "is changed" in console.shows("#steps")
    await console.press("escape")
    await console.answered("u")
    await console.press("y")
    assert console.value("#timeout_ms") == "3000"
    assert not console.editor.has_changes
    assert "not saved" not in console.shows("#webhook-title")
    assert "is changed" not in console.shows("#steps")


async def test_a_draft_whose_webhook_is_gone_is_told_by_the_preflight(
    console: Console, sandbox: Sandbox
) -> None:
    await open_webhook(console, "wh_56fa")
    del sandbox.tenant.bots[sandbox.info.bot_id].webhooks["wh_56fa"]
    await console.type("#timeout_ms", "700")
    await console.settle()
    await console.press("f5")
    assert "wh_56fa is not in" in console.shows("#steps")


async def test_arrows_go_from_trigger_to_trigger(console: Console) -> None:
    await console.go("webhook")
    console.screen_one("#on-ON_SKILL_START").focus()
    await console.press("right")
    assert console.focused == "on-ON_SKILL_END"
    await console.press("left")
    assert console.focused == "on-ON_SKILL_START"


async def test_while_one_types_the_key_bar_tells_the_way_out(console: Console) -> None:
    await console.go("webhook")
    assert console.shows("#key-bar").startswith(" esc Leave field")
    await console.press("escape")
    assert "Leave field" not in console.shows("#key-bar")
