"""The commands under test: in this process where that is enough, in one of their own elsewhere."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cognitui.audit.store import AuditLog
from cognitui.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pytest

    from cognitui.audit.records import AuditRecord
    from cognitui.sandbox import Sandbox

MODULE = [sys.executable, "-m", "cognitui"]
PATIENCE_S = 20.0


@dataclass(frozen=True)
class Result:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one line on stdout."""
        (line,) = self.out.splitlines()
        return json.loads(line)

    @property
    def sentence(self) -> str:
        """The first line on stderr; anything like a traceback is not one."""
        assert "Traceback" not in self.err
        sentence = self.err.splitlines()[0]
        assert sentence.endswith((".", "?"))
        return sentence


class Cli:
    """Runs commands in a home and an environment of their own.

    Attributes:
        environment: The ``COGNITUI_*`` variables that the commands see.
    """

    def __init__(
        self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.home = home
        self.environment = {"COGNITUI_HOME": str(home)}
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def use(self, sandbox: Sandbox, *, key: str = "full", **changes: str) -> None:
        """Let the environment name this sandbox."""
        info, found = sandbox.info, sandbox.tenant.keys[key]
        self.environment |= {
            "COGNITUI_BASE_URL": info.base_url,
            "COGNITUI_API_KEY": found.key,
            "COGNITUI_API_SECRET": found.secret,
            "COGNITUI_BOT_ID": info.bot_id,
            "COGNITUI_WEBHOOK_SECRET": info.webhook_secret,
            "COGNITUI_MONITOR_URL": info.monitor_url,
        }
        self.environment |= {f"COGNITUI_{name}": value for name, value in changes.items()}

    def forget(self, *names: str) -> None:
        """Take variables out of the environment again."""
        for name in names:
            del self.environment[f"COGNITUI_{name}"]

    def run(self, *arguments: str, stdin: bytes | str = b"", terminal: bool = False) -> Result:
        """Run a command in this process."""
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        with self._monkeypatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("COGNITUI_")]:
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stdin", _Stdin(raw, terminal=terminal))
            try:
                status = run(arguments)
            except SystemExit as end:
                status = int(end.code or 0)
        out, err = self._capsys.readouterr()
        return Result(status, out, err)

    @property
    def audit(self) -> tuple[Path, Path]:
        """The audit log, and the directory of its key and head."""
        return self.home / "data" / "audit.db", self.home / "state"

    @property
    def full_environment(self) -> dict[str, str]:
        """What a process of its own gets."""
        ignored = re.compile("COGNITUI_|PYTHON|CI$")
        kept = {name: value for name, value in os.environ.items() if not ignored.match(name)}
        return kept | self.environment

    @contextmanager
    def process(self, *arguments: str, stdout: int = subprocess.PIPE) -> Iterator[Process]:
        """A command in a process of its own, killed at the end if it still runs."""
        with subprocess.Popen(
            [*MODULE, *arguments],
            env=self.full_environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as popen:
            try:
                yield Process(popen)
            finally:
                popen.kill()

    def spawn(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Result:
        """Run a command in a process of its own, without a terminal, to its end."""
        done = subprocess.run(
            [*MODULE, *arguments],
            env=self.full_environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def records(self) -> list[AuditRecord]:
        """The audit log, oldest first."""

        async def read() -> list[AuditRecord]:
            async with await AuditLog.open(*self.audit) as log:
                return list(reversed(await log.recent()))

        return asyncio.run(read())


class _Stdin(io.TextIOWrapper):
    """Standard input as a terminal or as a file."""

    def __init__(self, content: bytes, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


class Process:
    """A command that runs."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self._popen = popen

    @property
    def pid(self) -> int:
        return self._popen.pid

    def line(self) -> str:
        """The next line on stdout."""
        assert self._popen.stdout is not None
        return self._popen.stdout.readline().removesuffix("\n")

    def close_stdout(self) -> None:
        """Read no more."""
        assert self._popen.stdout is not None
        self._popen.stdout.close()

    def signal(self, number: int) -> None:
        self._popen.send_signal(number)

    def wait(self) -> Result:
        """Wait for the end, which must come by itself."""
        if self._popen.stdout is not None and self._popen.stdout.closed:
            self._popen.stdout = None
        out, err = self._popen.communicate(timeout=PATIENCE_S)
        return Result(self._popen.returncode, out or "", err)


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody else gets and nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@contextmanager
def taken_port() -> Iterator[int]:
    """A port at which another program listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]
