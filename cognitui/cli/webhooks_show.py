"""Show one webhook, or print it as something to paste elsewhere. No secret is in any of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_json, safe_text
from cognitui.cli.common import add_tenant, tenant_workspace
from cognitui.cli.output import add_json, emit, say
from cognitui.webhooks.copy_as import Target, as_curl, as_file, as_python, wire_of_registered
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

    from cognitui.cognigy.models import RegisteredWebhook

EXAMPLE = "cognitui webhooks show wh_03f2 --as curl"
FORMS = ("curl", "python", "file")
LABEL_WIDTH = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("webhook_id", metavar="ID", help="the webhook")
    parser.add_argument(
        "--as",
        dest="form",
        choices=FORMS,
        help="print what registers one like it: a script for a shell or Python, or a webhook file",
    )
    add_tenant(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Show, and return 0; 1 when there is no such webhook."""
    async with tenant_workspace(args) as workspace:
        webhook = await workspace.webhooks.find(args.webhook_id)
        base_url = workspace.profile.base_url if workspace.profile else ""
        target = Target(base_url, workspace.bot_id)
    if args.form is not None:
        say(_as(args.form, target, webhook).rstrip("\n"))
    elif args.json:
        emit(webhook.model_dump(mode="json", by_alias=True))
    else:
        say(_described(webhook))
    return 0


def _as(form: str, target: Target, webhook: RegisteredWebhook) -> str:
    wire = wire_of_registered(webhook)
    match form:
        case "curl":
            return as_curl(target, wire)
        case "python":
            return as_python(target, wire)
    _, text = as_file(target, wire)
    return text


def _described(webhook: RegisteredWebhook) -> str:
    delivery = webhook.delivery
    rows = [
        ("id", webhook.id),
        ("state", "on" if webhook.enabled else "off"),
        ("skill", webhook.skill_id),
        ("endpoint", webhook.url),
        ("triggers", ", ".join(trigger.event for trigger in webhook.triggers)),
        (
            "delivery",
            f"{delivery.timeout} ms, {counted(delivery.retries, 'retry')}",
        ),
        ("signed by", webhook.auth.type),
    ]
    lines = [f"{name:<{LABEL_WIDTH}} {safe_text(value, 400)}" for name, value in rows]
    for trigger in webhook.triggers:
        if trigger.payload_template is not None:
            template = safe_json(trigger.payload_template)
            lines += ["", f"template of {safe_text(trigger.event, 60)}", template]
    return "\n".join(lines)
