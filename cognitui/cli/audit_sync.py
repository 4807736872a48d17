"""Send the last ten registrations and the report to the monitor, once or again and again."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from cognitui.audit.errors import MonitorRefused
from cognitui.cli.common import plain_workspace, require_name
from cognitui.cli.moments import duration_s
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.errors import CognituiError, ReadOnly, UsageError
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

    from cognitui.audit.monitor_sync import SyncResult
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui audit sync --monitor-url https://monitor.example.com/api/webhook-sync"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--monitor-url", metavar="URL", help="else COGNITUI_MONITOR_URL")
    parser.add_argument("--tenant", metavar="NAME", help="only this tenant's records; else all")
    parser.add_argument(
        "--every", metavar="TIME", help="again and again until interrupted: 30s, 15m, 2h"
    )
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Sync, and return 0; with --every until SIGINT or SIGTERM, whatever becomes of each."""
    every_s = duration_s(args.every, field="every") if args.every is not None else None
    require_name(args.tenant)
    async with plain_workspace() as workspace:
        if every_s is None:
            _tell(await workspace.reports.sync(args.monitor_url, args.tenant), args)
        else:
            work = asyncio.ensure_future(_again_and_again(workspace, args, every_s))
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, work.cancel)
            with suppress(asyncio.CancelledError):
                await work
    return 0


async def _again_and_again(workspace: Workspace, args: argparse.Namespace, every_s: float) -> None:
    """Sync at a steady pace.

    Raises:
        UsageError: It cannot work however often it is tried.
        ReadOnly: Nothing may be sent.
    """
    clock = workspace.clock
    due = clock.monotonic()
    while True:
        pause_s = 0.0
        try:
            _tell(await workspace.reports.sync(args.monitor_url, args.tenant), args)
        except (UsageError, ReadOnly):
            raise
        except CognituiError as error:
            _tell_error(error, args)
            if isinstance(error, MonitorRefused):
                pause_s = error.retry_after_s or 0.0
        now = clock.monotonic()
        due = max(due + every_s, now + pause_s)  # those that were missed are not made up for
        await clock.sleep(due - now)


def _tell(result: SyncResult, args: argparse.Namespace) -> None:
    if args.json:
        emit({
            "status": result.status,
            "entries": result.entries,
            "ms": round(result.ms, 2),
            "caught_up": result.caught_up,
            "dropped": result.dropped,
        })  # fmt: skip
        return
    sent = counted(result.entries, "registration")
    also = f", after {counted(result.caught_up, 'sync')} from before" if result.caught_up else ""
    say(f"Synced {sent}{also}; the monitor answered {result.status}.")
    if result.dropped:
        talk(f"Given up: {counted(result.dropped, 'sync')} from before.")


def _tell_error(error: CognituiError, args: argparse.Namespace) -> None:
    if args.json:
        emit({"error": error.as_dict()})
    talk(error.message)
    if error.hint:
        talk(f"  {error.hint}")
