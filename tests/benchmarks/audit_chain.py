# ruff: noqa: T201  # it is a command
"""How quick the chained audit log is, as ratios within one run.

::

    python -m tests.benchmarks.audit_chain [--appends N] [--records N] [--directory DIR]

An append is set beside a bare insert into the same table that is as durable: in its own thread, and
as a program with an event loop has to do either, awaited through a thread. A verification is set
beside fetching the same rows. Records are appended one after the other: each waits for the disk.
Last comes how late the event loop is while a log is verified beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from cognitui.audit import database
from cognitui.audit.records import Action, AuditRecord, Outcome
from cognitui.audit.schema import INSERT, SELECT_SEALED, migrate, to_row
from cognitui.audit.seal import Places
from cognitui.audit.store import AuditLog
from cognitui.audit.verify import verify_log
from tests.audit.support import record

BATCH = 500
TICK_S = 0.005


def one(number: int) -> AuditRecord:
    return record(
        number,
        action=Action.WEBHOOK_UPDATE,
        outcome=Outcome.OK,
        detail="Registered after two attempts.",
        after={"skill_id": "skill_1", "timeout_ms": 3000, "triggers": [{"event": "ON_MESSAGE"}]},
        actor="somebody@somewhere",
    )


def bare(path: Path) -> sqlite3.Connection:
    """The same table without a chain, in the same journal mode and as durable."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA journal_mode = {database.journal_mode()}").fetchone()
    migrate(connection, path)
    return connection


def insert(connection: sqlite3.Connection, number: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(INSERT, (None, *to_row(one(number)), b"x" * 32))
    connection.execute("COMMIT")


async def appends(directory: Path, count: int) -> None:
    """One after the other, in turn with the floor."""
    ours: list[float] = []
    chained: list[float] = []
    floor: list[float] = []
    awaited: list[float] = []
    places = Places(directory / "data" / "audit.db", directory / "state")
    direct = Places(directory / "direct" / "audit.db", directory / "direct")
    connection, chain = database.connect(direct)
    executor = ThreadPoolExecutor(1)
    with closing(bare(directory / "bare.db")) as other, closing(connection), executor:
        loop = asyncio.get_running_loop()
        async with await AuditLog.open(places.log, places.state) as log:
            for number in range(count):
                began = time.perf_counter()
                await log.append(one(number))
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                chain.append(connection, [to_row(one(number))])
                chained.append(time.perf_counter() - began)
                began = time.perf_counter()
                insert(other, number)
                floor.append(time.perf_counter() - began)
                began = time.perf_counter()
                await loop.run_in_executor(executor, insert, other, number)
                awaited.append(time.perf_counter() - began)
    pairs = (
        ("chained, in its thread", chained, "bare durable insert", floor),
        ("AuditLog.append, awaited", ours, "the same, awaited", awaited),
    )
    for name, times, floor_name, least in pairs:
        mine, other_ms = statistics.median(times) * 1000, statistics.median(least) * 1000
        print(f"{floor_name:<31} {other_ms:8.3f} ms")
        print(f"{name:<31} {mine:8.3f} ms   {other_ms / mine:.2f} of it")


def verification(directory: Path, count: int) -> Places:
    places = Places(directory / "many" / "audit.db", directory / "many")
    connection, chain = database.connect(places)
    with closing(connection):
        rows = [to_row(one(number)) for number in range(BATCH)]
        for _ in range(count // BATCH):
            chain.append(connection, rows)
    with closing(sqlite3.connect(places.log)) as connection:
        began = time.perf_counter()
        cursor = connection.execute(f"{SELECT_SEALED} ORDER BY id")
        while cursor.fetchmany(2000):
            pass
        floor = time.perf_counter() - began
        began = time.perf_counter()
        connection.execute("PRAGMA integrity_check(1)").fetchone()
        pages = time.perf_counter() - began
    began = time.perf_counter()
    verdict = verify_log(places)
    took = time.perf_counter() - began
    assert verdict.is_whole
    print(f"fetching {count:,} rows         {floor:8.2f} s")
    print(f"checking the pages              {pages:8.2f} s")
    print(f"verifying                       {took:8.2f} s    {took / floor:.1f} × the fetch")
    return places


async def beside(places: Places) -> None:
    """How late the loop wakes, and how long an append takes, while the log is verified."""
    late: list[float] = []
    slow: list[float] = []
    async with await AuditLog.open(places.log, places.state) as log:
        verifying = asyncio.create_task(log.verify())
        while not verifying.done():
            began = time.perf_counter()
            await asyncio.sleep(TICK_S)
            late.append(time.perf_counter() - began - TICK_S)
            if len(late) % 20 == 0:
                began = time.perf_counter()
                await log.append(one(0))
                slow.append(time.perf_counter() - began)
        assert (await verifying).is_whole
    for name, times in (("the loop is late by", late), ("an append takes", slow)):
        if not times:
            continue  # it was over too soon
        p50, worst = statistics.median(times) * 1000, max(times) * 1000
        print(f"meanwhile {name:<21} {p50:8.2f} ms   at most {worst:.0f} ms")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appends", type=int, default=1000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--directory", help="on the disk to measure; else the temporary one")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.directory) as directory:
        asyncio.run(appends(Path(directory), args.appends))
        asyncio.run(beside(verification(Path(directory), args.records)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
