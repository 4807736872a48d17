"""Remove a tenant from this machine: its profile, and its key in the vault.

The tenant itself and the audit log stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.asking import ask_line, has_person
from cognitui.cli.common import add_vault, plain_workspace, vault_flags
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.vault import open_vault
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui tenants remove acme-test --yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("name", metavar="NAME", help="the tenant")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_vault(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Remove, and return 0; 1 when the person said no.

    Raises:
        CognituiError: There is no such tenant, or the vault cannot be opened.
    """
    if not args.yes and not has_person():
        raise UsageError("Removing needs --yes where there is no terminal to ask.")
    async with plain_workspace(vault_flags(args)) as workspace:
        tenants = workspace.tenants
        has_key = args.name in tenants.vault.names()
        if not has_key:
            tenants.store.get(args.name)
        if not args.yes and not _confirmed(args.name, has_key=has_key):
            talk("Nothing was removed.")
            return 1
        if has_key:
            await open_vault(workspace)
        await tenants.forget(args.name)
    if args.json:
        emit({"removed": args.name, "had_key": has_key})
    else:
        say(f"Removed {args.name}{' and its key' if has_key else ''}.")
    return 0


def _confirmed(name: str, *, has_key: bool) -> bool:
    what = f"{name} and its key" if has_key else name
    return ask_line(f"Remove {what} from this machine? Type its name to confirm:") == name
