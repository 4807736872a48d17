"""How quick keys are while a burst runs, beside the same keys in the same dialog before it.

::

    python -m tests.benchmarks.burst_keys [--rounds N] [--keys N] [--to receiver|endpoint]

The console runs on a pseudo-terminal. It bursts to an endpoint in a process of its own, or to its
own receiver, which is the most that one console can be asked for: it sends, receives, verifies,
records and draws at once.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from tests.benchmarks.rounds import PAUSE_S, ROOT, WARM_UP, Stage
from tests.benchmarks.subjects import CONNECTED, ESCAPE
from tests.support import processes
from tests.support.pseudo_terminal import PseudoTerminal, on_terminal, terminal_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

LETTER, BACKSPACE, MARK = b"Q", b"\x7f", b"Q"
RECEIVER_KEY, START_KEY, FOCUS_BACK = b"\x1b[17~", b"\x13", b"\x1b[Z"
COUNT = b"1000000"
EMPTIED = b"\x05\x15"


def key_times(terminal: PseudoTerminal, count: int) -> list[float]:
    """Milliseconds from a letter typed into a field to the letter on the screen."""
    times = []
    for number in range(WARM_UP + count):
        terminal.spend(PAUSE_S)
        took = terminal.answer_ms(LETTER, mark=MARK)
        terminal.spend(PAUSE_S)
        terminal.write(BACKSPACE)
        if number >= WARM_UP and took is not None:
            times.append(took)
    return times


@contextmanager
def endpoint() -> Iterator[bytes]:
    """The address of a server that answers as quickly as a server can."""
    command = [sys.executable, "-m", "tests.benchmarks.load_servers", "answering"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(peer.stdout.readline())}/in".encode()
        finally:
            peer.stdin.close()


def one_round(stage: Stage, count: int, target: bytes) -> tuple[list[float], list[float], str]:
    """Times before and during a burst, and how the burst stood at the end."""
    aim = [(RECEIVER_KEY, "this receiver the target")]  # with its secret
    if target:
        aim += [(EMPTIED, "https://…"), (target, target.decode())]
    with stage.home(CONNECTED) as home:
        environment = terminal_environment(home) | {"PYTHONPATH": str(ROOT)}
        processes.wait_until_calm(0.3, 30.0)
        with on_terminal(CONNECTED.command, environment, directory=home) as terminal:
            terminal.quiet(0.5)
            terminal.wait_for(CONNECTED.ready)
            for keys, shows in (
                (b"4", "Target"),
                *aim,
                (ESCAPE, ""),
                (b"b", "Burst to"),
            ):
                terminal.write(keys)
                terminal.quiet(4 * PAUSE_S)
                terminal.wait_for(shows)
            for keys in (BACKSPACE * 4, COUNT):
                terminal.write(keys)
                terminal.quiet(4 * PAUSE_S)
            idle = key_times(terminal, count)
            terminal.quiet(PAUSE_S)
            terminal.write(START_KEY)
            terminal.spend(2.0)
            terminal.wait_for("in flight")
            busy = key_times(terminal, count)
            terminal.spend(0.3)
            found = next(
                (line.strip(" │┃") for line in terminal.lines if "of 1,000,000" in line), ""
            )
            terminal.write(ESCAPE)
            terminal.wait_for("Stopped")
            return idle, busy, found


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return sorted(times)[int(0.95 * (len(times) - 1))]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keys", type=int, default=40)
    parser.add_argument("--to", choices=("receiver", "endpoint"), default="receiver")
    args = parser.parse_args()
    ratios = []
    with Stage() as stage, endpoint() if args.to == "endpoint" else nullcontext(b"") as target:
        for _ in range(args.rounds):
            idle, busy, words = one_round(stage, args.keys, target)
            ratios.append(p95(busy) / p95(idle))
            for name, times in (("idle", idle), ("burst", busy)):
                sys.stdout.write(
                    f"  {name:<6} p50 {statistics.median(times):6.1f} ms   p95 {p95(times):6.1f} ms"
                    f"   {len(times)} of {args.keys} keys\n"
                )
            sys.stdout.write(f"  p95 × {ratios[-1]:.2f}   {words}\n")
    sys.stdout.write(f"keys during a burst: p95 × {statistics.median(ratios):.2f} (target 2)\n")


if __name__ == "__main__":
    main()
