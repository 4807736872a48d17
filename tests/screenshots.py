"""Makes the README's pictures from a run of the real console on the sandbox tenant.

::

    python -m tests.screenshots            # rewrites screenshots/*.svg
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.demo import TENANT, offer
from cognitui.sandbox import Sandbox, SandboxConfig
from cognitui.settings import Environment, Paths, Settings
from cognitui.tui.app import CognituiApp
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.pilot import Pilot

    from cognitui.workspace import Workspace

HOME = Path(__file__).parent.parent / "screenshots"
SIZE = (118, 34)
SANDBOX_PORT, RECEIVER_PORT = 8931, 8932
PATIENCE_S = 10.0


async def take(home: Path) -> None:
    """Walk through the places as a newcomer would, and keep a picture of each."""
    with tempfile.TemporaryDirectory() as scratch:
        sandbox = Sandbox(SandboxConfig(port=SANDBOX_PORT))
        sandbox.start()

        async def prepare(workspace: Workspace) -> str:
            offer(workspace, sandbox)
            await workspace.callbacks.start_receiver(RECEIVER_PORT)
            return TENANT

        root = Path(scratch)
        settings = Settings(Paths(root / "config", root / "data", root / "state"), Environment())
        app = CognituiApp(settings, prepare)
        try:
            async with app.run_test(size=SIZE) as pilot:
                await walk(app, pilot, home)
        finally:
            sandbox.stop()


async def walk(app: CognituiApp, pilot: Pilot[None], home: Path) -> None:
    """The keys of one visit."""

    async def press(*keys: str) -> None:
        await pilot.press(*keys)
        await app.workers.wait_for_complete()
        await pilot.pause()

    def keep(name: str) -> None:
        app.clear_notifications()
        svg = app.export_screenshot(title="cognitui")
        (home / f"{name}.svg").write_text(_stable(svg), encoding="utf-8")

    await until(pilot, lambda: app.workspace.status.webhooks_used is not None)
    await pilot.pause()
    app.clear_notifications()
    await pilot.pause()
    keep("tenants")
    await press("2")
    await press(*["down"] * 18, "h")
    keep("browse")
    await press("home", "down", "down", "n")
    await press(*"htps://hooks.acme.example")
    keep("webhook-invalid")
    await press("ctrl+u", "f6", "f3", "tab", "tab", "tab", "space")
    await press("ctrl+s")
    await until(pilot, lambda: "registered" in str(app.screen.query_one(Steps).render()))
    keep("webhook")
    await press("escape", "4")
    for text in ("Hello!", "Where is my order?", "Thank you."):
        field = app.screen.query_one("#text")
        assert hasattr(field, "value")
        field.value = text
        await press("ctrl+s")
    await until(pilot, lambda: len(app.workspace.callbacks.receiver.received) == 3)
    await pilot.pause()
    keep("callbacks")
    await press("escape", "6")
    await press("s")
    keep("audit")


async def until(pilot: Pilot[None], is_so: Callable[[], bool]) -> None:
    """Wait for something that happens beside the keys."""
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while not is_so():
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        assert isinstance(pilot.app.screen, Place)
        await pilot.pause(0.02)


def _stable(svg: str) -> str:
    """The picture without the random name that tells its styles from those of other pictures."""
    found = re.search(r"terminal-(\d+)-", svg)
    return svg.replace(found[1], "cognitui") if found else svg


if __name__ == "__main__":
    asyncio.run(take(HOME))
    sys.stdout.write(f"{len(list(HOME.glob('*.svg')))} pictures in {HOME.name}/\n")
