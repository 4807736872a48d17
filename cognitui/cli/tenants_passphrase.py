"""Give the vault another passphrase. The keys in it stay as they are, and so do open consoles.

Where somebody else may know the old passphrase and have a copy of the old vault, replace the keys
at the tenants too: this does not take back what was in that copy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.asking import ask_new_secret
from cognitui.cli.common import add_vault, plain_workspace, vault_flags
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.vault import current_passphrase
from cognitui.settings import read_private_file
from cognitui.tenants.explain import NEW_VAULT
from cognitui.tenants.vault import check_passphrase

if TYPE_CHECKING:
    import argparse

    from pydantic import SecretStr

EXAMPLE = "cognitui tenants passphrase"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("--new-passphrase-file", metavar="FILE", type=Path,
                        help="holds the new one; else you are asked, twice")  # fmt: skip
    add_vault(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Change it, and return 0.

    Raises:
        CognituiError: The passphrase is wrong, the new one too short, or the vault cannot be used.
    """
    async with plain_workspace(vault_flags(args)) as workspace:
        access = workspace.tenants.access
        access.require_vault()
        old = await current_passphrase(workspace, "Current passphrase: ")
        await workspace.tenants.unlock(old)
        is_in_keyring = access.is_in_keyring
        await access.change_passphrase(old, _new(args))
    if args.json:
        emit({"changed": True, "keyring": is_in_keyring})
        return 0
    say("The vault has another passphrase. Open consoles stay open until they lock.")
    if is_in_keyring:
        say("The keyring opens it as before.")
    return 0


def _new(args: argparse.Namespace) -> SecretStr:
    if args.new_passphrase_file is not None:
        return read_private_file(args.new_passphrase_file)
    talk(NEW_VAULT)
    return ask_new_secret("New passphrase: ", "Give --new-passphrase-file.", check_passphrase)
