"""Move old records of the audit log into a file of their own.

The file verifies with the log's key: `cognitui audit verify --archive FILE`. The log keeps a record
of what was moved, and goes on from there. Nothing is ever moved without this command.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.asking import typed
from cognitui.cli.common import plain_workspace
from cognitui.cli.moments import moment
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.progress import Progress
from cognitui.clock import SYSTEM_CLOCK
from cognitui.errors import UsageError
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

    from cognitui.audit.archive import Old

EXAMPLE = "cognitui audit archive --before 2026-01-01 --to audit-2025.db --yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--before", required=True, metavar="DATE",
                        help="records from before then: 2026-01-01, 90d, yesterday")  # fmt: skip
    parser.add_argument("--to", required=True, metavar="FILE", type=Path, help="the new archive")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Archive, and return 0; 1 when the person said no."""
    before = moment(args.before, SYSTEM_CLOCK.now(), field="before")
    to = _place(args.to)
    if not args.yes and not sys.stdin.isatty():
        raise UsageError("Archiving needs --yes where there is no terminal to ask.")
    async with plain_workspace() as workspace:
        old = await workspace.reports.older_than(before)
        if old is None:
            emit({"archived": 0}) if args.json else say("No record is that old.")
            return 0
        if not args.yes and not _confirmed(old, args.to):
            talk("Nothing was moved.")
            return 1
        progress = Progress("Copied")
        try:
            archive = await workspace.reports.archive(old, to, progress.show)
        finally:
            progress.clear()
    if args.json:
        emit(
            {
                "archived": old.count,
                "first": old.first,
                "last": old.last,
                "file": str(archive.file),
                "mac": archive.head.mac,
            }
        )
    else:
        say(f"Moved {counted(old.count, 'record')}, {old.first} to {old.last}, into {args.to}.")
        say(f"Head of the archive: record {archive.head.last}, {archive.head.mac}")
    return 0


def _place(path: Path) -> Path:
    """The archive's whole path.

    Raises:
        UsageError: No file can have it.
    """
    if not path.name:
        raise UsageError(f"{path} is not the name of a file.", field="to")
    try:
        with suppress(FileNotFoundError, NotADirectoryError):  # whether it can be made is tried
            path.lstat()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be written: {reason}.", field="to") from None
    return path.absolute()


def _confirmed(old: Old, to: Path) -> bool:
    def ask() -> str:
        talk(f"Move {counted(old.count, 'record')}, the last of {old.until}, into {to}? Type yes:")
        return sys.stdin.readline()

    return typed(ask).strip() == "yes"
