"""Place 3: what the editor says while a webhook is being written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from textual.widgets import Checkbox, Input, OptionList, Select, TextArea

from cognitui.tui.screens.picker import Picker
from cognitui.webhooks.draft import Draft

from .support import SECRET, run_console, with_sandbox, written

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .conftest import OpenConsole
    from .support import Console


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def editor(shared: Console) -> Console:
    """The editor with nothing in it."""
    await shared.go("webhook")
    shared.editor.load(Draft())
    shared.screen_one("#skill_id").focus()
    shared.app.screen.query_one("#template-event", Select).value = "ON_MESSAGE"
    shared.told.clear()
    await shared.settle()
    return shared


def tick(console: Console, event: str, *, on: bool = True) -> None:
    console.app.screen.query_one(f"#on-{event}", Checkbox).value = on


async def test_a_field_says_what_is_wrong_until_it_is_right(editor: Console) -> None:
    for name, bad, told, good in (
        ("skill_id", "two words", "Choose a skill", "skill_67890"),
        ("endpoint_url", "htps://a.example", "http or https", "https://a.example"),
        ("endpoint_url", "hooks", "whole URL", "http://localhost:8080/x"),
        ("endpoint_url", "https://me:pw@a.example", "password", "https://a.example"),
        ("secret_key", "too short", "32 characters", SECRET),
        ("timeout_ms", "499", "500 to 10000", "500"),
        ("timeout_ms", "soon", "500 to 10000", "10000"),
        ("retry_count", "6", "0 to 5", "5"),
        ("retry_count", "-1", "0 to 5", "0"),
    ):
        assert editor.problem(name) == ""
        await editor.type(f"#{name}", bad)
        assert told in editor.problem(name)
        await editor.type(f"#{name}", good)
        assert editor.problem(name) == ""


async def test_fields_that_were_not_touched_are_left_alone(editor: Console) -> None:
    await editor.type("#endpoint_url", "htps://x")
    shown = {name: editor.problem(name) for name in ("skill_id", "secret_key", "triggers")}
    assert not any(shown.values())


async def test_keys_typed_one_by_one_are_checked_one_by_one(editor: Console) -> None:
    editor.screen_one("#endpoint_url").focus()
    await editor.press(*"https:")
    assert editor.problem("endpoint_url")
    await editor.press(*"//a.example")
    assert editor.problem("endpoint_url") == ""
    assert '"url": "https://a.example/"' in editor.shows("#view")


async def test_the_preview_is_what_will_be_sent_without_the_secret(editor: Console) -> None:
    await editor.type("#skill_id", "skill_67890")
    await editor.type("#endpoint_url", "https://hooks.example.com/in")
    await editor.type("#secret_key", SECRET)
    await editor.type("#timeout_ms", "700")
    tick(editor, "ON_MESSAGE")
    await editor.settle()
    body = json.loads(editor.shows("#view"))
    secret = body["webhook"]["auth"].pop("secret")
    assert body == {
        "webhook": {
            "skillId": "skill_67890",
            "url": "https://hooks.example.com/in",
            "triggers": [{"event": "ON_MESSAGE", "payload_template": None}],
            "auth": {"type": "hmac_sha256"},
            "delivery": {"timeout": 700, "retries": 3},
        },
        "testConnectivity": True,
        "validateFormat": True,
    }
    assert secret.startswith("••••••••")
    assert SECRET not in editor.text


async def test_triggers_are_ticked_with_the_keyboard(editor: Console) -> None:
    editor.screen_one("#on-ON_MESSAGE").focus()
    await editor.press("space")
    assert "[x] ON_MESSAGE" in editor.text
    assert '"event": "ON_MESSAGE"' in editor.shows("#view")
    await editor.press("space")
    assert "[ ] ON_MESSAGE" in editor.text
    assert "at least one trigger" in editor.problem("triggers")


async def test_a_template_is_checked_with_the_line_and_column(editor: Console) -> None:
    tick(editor, "ON_MESSAGE")
    await editor.type("#template", '{\n  "a": 1,\n  "b" 2\n}')
    problem = editor.problem("template")
    assert "Line 3, column 6: a colon is missing" in problem
    await editor.type("#template", "[1]")
    assert "object" in editor.problem("template")
    await editor.type("#template", '{"a": "{{nonsense}}"}')
    assert "nonsense" in editor.problem("template")
    await editor.type("#template", '{"a": "{{sessionId}}"}')
    assert editor.problem("template") == ""
    assert '"a": "{{sessionId}}"' in editor.shows("#view")


async def test_each_trigger_has_a_template_of_its_own(editor: Console) -> None:
    await editor.type("#template", '{"a": 1}')
    assert "Tick ON_MESSAGE" in editor.problem("template")
    tick(editor, "ON_MESSAGE")
    tick(editor, "ON_FALLBACK")
    await editor.settle()
    assert editor.problem("template") == ""
    chooser = editor.app.screen.query_one("#template-event", Select)
    chooser.value = "ON_FALLBACK"
    await editor.settle()
    assert editor.app.screen.query_one("#template", TextArea).text == ""
    await editor.type("#template", "{")
    assert editor.problem("template")
    chooser.value = "ON_MESSAGE"
    await editor.settle()
    assert editor.app.screen.query_one("#template", TextArea).text == '{"a": 1}'
    # What is wrong in a template that is out of sight is told with its event.
    assert editor.problem("template").startswith("ON_FALLBACK: ")


async def test_f3_makes_a_secret_and_f4_shows_it(editor: Console) -> None:
    assert editor.note("secret_key") == "F3 makes one"
    await editor.press("f4")
    assert "no secret to show" in editor.last_told
    await editor.press("f3")
    secret = editor.value("#secret_key")
    assert len(secret) >= 32
    assert editor.note("secret_key") == f"✓ {len(secret)} chars, strong"
    assert secret[:8] not in editor.text
    await editor.press("f4")
    assert editor.focused == "secret_key"
    assert secret[:8] in editor.text
    await editor.press("f4")
    assert secret[:8] not in editor.text
    await editor.press("f3")
    assert editor.value("#secret_key") != secret


async def test_f2_chooses_a_skill_by_its_name(editor: Console) -> None:
    await editor.answered("f2")
    assert isinstance(editor.app.screen, Picker)
    options = editor.app.screen.query_one(OptionList)
    assert options.option_count == 14
    editor.app.screen.query_one(Input).value = "bill"
    await editor.pilot.pause()
    assert options.option_count == 1
    await editor.press("enter")
    assert editor.value("#skill_id").startswith("skill_")
    assert editor.note("skill_id") == "✓ Billing"
    assert editor.focused == "endpoint_url"


async def test_the_picker_moves_with_the_arrows_and_leaves_with_esc(editor: Console) -> None:
    await editor.answered("f2")
    await editor.press("down", "down", "up", "enter")
    assert editor.note("skill_id") == "✓ Billing"
    await editor.answered("f2")
    editor.app.screen.query_one(Input).value = "no such skill"
    await editor.pilot.pause()
    assert "no skill matches" in editor.text
    await editor.press("enter")
    assert isinstance(editor.app.screen, Picker)
    await editor.press("escape")
    assert editor.note("skill_id") == "✓ Billing"


async def test_f6_makes_the_receiver_the_endpoint_and_starts_it(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.go("webhook")
        await console.press("f6")
        assert console.workspace.callbacks.receiver.is_running
        assert console.value("#endpoint_url") == console.workspace.callbacks.receiver.url
        assert "The receiver listens at" in console.last_told


async def test_the_title_marks_what_is_not_registered(editor: Console) -> None:
    assert "not registered" not in editor.shows("#webhook-title")
    await editor.type("#timeout_ms", "700")
    assert "● not registered" in editor.shows("#webhook-title")
    await editor.type("#timeout_ms", "3000")
    assert "not registered" not in editor.shows("#webhook-title")


async def test_enter_goes_to_the_next_field_and_f8_begins_anew(editor: Console) -> None:
    editor.screen_one("#skill_id").focus()
    await editor.press("a", "enter", "b")
    assert (editor.value("#skill_id"), editor.value("#endpoint_url")) == ("a", "b")
    await editor.answered("f8")
    assert "Clear the form?" in editor.text
    assert editor.focused == "cancel"
    await editor.press("y")
    assert (editor.value("#skill_id"), editor.value("#endpoint_url")) == ("", "")
    assert editor.problem("endpoint_url") == ""


async def test_a_draft_is_back_after_a_restart_without_its_secret(
    settings: Settings, sandbox: Sandbox, tmp_path: Path
) -> None:
    drafts = settings.paths.state / "drafts"
    async with run_console(settings, with_sandbox(sandbox)) as first:
        await first.connected()
        await first.go("webhook")
        await first.type("#endpoint_url", "htps://half.written")
        await first.type("#secret_key", SECRET)
        tick(first, "ON_FALLBACK")
        await first.until(lambda: b"ON_FALLBACK" in written(drafts, "*.json"))
    everything = written(tmp_path)
    assert SECRET.encode() not in everything
    assert all(path.stat().st_mode & 0o077 == 0 for path in drafts.iterdir())

    async with run_console(settings, with_sandbox(sandbox)) as second:
        await second.settle()
        await second.go("webhook")
        await second.until(lambda: second.value("#endpoint_url") == "htps://half.written")
        assert second.value("#secret_key") == ""
        assert "[x] ON_FALLBACK" in second.text
        assert "Your draft of a new webhook is back" in second.last_told
        assert second.editor.is_dirty
        await second.answered("f8")
        await second.press("y")
        await second.until(lambda: not list(drafts.glob("*.json")))


async def test_a_draft_that_cannot_be_read_is_set_aside(
    settings: Settings, sandbox: Sandbox
) -> None:
    damaged = settings.paths.state / "drafts" / "0123456789abcdef.json"
    damaged.parent.mkdir(parents=True)
    damaged.write_text("[not a draft")
    async with run_console(settings, with_sandbox(sandbox)) as console:
        await console.go("webhook")
        await console.until(lambda: any("could not be read" in words for words in console.told))
        assert console.value("#endpoint_url") == ""
        assert not console.editor.is_dirty
    assert not damaged.exists()
    (aside,) = damaged.parent.iterdir()
    assert aside.read_text() == "[not a draft"


async def test_a_new_webhook_for_a_skill_goes_on_with_the_one_begun(editor: Console) -> None:
    console = editor
    await console.type("#endpoint_url", "https://hooks.example.com")
    await console.go("browse")
    tree = console.app.screen.query_one("#browse-list")
    tree.focus()
    await console.press("down", "right", "down", "down", "n")
    assert console.place.PLACE == "webhook"
    assert console.note("skill_id") == "✓ Billing"
    assert console.value("#endpoint_url") == "https://hooks.example.com"
