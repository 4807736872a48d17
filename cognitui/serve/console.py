"""One console for one browser tab: a process of its own that ends with the tab."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from textual_serve.app_service import AppService

from cognitui.logs import get_logger
from cognitui.serve import DRIVER

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Awaitable, Callable, Sequence

    from textual_serve.download_manager import DownloadManager

HELLO = b"__GANGLION__\n"
DATA, META, PACKED = b"D", b"M", b"P"
GRACE_S = 5.0
"""How long a console may take to keep its draft and close what it holds open."""
MAX_LAST_WORDS = 2_000
# They tell of the terminal in which the server was started; the console has another.
OTHER_TERMINAL = ("TMUX", "TMUX_PANE", "STY", "SSH_TTY", "SSH_CONNECTION", "SSH_CLIENT")


def command_line(arguments: Sequence[str]) -> list[str]:
    """This very interpreter with this very cognitui, whatever the PATH says."""
    # With -m, Python imports from the current directory first. Nothing that lies there by chance
    # may run, unless it is where this process itself was started from.
    safe = [] if sys.path[:1] == [os.getcwd()] else ["-P"]  # noqa: PTH109
    return [sys.executable, *safe, "-m", "cognitui", *arguments]


class BrowserConsole(AppService):
    """Speaks textual-serve's protocol with a console and hands what it says to a WebSocket.

    Args:
        arguments: What ``cognitui`` is started with.
        write_bytes: Sends what is to be drawn.
        write_str: Sends what the page is to do, such as open a link.
        download_manager: Knows the files that consoles deliver.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        download_manager: DownloadManager,
    ) -> None:
        super().__init__(
            "",
            write_bytes=write_bytes,
            write_str=write_str,
            close=_nothing,
            download_manager=download_manager,
        )
        self._arguments = arguments

    async def start(self, width: int, height: int) -> None:
        """Start the console at this size, in cells."""
        self._process = await asyncio.create_subprocess_exec(
            *command_line(self._arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._build_environment(width, height),
            # Ctrl-C in the terminal is for the server, which ends its consoles one by one.
            start_new_session=True,
        )
        self._stdin = self._process.stdin

    def _build_environment(self, width: int = 80, height: int = 24) -> dict[str, str]:
        environment = super()._build_environment(width, height)
        for name in OTHER_TERMINAL:
            environment.pop(name, None)
        return environment | {"TEXTUAL_DRIVER": DRIVER, "TERM": "xterm-256color"}

    async def run(self) -> None:
        """Hand on what the console says until it has ended, and its last words if it failed."""
        process = self._running
        assert process.stdout is not None
        assert process.stderr is not None
        last_words = asyncio.ensure_future(_tail(process.stderr))
        try:
            await self._relay(process.stdout)
            words = await last_words
        finally:
            last_words.cancel()
        status = await process.wait()
        if words and status > 0:
            get_logger().warning("console ended", status=status)
            await self._hand_on(self.remote_write_bytes(_farewell(words)))

    async def _relay(self, stdout: asyncio.StreamReader) -> None:
        with suppress(asyncio.IncompleteReadError):
            # Before its first frame a console may say something that is not for the page.
            await stdout.readuntil(HELLO)
            while True:
                kind = await stdout.readexactly(1)
                size = int.from_bytes(await stdout.readexactly(4), "big")
                payload = await stdout.readexactly(size)
                if kind == DATA:
                    await self._hand_on(self.on_data(payload))
                elif kind == META:
                    await self._hand_on(self.on_meta(payload))
                elif kind == PACKED:
                    await self.on_packed(payload)

    async def _hand_on(self, sending: Awaitable[None]) -> None:
        """Send; once the tab has gone, only empty the pipe, so that the console can end."""
        with suppress(ConnectionError):
            await sending

    async def stop(self) -> None:
        """End the console as a closed terminal would; after `GRACE_S` by force."""
        process = self._running
        await self._download_manager.cancel_app_downloads(app_service_id=self.app_service_id)
        try:
            if process.returncode is None:
                self._signal(signal.SIGHUP)
                async with asyncio.timeout(GRACE_S):
                    await process.wait()
        except TimeoutError:
            get_logger().warning("console killed")
        finally:
            # It, or what it may have left behind in its session.
            self._signal(signal.SIGKILL)
        await process.wait()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._running.pid, number)

    @property
    def _running(self) -> Process:
        assert self._process is not None
        return self._process


async def _nothing() -> None:
    """The page is told of the end once the console's last words have been said."""


async def _tail(stream: asyncio.StreamReader) -> bytes:
    """The last that is said on a stream, read to its end."""
    tail = b""
    while data := await stream.read(4096):
        tail = (tail + data)[-MAX_LAST_WORDS:]
    return tail


def _farewell(words: bytes) -> bytes:
    from cognitui.callbacks.display import safe_text

    text = safe_text(words.decode("utf-8", "replace"), MAX_LAST_WORDS, multiline=True)
    return b"\x1b[?1049l\x1b[2J\x1b[H" + text.replace("\n", "\r\n").encode()
