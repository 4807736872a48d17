"""Import tenants that somebody exported. Keys are added afterwards: `tenants add NAME --replace`.

What is new is added. What is here and differs is shown and left as it is, unless --replace is
given. A tenant whose key is here is never led to another host.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognitui.cli.common import plain_workspace, read_input
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.tenants.files import MAX_BYTES
from cognitui.tenants.profile_file import unreadable
from cognitui.tenants.transfer import Arrival, incoming

if TYPE_CHECKING:
    import argparse

    from cognitui.tenants.transfer import Incoming
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui tenants import tenants.json --dry-run"
WORDS = {
    Arrival.NEW: "new",
    Arrival.CHANGED: "differs",
    Arrival.SAME: "is here already",
    Arrival.REFUSED: "refused",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="what was exported; - for standard input")
    parser.add_argument("--replace", action="store_true", help="change those that differ")
    parser.add_argument("--dry-run", action="store_true", help="only show what would be done")
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Import, and return 0; 1 when one was refused, or differs and was left as it is.

    Raises:
        CognituiError: The file cannot be used, or a tenant could not be stored.
    """
    path = Path(args.file)
    content = read_input(args.file)
    if len(content) > MAX_BYTES:
        raise unreadable(path, "it is larger than 1 MiB")
    async with plain_workspace() as workspace:
        tenants = workspace.tenants
        plan = incoming(path, content, tenants.store.load(), tenants.vault.names())
        wanted = {Arrival.NEW, Arrival.CHANGED} if args.replace else {Arrival.NEW}
        if not args.json:
            _show(plan)
        stored = [] if args.dry_run else await _store(workspace, plan, wanted)
    is_all = all(one.arrival in wanted | {Arrival.SAME} for one in plan)
    if args.json:
        emit({"tenants": [_described(one) for one in plan], "stored": stored})
    elif not args.dry_run:
        say(f"Stored: {', '.join(stored) or 'none'}.")
    if any(one.arrival is Arrival.CHANGED for one in plan) and not args.replace:
        talk("Those that differ are left as they are; --replace changes them.")
    return 0 if is_all else 1


async def _store(workspace: Workspace, plan: list[Incoming], wanted: set[Arrival]) -> list[str]:
    chosen = [one.profile for one in plan if one.arrival in wanted]
    for profile in chosen:
        await workspace.tenants.change(profile)
    return [profile.name for profile in chosen]


def _show(plan: list[Incoming]) -> None:
    for one in plan:
        say(f"{one.profile.name}: {WORDS[one.arrival]}{f'. {one.reason}' if one.reason else ''}")
        for field, before, after in one.differences:
            say(f"  {field}: {_value(before)} → {_value(after)}")
    if not plan:
        say("There is no tenant in it.")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _described(one: Incoming) -> dict[str, Any]:
    changes = {name: {"before": old, "after": new} for name, old, new in one.differences}
    return {
        "name": one.profile.name,
        "outcome": str(one.arrival),
        "changes": changes,
        "reason": one.reason or None,
    }
