# ruff: noqa: T201  # it is a command too
"""Two writers share a log and are killed at random moments: nothing acknowledged is ever lost.

``python -m tests.audit.kills --count 1000 [--seed N]`` kills as often as is asked for. After each
kill, while the other writer goes on in most cases, the log must verify, and what was acknowledged
must be in it and covered by its head.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from cognitui.audit.seal import Places, load
from cognitui.audit.store import AuditLog
from cognitui.audit.verify import verify_log

from .support import record

KILLS_PER_LOG = 50
AT_ONCE = 4
BOTH = 0.3
"""How often both writers are killed in the same moment."""


class Writer:
    """A process that writes for ever and tells each record that was acknowledged."""

    def __init__(self, places: Places, name: str) -> None:
        reading, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(reading)
                asyncio.run(_write(places, name, writing))
            except KeyboardInterrupt:
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        os.set_blocking(reading, False)
        self._pipe = reading
        self._rest = b""

    def acknowledged(self) -> list[str]:
        """What has been acknowledged since the last time."""
        while True:
            try:
                read = os.read(self._pipe, 1 << 16)
            except BlockingIOError:
                break
            if not read:
                break
            self._rest += read
        *whole, self._rest = self._rest.split(b"\n")
        return [one.decode() for one in whole]

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def end(self) -> list[str]:
        """Wait for its end, which must be the kill's; what it acknowledged before."""
        _, status = os.waitpid(self.pid, 0)
        assert os.WIFSIGNALED(status), "a writer ended by itself"
        told = self.acknowledged()
        os.close(self._pipe)
        return told


async def _write(places: Places, name: str, pipe: int) -> None:
    log = await AuditLog.open(places.log, places.state)

    async def worker(number: int) -> None:
        for step in range(1_000_000):
            operation = f"{name}_{number}_{step}"
            await log.append(record(step, operation_id=operation, detail="x" * (step % 500)))
            os.write(pipe, f"{operation}\n".encode())

    await asyncio.gather(*(worker(number) for number in range(AT_ONCE)))


@dataclass
class Tally:
    """What came of all kills."""

    kills: int = 0
    acknowledged: int = 0
    behind_head: int = 0
    faults: list[str] = field(default_factory=list)


def look(places: Places, acknowledged: set[str], tally: Tally) -> None:
    """Verify the log and look for what was acknowledged."""
    head = load(places, 5).head.read().head
    verdict = verify_log(places)
    # Who is killed while the file is made leaves one without tables: there is nothing to verify.
    is_unborn = bool(verdict.nothing) and not acknowledged and head is not None and not head.last
    if is_unborn:
        return
    if not verdict.is_whole:
        tally.faults.append(f"after {tally.kills} kills: {verdict.lines()}")
    tally.behind_head += verdict.uncovered > 0
    with closing(sqlite3.connect(places.log, timeout=10)) as connection:
        numbers = dict(connection.execute("SELECT operation_id, id FROM records"))
    last = head.last if head else 0
    if lost := [name for name in acknowledged if name not in numbers]:
        tally.faults.append(f"after {tally.kills} kills: lost {lost}")
    if loose := [name for name in acknowledged if numbers.get(name, 0) > last]:
        tally.faults.append(f"after {tally.kills} kills: not covered {loose}")


def run_one_log(directory: Path, kills: int, chance: random.Random, tally: Tally) -> None:
    """Kill the writers of one log again and again."""
    places = Places(directory / "data" / "audit.db", directory / "state")
    writers: dict[str, Writer] = {}
    acknowledged: set[str] = set()
    done = 0
    while done < kills:
        for side in ("left", "right"):
            if side not in writers:
                writers[side] = Writer(places, f"{side}{done}")
        time.sleep(chance.uniform(0.01, 0.12))
        both = chance.random() < BOTH
        doomed = list(writers) if both else [chance.choice(list(writers))]
        for side in doomed:
            writers[side].kill()
        for side in doomed:
            acknowledged.update(writers.pop(side).end())
        for writer in writers.values():
            acknowledged.update(writer.acknowledged())
        done += len(doomed)
        tally.kills += len(doomed)
        if places.log.exists() and places.key.exists():
            look(places, acknowledged, tally)
    for writer in writers.values():
        writer.kill()
        acknowledged.update(writer.end())
    look(places, acknowledged, tally)
    tally.acknowledged += len(acknowledged)


def run(count: int, seed: int) -> Tally:
    """Kill as often as is asked for, with a new log now and then."""
    tally, chance = Tally(), random.Random(seed)
    while tally.kills < count:
        with tempfile.TemporaryDirectory() as directory:
            run_one_log(Path(directory), min(KILLS_PER_LOG, count - tally.kills), chance, tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.perf_counter()
    tally = run(args.count, args.seed)
    print(
        f"{tally.kills} kills, {tally.acknowledged} records acknowledged, {tally.behind_head} times "
        f"the log was ahead of its head, {len(tally.faults)} faults, "
        f"in {time.perf_counter() - began:.0f} s"
    )
    print("\n".join(tally.faults[:20]))
    return 1 if tally.faults or not tally.acknowledged else 0


if __name__ == "__main__":
    sys.exit(main())
