"""A program on a terminal of its own: keys go in as bytes, what it draws is stamped on arrival.

The one who reads only stamps; the screen is worked out from the bytes when somebody looks at it,
so that nothing of that is charged to the program.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

COLUMNS, LINES = 120, 40
PATIENCE_S = 20.0
STOP_S = 2.0
AT_ONCE = 1 << 16

# What a modern terminal answers to the questions that programs put to it at their start.
_QUESTION = re.compile(rb"\x1b\[(?P<mark>[?>]*)(?P<number>\d*)(?P<kind>\$p|[ncqu])")
_COLOUR_QUESTION = re.compile(rb"\x1b\](1[01]);\?")
# Sequences that draw nothing and that the emulator would print.
_UNDRAWN = re.compile(rb"\x1b\[(?:[<>=][\d;:]*[a-zA-Z]|\?[\d;]*(?:\$p|u)|[\d;]*t)")
# A sequence that a read has cut in two.
_UNFINISHED = re.compile(rb"\x1b(?:[\[\]P^_][^\x07\x1b@-Z\\^_`a-z{|}~]{0,64})?\Z")
# Everything that is not a sign on the screen.
_SEQUENCE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]P^_][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.")
_SYNCHRONISED = b"2026"


def answers_to(output: bytes) -> bytes:
    """What a terminal would send back for the questions in this output."""
    answers = b""
    for question in _QUESTION.finditer(output):
        mark, number, kind = question.group("mark", "number", "kind")
        if kind == b"$p":
            # Known and off for synchronised output; not known for everything else.
            state = b"2" if number == _SYNCHRONISED else b"0"
            answers += b"\x1b[?" + number + b";" + state + b"$y"
        elif kind == b"n":
            answers += {b"6": b"\x1b[1;1R", b"5": b"\x1b[0n"}.get(number, b"")
        elif kind == b"c":
            answers += b"\x1b[>0;0;0c" if mark == b">" else b"\x1b[?62;22c"
        elif kind == b"q" and mark == b">":
            answers += b"\x1bP>|terminal(1)\x1b\\"
        elif kind == b"u" and mark == b"?":
            answers += b"\x1b[?0u"
    for colour in _COLOUR_QUESTION.finditer(output):
        value = b"eeee/eeee/eeee" if colour[1] == b"10" else b"1111/1111/1111"
        answers += b"\x1b]" + colour[1] + b";rgb:" + value + b"\x1b\\"
    return answers


def is_blank(output: bytes) -> bool:
    """Whether this output leaves a screen with nothing on it."""
    return not _SEQUENCE.sub(b"", _without_tail(output)).strip()


def _without_tail(output: bytes) -> bytes:
    cut = _UNFINISHED.search(output)
    return output[: cut.start()] if cut else output


class PseudoTerminal:
    """A running program, and all that it has written so far.

    Attributes:
        started: When it was started, on the clock of ``time.perf_counter``.
        chunks: What it wrote, each with the moment it arrived.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        size: tuple[int, int] = (COLUMNS, LINES),
        directory: Path | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        self.chunks: list[tuple[float, bytes]] = []
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn = 0
        self._held = b""
        self._say_size(size)
        os.set_blocking(self._master, False)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=dict(environment),
            cwd=directory,
        )
        os.close(slave)

    @property
    def pid(self) -> int:
        """The process that was started."""
        return self.process.pid

    @property
    def output(self) -> bytes:
        """All bytes so far."""
        return b"".join(data for _, data in self.chunks)

    # Hands

    def write(self, data: bytes) -> None:
        """Type."""
        while data:
            try:
                data = data[os.write(self._master, data) :]
            except BlockingIOError:
                # It does not read while it waits for us to read.
                if self.read(0.05) == 0:
                    select.select([], [self._master], [], 0.05)
            except OSError:  # it has ended
                return

    def resize(self, size: tuple[int, int]) -> None:
        """Pull at the corner of the window."""
        _ = self.lines
        self._say_size(size)
        self._screen.resize(size[1], size[0])
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGWINCH)

    def _say_size(self, size: tuple[int, int]) -> None:
        packed = struct.pack("HHHH", size[1], size[0], 0, 0)
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, packed)

    # Eyes

    def read(self, patience_s: float) -> int:
        """Take in what comes next and answer what it asks; how many bytes came in that time."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, patience_s))
        if not ready:
            return 0
        try:
            data = os.read(self._master, AT_ONCE)
        except BlockingIOError:
            return 0
        except OSError:  # how Linux says that nobody holds the other end any more
            # Its status is there in a moment; do not ask for it as fast as one can.
            time.sleep(0.001)
            return 0
        self.chunks.append((time.perf_counter(), data))
        if answers := answers_to(data):
            self.write(answers)
        return len(data)

    def quiet(self, pause_s: float, limit_s: float = PATIENCE_S) -> bool:
        """Read until nothing has come for a pause; whether that was so in time."""
        deadline = time.perf_counter() + limit_s
        while time.perf_counter() < deadline:
            if self.read(pause_s) == 0:
                return True
        return False

    def spend(self, seconds: float) -> None:
        """Go on reading for that long."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.read(left)

    @property
    def lines(self) -> list[str]:
        """The screen, line by line."""
        for _, more in self.chunks[self._drawn :]:
            data = self._held + more
            whole = _without_tail(data)
            self._held = data[len(whole) :]
            self._stream.feed(_UNDRAWN.sub(b"", whole))
        self._drawn = len(self.chunks)
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    def wait_for(self, text: str, patience_s: float = PATIENCE_S) -> None:
        """Read until this is on the screen.

        Raises:
            AssertionError: It was not in time, or the program ended before.
        """
        deadline = time.perf_counter() + patience_s
        while text not in self.text:
            has_ended = self.read(0.05) == 0 and self.process.poll() is not None
            assert not has_ended, f"it ended before {text!r} was shown:\n{self.text}"
            assert time.perf_counter() < deadline, f"{text!r} was not shown:\n{self.text}"

    # Time

    def first_paint_ms(self) -> float | None:
        """Milliseconds from the start to the first sign that is no blank."""
        seen = b""
        for stamp, data in self.chunks:
            seen += data
            if not is_blank(seen):
                return (stamp - self.started) * 1000
        return None

    def answer_ms(self, keys: bytes, patience_s: float = 1.0, *, mark: bytes = b"") -> float | None:
        """Type; milliseconds to the first byte that follows, or nothing when none did.

        With a mark it is until the mark has come, for programs that draw by themselves as well.
        """
        seen, pressed = len(self.chunks), time.perf_counter()
        self.write(keys)
        while (left := pressed + patience_s - time.perf_counter()) > 0:
            if self.read(left) and mark in b"".join(data for _, data in self.chunks[seen:]):
                return (self.chunks[-1 if mark else seen][0] - pressed) * 1000
        return None

    # The end

    def end(self, patience_s: float = PATIENCE_S) -> int | None:
        """Read until the program has ended; its status, or nothing when it goes on."""
        deadline = time.perf_counter() + patience_s
        while self.process.poll() is None and time.perf_counter() < deadline:
            self.read(0.05)
        while self.process.returncode is not None and self.read(0):
            pass
        return self.process.returncode

    def close(self) -> None:
        """Stop the program if it still runs, and give the terminal back."""
        for stop in (self.process.terminate, self.process.kill):
            if self.process.poll() is None:
                stop()
                self.end(STOP_S)
        self.process.wait()
        os.close(self._master)


@contextmanager
def on_terminal(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    size: tuple[int, int] = (COLUMNS, LINES),
    directory: Path | None = None,
) -> Iterator[PseudoTerminal]:
    """A program on a terminal, for as long as the block runs."""
    terminal = PseudoTerminal(command, environment, size=size, directory=directory)
    try:
        yield terminal
    finally:
        terminal.close()


def terminal_environment(home: Path) -> dict[str, str]:
    """What a program on a terminal finds in its environment: nothing of whoever started it."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "COGNITUI_HOME": str(home / "cognitui"),
    }
