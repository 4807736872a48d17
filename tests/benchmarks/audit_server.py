# ruff: noqa: T201  # it is a command
"""What a log of many records costs on a PostgreSQL server.

``python -m tests.benchmarks.audit_server --records 100000`` starts a server of its own from this
machine's package, fills it, and tells the milliseconds of appends, of the panel's questions and of
verifying. The floors are a bare durable insert, and one count over the whole table.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from contextlib import closing
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from cognitui.audit.postgres.backend import ServerBackend
from cognitui.audit.schema import COLUMNS
from cognitui.audit.seal import Places
from cognitui.audit.server import Server
from cognitui.audit.store import AuditLog
from cognitui.audit.verify import verify_log
from cognitui.audit.wanted import Wanted, read_filter
from tests.audit import postgres as servers
from tests.audit.support import record

from .audit_records import FIRST, _rows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.audit.chain import Chain

BATCH = 5000
APPENDS = 200
FILTERS = (
    "",
    "action:register",
    "outcome:failed",
    "webhook:wh_1 since:2026-03-01",
    "slower:200ms",
    '"no answer"',
    "refused -outcome:ok",
)


def fill(places: Places, count: int) -> float:
    """Write so many records in bulk, chained as the log does it; seconds."""
    assert places.server is not None
    columns = [name for name in COLUMNS if name != "id"]
    began = time.perf_counter()
    connection, chain = ServerBackend(places, places.server).open()
    with closing(connection):
        rows: list[Any] = []
        for row in _rows(count, columns, random.Random(7)):
            rows.append(row)
            if len(rows) == BATCH:
                _append(chain, connection, rows)
                rows = []
        _append(chain, connection, rows)
        connection.execute("VACUUM ANALYZE records")
    return time.perf_counter() - began


def _append(chain: Chain, connection: Any, rows: list[Any]) -> None:
    if rows:
        chain.append(connection, rows)


async def measure(places: Places, rounds: int, report: dict[str, float]) -> None:
    async with await AuditLog.at(places) as log:
        await _appends(log, places, report)

        async def count_all() -> int:
            return await log.count()

        report["floor: count of the whole table, ms"] = await timed(count_all, rounds)
        for text in FILTERS:
            wanted = read_filter(text, now=FIRST) if text else Wanted()
            name = text or "everything"
            report[f"overview of {name}, ms"] = await timed(partial(log.overview, wanted), rounds)
            report[f"count of {name}, ms"] = await timed(partial(log.count, wanted), rounds)
            report[f"page of {name}, ms"] = await timed(partial(log.page, wanted), rounds)
        report["report, ms"] = await timed(log.report, rounds)
    began = time.perf_counter()
    verdict = verify_log(places)
    report["verify, s"] = time.perf_counter() - began
    assert verdict.is_whole, verdict


async def _appends(log: AuditLog, places: Places, report: dict[str, float]) -> None:
    spent = []
    for number in range(APPENDS):
        began = time.perf_counter()
        await log.append(record(number))
        spent.append(time.perf_counter() - began)
    report["append one by one, ms"] = median(spent) * 1000
    began = time.perf_counter()
    await asyncio.gather(*(log.append(record(number)) for number in range(5000)))
    report["append 5,000 at once, records/s"] = 5000 / (time.perf_counter() - began)
    bare = await asyncio.to_thread(_bare_inserts, places)
    report["floor: bare durable insert, ms"] = bare * 1000


def _bare_inserts(places: Places) -> float:
    import psycopg

    assert places.server is not None
    spent = []
    with psycopg.connect(places.server.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS public.bare (id bigint, text text)")
        for number in range(APPENDS):
            began = time.perf_counter()
            connection.execute("INSERT INTO public.bare VALUES (%s, %s)", (number, "x" * 500))
            spent.append(time.perf_counter() - began)
    return median(spent)


async def timed(work: Callable[[], Awaitable[object]], rounds: int) -> float:
    """The median milliseconds."""
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        spent.append(time.perf_counter() - began)
    return median(spent) * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    found = servers.binaries()
    if found is None:
        print("There is no PostgreSQL on this machine.", file=sys.stderr)
        return 1
    report: dict[str, float] = {"records": args.records}
    with tempfile.TemporaryDirectory() as state, servers.started(found, "") as server:
        server.execute("CREATE DATABASE many TEMPLATE template0")
        places = Places.shared(Server.of(server.url("many")), Path(state))
        report["fill, s"] = fill(places, args.records)
        asyncio.run(measure(places, args.rounds, report))
    print(json.dumps({name: round(value, 2) for name, value in report.items()}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
