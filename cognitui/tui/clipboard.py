"""Copies text, by every way that there is from here, and says which; it knows no screen.

Through the terminal first: with OSC 52 that works over SSH as well, but no terminal answers whether
it did. On this machine's own desktop a tool of the system is told too.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.logs import get_logger
from cognitui.process import child_environment
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MOST_BYTES = 74_994
"""What the terminals take that take least, 100,000 characters once it is encoded."""
TOOL_S = 2.0
_REMOTE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a text went.

    Attributes:
        is_sent: Whether it was sent to the terminal, which may or may not have taken it.
        tool: The system's tool that took it; empty when none did.
        size: Bytes of the text.
        is_in_tmux: Whether tmux stands between us and the terminal.
    """

    is_sent: bool
    tool: str
    size: int
    is_in_tmux: bool = False

    @property
    def is_good(self) -> bool:
        """Whether it went anywhere at all."""
        return self.is_sent or bool(self.tool)

    def words(self, what: str) -> str:
        """What was done, and not more than that.

        Args:
            what: What was copied, as the start of a sentence.
        """
        tool = f"put on the clipboard by {self.tool}" if self.tool else ""
        if self.is_sent:
            sent = "sent to the terminal's clipboard (OSC 52)"
            by_tmux = "; tmux passes it on where set-clipboard is on" if self.is_in_tmux else ""
            return f"{what} was {sent}{' and ' if tool else ''}{tool}{by_tmux}."
        if tool:
            return f"{what} was {tool}."
        most = counted(MOST_BYTES, "byte")
        return (
            f"{what} was not copied: it has {counted(self.size, 'byte')}, and terminals take "
            f"{most} (OSC 52). `cognitui webhooks list --json` writes it to a file."
        )


async def copy(
    text: str, send: Callable[[str], None], environ: Mapping[str, str] = os.environ
) -> Copied:
    """Copy a text.

    Args:
        text: The text.
        send: Sends it to the terminal.
        environ: Says where we are.
    """
    data = text.encode("utf-8", "replace")
    is_sent = len(data) <= MOST_BYTES
    if is_sent:
        send(text)
    tool = ""
    if not any(environ.get(name) for name in _REMOTE):
        command = _tool(environ)
        tool = command[0] if command and await _feed(command, data) else ""
    return Copied(is_sent, tool, len(data), bool(environ.get("TMUX")))


def _tool(environ: Mapping[str, str]) -> Sequence[str]:
    """The system's tool as a command line; empty when there is none."""
    candidates: list[Sequence[str]] = []
    if sys.platform == "darwin":
        candidates.append(["pbcopy"])
    if environ.get("WAYLAND_DISPLAY"):
        candidates.append(["wl-copy"])
    if environ.get("DISPLAY"):
        candidates += [["xclip", "-selection", "clipboard"], ["xsel", "-b", "-i"]]
    path = environ.get("PATH")
    return next((each for each in candidates if shutil.which(each[0], path=path)), [])


async def _feed(command: Sequence[str], data: bytes) -> bool:
    """Give a tool the text on its standard input; whether it took it."""
    # Some stay behind to serve the clipboard, so that nobody waits for the end of their output.
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=child_environment(),
        )
    except OSError as error:
        get_logger().warning("clipboard_tool", tool=command[0], error_type=type(error).__name__)
        return False
    try:
        async with asyncio.timeout(TOOL_S):
            await process.communicate(data)
    except TimeoutError:
        process.kill()
        await process.wait()
        return False
    return process.returncode == 0
