"""Everything that can be done in the console, declared once.

Key bindings, key bar, palette, help sheets and ``cognitui keys`` all read these tables. Nothing
here imports Textual, so that the command line can list the keys without it.
"""

from __future__ import annotations

from cognitui.tui.commands.app import APP
from cognitui.tui.commands.audit import AUDIT
from cognitui.tui.commands.browse import BROWSE
from cognitui.tui.commands.callbacks import CALLBACKS
from cognitui.tui.commands.command import Command
from cognitui.tui.commands.health import HEALTH
from cognitui.tui.commands.tenants import TENANTS
from cognitui.tui.commands.webhook import WEBHOOK

COMMANDS: tuple[Command, ...] = (*APP, *TENANTS, *BROWSE, *WEBHOOK, *CALLBACKS, *HEALTH, *AUDIT)

__all__ = [
    "APP",
    "AUDIT",
    "BROWSE",
    "CALLBACKS",
    "COMMANDS",
    "HEALTH",
    "TENANTS",
    "WEBHOOK",
    "Command",
]
