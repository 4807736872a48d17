"""Delete a webhook. Its configuration stays in the audit log."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from cognitui.cli.asking import typed
from cognitui.cli.common import add_tenant, tenant_workspace
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.production import add_confirmation
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from cognitui.cognigy.models import RegisteredWebhook


EXAMPLE = "cognitui webhooks delete wh_03f2 --bot bot_12345 --yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("webhook_id", metavar="ID", help="the webhook")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_tenant(parser)
    add_confirmation(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Delete, and return 0; 1 when it does not exist or the person said no."""
    if not args.yes and not sys.stdin.isatty():
        raise UsageError("Deleting needs --yes where there is no terminal to ask.")
    async with tenant_workspace(args, changes=True) as workspace:
        workspace.require_writing()
        webhook = await workspace.webhooks.find(args.webhook_id)
        if not args.yes and not _confirmed(webhook):
            talk("Nothing was deleted.")
            return 1
        await workspace.webhooks.delete(webhook)
    if args.json:
        emit({"deleted": args.webhook_id})
    else:
        say(f"Deleted {args.webhook_id}.")
    return 0


def _confirmed(webhook: RegisteredWebhook) -> bool:
    def ask() -> str:
        talk(f"Delete {webhook.id}, which calls {webhook.url}? Type its id to confirm:")
        return sys.stdin.readline()

    return typed(ask).strip() == webhook.id
