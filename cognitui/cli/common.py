"""What several commands share: the arguments that name a tenant, secrets, and what they read."""

from __future__ import annotations

import getpass
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui import logs
from cognitui.cli.output import talk
from cognitui.cognigy.models import Bot
from cognitui.errors import UsageError
from cognitui.settings import Settings, read_secret_file
from cognitui.workspace import Workspace

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable

    from cognitui.tenants.profiles import Profile
    from cognitui.workspace.trail import Trail


def add_tenant(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which tenant and bot."""
    parser.add_argument(
        "--tenant",
        metavar="NAME",
        help="a stored tenant; else COGNITUI_BASE_URL, _API_KEY, _API_SECRET",
    )
    parser.add_argument("--bot", metavar="ID", help="the bot; else COGNITUI_BOT_ID")


def add_secret_file(parser: argparse.ArgumentParser) -> None:
    """``--secret-file``; a secret is never an argument itself, where other users could see it."""
    parser.add_argument(
        "--secret-file",
        metavar="FILE",
        type=Path,
        help="holds the webhook's secret; else COGNITUI_WEBHOOK_SECRET, else a prompt",
    )


@asynccontextmanager
async def plain_workspace() -> AsyncIterator[Workspace]:
    """A workspace without a tenant, closed at the end whatever happens."""
    settings = Settings.load()
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
async def tenant_workspace(args: argparse.Namespace) -> AsyncIterator[Workspace]:
    """A workspace that is connected to the tenant that the arguments and the environment name."""
    async with plain_workspace() as workspace:
        environment = workspace.settings.environment
        profile = workspace.tenants.find(args.tenant or workspace.settings.tenant)
        await unlock_for(workspace, profile)
        await workspace.tenants.open(profile.name)
        bot_id = args.bot or environment.bot_id
        if bot_id:
            workspace.choose_bot(Bot(id=bot_id))
        yield workspace


async def unlock_for(workspace: Workspace, profile: Profile) -> None:
    """Open the vault where the tenant's key is in it, with the passphrase that is given or asked.

    Raises:
        CognituiError: The passphrase is wrong, or there is none and nobody to ask.
    """
    sources = {e.profile.name: e.source for e in workspace.tenants.entries()}
    vault = workspace.tenants.vault
    if sources.get(profile.name) == "vault" and vault.exists and not vault.is_unlocked:
        given = workspace.settings.environment.vault_passphrase
        await workspace.tenants.unlock(_passphrase(given))


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
    return _ask("Webhook secret: ", "Set COGNITUI_WEBHOOK_SECRET or give --secret-file.")


def typed(ask: Callable[[], str]) -> str:
    """What a person types when asked; nothing when the input ends there.

    Ctrl-C ends the wait: asyncio alone would take note of it and go on waiting.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return ask()
    except EOFError:
        return ""
    finally:
        signal.signal(signal.SIGINT, before)


def read_input(path: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``.

    Raises:
        UsageError: The file cannot be read.
    """
    if path == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(path).read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{path} cannot be read: {reason}.") from None


def _passphrase(given: SecretStr | None) -> SecretStr:
    return given or _ask("Vault passphrase: ", "Set COGNITUI_VAULT_PASSPHRASE.")


def _ask(prompt: str, hint: str) -> SecretStr:
    if not sys.stdin.isatty() or os.environ.get("CI"):
        raise UsageError(
            f"{prompt.rstrip(': ')} is needed, and there is no terminal to ask.", hint=hint
        )
    value = typed(lambda: getpass.getpass(prompt, stream=sys.stderr))
    if not value:
        raise UsageError(f"{prompt.rstrip(': ')} is needed.", hint=hint)
    return SecretStr(value)
