"""Compose a callback, sign its exact bytes, send it to a URL, and tell what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.compose import Callback, compose, compose_raw
from cognitui.callbacks.display import safe_text
from cognitui.callbacks.template import parse_template
from cognitui.cli.common import add_secret_file, plain_workspace, read_input, webhook_secret
from cognitui.cli.output import add_json, emit, say
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from pydantic import SecretStr

    from cognitui.callbacks.delivery import Delivery

EXAMPLE = "cognitui callback send http://127.0.0.1:8000/callback --event ON_MESSAGE"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("url", metavar="URL", help="the endpoint")
    parser.add_argument("--event", default="ON_MESSAGE", choices=[str(e) for e in TriggerEvent],
                        metavar="EVENT", help="the trigger, ON_MESSAGE if not given")  # fmt: skip
    parser.add_argument("--skill", default="skill_test", metavar="ID", help="the skill it names")
    parser.add_argument("--text", default="Hello, this is a test callback.", help="the message")
    parser.add_argument("--template", metavar="FILE", help="a payload template, JSON; - for stdin")
    parser.add_argument("--body", metavar="FILE", help="send exactly these bytes; - for stdin")
    parser.add_argument("--timeout", type=int, default=3000, metavar="MS", help="1-60000 (3000)")
    parser.add_argument("--retries", type=int, default=0, metavar="N", help="0-10 (0)")
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Send, and return 0 when it was delivered, else 1."""
    async with plain_workspace() as workspace:
        workspace.require_writing()
        callback = _callback(args, webhook_secret(args, workspace.settings))
        delivery = await workspace.callbacks.send(
            args.url, callback, timeout_ms=args.timeout, retries=args.retries
        )
    if args.json:
        emit(_as_dict(delivery, callback))
    else:
        say(delivery.reason)
        if delivery.attempts and delivery.attempts[-1].response_excerpt:
            say(safe_text(delivery.attempts[-1].response_excerpt, 1000))
    return 0 if delivery.is_delivered else 1


def _callback(args: argparse.Namespace, secret: SecretStr) -> Callback:
    event = TriggerEvent(args.event)
    if args.body is not None:
        if args.template is not None:
            raise UsageError("--body and --template exclude each other.")
        return compose_raw(read_input(args.body), secret=secret, event=event)
    template = None
    if args.template is not None:
        try:
            text = read_input(args.template).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{args.template} is not UTF-8 text.", field="template") from None
        template = parse_template(text)
    return compose(
        event=event, skill_id=args.skill, secret=secret, text=args.text, template=template
    )


def _as_dict(delivery: Delivery, callback: Callback) -> dict[str, object]:
    return {
        "status": str(delivery.status),
        "reason": delivery.reason,
        "ms": round(delivery.ms, 2),
        "signature": callback.signature,
        "timestamp_ms": callback.timestamp_ms,
        "attempts": [
            {
                "number": attempt.number,
                "status": attempt.status,
                "ms": round(attempt.ms, 2),
                "error": attempt.error_code,
                "body_sha256": attempt.body_sha256,
            }
            for attempt in delivery.attempts
        ],
    }
