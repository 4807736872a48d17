"""A real PostgreSQL server from this machine's package, for the tests alone."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from cognitui.audit.seal import Places
from cognitui.audit.server import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

USER = "cognitui"
PASSWORD = "hush-hush-42"
AS_ROOT = "nobody"
"""PostgreSQL does not run as root; there it runs as this user."""


def binaries() -> Path | None:
    """Where the newest PostgreSQL of this machine is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _version(path: Path) -> int:
    name = path.parts[-3]
    return int(name) if name.isdigit() else 0


class PostgresServer:
    """A cluster of its own, on a loopback port and a socket in a temporary directory."""

    def __init__(self, bin_: Path, directory: Path, options: str) -> None:
        self._bin = bin_
        self._directory = directory
        self._options = options
        self._free: list[str] = []
        self._count = 0
        self.port = _free_port()
        password = directory / "password"
        password.write_text(PASSWORD)
        if os.geteuid() == 0:
            for each in (directory, password):
                shutil.chown(each, AS_ROOT)
        self._run(
            "initdb", "--auth=scram-sha-256", f"--pwfile={password}", f"--username={USER}",
            "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions",
        )  # fmt: skip

    def start(self) -> None:
        options = f"-p {self.port} -k {self._directory} -c listen_addresses=127.0.0.1"
        self._run(
            "pg_ctl", "-w", "-l", str(self._directory / "log"),
            "-o", f"{options} -c max_connections=50 {self._options}", "start",
        )  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-w", "-m", mode, "stop")

    def kill(self) -> None:
        """Kill the server as a power cut would, but for what the kernel keeps."""
        file = self._directory / "data" / "postmaster.pid"
        os.kill(int(file.read_text().split()[0]), signal.SIGQUIT)
        deadline = time.monotonic() + 20
        while file.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def url(self, database: str, *, user: str = USER, port: int | None = None) -> str:
        return f"postgresql://{user}:{PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    @contextmanager
    def database(self) -> Iterator[Server]:
        """An empty database, used again by another when this one is done with it."""
        name = self._free.pop() if self._free else self._new()
        try:
            yield Server.of(self.url(name))
        finally:
            self.execute("DROP SCHEMA IF EXISTS cognitui CASCADE", name)
            self._free.append(name)

    def execute(self, sql: str, database: str = "postgres") -> list[Any]:
        """Run a statement as the one who owns everything."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def _new(self) -> str:
        self._count += 1
        self.execute(f"CREATE DATABASE audit_{self._count} TEMPLATE template0")
        return f"audit_{self._count}"

    def _run(self, program: str, *arguments: str) -> None:
        who: dict[str, Any] = {}
        if os.geteuid() == 0:
            who = {"user": AS_ROOT, "group": "nogroup", "extra_groups": []}
        ended = subprocess.run(
            [self._bin / program, "-D", self._directory / "data", *arguments],
            cwd=self._directory, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL, timeout=50, **who,
        )  # fmt: skip
        assert ended.returncode == 0, ended.stdout.decode(errors="replace")


@contextmanager
def started(bin_: Path, options: str) -> Iterator[PostgresServer]:
    """A running server, which ends with the block."""
    directory = Path(tempfile.mkdtemp(prefix="cognitui-pg-"))
    try:
        server = PostgresServer(bin_, directory, options)
        server.start()
        try:
            yield server
        finally:
            server.stop("immediate")
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def member(server: Server, directory: Path, of: Places | None = None) -> Places:
    """Where a console of another machine keeps its key and head; it has the team's key."""
    return Places.shared(server, directory, of.key if of else None)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
