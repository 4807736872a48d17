"""Run the sandbox tenant alone, until it is interrupted.

Its first line tells base_url, api_key, api_secret, bot_id, skill_id, webhook_url, webhook_secret
and monitor_url; any HTTP client can work with them.
"""

from __future__ import annotations

import signal
from queue import SimpleQueue
from typing import TYPE_CHECKING

from cognitui.cli.output import add_json, emit, say, talk
from cognitui.sandbox import Sandbox, SandboxConfig, parse_fault

if TYPE_CHECKING:
    import argparse
    from types import FrameType

EXAMPLE = "cognitui sandbox --port 8900 --fault 503:every=3,path=bots/*/webhooks"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="0, the default: any free one"
    )
    parser.add_argument("--bots", type=int, default=3, metavar="N", help="how many bots (3)")
    parser.add_argument("--webhooks", type=int, default=37, metavar="N",
                        help="webhooks of the first bot (37)")  # fmt: skip
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="SPEC",
        help="KIND[:key=value,…], such as 429:every=3 or hang:path=bots/*/status; may be repeated",
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, and return 0."""
    config = SandboxConfig(
        port=args.port,
        bots=args.bots,
        webhooks=args.webhooks,
        faults=tuple(parse_fault(spec) for spec in args.fault),
    )
    # An event's lock could be held by the very thread that the signal interrupts; a queue has none.
    stopped: SimpleQueue[int] = SimpleQueue()

    def stop(number: int, _frame: FrameType | None) -> None:
        stopped.put(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    sandbox = Sandbox(config)
    info = sandbox.start().as_dict()
    try:
        if args.json:
            emit(dict(info))
        else:
            for name, value in info.items():
                say(f"{name:<15} {value}")
        talk("The sandbox tenant is up. Ctrl-C stops it.")
        stopped.get()
    finally:
        sandbox.stop()
    return 0
