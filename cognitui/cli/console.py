"""Open the console."""

from __future__ import annotations

import gc
import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from cognitui.cli.flags import add_flags, given
from cognitui.errors import UsageError
from cognitui.serve import DRIVER
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable

    from cognitui.workspace import Workspace

EXAMPLE = "cognitui --theme light --read-only"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_flags(parser)


def run(args: argparse.Namespace) -> int:
    """Run the console until it is closed."""
    settings = Settings.load(flags=given(args))

    async def prepare(workspace: Workspace) -> str:
        if settings.tenant is None and settings.environment.base_url:
            return workspace.tenants.find(None).name
        return settings.tenant or ""

    return open_console(settings, prepare)


def has_terminal() -> bool:
    """Whether there is something to draw on: a terminal, or a browser tab behind a server."""
    is_in_browser = os.environ.get("TEXTUAL_DRIVER") == DRIVER
    return is_in_browser or (sys.stdin.isatty() and sys.stdout.isatty())


def open_console(settings: Settings, prepare: Callable[[Workspace], Awaitable[str]]) -> int:
    """Run the console on this terminal.

    Raises:
        UsageError: There is no terminal.
        CognituiError: The workspace could not be opened.
    """
    if not has_terminal():
        raise UsageError(
            "The console needs a terminal.",
            hint="The commands do not: see `cognitui --help`, or `cognitui demo --headless`.",
        )
    # What is loaded stays: looking through it for garbage is a tenth of the start, for nothing.
    gc.disable()
    _leave_out_httpx_commands()
    from cognitui import logs
    from cognitui.tui.app import CognituiApp

    logs.configure(settings.paths.state / "logs")

    async def prepare_and_collect(workspace: Workspace) -> str:
        gc.freeze()
        gc.enable()
        return await prepare(workspace)

    app = CognituiApp(settings, prepare_and_collect)
    app.run(mouse=settings.config.mouse)
    if app.failure is not None:
        raise app.failure
    return app.return_code or 0


def _leave_out_httpx_commands() -> None:
    """Keep httpx from loading its own command, with click and all that it prints with.

    It does so whenever it is imported, which is 2 MiB for what a console never calls.
    """
    commands = ModuleType("httpx._main")
    commands.main = lambda: None  # type: ignore[attr-defined]
    sys.modules.setdefault(commands.__name__, commands)
