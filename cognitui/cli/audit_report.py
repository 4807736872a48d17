"""How registrations went: their number, success rate and average latency."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.cli.common import plain_workspace, require_name
from cognitui.cli.output import add_json, emit, say

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from cognitui.audit.wanted import Wanted

EXAMPLE = "cognitui audit report --since 7d --filter bot:bot_12345 --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--tenant", metavar="NAME", help="only this tenant's; else all")
    parser.add_argument("--since", metavar="TIME", help="only from then on: 2h, 7d, 2026-05-17")
    parser.add_argument(
        "--filter", metavar="FILTER", default="", help="only what this wants, as `audit list` does"
    )
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Report, and return 0."""
    require_name(args.tenant)
    async with plain_workspace() as workspace:
        wanted = _wanted(args, workspace.clock.now())
        report = await workspace.reports.report(args.tenant, wanted)
    numbers = report.as_dict()
    if args.json:
        emit(dict(numbers))
    elif not numbers["total_registrations"]:
        say("No registration is recorded yet.")
    else:
        say(f"registrations    {numbers['total_registrations']}")
        say(f"success rate     {numbers['success_rate'] * 100:.2f} %")
        say(f"average latency  {numbers['avg_latency_ms']:.2f} ms")
    return 0


def _wanted(args: argparse.Namespace, now: datetime) -> Wanted | None:
    if args.since is None and not args.filter:
        return None
    from cognitui.audit.wanted import read_filter
    from cognitui.audit.when import LOCAL, read_moment

    here = now.astimezone(LOCAL)
    wanted = read_filter(args.filter, now=here)
    return (
        wanted if args.since is None else replace(wanted, since=read_moment(args.since, now=here))
    )
