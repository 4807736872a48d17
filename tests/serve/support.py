"""A server of consoles under test, and the consoles that it runs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import aiohttp
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.cli.support import Cli, Process

PATIENCE_S = 20.0
POLL_S = 0.02


@dataclass
class Served:
    """``cognitui serve`` in a process of its own."""

    process: Process
    url: URL

    @property
    def origin(self) -> str:
        return str(self.url.origin())

    @property
    def token(self) -> str:
        return self.url.query["token"]

    async def consoles(self, count: int) -> list[int]:
        """The processes of its consoles, once there are so many."""
        deadline = time.monotonic() + PATIENCE_S
        while len(found := children(self.process.pid)) != count:
            assert time.monotonic() < deadline, f"{count} consoles, not {found}"
            await asyncio.sleep(POLL_S)
        return found

    @asynccontextmanager
    async def tab(self) -> AsyncIterator[Tab]:
        """A tab that has opened the address, and whose console is of use."""
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            async with http.get(self.url) as answer:
                assert answer.status == 200
            url = f"{self.origin}/ws?width=100&height=30"
            async with http.ws_connect(url, headers={"Origin": self.origin}) as socket:
                tab = Tab(socket)
                await tab.shows("connected")
                yield tab


@contextmanager
def served(cli: Cli, *arguments: str) -> Iterator[Served]:
    """A server on the demo, with these further arguments."""
    with cli.process("serve", "--demo", "--json", *arguments) as process:
        yield Served(process, URL(json.loads(process.line())["url"]))


def children(pid: int) -> list[int]:
    """The processes whose parent this one is."""
    command = ["ps", "-A", "-o", "pid=,ppid=,stat="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ps:
        rows = [line.split() for line in ps.communicate()[0].splitlines()]
    found = [int(row[0]) for row in rows if int(row[1]) == pid and not row[2].startswith("Z")]
    return [child for child in found if child != ps.pid]


async def wait_until_gone(*pids: int) -> None:
    """Wait until none of these processes is left."""
    deadline = time.monotonic() + PATIENCE_S
    for pid in pids:
        while is_alive(pid):
            assert time.monotonic() < deadline, f"process {pid} is still there"
            await asyncio.sleep(POLL_S)


def is_alive(pid: int) -> bool:
    """Whether there is such a process, other than one that only waits for its parent to notice."""
    table = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    state = table.stdout.decode().strip()
    return bool(state) and not state.startswith("Z")


@dataclass
class Tab:
    """What a browser's tab has of a console: a WebSocket, and what came over it."""

    socket: aiohttp.ClientWebSocketResponse
    seen: str = ""

    async def shows(self, text: str) -> None:
        """Wait until the console has drawn this."""
        while text not in self.seen:
            await self._receive()

    async def ends(self) -> None:
        """Wait until the server closes it."""
        while not self.socket.closed:
            await self._receive()

    async def type(self, text: str) -> None:
        await self.socket.send_json(["stdin", text])

    async def _receive(self) -> None:
        message = await self.socket.receive(timeout=PATIENCE_S)
        if message.type is aiohttp.WSMsgType.BINARY:
            self.seen += message.data.decode(errors="replace")
        assert message.type is not aiohttp.WSMsgType.ERROR, message
