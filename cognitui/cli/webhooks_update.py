"""Change a webhook: only what is given, the rest stays as it is.

`u` in the console takes the last change back. For many webhooks at once see `webhooks apply`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.callbacks.display import safe_text
from cognitui.cli.common import add_tenant, tenant_workspace
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.production import add_confirmation
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.errors import UsageError
from cognitui.settings import read_secret_file
from cognitui.webhooks.problems import explain

if TYPE_CHECKING:
    import argparse

    from cognitui.cognigy.models import RegisteredWebhook

EXAMPLE = "cognitui webhooks update wh_03f2 --timeout 5000 --off"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    from pathlib import Path

    parser.add_argument("webhook_id", metavar="ID", help="the webhook")
    parser.add_argument("--endpoint", metavar="URL", help="where callbacks go from now on")
    parser.add_argument("--skill", metavar="ID", help="the skill that it belongs to")
    parser.add_argument("--timeout", metavar="MS", type=int, help="500 to 10000")
    parser.add_argument("--retries", metavar="N", type=int, help="0 to 5")
    parser.add_argument("--secret-file", metavar="FILE", type=Path, help="holds a new secret")
    switch = parser.add_mutually_exclusive_group()
    switch.add_argument("--on", dest="enabled", action="store_true", default=None,
                        help="let the tenant call it")  # fmt: skip
    switch.add_argument("--off", dest="enabled", action="store_false", default=None,
                        help="stop the tenant from calling it")  # fmt: skip
    add_tenant(parser)
    add_confirmation(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Change, and return 0."""
    # Before anything is sent: what is wrong should not cost a request.
    change = _change(args)
    async with tenant_workspace(args, changes=True) as workspace:
        workspace.require_writing()
        before = await workspace.webhooks.find(args.webhook_id)
        after = await workspace.webhooks.update(before, change)
    if args.json:
        emit(after.model_dump(mode="json", by_alias=True))
    else:
        say(f"Changed {safe_text(after.id, 80)}: {', '.join(_words(before, after, change))}.")
    return 0


def _change(args: argparse.Namespace) -> WebhookChange:
    given: dict[str, Any] = {
        "endpoint_url": args.endpoint,
        "skill_id": args.skill,
        "timeout_ms": args.timeout,
        "retry_count": args.retries,
        "enabled": args.enabled,
    }
    given = {name: value for name, value in given.items() if value is not None}
    if args.secret_file is not None:
        given["secret_key"] = read_secret_file(args.secret_file)
    if not given:
        raise UsageError(
            "Nothing is to be changed.",
            hint="Give --endpoint, --skill, --timeout, --retries, --secret-file, --on or --off.",
        )
    try:
        return WebhookChange.model_validate(given)
    except ValidationError as error:
        field, sentence = next(iter(explain(error).items()))
        raise UsageError(sentence, field=field) from None


def _words(before: RegisteredWebhook, after: RegisteredWebhook, change: WebhookChange) -> list[str]:
    rows: list[tuple[str, object, object]] = [
        ("endpoint", before.url, after.url),
        ("skill", before.skill_id, after.skill_id),
        ("timeout", f"{before.delivery.timeout} ms", f"{after.delivery.timeout} ms"),
        ("retries", before.delivery.retries, after.delivery.retries),
        ("state", "on" if before.enabled else "off", "on" if after.enabled else "off"),
    ]
    words = [
        f"{name} {safe_text(str(old), 200)} → {safe_text(str(new), 200)}"
        for name, old, new in rows
        if old != new
    ]
    if change.secret_key is not None:
        words.append("a new secret")
    return words or ["it was so already"]
