"""What was acknowledged stays, and what was not is written once, whoever is killed and when."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.errors import AuditUnreachable
from cognitui.audit.records import Action
from cognitui.audit.seal import Places
from cognitui.audit.server import Server
from cognitui.audit.store import AuditLog
from cognitui.audit.transaction import transaction
from cognitui.audit.verify import verify_log
from cognitui.clock import SYSTEM_CLOCK
from cognitui.workspace.trail import Trail
from tests.support.listening import listening

from .postgres import PASSWORD, member
from .support import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from cognitui.audit.connection import Connection

    from .postgres import PostgresServer


@pytest.fixture
def database(durable: PostgresServer) -> Iterator[Server]:
    with durable.database() as server:
        yield server


@pytest.fixture
def store() -> str:
    return "server"


# -- a server that goes ---------------------------------------------------------------------------


async def test_a_record_arrives_once_when_the_server_is_back(
    durable: PostgresServer, log: AuditLog
) -> None:
    trail = Trail(log, SYSTEM_CLOCK, "jo@desk")
    await trail.write(record(0))
    durable.stop()
    try:
        for number in (1, 2):
            await trail.write(record(number))
            problem = trail.problem
            assert isinstance(problem, AuditUnreachable)
            assert str(log._places.name) in problem.message
            assert "Connection refused" in problem.message
            assert PASSWORD not in f"{problem.message} {problem.hint}"
        with pytest.raises(AuditUnreachable):
            await log.recent()
    finally:
        durable.start()
    await trail.write(record(3))
    assert trail.problem is None
    assert [one.operation_id for one in await log.recent()] == ["op_3", "op_2", "op_1", "op_0"]
    assert (await log.verify()).records == 4


async def test_a_server_that_was_started_anew_meanwhile_is_not_noticed(
    durable: PostgresServer, log: AuditLog
) -> None:
    await log.append(record(0))
    durable.stop()
    durable.start()
    assert await log.count() == 1
    durable.stop("immediate")
    durable.start()
    assert (await log.append(record(1))).id == 2


async def test_what_was_acknowledged_survives_the_servers_death(
    durable: PostgresServer, log: AuditLog
) -> None:
    acknowledged: list[str] = []

    async def write(name: str) -> None:
        for number in range(10_000):
            operation = f"{name}_{number}"
            await log.append(record(operation_id=operation))
            acknowledged.append(operation)

    writing = [asyncio.create_task(write(name)) for name in "abcd"]
    while len(acknowledged) < 100:  # noqa: ASYNC110  # the list has no event
        await asyncio.sleep(0.01)
    await asyncio.to_thread(durable.kill)
    ended = await asyncio.gather(*writing, return_exceptions=True)
    assert all(isinstance(one, AuditUnreachable) for one in ended)
    durable.start()
    kept = [one.operation_id for one in await log.recent(limit=100_000)]
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert (await log.verify()).is_whole


# -- an answer that is lost -----------------------------------------------------------------------


class Proxy:
    """Stands between a console and its server, and can lose the answer to a commit.

    Attributes:
        loses: How many answers it still loses, each with its connection.
        is_up: Whether it takes new connections.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self.loses = 0
        self.is_up = True
        self.lost = 0
        self._server_port = port

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_up:
            writer.close()
            return
        theirs, ours = await asyncio.open_connection("127.0.0.1", self._server_port)
        answers = asyncio.create_task(self._pass_on(theirs, writer))
        try:
            while data := await reader.read(1 << 16):
                ours.write(data)
                if b"COMMIT\0" in data and self.loses:
                    self.loses -= 1
                    self.lost += 1
                    answers.cancel()
                    await asyncio.gather(answers, return_exceptions=True)
                    await theirs.read(1 << 16)  # the commit is done, and nobody hears of it
                    break
        except ConnectionError:
            pass
        finally:
            answers.cancel()
            writer.close()
            ours.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()


@asynccontextmanager
async def proxied(durable: PostgresServer) -> AsyncIterator[Proxy]:
    proxy = Proxy(durable.port)
    async with listening(proxy.take) as proxy.port:
        yield proxy


def through(proxy: Proxy, durable: PostgresServer, places: Places) -> Places:
    assert places.server is not None
    server = Server.of(durable.url(places.server.database, port=proxy.port) + "?sslmode=disable")
    return Places.shared(server, places.state)


async def test_a_commit_whose_answer_is_lost_is_not_repeated(
    durable: PostgresServer, log: AuditLog, places: Places
) -> None:
    async with (
        proxied(durable) as proxy,
        await AuditLog.at(through(proxy, durable, places)) as unlucky,
    ):
        assert (await unlucky.append(record(0))).id == 1
        proxy.loses = 1
        assert (await unlucky.append(record(1))).id == 2  # asked, and found there
        assert proxy.lost == 1
        assert (await unlucky.append(record(1))).id == 3  # an equal one later is another
    assert [one.operation_id for one in await log.recent()] == ["op_1", "op_1", "op_0"]
    assert (await log.verify()).is_whole


