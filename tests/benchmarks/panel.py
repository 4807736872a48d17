"""How quick the Audit place is over many records, as ratios to the same place over none.

::

    python -m tests.benchmarks.panel [--records N] [--rounds N] [--json]

A console in this process goes to Audit for the first time: until its list is drawn, and until the
numbers and charts are. Then pages are turned and a filter is asked for. The longest time that the
event loop was held tells whether a key would have waited. Both logs take turns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import textual.app
import textual.pilot

from cognitui.audit.store import AuditLog
from cognitui.audit.wanted import Wanted
from tests.benchmarks.audit_records import write_records
from tests.tui.support import run_console, settings_in, wait_until_idle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.support import Console

SIZE = (120, 36)
TURNS = 40
TICK_S = 0.001
FILTER = "outcome:failed action:send"
OPENING_MS = 300.0
Found = dict[str, list[float]]


class Loop:
    """Watches how long the event loop is held."""

    def __init__(self) -> None:
        self.longest_ms = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            late = time.perf_counter() - began - TICK_S
            self.longest_ms = max(self.longest_ms, late * 1000)


async def look(home: Path, found: Found) -> None:
    """One console on one log."""
    async with run_console(settings_in(home), size=SIZE) as console:
        loop = Loop()
        watch = asyncio.create_task(loop.watch())

        async def timed(name: str, is_done: Callable[[], bool]) -> None:
            while not is_done():  # noqa: ASYNC110
                await asyncio.sleep(TICK_S)
            found[name].append((time.perf_counter() - began) * 1000)

        def has_place() -> bool:
            return console.place.PLACE == "audit" and console.audit.is_laid_out

        began = time.perf_counter()
        console.app.action_go("audit")
        await timed("the list", lambda: has_place() and console.audit.is_answered)
        await timed("the numbers and charts", lambda: bool(console.shows("#audit-state")))
        await console.settle()
        found["longest hold, opening"].append(loop.longest_ms)
        await _pages(console, loop, found)
        console.audit.box.value = FILTER
        began = time.perf_counter()
        await timed("a filter, from the last key", lambda: _answers(console))
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch


async def _pages(console: Console, loop: Loop, found: Found) -> None:
    if not console.audit.rows.cursor_key:
        return
    loop.longest_ms = 0.0
    began = time.perf_counter()
    for _ in range(TURNS):
        await console.pilot.press("pagedown")
    found["a page down"].append((time.perf_counter() - began) * 1000 / TURNS)
    found["longest hold, paging"].append(loop.longest_ms)


async def _add_up(home: Path) -> None:
    async with await AuditLog.open(home / "data" / "audit.db", home / "state") as log:
        await log.overview(Wanted())


def _answers(console: Console) -> bool:
    place = console.audit
    return place.is_answered and not any(w.group == "audit.load" for w in place.workers)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    textual.app.wait_for_idle = textual.pilot.wait_for_idle = wait_until_idle  # type: ignore[attr-defined]
    full, none = defaultdict[str, list[float]](list), defaultdict[str, list[float]](list)
    with tempfile.TemporaryDirectory(prefix="panel-") as name:
        homes = {"full": Path(name) / "full", "none": Path(name) / "none"}
        write_records(homes["full"] / "data" / "audit.db", args.records)
        # The first visit adds up what a program without sums left behind: that happens once.
        asyncio.run(_add_up(homes["full"]))
        for _ in range(args.rounds):
            asyncio.run(look(homes["none"], none))
            asyncio.run(look(homes["full"], full))
    lines = {key: (statistics.median(values), none.get(key)) for key, values in full.items()}
    if args.json:
        sys.stdout.write(json.dumps({key: value for key, (value, _) in lines.items()}) + "\n")
        return
    sys.stdout.write(f"{args.records:,} records, milliseconds, median of {args.rounds}\n")
    for key, (value, floor) in lines.items():
        ratio = f"{value / statistics.median(floor):6.1f} ×" if floor else ""
        sys.stdout.write(f"{key:<30}{value:9.1f} {ratio}\n")
    opening = lines["the numbers and charts"][0]
    sys.stdout.write(f"opens in {opening:.0f} ms; {OPENING_MS:.0f} ms are allowed\n")


if __name__ == "__main__":
    main()
