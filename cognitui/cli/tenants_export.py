"""Export the stored tenants without their keys, for another machine or somebody else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.common import plain_workspace
from cognitui.cli.files import write_private
from cognitui.cli.output import add_json, emit, say, talk, write
from cognitui.tenants.transfer import exported
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui tenants export tenants.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, nargs="?",
                        help="where to; standard output without it")  # fmt: skip
    parser.add_argument("--tenant", metavar="NAME", action="append",
                        help="only this one; may be given several times")  # fmt: skip
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Export, and return 0.

    Raises:
        CognituiError: There is no such tenant, or the file cannot be written.
    """
    async with plain_workspace() as workspace:
        store = workspace.tenants.store
        profiles = [store.get(name) for name in args.tenant] if args.tenant else store.list()
    content, left_out = exported(profiles)
    for name in left_out:
        talk(f"{name}: the monitor's URL was left out, for there may be a token in it.")
    if args.file is None:
        emit(json.loads(content)) if args.json else write(content.decode())
        return 0
    write_private(args.file, content)
    if args.json:
        emit({"exported": [one.name for one in profiles], "file": str(args.file)})
    else:
        say(f"Exported {counted(len(profiles), 'tenant')} to {args.file}, without keys.")
    return 0
