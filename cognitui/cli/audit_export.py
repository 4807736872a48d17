"""Write the audit log as JSON Lines, as CSV for a spreadsheet, or as a report in one HTML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.export.subject import ExportFormat
from cognitui.cli.common import plain_workspace, require_name
from cognitui.cli.moments import moment
from cognitui.cli.output import add_json, emit, give_up_on, talk, unwritable
from cognitui.errors import UsageError
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui audit export --format html --to report.html --since 7d"
STANDARD_OUTPUT = "-"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--format",
        default=str(ExportFormat.JSONL),
        choices=[str(each) for each in ExportFormat],
        help="the form, jsonl if not given",
    )
    parser.add_argument(
        "--to",
        metavar="FILE",
        default=STANDARD_OUTPUT,
        help="write it there, for its owner only; else, or for -, to standard output",
    )
    parser.add_argument(
        "--since", metavar="WHEN", help="only records since then: 2h, 7d, 2026-05-17T12:00"
    )
    parser.add_argument("--tenant", metavar="NAME", help="only this tenant's records; else all")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Export, and return 0."""
    to_file = args.to != STANDARD_OUTPUT
    if args.json and not to_file:
        raise UsageError("--json needs --to FILE: the export is on standard output.", field="to")
    require_name(args.tenant)
    form = ExportFormat(args.format)
    async with plain_workspace() as workspace:
        now = workspace.clock.now()
        since = moment(args.since, now, field="since") if args.since is not None else None
        to = Path(args.to) if to_file else sys.stdout.buffer
        try:
            made = await workspace.reports.export(form, to, tenant=args.tenant, since=since)
        except BrokenPipeError:
            raise  # who read it has seen enough
        except OSError as error:
            if to_file or error.filename is not None:
                raise  # it was another file
            give_up_on(sys.stdout)
            raise unwritable(error) from None
    if args.json:
        about = {"records": made.records, "size": made.size}
        emit({"format": str(form), "file": args.to, **about})
    elif to_file:
        talk(f"Written: {args.to}, {counted(made.records, 'record')}.")
    return 0
