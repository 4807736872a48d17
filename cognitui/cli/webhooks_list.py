"""List a bot's webhooks, over all pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.cli.common import add_tenant, tenant_workspace
from cognitui.cli.output import add_json, emit, say, table, talk

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui webhooks list --bot bot_12345 --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_tenant(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """List, and return 0."""
    async with tenant_workspace(args) as workspace:
        webhooks = await workspace.list_webhooks()
        limit = workspace.client.webhook_limit
        if args.json:
            items = [webhook.model_dump(mode="json", by_alias=True) for webhook in webhooks]
            emit({"bot_id": workspace.bot_id, "count": len(items), "limit": limit, "items": items})
            return 0
        if not webhooks:
            talk(f"{workspace.bot_id} has no webhooks yet. `cognitui webhooks register` adds one.")
            return 0
        rows = [
            [
                webhook.id,
                "on" if webhook.enabled else "off",
                webhook.skill_id,
                ",".join(trigger.event for trigger in webhook.triggers),
                webhook.url,
            ]
            for webhook in webhooks
        ]
        safe = [[safe_text(cell, 120) for cell in row] for row in rows]
        say(table(["ID", "STATE", "SKILL", "TRIGGERS", "ENDPOINT"], safe))
        talk(f"{len(webhooks)}/{limit} webhooks of {workspace.bot_id}")
    return 0
