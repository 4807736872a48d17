"""Let the system's keyring open the vault, or stop it. It needs `pip install 'cognitui[keyring]'`.

Then whoever is logged in at this desktop opens the vault without its passphrase. The keyring holds
the key that the passphrase becomes, not the passphrase.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.common import add_vault, plain_workspace, vault_flags
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.vault import current_passphrase

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui tenants keyring on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("switch", choices=["on", "off", "status"], nargs="?", default="status",
                        help="what to do; only tell how it is without it")  # fmt: skip
    add_vault(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Switch it, and return 0.

    Raises:
        CognituiError: There is no vault or no keyring that can be used, or the passphrase is wrong.
    """
    async with plain_workspace(vault_flags(args)) as workspace:
        access, name = workspace.tenants.access, None
        if args.switch == "on":
            access.require_vault()
            name = await access.remember_in_keyring(await current_passphrase(workspace))
        elif args.switch == "off":
            await access.forget_in_keyring()
        is_on = access.is_in_keyring
    if args.json:
        emit({"on": is_on, "keyring": name})
    elif is_on:
        say(f"The keyring{f' {name}' if name else ''} opens the vault.")
    else:
        say("Only its passphrase opens the vault.")
    return 0
