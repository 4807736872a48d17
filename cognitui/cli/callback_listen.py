"""Receive callbacks on this machine, verify each, and list them until interrupted."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.callbacks.answers import parse_plan
from cognitui.callbacks.captures import CaptureStore
from cognitui.callbacks.display import safe_text
from cognitui.callbacks.listener import HOST, is_loopback_host
from cognitui.cli.common import add_secret_file, plain_workspace, webhook_secret
from cognitui.cli.endpoints import warn_of_private
from cognitui.cli.files import write_private
from cognitui.cli.output import add_json, emit, say, talk
from cognitui.cli.schemes import add_scheme, scheme_named
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from cognitui.callbacks.received import Received
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui callback listen --port 8000 --secret-file secret.txt"
_PATIENCE_S = 10.0
_ADDRESS = re.compile(r"(?:(?:\[(?P<v6>[^\[\]]+)\]|(?P<host>[^\[\]]+)):)?(?P<port>[0-9]{1,5})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--port", type=int, default=0, metavar="N", help="0, the default: any free one"
    )
    parser.add_argument("--count", type=int, metavar="N", help="stop after so many")
    add_scheme(parser)
    parser.add_argument(
        "--answer",
        metavar="PLAN",
        help="answer the first ones so, to try a sender's retries: 503,503 or delay=2000 or close",
    )
    parser.add_argument(
        "--forward", metavar="URL", help="hand on what verifies to a program on this machine"
    )
    parser.add_argument(
        "--forward-anywhere", action="store_true", help="let --forward leave this machine"
    )
    parser.add_argument("--save", metavar="DIR", type=Path, help="keep each as a file in there")
    parser.add_argument(
        "--export-har", metavar="FILE", type=Path, help="write all of them as HAR at the end"
    )
    parser.add_argument(
        "--metrics",
        nargs="?",
        const="0",
        metavar="[HOST:]PORT",
        help="let Prometheus collect what is counted, at a port of this machine; any free one",
    )
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Listen until SIGINT, SIGTERM or --count; return 1 if one of --count did not verify."""
    if args.count is not None and args.count < 0:
        raise UsageError("--count is 0 or more.", field="count")
    if args.forward_anywhere and args.forward is None:
        raise UsageError("--forward-anywhere needs --forward.", field="forward")
    async with plain_workspace() as workspace:
        _set_up(workspace, args)
        if args.forward is not None:
            await warn_of_private(args.forward)
        workspace.callbacks.remember_secret("listen", webhook_secret(args, workspace.settings))
        if args.export_har is not None:
            _write_har(args.export_har, ())  # what cannot be written is told now, not at the end
        listening = _Listening(workspace, args)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, listening.arrivals.put_nowait, None)
        with _metrics(workspace, args.metrics) as metrics_url:
            url = await workspace.callbacks.start_receiver(args.port)
            if args.json:
                emit({"url": url} | ({"metrics_url": metrics_url} if metrics_url else {}))
            else:
                say(f"Listening at {url}")
                if metrics_url:
                    say(f"Metrics at {metrics_url}")
            await listening.until_the_end()
        if args.export_har is not None:
            _write_har(args.export_har, workspace.callbacks.receiver.received)
        talk(f"{listening.seen} received.")
    return 0 if listening.all_verified or args.count is None else 1


def _set_up(workspace: Workspace, args: argparse.Namespace) -> None:
    receiver = workspace.callbacks.receiver
    receiver.set_scheme(scheme_named(args.scheme))
    if args.answer is not None:
        receiver.set_answers(parse_plan(args.answer))
    if args.forward is not None:
        # Loads h11, which is not needed otherwise.
        from cognitui.callbacks.forward import Forwarder

        workspace.require_writing()
        receiver.set_forwarder(Forwarder(args.forward, anywhere=args.forward_anywhere))


@contextmanager
def _metrics(workspace: Workspace, where: str | None) -> Iterator[str | None]:
    """What is counted, for Prometheus, while the block runs; its URL."""
    if where is None:
        yield None
        return
    # Loads a server, which is not needed otherwise.
    from cognitui.callbacks.metrics.endpoint import MetricsEndpoint
    from cognitui.callbacks.metrics.tally import CallbackTally

    host, port = _address(where)
    receiver, tally = workspace.callbacks.receiver, CallbackTally()
    receiver.count_with(tally)
    endpoint = MetricsEndpoint(tally, is_up=lambda: receiver.is_running)
    try:
        url = endpoint.start(port, host)
        if not is_loopback_host(host):
            talk(
                "Other machines may read the metrics too, over a connection that is not encrypted."
            )
        yield url
    finally:
        endpoint.stop()


