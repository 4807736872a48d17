"""Random hands at the real program on a pseudo-terminal: bytes in, a screen and a status out."""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.sandbox import Sandbox, SandboxConfig, parse_fault
from tests.fuzz.behind import ASK_FOR_WAITS, WAITS_FILE
from tests.fuzz.hands import Deed, input_of
from tests.fuzz.play import FAULTS, FIRST_SIZE, LAST_SIZE, LIMIT, REQUESTS, WEBHOOKS, Broken, Played
from tests.support.pseudo_terminal import PseudoTerminal, on_terminal, terminal_environment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cognitui.sandbox import SandboxInfo

ROOT = Path(__file__).parents[2]
LEAVE_SCREEN = b"\x1b[?1049l"
STILL_S, MOMENT_S = 0.2, 0.15
MOST_ESCAPES, TRIES = 8, 4
LEAVING_S, HELP_S = 1.5, 5.0


class TerminalPlayer:
    """Plays deeds on processes that share one home, one after another.

    Args:
        home: Where they write.
        seed: How long is waited between deeds follows from it.
        on_deed: Told of each deed before it is done.
    """

    def __init__(
        self, home: Path, seed: int, on_deed: Callable[[int, Deed], None] = lambda *_: None
    ) -> None:
        self.played = Played()
        self._home, self._on_deed = home, on_deed
        self._rhythm = random.Random(seed)
        self._size = FIRST_SIZE

    def play(self, deeds: Iterable[Deed]) -> None:
        """Do all of it.

        Raises:
            AssertionError: The program ended badly, spilt something, or does not answer.
        """
        config = SandboxConfig(
            webhook_limit=LIMIT,
            webhooks=WEBHOOKS,
            requests_per_minute=REQUESTS,
            faults=tuple(parse_fault(spec) for spec in FAULTS),
        )
        hands, is_over = iter(deeds), False
        with Sandbox(config) as info:
            while not is_over:
                is_over = self._run_once(hands, info)

    def _run_once(self, hands: Iterator[Deed], info: SandboxInfo) -> bool:
        environment = terminal_environment(self._home) | {
            "PYTHONPATH": str(ROOT),
            "COGNITUI_BASE_URL": info.base_url,
            "COGNITUI_API_KEY": info.api_key,
            "COGNITUI_API_SECRET": info.api_secret,
            "COGNITUI_MONITOR_URL": info.monitor_url,
            WAITS_FILE: str(self._waits_file),
        }
        command = [sys.executable, "-m", "tests.fuzz.behind"]
        self.played.starts += 1
        is_over = True
        with on_terminal(command, environment, size=self._size) as terminal:
            terminal.wait_for("cognitui")
            for deed in hands:
                self.played.deeds += 1
                self.played.last.append(deed)
                self._on_deed(self.played.deeds, deed)
                if deed.is_new_start:
                    is_over = False
                    break
                self._do(terminal, deed)
                if self._has_left(terminal):
                    is_over = False
                    break
            if not self._has_left(terminal):
                self._answers(terminal)
            if not self._has_left(terminal):
                self._leaves(terminal)
            status = terminal.end()
            if status != 0 or b"Traceback" in terminal.output:
                raise Broken(
                    f"it ended with status {status}:\n{terminal.text}\n{self._logged_crash()}"
                )
            if LEAVE_SCREEN not in terminal.output[-5000:]:
                raise Broken(f"it left the terminal as it was using it: {terminal.output[-500:]!r}")
        return is_over

    def _logged_crash(self) -> str:
        lines = [
            line
            for log in self._home.rglob("cognitui.log")
            for line in log.read_text(encoding="utf-8").splitlines()
        ]
        return "\n".join(line for line in lines if '"crash"' in line)

    @property
    def _waits_file(self) -> Path:
        return self._home / "waits"

    def _waits(self, terminal: PseudoTerminal) -> str:
        """What a program that does not answer waits for."""
        if terminal.process.poll() is not None:
            return f"it ended with status {terminal.process.returncode}"
        terminal.process.send_signal(ASK_FOR_WAITS)
        terminal.spend(STILL_S)
        is_told = self._waits_file.exists()
        return self._waits_file.read_text(encoding="utf-8") if is_told else "it does not even say"

    def _do(self, terminal: PseudoTerminal, deed: Deed) -> None:
        if deed.size is not None:
            self._size = deed.size
            terminal.resize(deed.size)
        terminal.write(deed.data.encode("utf-8", "surrogatepass"))
        terminal.read(self._rhythm.choice((0.0, 0.0, 0.002, 0.02)))
        if self._rhythm.random() < 0.02:
            terminal.quiet(MOMENT_S, 2.0)
        if "ctrl+q" in deed.what or deed.what == "q":
            # A console that is only just starting gets round to it later.
            deadline = time.monotonic() + LEAVING_S
            while not self._has_left(terminal) and time.monotonic() < deadline:
                terminal.read(MOMENT_S)

    def _has_left(self, terminal: PseudoTerminal) -> bool:
        """Whether it has given the terminal back: what is typed from then on is not for it."""
        return LEAVE_SCREEN in terminal.output or terminal.process.poll() is not None

    def _press(self, terminal: PseudoTerminal, key: str) -> None:
        terminal.write(input_of(key).encode())
        terminal.quiet(MOMENT_S, 5.0)

    def _answers(self, terminal: PseudoTerminal) -> None:
        """It still says what it can do here."""
        terminal.resize(LAST_SIZE)
        self._size = LAST_SIZE
        terminal.quiet(STILL_S, 20.0)
        for _ in range(TRIES):
            for _ in range(MOST_ESCAPES):
                self._press(terminal, "escape")
            self._press(terminal, "1")
            self._press(terminal, "f1")
            deadline = time.monotonic() + HELP_S
            while "Everywhere" not in terminal.text and time.monotonic() < deadline:
                if self._has_left(terminal):
                    self._left_late(terminal)
                    return
                terminal.read(MOMENT_S)
            if "Everywhere" in terminal.text:
                self._press(terminal, "escape")
                return
        raise Broken(
            f"f1 does not open the help any more:\n{terminal.text}\n{self._waits(terminal)}"
        )

    def _left_late(self, terminal: PseudoTerminal) -> None:
        """On a busy machine it gets round to a key that quits when nobody waits for that any more."""
        status, said = terminal.end(), terminal.output.partition(LEAVE_SCREEN)[2]
        if status != 0:
            raise Broken(
                f"it left by itself with status {status}:\n{said[-3000:]!r}\n{self._logged_crash()}"
            )

    def _leaves(self, terminal: PseudoTerminal) -> None:
        self._press(terminal, "ctrl+q")
        if terminal.end(2.0) is None:
            self._press(terminal, "y")
