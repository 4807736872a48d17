"""Register a webhook that a JSON or TOML file describes, after a preflight.

The file has the fields skill_id, endpoint_url, triggers, secret_key, timeout_ms and retry_count.
Without secret_key the secret comes from --secret-file or COGNITUI_WEBHOOK_SECRET.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.cli.common import add_secret_file, add_tenant, tenant_workspace, webhook_secret
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.production import add_confirmation
from cognitui.errors import UsageError
from cognitui.settings import Settings, read_secret_file
from cognitui.webhooks.files import load_webhook
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import step_line

if TYPE_CHECKING:
    import argparse

    from cognitui.cognigy.models import Webhook
    from cognitui.errors import CognituiError
    from cognitui.webhooks.register import RegistrationResult

EXAMPLE = "cognitui webhooks register webhook.toml --bot bot_12345"
MAX_SUMMARY = 400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", type=Path, help="a .json or .toml file")
    add_secret_file(parser)
    add_tenant(parser)
    add_confirmation(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Register, and return 0; 1 when the preflight or the tenant says no."""
    # Before anything is sent: a file that is wrong should not cost a request.
    webhook = _load(args)
    steps: list[Step] = []
    result: RegistrationResult | None = None
    async with tenant_workspace(args, changes=True) as workspace:
        async for event in workspace.webhooks.register(webhook):
            if isinstance(event, Step):
                steps.append(event)
                talk(step_line(replace(event, summary=safe_text(event.summary, MAX_SUMMARY))))
            else:
                result = event
    if args.json:
        emit(_as_dict(steps, result))
    if result is None:
        talk("Not registered: the preflight failed.")
        return 1
    if result.webhook is not None:
        if not args.json:
            say(f"Registered as {result.webhook.id} in {result.latency_ms:.0f} ms.")
        return 0
    return _failed(result.error)


def _load(args: argparse.Namespace) -> Webhook:
    """The file's webhook; its secret from elsewhere, or a prompt, where the file has none."""
    settings = Settings.load()
    given = settings.environment.webhook_secret
    secret = read_secret_file(args.secret_file) if args.secret_file is not None else given
    try:
        return load_webhook(args.file, secret)
    except UsageError as error:
        if secret is not None or error.field != "secret_key" or "missing" not in error.message:
            raise
        missing = error
    try:
        asked = webhook_secret(args, settings)
    except UsageError as nobody:
        raise UsageError(missing.message, hint=nobody.hint, field=missing.field) from None
    return load_webhook(args.file, asked)


def _failed(error: CognituiError | None) -> int:
    if error is None:
        return 1
    talk(error.message)
    if error.hint:
        talk(f"  {error.hint}")
    return error.kind.value


def _as_dict(steps: list[Step], result: RegistrationResult | None) -> dict[str, object]:
    preflight = [
        {
            "step": str(step.name),
            "outcome": str(step.outcome),
            "summary": step.summary,
            "hint": step.hint or None,
            "ms": round(step.ms, 2),
        }
        for step in steps
    ]
    if result is None:
        return {"outcome": "preflight failed", "id": None, "preflight": preflight}
    return {
        "outcome": str(result.outcome),
        "id": result.webhook.id if result.webhook else None,
        "latency_ms": round(result.latency_ms, 2),
        "error": result.error.as_dict() if result.error else None,
        "preflight": preflight,
    }
