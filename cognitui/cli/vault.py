"""Opening the vault for a command, or making one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.asking import ask_new_secret, ask_secret
from cognitui.cli.output import talk
from cognitui.tenants.explain import NEW_VAULT
from cognitui.tenants.vault import check_passphrase

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cognitui.workspace import Workspace

ELSE = "Set COGNITUI_VAULT_PASSPHRASE, or give --vault-passphrase-file."


async def open_vault(workspace: Workspace) -> None:
    """Open the vault without asking where that can be, else with the passphrase that is typed.

    Where there is none it is made, with a passphrase typed twice.

    Raises:
        CognituiError: The passphrase is wrong, nobody can be asked, or a file cannot be used.
    """
    tenants = workspace.tenants
    if await tenants.access.reopen():
        return
    if tenants.vault.exists:
        if (problem := tenants.access.keyring_problem) is not None:
            talk(problem.message)
        await tenants.unlock(ask_secret("Vault passphrase: ", ELSE))
        return
    given = await tenants.access.given()
    if given is None:
        talk(NEW_VAULT)
        given = ask_new_secret("New vault passphrase: ", ELSE, check_passphrase)
    await tenants.unlock(given)
    talk(f"The vault is {tenants.vault.path}.")


async def current_passphrase(workspace: Workspace, prompt: str = "Vault passphrase: ") -> SecretStr:
    """The vault's passphrase: the one at hand, else typed.

    Raises:
        UsageError: Nobody can be asked, or the file with it cannot be used.
    """
    return await workspace.tenants.access.given() or ask_secret(prompt, ELSE)
