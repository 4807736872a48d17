"""How quick the audit log answers over many records, and how quick it takes another one.

::

    python -m tests.benchmarks.audit [--records N] [--rounds N] [--json]

A log of so many records is written in bulk as an older program would have left it; opening it adds
them up. Each question is then put to the log, and beside it the same rows are asked of the bare
table by the same SQLite, as a program without anything added up would have to. Appends are set
beside bare inserts of the same rows, each batch durable, into a table of the same columns.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognitui.audit import schema
from cognitui.audit.records import Action, AuditRecord, Outcome
from cognitui.audit.store import AuditLog
from cognitui.audit.wanted import Wanted, read_filter
from tests.benchmarks.audit_records import DAYS, FIRST, WITHOUT_ROLL_UPS, write_records

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

NOW = FIRST + timedelta(days=DAYS)
OPENING_MS = 300.0
ANSWER_MS = 200.0
LEAST_APPEND_RATIO = 0.7
TIMES = "count(*), sum(outcome = 'ok'), avg(latency_ms)"


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter, and the bare condition on the table that means the same."""

    typed: str
    bare: str


def since(days: float) -> str:
    """The bare condition of an age."""
    return f"at >= '{schema.moment(NOW - timedelta(days=days))}'"


def text(word: str) -> str:
    """The bare condition of a word."""
    columns = (
        "webhook_id", "skill_id", "endpoint", "event", "detail", "error_code", "operation_id",
    )  # fmt: skip
    return "(" + " OR ".join(f"{name} LIKE '%{word}%'" for name in columns) + ")"


OPENINGS = [
    Filter("", "1"),
    Filter("tenant:tenant-1", "tenant = 'tenant-1'"),
    Filter("tenant:tenant-1 since:7d", f"tenant = 'tenant-1' AND {since(7)}"),
    Filter("since:24h", since(1)),
]
FILTERS = [
    Filter("action:receive", "action = 'callback.receive'"),
    Filter("outcome:failed", "outcome = 'failed'"),
    Filter("-outcome:ok", "outcome <> 'ok'"),
    Filter("bot:bot_00002 since:30d", f"bot_id = 'bot_00002' AND {since(30)}"),
    Filter("event:message since:60d", f"event = 'ON_MESSAGE' AND {since(60)}"),
    Filter("webhook:wh_0003", "webhook_id = 'wh_0003'"),
    Filter("until:90d since:100d", f"{since(100)} AND NOT {since(90)}"),
    Filter("since:100d", since(100)),
    Filter("error:timeout", "error_code = 'timeout'"),
    Filter("skill:skill_0001", "skill_id = 'skill_0001'"),
    Filter("slower:200ms", "latency_ms > 200"),
    Filter("slower:20ms", "latency_ms > 20"),
    Filter("timeout", text("timeout")),
    Filter("hooks-3", text("hooks-3")),
    Filter("wh_3 nowhere", f"{text('wh_3')} AND {text('nowhere')}"),
]


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took, in milliseconds: by the clock, and of one processor."""

    ms: float
    cpu_ms: float


async def took(ask: Callable[[], Awaitable[object]], rounds: int) -> Took:
    """The median time of a question to the log."""
    found = []
    for _ in range(rounds):
        began, cpu = time.perf_counter(), time.process_time()
        await ask()
        found.append(Took(_ms_since(began), (time.process_time() - cpu) * 1000))
    return _median(found)


def bare_took(connection: sqlite3.Connection, question: str, rounds: int) -> Took:
    """The median time of a bare query."""
    found = []
    for _ in range(rounds):
        began, cpu = time.perf_counter(), time.process_time()
        connection.execute(question).fetchall()
        found.append(Took(_ms_since(began), (time.process_time() - cpu) * 1000))
    return _median(found)


def _ms_since(began: float) -> float:
    return (time.perf_counter() - began) * 1000


def _median(found: Sequence[Took]) -> Took:
    return Took(
        statistics.median(one.ms for one in found), statistics.median(one.cpu_ms for one in found)
    )


class Report:
    """What was measured, printed as it comes."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def ask(self, what: str, name: str, ours: Took, bare: Took, most: float) -> None:
        """A question's time, beside the bare query's.

        On a machine that others use the clock tells more about them: what it took of one
        processor is what it takes on a calm one.
        """
        mark = "ok" if ours.ms <= most else "ok by processor" if ours.cpu_ms <= most else "ABOVE"
        line = {"what": what, "filter": name, **asdict(ours), "bare": asdict(bare), "most_ms": most}
        self.lines.append(line)
        sys.stderr.write(
            f"{what:<9}{name:<29}{ours.ms:8.1f} ms (processor {ours.cpu_ms:6.1f})  "
            f"bare {bare.ms:8.1f} ({bare.cpu_ms:7.1f})  × {ours.ms / bare.ms:6.2f}  "
            f"(at most {most:g} ms: {mark})\n"
        )

    def append(self, batch: int, ours: float, bare: float) -> None:
        """The rate of appends, beside that of bare inserts."""
        ratio = ours / bare
        mark = "ok" if ratio >= LEAST_APPEND_RATIO else "BELOW"
        self.lines.append({"what": "append", "batch": batch, "rate": ours, "bare_rate": bare})
        sys.stderr.write(
            f"append    batches of {batch:<17}{ours:9,.0f} /s  bare {bare:9,.0f} /s  × {ratio:6.2f}  "
            f"(at least {LEAST_APPEND_RATIO:g}: {mark})\n"
        )

    def fact(self, what: str, value: float, unit: str) -> None:
        """Something without a bare counterpart."""
        self.lines.append({"what": what, "value": value, "unit": unit})
        sys.stderr.write(f"{what:<38}{value:9,.1f} {unit}\n")


