"""What a collector costs the one who writes records: nobody may wait for it, dead or alive.

Run ``python -m tests.benchmarks.telemetry``. The same records are written without a collector, with
one that answers, with a port where nobody listens and with one that never answers, in turn; the
middle of all rounds is told as a ratio to writing without one.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from statistics import median

from cognitui.config import Config
from cognitui.workspace import Workspace
from tests.audit.otlp_collector import collecting
from tests.audit.support import record
from tests.cli.support import closed_port
from tests.workspace.support import settings_in

LIMIT = 1.5
"""Writing takes at most so many times as long; a second processor may be busy sending."""


async def _write(endpoint: str, count: int) -> float:
    """Milliseconds of writing so many records one after the other."""
    with tempfile.TemporaryDirectory(prefix="telemetry-") as home:
        config = Config(otlp_endpoint=endpoint)
        async with Workspace(replace(settings_in(Path(home)), config=config)) as workspace:
            await workspace.trail.write(record())  # the SDK is loaded while others are written
            await asyncio.sleep(1)
            started = time.perf_counter()
            for number in range(count):
                await workspace.trail.write(record(number))
            return (time.perf_counter() - started) * 1000


def main() -> int:
    """Measure, print the ratios, and return 1 when one is over the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--records", type=int, default=2000)
    args = parser.parse_args()
    with ExitStack() as stack:
        port = stack.enter_context(closed_port())
        endpoints = {
            "none": "",
            "answers": stack.enter_context(collecting()).url,
            "refuses": f"http://127.0.0.1:{port}",
            "hangs": stack.enter_context(collecting(hangs=True)).url,
        }
        times: dict[str, list[float]] = {name: [] for name in endpoints}
        for _ in range(args.rounds):
            for name, endpoint in endpoints.items():
                times[name].append(asyncio.run(_write(endpoint, args.records)))
    floor = median(times["none"])
    worst = 0.0
    for name, taken in times.items():
        ratio = median(taken) / floor
        worst = max(worst, ratio)
        each = median(taken) / args.records * 1000
        sys.stdout.write(f"{name:<8} {each:7.0f} µs a record   × {ratio:.2f}\n")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
