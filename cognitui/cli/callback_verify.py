"""Check the signature of a body, and how fresh its timestamp is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.verify import verify
from cognitui.cli.common import add_secret_file, read_input, webhook_secret
from cognitui.cli.output import add_json, emit, say
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui callback verify body.json --signature sha256=… --timestamp 1700000000000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the raw body; - for stdin")
    parser.add_argument("--signature", metavar="TEXT", help="what X-Cognigy-Signature said")
    parser.add_argument("--timestamp", metavar="MS", help="what X-Cognigy-Timestamp said")
    parser.add_argument("--now", type=int, metavar="MS", help="judge freshness at this moment")
    add_secret_file(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Verify, and return 0 when it may be accepted, else 1."""
    body = read_input(args.file)
    secret = webhook_secret(args, Settings.load())
    verdict = verify(
        body,
        args.signature,
        args.timestamp,
        secrets=[secret],
        now_ms=unix_ms(SYSTEM_CLOCK.now()) if args.now is None else args.now,
    )
    if args.json:
        emit({
            "accepted": verdict.accepted,
            "signature": str(verdict.signature),
            "freshness": str(verdict.freshness),
            "replay": str(verdict.replay),
            "timestamp_authenticated": verdict.timestamp_authenticated,
            "reason": verdict.reason,
            "hints": list(verdict.hints),
        })  # fmt: skip
    else:
        say(f"{'✓' if verdict.accepted else '✗'} {verdict.reason}")
        for hint in verdict.hints:
            say(f"  {hint}")
    return 0 if verdict.accepted else 1
