"""Send many callbacks to a URL, each signed afresh, and tell how the endpoint bore them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from typing import TYPE_CHECKING

from cognitui.callbacks.burst.plan import DEFAULT_IN_FLIGHT, DEFAULT_TIMEOUT_MS, BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.callbacks.burst.words import describe_failure
from cognitui.callbacks.schemes.ready import COGNIGY, READY
from cognitui.cli.common import add_secret_file, plain_workspace, webhook_secret
from cognitui.cli.endpoints import warn_of_private
from cognitui.cli.output import add_json, emit, say, table
from cognitui.cli.schemes import scheme_named
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from pydantic import SecretStr

    from cognitui.callbacks.burst.burst import Burst
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui callback burst http://127.0.0.1:8000/callback --count 1000 --rate 200"
BAR = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("url", metavar="URL", help="the endpoint")
    parser.add_argument("--count", type=int, required=True, metavar="N", help="1-1000000")
    parser.add_argument("--rate", type=float, metavar="R",
                        help="due in a second; as fast as it answers if not given")  # fmt: skip
    parser.add_argument("--in-flight", type=int, default=DEFAULT_IN_FLIGHT, metavar="C",
                        help=f"under way at once, 1-500 ({DEFAULT_IN_FLIGHT})")  # fmt: skip
    parser.add_argument("--timeout", type=int, default=DEFAULT_TIMEOUT_MS, metavar="MS",
                        help=f"1-60000 ({DEFAULT_TIMEOUT_MS})")  # fmt: skip
    parser.add_argument("--scheme", default=COGNIGY.id, metavar="NAME",
                        help=f"how they are signed: {', '.join(READY)}")  # fmt: skip
    parser.add_argument("--event", default="ON_MESSAGE", choices=[str(e) for e in TriggerEvent],
                        metavar="EVENT", help="the trigger, ON_MESSAGE if not given")  # fmt: skip
    parser.add_argument("--skill", default="skill_test", metavar="ID", help="the skill it names")
    parser.add_argument("--confirm", default="", metavar="HOST",
                        help="the URL's host again, where that is another machine")  # fmt: skip
    add_secret_file(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Send them all, or until Ctrl-C; return 0 when every one was delivered, else 1."""
    plan = BurstPlan(args.count, args.rate, args.in_flight, args.timeout)
    async with plain_workspace() as workspace:
        workspace.require_writing()
        burst = _prepare(args, plan, workspace, webhook_secret(args, workspace.settings))
        await warn_of_private(args.url)
        progress = _Progress(is_shown=sys.stderr.isatty())
        with _stopped_by_interrupt(burst):
            final = await workspace.lab.burst(burst, on_snapshot=progress.show)
        progress.clear()
    emit(_as_dict(final)) if args.json else say(_report(final))
    return 0 if final.all_delivered else 1


def _prepare(
    args: argparse.Namespace, plan: BurstPlan, workspace: Workspace, secret: SecretStr
) -> Burst:
    try:
        return workspace.lab.prepare_burst(
            args.url,
            plan,
            BurstContent(TriggerEvent(args.event), args.skill),
            secret=secret,
            scheme=scheme_named(args.scheme),
            confirmed_host=args.confirm,
        )
    except UsageError as error:
        if error.field != "confirmed_host":
            raise
        raise UsageError(
            error.message,
            hint="Load only what you may load. To go ahead, add --confirm and the URL's host.",
            field="confirm",
        ) from None


@contextlib.contextmanager
def _stopped_by_interrupt(burst: Burst) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
        loop.add_signal_handler(signal.SIGINT, burst.stop)  # in the main thread only
    try:
        yield
    finally:
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.remove_signal_handler(signal.SIGINT)


class _Progress:
    """One line on stderr that is written over again and again; nothing without a terminal."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown

    def show(self, snapshot: BurstSnapshot) -> None:
        """Write how it stands."""
        if self._is_shown:
            eta = "" if snapshot.eta_s is None else f", {snapshot.eta_s:.0f} s left"
            self._write(
                f"{snapshot.ended:,} of {snapshot.count:,}, {snapshot.failed:,} failed, "
                f"{snapshot.rate_now:,.0f}/s, p95 {snapshot.latency.p95:.1f} ms{eta}"
            )

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._is_shown:
            self._write("")

    def _write(self, text: str) -> None:
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


def _report(final: BurstSnapshot) -> str:
    latency = final.latency
    parts = [final.reason]
    if final.bars:
        head = ("", "p50", "p90", "p95", "p99", "longest")
        times = (latency.p50, latency.p90, latency.p95, latency.p99, latency.longest)
        parts.append(table(head, [("ms", *(f"{ms:.2f}" for ms in times))]))
        parts.append(_histogram(final.bars))
    if final.failures:
        rows = [
            (kind, f"{count:,}", describe_failure(kind))
            for kind, count in sorted(final.failures.items(), key=lambda item: -item[1])
        ]
        parts.append(table(("failed", "times", "because"), rows))
    return "\n\n".join(parts)


def _histogram(bars: tuple[tuple[float, float, int], ...]) -> str:
    most = max(count for *_, count in bars)
    rows = []
    for from_ms, to_ms, count in bars:
        # Even one in a million is seen.
        length = -(-count * BAR // most)
        rows.append((f"{from_ms:9.2f} – {to_ms:9.2f} ms", f"{count:9,}", "█" * length))
    return "\n".join("  ".join(row).rstrip() for row in rows)


def _as_dict(final: BurstSnapshot) -> dict[str, object]:
    latency = final.latency
    return {
        "state": str(final.state),
        "reason": final.reason,
        "count": final.count,
        "sent": final.sent,
        "ok": final.ok,
        "failed": final.failed,
        "cancelled": final.cancelled,
        "statuses": {str(status): count for status, count in final.statuses.items()},
        "failures": dict(final.failures),
        "latency_ms": {
            "p50": round(latency.p50, 3),
            "p90": round(latency.p90, 3),
            "p95": round(latency.p95, 3),
            "p99": round(latency.p99, 3),
            "max": round(latency.longest, 3),
        },
        "elapsed_s": round(final.elapsed_s, 3),
        "rate_per_s": round(final.rate, 2),
        "timeline": [
            {
                "at_s": step.at_s,
                "seconds": round(step.seconds, 3),
                "sent": step.sent,
                "ok": step.ok,
                "failed": step.failed,
                "p50_ms": round(step.p50, 3),
                "p95_ms": round(step.p95, 3),
            }
            for step in final.timeline
        ],
    }