async def questions(log: AuditLog, bare: sqlite3.Connection, rounds: int, report: Report) -> None:
    """Overviews, percentiles, pages and counts."""
    for one in [*OPENINGS, *FILTERS]:
        wanted = read_filter(one.typed, now=NOW)
        most = OPENING_MS if one in OPENINGS else ANSWER_MS
        sums = f"SELECT {TIMES} FROM records WHERE {one.bare}"
        report.ask(
            "overview",
            one.typed or "everything",
            await took(partial(log.overview, wanted, now=NOW), rounds),
            bare_took(bare, f"{sums} GROUP BY action, webhook_id, substr(at, 1, 10)", rounds),
            most,
        )
    for one in FILTERS:
        wanted = read_filter(one.typed, now=NOW)
        page = f"SELECT * FROM records WHERE {one.bare} ORDER BY id DESC LIMIT 200"
        report.ask(
            "page",
            one.typed,
            await took(partial(log.page, wanted), rounds),
            bare_took(bare, page, rounds),
            ANSWER_MS,
        )
        report.ask(
            "count",
            one.typed,
            await took(partial(log.count, wanted), rounds),
            bare_took(bare, f"SELECT count(*) FROM records WHERE {one.bare}", rounds),
            ANSWER_MS,
        )
    total = await log.count()
    for one in (Filter("", "1"), FILTERS[1]):
        middle = replace(read_filter(one.typed, now=NOW), before_id=total // 2)
        page = (
            f"SELECT * FROM records WHERE {one.bare} AND id < {total // 2} "
            "ORDER BY id DESC LIMIT 200"
        )
        report.ask(
            "page",
            f"{one.typed or 'everything'}, half way down",
            await took(partial(log.page, middle), rounds),
            bare_took(bare, page, rounds),
            ANSWER_MS,
        )
    await _percentiles(log, bare, rounds, report)


async def _percentiles(
    log: AuditLog, bare: sqlite3.Connection, rounds: int, report: Report
) -> None:
    wanted = Wanted(action=Action.CALLBACK_RECEIVE)
    exact = (
        "SELECT latency_ms FROM records WHERE action = 'callback.receive' "
        "AND outcome <> 'cancelled' AND latency_ms NOT NULL ORDER BY latency_ms"
    )
    bare_time = bare_took(bare, exact, min(rounds, 3))
    ours = await took(partial(log.overview, wanted), rounds)
    report.ask("p50…p99", "action:receive", ours, bare_time, ANSWER_MS)
    times = [row[0] for row in bare.execute(exact)]
    measured = (await log.overview(wanted)).everything
    for percent in (50, 90, 95, 99):
        right = times[-(-percent * len(times) // 100) - 1]
        found = getattr(measured, f"p{percent}_ms")
        report.fact(f"p{percent} is off by", 100 * abs(found - right) / right, "%")


def rows_to_append(count: int) -> list[AuditRecord]:
    """Records as a session leaves them."""
    dice = random.Random(11)
    return [
        AuditRecord(
            at=NOW + timedelta(milliseconds=number),
            monotonic=float(number),
            operation_id=f"op_{dice.getrandbits(48):012x}",
            tenant="tenant-1",
            bot_id="bot_00001",
            action=Action.CALLBACK_SEND,
            outcome=Outcome.OK,
            webhook_id=f"wh_1{dice.randrange(40):03x}",
            skill_id="skill_1001",
            endpoint="https://hooks-1.example.com/cognigy/1",
            event="ON_MESSAGE",
            latency_ms=dice.lognormvariate(3.2, 0.9),
        )
        for number in range(count)
    ]


async def measure(path: Path, records: int, rounds: int, report: Report) -> None:
    """Everything."""
    write_records(path, records, version=WITHOUT_ROLL_UPS)
    before = path.stat().st_size  # noqa: ASYNC240  # nothing else runs meanwhile
    began = time.perf_counter()
    async with await AuditLog.open(path) as log:
        report.fact("opening an old file", (time.perf_counter() - began) * 1000, "ms")
        await log.overview(Wanted())
        report.fact("adding it all up, once", time.perf_counter() - began, "s")
        report.fact("room for the sums", 100 * path.stat().st_size / before - 100, "%")  # noqa: ASYNC240
    began = time.perf_counter()
    async with await AuditLog.open(path) as log:
        await log.overview(Wanted(), now=NOW)
        report.fact("opening the file and an overview", (time.perf_counter() - began) * 1000, "ms")
        with closing(sqlite3.connect(path, isolation_level=None)) as bare:
            await questions(log, bare, rounds, report)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="audit-") as name:
        asyncio.run(measure(Path(name) / "audit.db", args.records, args.rounds, report))
    if args.json:
        sys.stdout.write(json.dumps(report.lines) + "\n")


if __name__ == "__main__":
    main()
