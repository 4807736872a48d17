"""The console on a real pseudo-terminal: what a headless run cannot show."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.tenants.profiles import Profile, ProfileStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COLUMNS, LINES = 80, 24
PATIENCE_S = 20.0
ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
SHOW_CURSOR = b"\x1b[?25h"
MOUSE_ON = b"\x1b[?1000h"
SGR = re.compile(rb"\x1b\[([0-9;]*)m")
COLOUR = re.compile(rb"3[0-8]|4[0-8]|9[0-7]|10[0-7]")
ECHO_AND_LINES = termios.ECHO | termios.ICANON | termios.ISIG


@dataclass
class Terminal:
    """A process on a pseudo-terminal, and all that it has written."""

    process: subprocess.Popen[bytes]
    master: int
    output: bytes = b""

    def wait_for(self, text: str) -> None:
        """Read until this has been written."""
        deadline = time.monotonic() + PATIENCE_S
        while text.encode() not in self.output:
            assert time.monotonic() < deadline, f"{text!r} was not shown:\n{self.output!r}"
            assert self._read(), f"it ended before {text!r} was shown:\n{self.output!r}"

    def type(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def end(self) -> int:
        """Read until the process ends, and return its status."""
        deadline = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it did not end:\n{self.output[-500:]!r}"
            self._read()
        while self._read(patience_s=0):
            pass
        return self.process.returncode

    @property
    def modes(self) -> int:
        """The terminal's local modes: echo, line by line, signals."""
        modes: int = termios.tcgetattr(self.master)[3]
        return modes & ECHO_AND_LINES

    def _read(self, patience_s: float = 0.05) -> bool:
        ready, _, _ = select.select([self.master], [], [], patience_s)
        if not ready:
            return patience_s > 0
        try:
            data = os.read(self.master, 65_536)
        except OSError:  # how Linux says that nobody holds the other end any more
            return False
        self.output += data
        return bool(data)


@contextmanager
def terminal(
    home: Path, *arguments: str, columns: int = COLUMNS, **environment: str
) -> Iterator[Terminal]:
    """``cognitui`` with these arguments on a terminal of its own."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    environ = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "cognitui", *arguments],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        env={
            **environ, "HOME": str(home), "COGNITUI_HOME": str(home / "cognitui"), **environment
        },
    )  # fmt: skip
    try:
        yield Terminal(process, master)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(slave)
        os.close(master)


def assert_left_clean(console: Terminal, modes: int) -> None:
    """The terminal is as it was, and nothing was spilt on it."""
    assert console.output.index(ENTER_SCREEN) < console.output.rindex(LEAVE_SCREEN)
    assert console.output.rindex(ENTER_SCREEN) < console.output.rindex(LEAVE_SCREEN)
    assert SHOW_CURSOR in console.output[console.output.rindex(LEAVE_SCREEN) - 200 :]
    assert console.modes == modes
    assert b"Traceback" not in console.output


def test_the_demo_from_the_first_frame_to_quitting(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo") as console:
        modes = console.modes
        console.wait_for("connected")
        console.type(b"2")
        console.wait_for("Webhooks (")
        assert b"Support Bot" in console.output
        assert console.modes != modes
        console.type(b"q")
        assert console.end() == 0
        assert_left_clean(console, modes)


def test_ctrl_q_and_an_interrupt_leave_the_terminal_clean(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo") as console:
        modes = console.modes
        console.wait_for("connected")
        # ctrl+c is a key while the console runs, for copying; it must not end it half-way.
        console.type(b"\x03")
        console.type(b"\x11")
        assert console.end() == 0
        assert_left_clean(console, modes)


def test_a_signal_leaves_the_terminal_clean(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo") as console:
        modes = console.modes
        console.wait_for("connected")
        console.process.send_signal(signal.SIGINT)
        assert console.end() in {0, 130}
        assert_left_clean(console, modes)


def colours(output: bytes) -> set[bytes]:
    """The attributes among all that were set which are a colour."""
    attributes = {part for found in SGR.findall(output) for part in found.split(b";")}
    return {part for part in attributes if COLOUR.fullmatch(part)}


def test_no_colour_means_none(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo", NO_COLOR="1") as console:
        console.wait_for("connected")
        console.type(b"2")
        console.wait_for("Webhooks (")
        console.type(b"\x11")
        assert console.end() == 0
        assert colours(console.output) == set()
        assert b"\x1b[7" in console.output or b";7m" in console.output, "the place is reversed"


def test_without_that_there_are_some(tmp_path: Path) -> None:
    with terminal(tmp_path, "demo") as console:
        console.wait_for("connected")
        console.type(b"\x11")
        assert console.end() == 0
        assert colours(console.output) >= {b"38", b"48"}
        assert MOUSE_ON in console.output


def test_the_mouse_can_be_left_to_the_terminal(tmp_path: Path) -> None:
    config = tmp_path / "cognitui" / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("mouse = false\n")
    for arguments in (["demo"], ["demo", "--no-mouse"]):
        with terminal(tmp_path, *arguments) as console:
            console.wait_for("connected")
            console.type(b"\x11")
            assert console.end() == 0
            assert MOUSE_ON not in console.output
    with terminal(tmp_path, "demo", "--mouse") as console:
        console.wait_for("connected")
        console.type(b"\x11")
        assert console.end() == 0
        assert MOUSE_ON in console.output


def test_settings_that_are_wrong_leave_the_terminal_alone(tmp_path: Path) -> None:
    config = tmp_path / "cognitui" / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[keys]\nbrowse.delete = "1"\n')
    with terminal(tmp_path) as console:
        assert console.end() == 2
        assert b"line 2: browse.delete and app.go-tenants are both on 1." in console.output
        assert ENTER_SCREEN not in console.output


def test_a_tenant_that_is_asked_for_but_not_known(tmp_path: Path) -> None:
    profiles = ProfileStore(tmp_path / "cognitui" / "config" / "profiles.json")
    profiles.save(Profile(name="acme", base_url="https://acme.example/api/v1"))
    with terminal(tmp_path, "--tenant", "acmee") as console:
        console.wait_for("There is no tenant called 'acmee'.")
        console.wait_for("Did you mean 'acme'?")
        console.type(b"\x11")
        assert console.end() == 0


def test_without_a_terminal_it_says_what_works_instead(tmp_path: Path) -> None:
    environ = {**os.environ, "COGNITUI_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "cognitui"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environ, check=False,
        timeout=PATIENCE_S,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("The console needs a terminal.")
    assert "cognitui --help" in ended.stderr
    assert not list(tmp_path.iterdir())


def test_the_list_of_tenants_is_there_without_a_key_being_pressed(tmp_path: Path) -> None:
    profiles = ProfileStore(tmp_path / "cognitui" / "config" / "profiles.json")
    profiles.save(Profile(name="acme-prod", base_url="https://acme.example", is_production=True))
    with terminal(tmp_path, columns=120) as console:
        console.wait_for("acme-prod  prod   locked")
        console.type(b"\x11")
        assert console.end() == 0
