"""No secret is on the screen, in a picture of it or on the disk, wherever one goes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Checkbox, Input

from .support import SECRET, written

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

PART = 10


def parts(secret: str) -> tuple[str, str]:
    """Both ends: a field may be too narrow for all of it."""
    return secret[:PART], secret[-PART:]


def pictures(console: Console) -> str:
    """The screen as a picture, its text joined again."""
    svg = html.unescape(console.app.export_screenshot())
    return (svg + console.text).replace("\xa0", " ")


async def test_secrets_are_never_in_a_picture(
    console: Console, sandbox: Sandbox, tmp_path: Path
) -> None:
    info = sandbox.info
    secrets = [info.api_key, info.api_secret, SECRET]
    pieces = [piece for secret in secrets for piece in parts(secret)]

    def is_clean() -> None:
        shown = pictures(console)
        assert not [piece for piece in pieces if piece in shown]
        assert not [piece for piece in pieces if piece in str(console.told)]

    is_clean()
    await console.answered("e")
    for name, value in (("api_key", info.api_key), ("api_secret", info.api_secret)):
        console.app.screen.query_one(f"#{name}", Input).value = value
    await console.settle()
    is_clean()
    await console.press("ctrl+s")

    await console.go("webhook")
    await console.type("#skill_id", info.skill_id)
    await console.type("#endpoint_url", info.webhook_url)
    await console.type("#secret_key", SECRET)
    console.app.screen.query_one("#on-ON_MESSAGE", Checkbox).value = True
    await console.settle()
    is_clean()
    await console.press("ctrl+s")
    assert "✓ registered" in console.shows("#steps")
    is_clean()

    await console.go("callbacks")
    assert console.value("#secret") == SECRET
    await console.press("ctrl+s")
    is_clean()
    await console.go("audit")
    is_clean()
    await console.press("s")
    is_clean()

    # It is there to be seen when asked for: the test above is not blind.
    await console.go("webhook")
    await console.press("f4")
    assert any(piece in pictures(console) for piece in parts(SECRET))

    kept = written(tmp_path)
    assert not [secret for secret in secrets if secret.encode() in kept]
    assert SECRET not in str(sandbox.tenant.monitor_received)
