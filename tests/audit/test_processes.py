from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING

from cognitui.audit.store import AuditLog

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PREAMBLE = """
import asyncio, os, random, signal, sys, time
from pathlib import Path
path = Path(sys.argv[1])
sys.path.insert(0, sys.argv[2])
from support import record
from cognitui.audit.store import AuditLog
"""

KILLED = (
    PREAMBLE
    + """
async def write_for_ever(run):
    log = await AuditLog.open(path)
    async def worker(number):
        for step in range(1_000_000):
            name = f"op_{run}_{number}_{step}"
            await log.append(record(operation_id=name))
            os.write(1, f"{name}\\n".encode())  # told to the world: from here on it must survive
    await asyncio.gather(*(worker(number) for number in range(4)))

for run in range(20):
    child = os.fork()
    if child == 0:
        asyncio.run(write_for_ever(run))
    time.sleep(random.uniform(0.03, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
)

SHARED = (
    PREAMBLE
    + """
async def main(name):
    async with await AuditLog.open(path) as log:
        for number in range(100):
            await log.append(record(operation_id=f"{name}_{number}"))

asyncio.run(main(sys.argv[3]))
"""
)


async def test_what_was_acknowledged_survives_twenty_kills(
    path: Path, request: pytest.FixtureRequest
) -> None:
    command = [sys.executable, "-c", KILLED, str(path), str(request.path.parent)]
    ended = await asyncio.to_thread(
        subprocess.run, command, timeout=40, capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
    acknowledged = ended.stdout.split()
    async with await AuditLog.open(path) as log:
        kept = [one.operation_id for one in await log.recent(limit=10_000_000)]
        healthy = await log._read(
            lambda connection: connection.execute("PRAGMA integrity_check").fetchone()[0]
        )
    assert len(acknowledged) > 20  # how many depends on the machine
    assert set(acknowledged) <= set(kept)
    assert len(set(kept)) == len(kept)
    assert healthy == "ok"


async def test_two_writers_that_are_killed_leave_a_whole_chain(
    request: pytest.FixtureRequest,
) -> None:
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tests.audit.kills", "--count", "10"],
        cwd=request.config.rootpath, timeout=50, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


async def test_two_processes_write_into_one_log(path: Path, request: pytest.FixtureRequest) -> None:
    here = str(request.path.parent)
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", SHARED, str(path), here, name, stderr=asyncio.subprocess.PIPE
        )
        for name in ("left", "right")
    ]
    for process in processes:
        _, stderr = await process.communicate()
        assert (process.returncode, stderr) == (0, b"")
    async with await AuditLog.open(path) as log:
        kept = [one.operation_id for one in reversed(await log.recent(limit=1000))]
        verdict = await log.verify()
    assert (verdict.is_whole, verdict.records, verdict.uncovered) == (True, 200, 0)
    for name in ("left", "right"):
        own = [operation for operation in kept if operation.startswith(name)]
        assert own == [f"{name}_{number}" for number in range(100)]
