"""Receive callbacks on this machine, verify each, and list them until interrupted."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.cli.common import add_secret_file, plain_workspace, webhook_secret
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from cognitui.callbacks.received import Received

EXAMPLE = "cognitui callback listen --port 8000 --secret-file secret.txt"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="0, the default: any free one"
    )
    parser.add_argument("--count", type=int, metavar="N", help="stop after so many")
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Listen until SIGINT, SIGTERM or --count; return 1 if one of --count did not verify."""
    if args.count is not None and args.count < 0:
        raise UsageError("--count is 0 or more.", field="count")
    async with plain_workspace() as workspace:
        workspace.callbacks.remember_secret("listen", webhook_secret(args, workspace.settings))
        arrivals: asyncio.Queue[Received | None] = asyncio.Queue()

        def arrived(received: Sequence[Received]) -> None:
            for one in received:
                arrivals.put_nowait(one)

        workspace.callbacks.listen(arrived)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, arrivals.put_nowait, None)
        url = await workspace.callbacks.start_receiver(args.port)
        if args.json:
            emit({"url": url})
        else:
            say(f"Listening at {url}")
        all_verified = True
        seen = 0
        while seen != args.count and (received := await arrivals.get()) is not None:
            seen += 1
            all_verified = all_verified and received.verdict.accepted
            emit(_as_dict(received)) if args.json else say(_line(received))
        talk(f"{seen} received.")
    return 0 if all_verified or args.count is None else 1


def _line(received: Received) -> str:
    verdict = received.verdict
    mark = "✓" if verdict.accepted else "✗"
    time = received.at.astimezone().strftime("%H:%M:%S")
    event = received.event or "–"
    return safe_text(f"{time}  {mark} {event}  {len(received.body)} B  {verdict.reason}", 400)


def _as_dict(received: Received) -> dict[str, object]:
    verdict = received.verdict
    return {
        "number": received.number,
        "at": received.at.isoformat(),
        "accepted": verdict.accepted,
        "signature": str(verdict.signature),
        "freshness": str(verdict.freshness),
        "replay": str(verdict.replay),
        "reason": verdict.reason,
        "event": str(received.event) if received.event else None,
        "skill_id": received.skill_id,
        "size": len(received.body),
        "body_sha256": received.body_sha256,
        "status": received.status,
    }
