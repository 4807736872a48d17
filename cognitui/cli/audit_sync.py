"""Send the last ten registrations and the report to the monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.common import plain_workspace
from cognitui.cli.output import add_json, emit, say
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui audit sync --monitor-url https://monitor.example.com/api/webhook-sync"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--monitor-url", metavar="URL", help="else COGNITUI_MONITOR_URL")
    parser.add_argument("--tenant", metavar="NAME", help="only this tenant's records; else all")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Sync, and return 0."""
    async with plain_workspace() as workspace:
        result = await workspace.reports.sync(args.monitor_url, args.tenant)
    if args.json:
        emit({"status": result.status, "entries": result.entries, "ms": round(result.ms, 2)})
    else:
        sent = counted(result.entries, "registration")
        say(f"Synced {sent}; the monitor answered {result.status}.")
    return 0
