"""Compose a callback, sign its exact bytes, send it to a URL, and tell what came back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.callbacks.capture import replay
from cognitui.callbacks.captures import load_file
from cognitui.callbacks.compose import Callback, compose, compose_raw
from cognitui.callbacks.display import safe_text
from cognitui.callbacks.template import parse_template
from cognitui.cli.common import add_secret_file, plain_workspace, read_input, webhook_secret
from cognitui.cli.endpoints import warn_of_private
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.schemes import add_scheme, scheme_named
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from cognitui.callbacks.delivery import Attempt, Delivery
    from cognitui.settings import Settings

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
    parser.add_argument(
        "--resend",
        metavar="CAPTURE",
        type=Path,
        help="send again, byte for byte, what `callback listen --save` kept",
    )
    parser.add_argument(
        "--tracked",
        action="store_true",
        help="put the delivery's id and time into the body, so that they are signed",
    )
    add_scheme(parser)
    parser.add_argument("--timeout", type=int, default=3000, metavar="MS", help="1-60000 (3000)")
    parser.add_argument("--retries", type=int, default=0, metavar="N", help="0-10 (0)")
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Send, and return 0 when it was delivered, else 1."""
    async with plain_workspace() as workspace:
        workspace.require_writing()
        callback = _callback(args, workspace.settings)
        await warn_of_private(args.url)
        delivery = await workspace.callbacks.send(
            args.url,
            callback,
            timeout_ms=args.timeout,
            retries=args.retries,
            on_wait=None if args.json else _tell_wait,
        )
    if args.json:
        emit(_as_dict(delivery, callback))
    else:
        say(delivery.reason)
        if delivery.attempts and delivery.attempts[-1].response_excerpt:
            say(safe_text(delivery.attempts[-1].response_excerpt, 1000))
        for attempt in delivery.attempts:
            say(_timings(attempt))
    return 0 if delivery.is_delivered else 1


def _tell_wait(number: int, delay_s: float, at: datetime) -> None:
    talk(f"Attempt {number} in {delay_s:.1f} s, at {at.astimezone():%H:%M:%S}.")


def _timings(attempt: Attempt) -> str:
    told = attempt.timings.words if attempt.timings else ""
    return f"  attempt {attempt.number}: {told}"


def _callback(args: argparse.Namespace, settings: Settings) -> Callback:
    if args.resend is not None:
        return _again(args, settings)
    scheme = scheme_named(args.scheme)
    secret = webhook_secret(args, settings)
    event = TriggerEvent(args.event)
    if args.body is not None:
        if args.template is not None:
            raise UsageError("--body and --template exclude each other.")
        if args.tracked:
            raise UsageError("--tracked would change the bytes of --body.")
        return compose_raw(read_input(args.body), secret=secret, event=event, scheme=scheme)
    template = None
    if args.template is not None:
        try:
            text = read_input(args.template).decode("utf-8")
        except UnicodeDecodeError:
            raise UsageError(f"{args.template} is not UTF-8 text.", field="template") from None
        template = parse_template(text)
    return compose(
        event=event,
        skill_id=args.skill,
        secret=secret,
        text=args.text,
        template=template,
        scheme=scheme,
        tracked=args.tracked,
    )


def _again(args: argparse.Namespace, settings: Settings) -> Callback:
    if args.body is not None or args.template is not None or args.tracked or args.scheme:
        raise UsageError(
            "--resend sends what was kept as it is.",
            hint="Leave out --body, --template, --tracked and --scheme.",
        )
    capture = load_file(args.resend)
    try:
        return replay(capture)
    except UsageError as error:
        # Only a header that said the secret itself needs it once more.
        if error.field != "secret":
            raise
        return replay(capture, secret=webhook_secret(args, settings))


def _as_dict(delivery: Delivery, callback: Callback) -> dict[str, object]:
    return {
        "status": str(delivery.status),
        "reason": delivery.reason,
        "ms": round(delivery.ms, 2),
        "signature": callback.signature,
        "timestamp_ms": callback.timestamp_ms,
        "scheme": callback.scheme.id,
        "delivery_id": callback.delivery_id,
        "attempts": [
            {
                "number": attempt.number,
                "status": attempt.status,
                "ms": round(attempt.ms, 2),
                "error": attempt.error_code,
                "body_sha256": attempt.body_sha256,
                "timings": attempt.timings.as_dict() if attempt.timings else None,
            }
            for attempt in delivery.attempts
        ],
    }
