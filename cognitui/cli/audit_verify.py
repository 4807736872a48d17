"""Find out whether the audit log is as it was written: nothing edited, removed, moved or cut off.

It reads, beside a running console too. It says what was done, and to which record first. Exit
status 0 means that there is a log and it is whole. 1 means that it is not, or that there is none at
all: then no damage is named, for nothing may have been recorded yet, but nothing was verified.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.errors import AuditDamaged
from cognitui.audit.head import Head
from cognitui.audit.place import places_of
from cognitui.audit.store import AuditLog
from cognitui.audit.threads import in_thread
from cognitui.audit.verdict import DamageKind
from cognitui.audit.verify import verify_archive, verify_log
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.progress import Progress
from cognitui.errors import UsageError
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse

    from cognitui.audit.threads import Work
    from cognitui.audit.verdict import Verdict

EXAMPLE = "cognitui audit verify --json"
_SQLITE = b"SQLite format 3\0"
_HEAD = re.compile(r"([0-9a-f]{32}):([0-9]{1,18}):([0-9a-f]{64})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--archive", metavar="FILE", type=Path, help="an archive of the log, in place of the log"
    )
    parser.add_argument(
        "--head",
        metavar="LOG:N:MAC",
        help="a head that was written down elsewhere, such as in an export: the log must still "
        "hold its record, which older copies of all its files do not",
    )
    parser.add_argument(
        "--rebuild",
        action="store_true",
        help="where only the sums beside the records are wrong, add them up anew and verify again",
    )
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Verify, and return 0 when there is a log and it is whole, else 1."""
    if args.archive is not None:
        _require_archive(args.archive)
    # The log is not opened as other commands open it: one that is damaged must be told about too.
    places = places_of(Settings.load())
    written = None if args.head is None else _head(args.head)
    work = (
        partial(verify_log, places, written=written)
        if args.archive is None
        else partial(verify_archive, args.archive, places, written=written)
    )
    verdict = await _verified(work)
    if args.rebuild and verdict.damage and verdict.damage.kind is DamageKind.SUMS_WRONG:
        async with await AuditLog.open(args.archive or places.log, places.state) as log:
            await log.rebuild_sums()
        talk("The sums were not what the records say, and were added up anew.")
        verdict = await _verified(work)
    if args.json:
        emit(verdict.as_dict())
    else:
        say("\n".join(_lines(verdict, written, is_archive=args.archive is not None)))
    return 0 if verdict.is_whole else 1


def _require_archive(path: Path) -> None:
    """Make sure that a file can be an archive, so that another is not told about as one.

    Raises:
        UsageError: There is no such file, or it may not be read.
        AuditDamaged: It is another kind of file.
    """
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path} is not a file.", field="archive")
        with path.open("rb") as file:
            beginning = file.read(len(_SQLITE))
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"There is no archive at {path}.", field="archive") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read: {reason}.", field="archive") from None
    if beginning != _SQLITE:
        raise AuditDamaged(
            f"{path} is no archive, or its beginning is gone.",
            hint="Give the file that `cognitui audit archive` made.",
        )


async def _verified(work: Work[Verdict]) -> Verdict:
    progress = Progress("Verified")
    try:
        return await in_thread(work, progress.show)
    finally:
        progress.clear()


def _head(text: str) -> Head:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise UsageError(
            "--head needs LOG:N:MAC, as an export has it.",
            hint="It is 32 hex digits, a number, and 64 hex digits.",
            field="head",
        )
    return Head(found[1], int(found[2]), found[3])


def _lines(verdict: Verdict, written: Head | None, *, is_archive: bool) -> list[str]:
    first, *others = verdict.lines()
    if written is not None and verdict.is_whole:
        others.insert(0, f"Record {written.last} is the one that was written down.")
    # Every archive of the log verifies: which one this is must be told.
    if is_archive and verdict.is_whole and verdict.head is not None:
        others.insert(0, f"The archive of records {verdict.first} to {verdict.head.last}.")
    return [first, *others]
