"""Show the console in a browser.

Each tab is a console of its own, on this machine, with your settings; it ends with the tab. Only
this machine can reach it, and only with the token in the address that is printed first.
"""

from __future__ import annotations

import asyncio
import signal
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cognitui import logs
from cognitui.cli.demo import FLAGS as DEMO_FLAGS
from cognitui.cli.demo import demo_settings
from cognitui.cli.flags import add_flags, as_arguments, given
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.config import SETTING
from cognitui.errors import UsageError
from cognitui.settings import Paths, Settings

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui serve --demo"
HOST = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--host", default=HOST, metavar="H", help=f"what to listen at ({HOST}: this machine only)"
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="0, the default: any free one"
    )
    parser.add_argument("--demo", action="store_true", help="the console on a sandbox tenant")
    parser.add_argument(
        "--no-token", action="store_true", help="let in whoever can reach it, without a token"
    )
    add_flags(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM, and return 0.

    Raises:
        UsageError: The extra is not installed, a setting is wrong, or nothing can listen there.
    """
    if find_spec("textual_serve") is None:
        raise UsageError(
            "Showing the console in a browser needs textual-serve, which is not installed.",
            hint="Install it: pip install 'cognitui[serve]'",
        )
    from cognitui.serve.gate import is_loopback, new_token
    from cognitui.serve.server import serving

    console = _console(args)
    logs.configure(Paths.default().state / "logs")
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    token = None if args.no_token else new_token()
    async with serving(console, host=args.host, port=args.port, token=token) as address:
        if args.json:
            emit({"url": address.url, "host": address.host, "port": address.port})
        else:
            say(address.url)
        if not is_loopback(address.host):
            _warn(has_token=token is not None)
        talk("Open this address in a browser. Ctrl-C stops it, and every console with it.")
        await stopped.wait()
    return 0


def _console(args: argparse.Namespace) -> list[str]:
    """The arguments of each console, which are known to be good before there is one."""
    flags = given(args)
    if not args.demo:
        Settings.load(flags=flags)
        return as_arguments(flags)
    for name in flags:
        if name not in DEMO_FLAGS:
            raise UsageError(f"--demo does not go with {SETTING[name].flags[0]}.", field=name)
    demo_settings(flags)
    return ["demo", *as_arguments(flags)]


def _warn(*, has_token: bool) -> None:
    who = "whoever reads the traffic learns the token and" if has_token else "whoever does"
    talk(
        "Careful: other machines can reach this one, the connection is not encrypted, and "
        f"{who} may do all that you may. Over SSH, forward the port instead."
    )
