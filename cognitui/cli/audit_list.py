"""List what was done, newest first: the records that a filter wants."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_text
from cognitui.cli.common import plain_workspace
from cognitui.cli.output import add_json, emit, say, table, talk
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from cognitui.audit.records import AuditRecord

EXAMPLE = "cognitui audit list action:register outcome:failed since:2h --json"
LIMIT = 50
MOST = 100_000
_HELP = """
  cognitui audit list "webhook:wh_03f2 -outcome:ok slower:500ms"

keys of the filter:
{}

Other words must occur somewhere; "quotes" keep some together, a leading minus excludes. A filter
that begins with a minus comes after `--`."""
_CELL = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    from cognitui.audit.wanted import FILTER_KEYS

    lines = [f"  {key + ':':<11} {meaning}, as {example}" for key, meaning, example in FILTER_KEYS]
    parser.epilog = f"{parser.epilog}{_HELP.format(chr(10).join(lines))}"
    parser.add_argument("filter", metavar="FILTER", nargs="*", help="which; else all")
    parser.add_argument(
        "--limit", metavar="N", type=int, default=LIMIT, help=f"how many at most; {LIMIT}"
    )
    parser.add_argument(
        "--before", metavar="ID", type=int, help="only older ones than this record: the next page"
    )
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """List, and return 0."""
    from cognitui.audit.queries import NO_END
    from cognitui.audit.wanted import read_filter
    from cognitui.audit.when import LOCAL

    if not 0 < args.limit <= MOST:
        raise UsageError(f"--limit is a number from 1 to {MOST}.", field="limit")
    if args.before is not None and not 0 < args.before <= NO_END:
        raise UsageError("--before is the number of a record.", field="before")

    async with plain_workspace() as workspace:
        now = workspace.clock.now().astimezone(LOCAL)
        wanted = read_filter(" ".join(args.filter), now=now)
        count = await workspace.log.count(wanted)
        records = await workspace.log.page(replace(wanted, before_id=args.before), args.limit)
    if args.json:
        emit({"count": count, "records": [_as_json(record) for record in records]})
        return 0
    if records:
        head = ["ID", "WHEN", "ACTION", "OUTCOME", "TOOK", "TENANT", "TARGET", "DETAIL"]
        say(table(head, [_row(record) for record in records]))
    talk(f"{len(records):,} of {count:,} {'record' if count == 1 else 'records'}")
    return 0


def _as_json(record: AuditRecord) -> dict[str, Any]:
    return asdict(record) | {"at": record.at.isoformat()}


def _row(record: AuditRecord) -> list[str]:
    took = "–" if record.latency_ms is None else f"{record.latency_ms:.1f} ms"
    cells = [
        str(record.id),
        record.at.astimezone().strftime("%Y-%m-%d %H:%M:%S"),
        record.action,
        record.outcome,
        took,
        record.tenant,
        record.webhook_id or record.skill_id or record.endpoint,
        record.error_code if record.error_code and not record.detail else record.detail,
    ]
    return [safe_text(cell, _CELL) for cell in cells]