def _address(text: str) -> tuple[str, int]:
    """Host and port of ``9100``, ``127.0.0.1:9100`` or ``[::1]:9100``."""
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise UsageError("--metrics is a port such as 9100, or HOST:PORT.", field="metrics")
    return found["v6"] or found["host"] or HOST, int(found["port"])


class _Listening:
    """What has arrived so far, and what is still awaited."""

    def __init__(self, workspace: Workspace, args: argparse.Namespace) -> None:
        self.arrivals: asyncio.Queue[Received | None] = asyncio.Queue()
        self.seen = 0
        self.all_verified = True
        self._args = args
        self._store = CaptureStore(args.save) if args.save is not None else None
        if self._store is not None:
            self._store.names()  # a place that cannot be used is told now, not at the first one
        self._forwarded: set[int] = set()
        self._to_forward: set[int] = set()
        loop = asyncio.get_running_loop()

        def tell(received: Received) -> None:
            loop.call_soon_threadsafe(self.arrivals.put_nowait, received)

        # Straight from the receiver, so that what became of one never comes before it.
        workspace.callbacks.receiver.subscribe(tell)
        workspace.callbacks.receiver.follow(tell)

    async def until_the_end(self) -> None:
        """Tell what arrives until a signal or the count; then what became of the last ones."""
        while self.seen != self._args.count:
            received = await self.arrivals.get()
            if received is None:
                return
            await self._tell(received)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while self._to_forward - self._forwarded:
                    received = await self.arrivals.get()
                    if received is None:
                        return
                    await self._tell(received)
        except TimeoutError:
            talk("Some were not handed on in time.")

    async def _tell(self, received: Received) -> None:
        if received.forwarded is not None:
            self._forwarded.add(received.number)
            self._tell_forwarded(received)
            return
        if self.seen == self._args.count:
            return  # one too many, while the last ones are handed on
        self.seen += 1
        accepted = received.verdict.accepted
        self.all_verified = self.all_verified and accepted
        if accepted and self._args.forward is not None:
            self._to_forward.add(received.number)
        name = None
        if self._store is not None:
            name = (await asyncio.to_thread(self._store.save, received)).name
        if self._args.json:
            emit(_as_dict(received) | ({} if name is None else {"capture": name}))
        else:
            say(_line(received))

    def _tell_forwarded(self, received: Received) -> None:
        outcome = received.forwarded
        assert outcome is not None
        if self._args.json:
            told = {"status": outcome.status, "ms": round(outcome.ms, 2), "error": outcome.error}
            emit({"number": received.number, "forwarded": told})
        else:
            end = outcome.error or f"{outcome.status} after {outcome.ms:.0f} ms"
            say(f"          → {received.number} handed on: {end}")


def _write_har(path: Path, received: tuple[Received, ...]) -> None:
    from cognitui.callbacks.export.har import har
    from cognitui.callbacks.export.subject import of_received

    write_private(path, har(of_received(each) for each in received).encode("ascii"))


def _line(received: Received) -> str:
    verdict = received.verdict
    mark = "✓" if verdict.accepted else "✗"
    time = received.at.astimezone().strftime("%H:%M:%S")
    event = received.event or "–"
    told = f"  answered {received.told.words}" if received.told else ""
    return safe_text(f"{time}  {mark} {event}  {len(received.body)} B  {verdict.reason}{told}", 400)


def _as_dict(received: Received) -> dict[str, object]:
    verdict = received.verdict
    return {
        "number": received.number,
        "at": received.at.isoformat(),
        "sent_at_ms": received.sent_at_ms,
        "accepted": verdict.accepted,
        "scheme": received.scheme_id,
        "signature": str(verdict.signature),
        "freshness": str(verdict.freshness),
        "replay": str(verdict.replay),
        "reason": verdict.reason,
        "secret": received.secret.fingerprint if received.secret else None,
        "event": str(received.event) if received.event else None,
        "skill_id": received.skill_id,
        "delivery_id": received.delivery_id,
        "size": len(received.body),
        "body_sha256": received.body_sha256,
        "status": received.status,
        "told": received.told.words if received.told else None,
    }
