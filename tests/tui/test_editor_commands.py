"""Commands of the editor that change what is shown or what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.tui.widgets.template_editor import TemplateEditor

from .test_registering import open_webhook

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
    await console.press("d")
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
