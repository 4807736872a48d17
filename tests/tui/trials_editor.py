"""What each command of the editor does, pressed as a person would."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from cognitui.tui.screens.confirm import Confirm
from cognitui.tui.screens.picker import Picker

from .test_registering import open_webhook, write

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.sandbox import Sandbox

    from .support import Console

    Trial = Callable[[Console, str, Sandbox], Awaitable[None]]

WEBHOOK = "wh_56fa"


def held_by(sandbox: Sandbox) -> set[str]:
    """The ids of the webhooks that the tenant has."""
    return set(sandbox.tenant.bots[sandbox.info.bot_id].webhooks)


async def in_the_editor(console: Console) -> None:
    """In the editor, with no field that would take the keys."""
    await console.go("webhook")
    await console.press("escape")


async def registers(console: Console, key: str, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    before = held_by(sandbox)
    await console.press(key)
    assert held_by(sandbox) - before == {console.editor.draft.webhook_id}
    assert not console.editor.is_dirty


async def saves(console: Console, key: str, sandbox: Sandbox) -> None:
    await open_webhook(console, WEBHOOK)
    await console.type("#timeout_ms", "700")
    await console.settle()
    await console.press(key)
    webhook = sandbox.tenant.bots[sandbox.info.bot_id].webhooks[WEBHOOK]
    assert webhook.timeout_ms == 700
    assert not console.editor.is_dirty


async def checks(console: Console, key: str, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    before = held_by(sandbox)
    await console.press(key)
    assert console.shows("#steps").count("✓") >= 4
    assert held_by(sandbox) == before


async def shows_the_next_view(console: Console, key: str, _: Sandbox) -> None:
    await open_webhook(console, WEBHOOK)
    before = console.shows("#view")
    await console.press(key)
    assert console.shows("#view") != before


async def picks_a_skill(console: Console, key: str, _: Sandbox) -> None:
    await console.go("webhook")
    await console.answered(key)
    assert isinstance(console.app.screen, Picker)
    await console.press("enter")
    assert console.editor.draft.skill_id
    assert console.focused == "endpoint_url"


async def makes_a_secret(console: Console, key: str, _: Sandbox) -> None:
    await console.go("webhook")
    await console.press(key)
    secret = console.editor.draft.secret_key.get_secret_value()
    assert len(secret) >= 32
    assert secret not in console.text


async def reveals_it(console: Console, key: str, _: Sandbox) -> None:
    await console.go("webhook")
    await console.press("f3")
    secret = console.editor.draft.secret_key.get_secret_value()
    await console.press(key)
    assert secret[:8] in console.text
    await console.press("tab")
    assert secret[:8] not in console.text


async def uses_the_receiver(console: Console, key: str, _: Sandbox) -> None:
    await console.go("webhook")
    await console.press(key)
    receiver = console.workspace.callbacks.receiver
    assert receiver.is_running
    assert console.value("#endpoint_url") == receiver.url


async def takes_back(console: Console, key: str, _: Sandbox) -> None:
    await open_webhook(console, WEBHOOK)
    before = console.value("#timeout_ms")
    await console.type("#timeout_ms", "700")
    await console.settle()
    await console.answered(key)
    assert isinstance(console.app.screen, Confirm)
    await console.press("y")
    assert console.value("#timeout_ms") == before
    assert not console.editor.is_dirty


async def goes_to_what_is_wrong(console: Console, key: str, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    await console.type("#template", '{\n  "a" 1\n}')
    await console.settle()
    await console.press(key)
    area = console.app.focused
    assert isinstance(area, TextArea)
    assert area.cursor_location == (1, 5)


async def begins_anew(console: Console, key: str, _: Sandbox) -> None:
    await in_the_editor(console)
    await console.type("#endpoint_url", "https://hooks.example.com/a")
    await console.settle()
    await console.press(key)
    assert console.value("#endpoint_url") == ""
    assert "kept as a draft" in console.last_told
    assert [kept.draft.endpoint_url for kept in console.editor.desk.others] == [
        "https://hooks.example.com/a"
    ]


async def duplicates(console: Console, key: str, _: Sandbox) -> None:
    await open_webhook(console, WEBHOOK)
    url = console.value("#endpoint_url")
    await console.press("escape")
    await console.press(key)
    assert console.editor.draft.webhook_id is None
    assert console.value("#endpoint_url") == url


async def goes_on_with_a_draft(console: Console, key: str, sandbox: Sandbox) -> None:
    await begins_anew(console, "n", sandbox)
    await console.press("escape")
    await console.answered(key)
    assert "hooks.example.com/a" in console.text
    await console.press("enter")
    assert console.value("#endpoint_url") == "https://hooks.example.com/a"


async def picks_a_bot(console: Console, key: str, _: Sandbox) -> None:
    await in_the_editor(console)
    await console.answered(key)
    await console.press(*"hr", "enter")
    bot = console.workspace.bot
    assert bot is not None
    assert "HR" in bot.name


async def copies_in_a_form(console: Console, key: str, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    await console.press("escape")
    for typed, part in (("curl", "curl"), ("python", "import"), ("json", '"skillId"')):
        await console.answered(key)
        await console.press(*typed, "enter")
        assert part in console.app.clipboard
        assert "without any secret" in console.last_told


async def tests_it(console: Console, key: str, _: Sandbox) -> None:
    await open_webhook(console, WEBHOOK)
    url = console.value("#endpoint_url")
    await console.press("escape")
    await console.press(key)
    assert console.place.PLACE == "callbacks"
    assert console.value("#target") == url


async def inserts_a_placeholder(console: Console, key: str, _: Sandbox) -> None:
    await console.go("webhook")
    await console.answered(key)
    await console.press(*"session", "enter")
    assert console.editor.form.template.area.text == "{{sessionId}}"
    assert console.focused == "template"


async def formats(console: Console, key: str, sandbox: Sandbox) -> None:
    await write(console, sandbox)
    await console.type("#template", '{"a":1}')
    await console.settle()
    await console.press(key)
    assert console.editor.form.template.area.text == '{\n  "a": 1\n}'


TRIED: dict[str, Trial] = {
    "webhook.register": registers,
    "webhook.save": saves,
    "webhook.preflight": checks,
    "webhook.next-view": shows_the_next_view,
    "webhook.pick-skill": picks_a_skill,
    "webhook.generate": makes_a_secret,
    "webhook.reveal": reveals_it,
    "webhook.use-receiver": uses_the_receiver,
    "webhook.clear": takes_back,
    "webhook.problem": goes_to_what_is_wrong,
    "webhook.new": begins_anew,
    "webhook.duplicate": duplicates,
    "webhook.drafts": goes_on_with_a_draft,
    "webhook.pick-bot": picks_a_bot,
    "webhook.copy-as": copies_in_a_form,
    "webhook.test": tests_it,
    "webhook.placeholder": inserts_a_placeholder,
    "webhook.format": formats,
}
