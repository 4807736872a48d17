"""Write a bot's webhooks as a file for `webhooks plan` and `webhooks apply`.

The same webhooks give the same bytes, so the file can live in git. Secrets are not in it: a tenant
does not tell them. In their place stands the name of an environment variable for each.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.common import add_tenant, tenant_workspace
from cognitui.cli.output import add_json, emit, talk, write
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui webhooks export webhooks.toml --bot bot_12345"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "file", metavar="FILE", nargs="?", default="-", help="where to; standard output without it"
    )
    add_tenant(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Export, and return 0."""
    async with tenant_workspace(args) as workspace:
        text, bot_id = await workspace.plans.export(), workspace.bot_id
    if args.json:
        emit({"bot_id": bot_id, "toml": text})
        return 0
    if args.file == "-":
        write(text)
        return 0
    _save(Path(args.file), text)
    talk(f"Written to {args.file}.")
    return 0


def _save(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be written: {reason}.", field="file") from None