async def test_a_lost_answer_is_asked_for_when_the_server_can_be_reached_again(
    durable: PostgresServer, log: AuditLog, places: Places
) -> None:
    async with (
        proxied(durable) as proxy,
        await AuditLog.at(through(proxy, durable, places)) as unlucky,
    ):
        trail = Trail(unlucky, SYSTEM_CLOCK, "jo@desk")
        proxy.loses, proxy.is_up = 1, False
        await trail.write(record(0))
        problem = trail.problem
        assert isinstance(problem, AuditUnreachable)
        await log.append(record(1, action=Action.CALLBACK_SEND))  # a colleague goes on meanwhile
        proxy.is_up, proxy.loses = True, 1  # and the next answer is lost too
        await trail.write(record(2))
        assert trail.problem is None
        assert proxy.lost == 2
    assert [one.operation_id for one in await log.recent()] == ["op_2", "op_1", "op_0"]
    assert (await log.verify()).is_whole


async def test_a_transaction_that_was_cut_off_before_its_commit_is_written_anew(
    durable: PostgresServer, log: AuditLog, places: Places
) -> None:
    assert places.server is not None
    name = places.server.database

    def cut_off(*_: object) -> None:
        durable.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{name}' AND application_name = 'cognitui'"
        )

    for number in range(5):
        cut_off()
        assert (await log.append(record(number))).id == number + 1
    assert (await log.verify()).records == 5


async def test_a_console_that_stalls_holds_nobody_up_for_long(
    log: AuditLog, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.audit.postgres.connection.STALLED_S", 0.2)
    began, released = threading.Event(), threading.Event()

    def stall(connection: Connection, _: object) -> None:
        with transaction(connection, "IMMEDIATE"):
            began.set()
            released.wait(20)

    async with await AuditLog.at(places) as other:
        stalling = asyncio.wrap_future(other._writer.run(stall))
        await asyncio.to_thread(began.wait, 20)
        assert (await log.append(record(0))).id == 1
        released.set()
        await stalling  # begun anew on another connection
    assert await log.count() == 1


# -- writers that are killed ----------------------------------------------------------------------

WRITER = """
import asyncio, os, sys
from pathlib import Path
from cognitui.audit.seal import Places
from cognitui.audit.server import Server
from cognitui.audit.store import AuditLog
from cognitui.audit.transaction import transaction
from tests.audit.support import record

url, state, key, name, most = sys.argv[1:]

async def main():
    places = Places.shared(Server.of(url), Path(state), Path(key))
    async with await AuditLog.at(places) as log:
        async def worker(worker):
            for step in range(int(most)):
                operation = f"{name}_{worker}_{step}"
                await log.append(record(operation_id=operation))
                os.write(1, f"{operation}\\n".encode())
        await asyncio.gather(*(worker(number) for number in range(2)))

asyncio.run(main())
"""


def begin(places: Places, name: str, most: int, of: Places, root: Path) -> subprocess.Popen[bytes]:
    assert places.server is not None
    arguments = [places.server.url, str(places.state), str(of.key), name, str(most)]
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=root,
    )  # fmt: skip


async def test_consoles_of_two_machines_write_at_once(
    log: AuditLog, places: Places, database: Server, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    machines = {name: member(database, tmp_path / name, places) for name in ("left", "right")}
    processes = [
        begin(machine, name, 50, places, pytestconfig.rootpath)
        for name, machine in machines.items()
    ]
    for process in processes:
        _, stderr = await asyncio.to_thread(process.communicate)
        assert (process.returncode, stderr) == (0, b"")
    kept = [one.operation_id for one in reversed(await log.recent(limit=1000))]
    assert len(kept) == 200
    for name in machines:
        for worker in range(2):
            own = [one for one in kept if one.startswith(f"{name}_{worker}_")]
            assert own == [f"{name}_{worker}_{step}" for step in range(50)]
    assert all(verify_log(each).is_whole for each in (places, *machines.values()))


async def test_writers_that_are_killed_leave_a_whole_chain_and_what_they_acknowledged(
    log: AuditLog, places: Places, database: Server, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    chance, acknowledged = random.Random(1), list[str]()
    machines = [member(database, tmp_path / name, places) for name in ("left", "right")]
    for round_ in range(3):
        processes = [
            begin(machine, f"{number}-{round_}", 1_000_000, places, pytestconfig.rootpath)
            for number, machine in enumerate(machines)
        ]
        for process in processes:
            assert process.stdout is not None
            acknowledged.append((await asyncio.to_thread(process.stdout.readline)).decode().strip())
        time.sleep(chance.uniform(0.05, 0.3))  # noqa: ASYNC251  # nothing else is to be done
        for process in processes:
            os.kill(process.pid, signal.SIGKILL)
            told, stderr = await asyncio.to_thread(process.communicate)
            assert stderr == b""
            acknowledged += told.decode().split()
        assert all(verify_log(machine).is_whole for machine in machines)
    kept = [one.operation_id for one in await log.recent(limit=1_000_000)]
    assert len(acknowledged) > 30
    assert set(acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
    assert (await log.append(record())).id == len(kept) + 1
