"""Send forged, stale, replayed and odd callbacks to an endpoint of yours, and report the answers.

An honest callback comes first and last, so the endpoint acts on some of what is sent. Exit status:
0 sound, 1 something gets in that should not (with --strict also when something is weak), 2 wrong
usage, 3 the endpoint could not be reached.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.tamper.advice import Framework
from cognitui.cli.asking import typed
from cognitui.cli.common import add_secret_file, plain_workspace, read_input, webhook_secret
from cognitui.cli.endpoints import warn_of_private
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.schemes import scheme_named
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse

    from cognitui.callbacks.tamper.card import CaseResult, ReportCard
    from cognitui.callbacks.tamper.wire import Limits

EXAMPLE = "cognitui callback probe http://127.0.0.1:8000/callback --framework express"
MAX_TIMEOUT_MS = 60_000
MAX_SLOW_S = 120
MAX_PAUSE_MS = 10_000
MAX_HOST = 200


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    signed = [name for name, scheme in READY.items() if scheme.is_signed]
    parser.add_argument("url", metavar="URL", help="the endpoint")
    parser.add_argument("--scheme", default="cognigy", metavar="S",
                        help=f"how it verifies: {', '.join(signed)} (cognigy)")  # fmt: skip
    parser.add_argument("--framework", choices=[str(f) for f in Framework], metavar="F",
                        help=f"whose words the advice is in: {', '.join(Framework)}")  # fmt: skip
    parser.add_argument("--body", metavar="FILE",
                        help="JSON: fields that every body has to have; - for stdin")  # fmt: skip
    parser.add_argument("--yes", action="store_true",
                        help="do not ask before sending to another machine")  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="fail when something is weak too")
    parser.add_argument("--acknowledges-replays", action="store_true",
                        help="it answers 2xx to a replay and does nothing")  # fmt: skip
    parser.add_argument("--timeout", type=int, default=10_000, metavar="MS", help="1-60000 (10000)")
    parser.add_argument("--slow", type=int, default=20, metavar="S",
                        help="seconds to keep up an endless body, 1-120 (20)")  # fmt: skip
    parser.add_argument("--pause", type=int, default=0, metavar="MS",
                        help="between two cases, 0-10000 (0)")  # fmt: skip
    parser.add_argument("--markdown", action="store_true", help="print the card as Markdown")
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Probe, and return 0 when the endpoint is sound, else 1."""
    # Loads httpx and h11, which the list of commands does not need.
    from cognitui.callbacks.tamper.card_text import as_line, as_markdown, as_text
    from cognitui.callbacks.tamper.cases import cases_for
    from cognitui.callbacks.tamper.wire import is_loopback

    if args.json and args.markdown:
        raise UsageError("--json and --markdown exclude each other.")
    scheme = scheme_named(args.scheme)
    count = len(cases_for(scheme))
    limits = _limits(args)
    fields = _fields(args.body)
    is_elsewhere = not is_loopback(args.url)
    async with plain_workspace() as workspace:
        workspace.require_writing()
        if is_elsewhere and not args.yes and not _confirmed(args.url, count):
            talk("Nothing was sent.")
            return 1
        secret = webhook_secret(args, workspace.settings)
        await warn_of_private(args.url)

        def told(result: CaseResult) -> None:
            talk(as_line(result))

        card = await workspace.lab.probe(
            args.url,
            scheme,
            secret,
            framework=Framework(args.framework) if args.framework else None,
            fields=fields,
            limits=limits,
            allow_elsewhere=is_elsewhere,
            acknowledges_replays=args.acknowledges_replays,
            on_result=told,
        )
    if args.json:
        emit(card.as_dict())
    else:
        say(as_markdown(card) if args.markdown else as_text(card))
    return _status(card, is_strict=args.strict)


def _status(card: ReportCard, *, is_strict: bool) -> int:
    return 1 if card.has_failed or (is_strict and card.is_weak) else 0


def _limits(args: argparse.Namespace) -> Limits:
    from cognitui.callbacks.tamper.wire import Limits

    if not 1 <= args.timeout <= MAX_TIMEOUT_MS:
        raise UsageError(f"--timeout is from 1 to {MAX_TIMEOUT_MS} milliseconds.", field="timeout")
    if not 1 <= args.slow <= MAX_SLOW_S:
        raise UsageError(f"--slow is from 1 to {MAX_SLOW_S} seconds.", field="slow")
    if not 0 <= args.pause <= MAX_PAUSE_MS:
        raise UsageError(f"--pause is from 0 to {MAX_PAUSE_MS} milliseconds.", field="pause")
    return Limits(answer_s=args.timeout / 1000, slow_s=float(args.slow), pause_s=args.pause / 1000)


def _fields(path: str | None) -> dict[str, Any] | None:
    if path is None:
        return None
    try:
        decoded = json.loads(read_input(path))
    except (ValueError, RecursionError):
        decoded = None
    if not isinstance(decoded, dict):
        raise UsageError(
            "--body needs a JSON object.", hint='For example {"tenant": "acme"}.', field="body"
        )
    return decoded


def _confirmed(url: str, count: int) -> bool:
    from cognitui.callbacks.tamper.wire import elsewhere

    host = urlsplit(url).hostname or ""
    if not sys.stdin.isatty():
        raise elsewhere(host)

    def ask() -> str:
        talk(
            f"Send {count} callbacks, most of them forged, to {safe_text(host, MAX_HOST)}? "
            "Type the host to confirm:"
        )
        return sys.stdin.readline()

    return typed(ask).strip() == host
