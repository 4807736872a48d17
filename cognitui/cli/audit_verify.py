"""Find out whether the audit log is as it was written: nothing edited, removed, moved or cut off.

It reads, beside a running console too. It says what was done, and to which record first.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.audit.errors import AuditDamaged
from cognitui.audit.place import places_of
from cognitui.audit.threads import in_thread
from cognitui.audit.verify import verify_archive, verify_log
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.progress import Progress
from cognitui.errors import UsageError
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui audit verify --json"
_SQLITE = b"SQLite format 3\0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--archive", metavar="FILE", type=Path, help="an archive of the log, in place of the log"
    )
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Verify, and return 0 when it is whole, else 1."""
    if args.archive is not None:
        _require_archive(args.archive)
    # The log is not opened as other commands open it: one that is damaged must be told about too.
    places = places_of(Settings.load())
    work = (
        partial(verify_log, places)
        if args.archive is None
        else partial(verify_archive, args.archive, places)
    )
    progress = Progress("Verified")
    try:
        verdict = await in_thread(work, progress.show)
    finally:
        progress.clear()
    if args.json:
        emit(verdict.as_dict())
    else:
        say("\n".join(verdict.lines()))
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
