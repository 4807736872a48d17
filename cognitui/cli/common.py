"""What several commands share: the arguments that name a tenant, secrets, and what they read."""

from __future__ import annotations

import sys
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cognitui import logs
from cognitui.cli.asking import ask_secret
from cognitui.cli.flags import add_flags, given
from cognitui.cli.output import talk
from cognitui.cli.production import confirm_production
from cognitui.cli.vault import open_vault
from cognitui.cognigy.models import Bot
from cognitui.errors import UsageError
from cognitui.settings import Settings, read_secret_file

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Mapping

    from pydantic import SecretStr

    from cognitui.config import Value
    from cognitui.tenants.profiles import Profile
    from cognitui.workspace import Workspace
    from cognitui.workspace.trail import Trail

MOST_BYTES = 64_000_000
"""What a command reads at most; a body that is larger is no callback's."""
_NONE: Mapping[str, Value] = MappingProxyType({})


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which tenant and bot."""
    parser.add_argument(
        "--tenant",
        metavar="NAME",
        help="a stored tenant; else COGNITUI_TENANT, or COGNITUI_BASE_URL with its key",
    )
    parser.add_argument("--bot", metavar="ID", help="the bot; else COGNITUI_BOT_ID")
    add_vault(parser)


def add_vault(parser: argparse.ArgumentParser) -> None:
    """What opens the vault where nobody can type."""
    add_flags(parser, "vault_passphrase_file")


def add_secret_file(parser: argparse.ArgumentParser) -> None:
    """``--secret-file``; a secret is never an argument itself, where other users could see it."""
    parser.add_argument(
        "--secret-file",
        metavar="FILE",
        type=Path,
        help="holds the webhook's secret; else COGNITUI_WEBHOOK_SECRET, else a prompt",
    )


@asynccontextmanager
async def plain_workspace(flags: Mapping[str, Value] = _NONE) -> AsyncIterator[Workspace]:
    """A workspace without a tenant, closed at the end whatever happens."""
    # Loads all that a tenant is worked with, which `--help` and a wrong argument do without.
    from cognitui.workspace import Workspace

    settings = Settings.load(flags=flags)
    logs.configure(settings.paths.state / "logs")
    trail: Trail | None = None
    try:
        async with Workspace(settings) as workspace:
            trail = workspace.trail
            yield workspace
    finally:
        if trail is not None and trail.problem is not None:
            talk(f"Not recorded in the audit log: {trail.problem.message}")


@asynccontextmanager
async def tenant_workspace(
    args: argparse.Namespace, *, changes: bool = False
) -> AsyncIterator[Workspace]:
    """A workspace that is connected to the tenant that the arguments and the environment name.

    Args:
        args: With what `add_tenant` added.
        changes: Whether something is changed there; then a production tenant asks for its name, and
            the arguments have what `add_confirmation` added.
    """
    async with plain_workspace(vault_flags(args)) as workspace:
        environment = workspace.settings.environment
        profile = workspace.tenants.find(args.tenant or workspace.settings.tenant)
        if changes:
            confirm_production(workspace, profile, args)
        await unlock_for(workspace, profile)
        await workspace.tenants.open(profile.name)
        bot_id = args.bot or environment.bot_id
        if bot_id:
            workspace.choose_bot(Bot(id=bot_id))
        yield workspace


async def unlock_for(workspace: Workspace, profile: Profile) -> None:
    """Open the vault where the tenant's key is in it.

    Raises:
        CognituiError: The passphrase is wrong, or there is none and nobody to ask.
    """
    sources = {e.profile.name: e.source for e in workspace.tenants.entries()}
    if sources.get(profile.name) == "vault" and workspace.tenants.vault.exists:
        await open_vault(workspace)


def vault_flags(args: argparse.Namespace) -> dict[str, Value]:
    """What the arguments say of opening the vault."""
    return {name: value for name, value in given(args).items() if name.startswith("vault_")}


def require_name(tenant: str | None) -> None:
    """Make sure that a tenant that is asked for has a name: an empty variable asks for nothing.

    Raises:
        UsageError: It has none.
    """
    if tenant is not None and not tenant.strip():
        raise UsageError("--tenant needs a name.", field="tenant")


def webhook_secret(args: argparse.Namespace, settings: Settings) -> SecretStr:
    """The webhook's secret, from the file, the environment or a prompt, in this order.

    Raises:
        UsageError: There is none, and nobody to ask.
    """
    if args.secret_file is not None:
        return read_secret_file(args.secret_file)
    if settings.environment.webhook_secret is not None:
        return settings.environment.webhook_secret
    return ask_secret("Webhook secret: ", "Set COGNITUI_WEBHOOK_SECRET or give --secret-file.")


def read_input(path: str, *, most: int = MOST_BYTES) -> bytes:
    """The bytes of a file, or of standard input for ``-``.

    Args:
        path: The file.
        most: How many bytes it may have; no more are read of one that never ends.

    Raises:
        UsageError: The file cannot be read, or is larger.
    """
    try:
        if path == "-":
            content: bytes = sys.stdin.buffer.read(most + 1)
        else:
            with Path(path).open("rb") as file:
                content = file.read(most + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read: {reason}.") from None
    if len(content) > most:
        where = "Standard input" if path == "-" else path
        raise UsageError(f"{where} is larger than {most // 1000} kB.")
    return content
