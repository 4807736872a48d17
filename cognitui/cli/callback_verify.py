"""Check the signature of a body, and how fresh its timestamp is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.judging import judge
from cognitui.callbacks.sign import SIGNATURE_HEADER, TIMESTAMP_HEADER
from cognitui.cli.common import add_secret_file, read_input, webhook_secret
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.schemes import add_scheme, scheme_named
from cognitui.clock import SYSTEM_CLOCK, unix_ms
from cognitui.errors import UsageError
from cognitui.settings import Settings

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui callback verify body.json --signature sha256=… --timestamp 1700000000000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the raw body; - for stdin")
    parser.add_argument("--signature", metavar="TEXT", help="what X-Cognigy-Signature said")
    parser.add_argument("--timestamp", metavar="MS", help="what X-Cognigy-Timestamp said")
    parser.add_argument(
        "-H",
        "--header",
        action="append",
        default=[],
        metavar="LINE",
        help="a header as it came, such as 'webhook-id: msg_1'; may be given again and again",
    )
    add_scheme(parser)
    parser.add_argument("--now", type=int, metavar="MS", help="judge freshness at this moment")
    add_secret_file(parser)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Verify, and return 0 when it may be accepted, else 1."""
    body = read_input(args.file)
    scheme = scheme_named(args.scheme)
    headers = _headers(args)
    secret = webhook_secret(args, Settings.load())
    verdict = judge(
        scheme,
        body,
        headers,
        secrets=[secret],
        now_ms=unix_ms(SYSTEM_CLOCK.now()) if args.now is None else args.now,
    )
    if args.json:
        emit({
            "accepted": verdict.accepted,
            "signature": str(verdict.signature),
            "freshness": str(verdict.freshness),
            "replay": str(verdict.replay),
            "scheme": scheme.id,
            "delivery_id": verdict.delivery_id,
            "timestamp_authenticated": verdict.timestamp_authenticated,
            "reason": verdict.reason,
            "hints": list(verdict.hints),
        })  # fmt: skip
    else:
        say(f"{'✓' if verdict.accepted else '✗'} {verdict.reason}")
        for hint in verdict.hints:
            say(f"  {hint}")
    return 0 if verdict.accepted else 1


def _headers(args: argparse.Namespace) -> list[tuple[str, str]]:
    headers = [
        (name, value)
        for name, value in ((SIGNATURE_HEADER, args.signature), (TIMESTAMP_HEADER, args.timestamp))
        if value is not None
    ]
    for line in args.header:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            # What was given instead may be a secret, so it is not repeated.
            raise UsageError(
                "A --header is a name, a colon and a value.",
                hint="For example -H 'webhook-id: msg_1'.",
                field="header",
            )
        headers.append((name.strip(), value.strip(" \t\r\n")))
    return headers
