"""How registrations went: their number, success rate and average latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.common import plain_workspace
from cognitui.cli.output import add_json, emit, say

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui audit report --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--tenant", metavar="NAME", help="only this tenant's; else all")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Report, and return 0."""
    async with plain_workspace() as workspace:
        report = await workspace.reports.report(args.tenant)
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
