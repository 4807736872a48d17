"""Whatever a tenant sends is shown, and does nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from .support import SECRET

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARKUP = "[red]x[/] [@click=app.quit]y[/]"
ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202egnp"
SHOWN = r"\x1b[2J"


def poison(sandbox: Sandbox, text: str) -> None:
    """Names, ids and URLs of the first bot become this text."""
    bot = sandbox.tenant.bots[sandbox.info.bot_id]
    bot.name = text
    bot.status = text
    bot.engine_version = text
    skill = next(iter(bot.skills.values()))
    bot.skills[skill.id] = replace(skill, name=text)
    hook = next(iter(bot.webhooks.values()))
    poisoned = replace(
        hook,
        id=f"wh {text}",
        url=f"http://127.0.0.1:1/{text}",
        triggers=({"event": f"ON {text}", "payload_template": {text: text}},),
    )
    bot.webhooks = {poisoned.id: poisoned}


def raw(console: Console) -> str:
    """What would be written to the terminal, without the console's own styles."""
    strips = console.app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def is_harmless(console: Console) -> None:
    """No widget and no toast holds anything that a terminal would obey."""
    lines = [*raw(console).splitlines(), *console.told]
    assert not [line for line in lines if any(bad in line for bad in "\x1b\x07\x9b\u202e")]


async def test_markup_of_the_tenant_is_shown_as_text(sandbox: Sandbox, console: Console) -> None:
    poison(sandbox, MARKUP)
    await console.go("browse")
    await console.press("r")
    assert "[red]x[/]" in console.shows("#browse-detail")
    assert "[red]x[/] [@click=app.quit]" in console.text
    await console.press("down", "right", "down")
    assert f"skill       {MARKUP}" in console.shows("#browse-detail")
    for key in ("end", "right_square_bracket", "right_square_bracket", "slash"):
        await console.press(key)
        assert "[red]x[/]" in console.text


async def test_escapes_of_the_tenant_do_not_reach_the_terminal_in_browse(
    sandbox: Sandbox, console: Console
) -> None:
    poison(sandbox, ESCAPES)
    await console.go("browse")
    await console.press("r")
    assert SHOWN in console.text
    is_harmless(console)
    await console.press("end", "up", "up")
    assert "webhook " in console.shows("#browse-detail")
    is_harmless(console)
    for key in ("h", "y", "U", "Y", "c", "right_square_bracket", "right_square_bracket", "space"):
        await console.press(key)
        is_harmless(console)
    for key in ("d", "x", "o"):
        await console.answered(key)
        is_harmless(console)
        await console.press("escape")
    await console.press("escape", "t")
    is_harmless(console)
    await console.go("audit")
    is_harmless(console)


async def test_escapes_of_the_tenant_do_not_reach_the_terminal_in_the_editor(
    sandbox: Sandbox, console: Console
) -> None:
    poison(sandbox, ESCAPES)
    bot_id = console.workspace.bot_id
    skills = await console.workspace.client.skills(bot_id).all()
    (webhook,) = await console.workspace.client.webhooks(bot_id).all()
    console.app.edit_webhook(webhook, skills)
    await console.settle()
    is_harmless(console)
    console.app.write_webhook(skills[0], skills)
    await console.settle()
    is_harmless(console)
    await console.answered("f2")
    is_harmless(console)


async def test_what_a_stranger_posts_to_the_receiver_is_harmless(
    console: Console,
) -> None:
    url = await console.workspace.callbacks.start_receiver()
    await console.go("callbacks")
    await console.type("#target", url)
    await console.type("#secret", SECRET)
    await console.type("#body", json.dumps({"text": MARKUP}) + ESCAPES.replace("\x1b", "\x1b\x1b"))
    await console.press("ctrl+s")
    await console.until(lambda: len(console.rows("#received")) == 1)
    detail = console.shows("#received-detail")
    assert "[red]x[/]" in detail
    assert r"\x1b" in detail
    assert "\x1b" not in detail
