"""One round: each subject is started once and everything about it is measured."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cognitui.settings import HOME, Paths
from tests.benchmarks.history import write_history
from tests.benchmarks.tenant import tenant
from tests.support import processes
from tests.support.pseudo_terminal import on_terminal, terminal_environment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.subjects import Spot, Subject
    from tests.support.pseudo_terminal import PseudoTerminal

ROOT = Path(__file__).parents[2]
SETTLED_S = 0.5
"""So long nothing is drawn before a start counts as over."""
PAUSE_S = 0.12
"""So long nothing is drawn before the next key: longer than what the console puts off for typing,
and than it takes to tell an escape key from the beginning of a sequence."""
WARM_UP = 6
LOADING_S = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured in a round, and how calm the machine has to be.

    Attributes:
        keys: Keys timed at each spot.
        idle_s: For how long an idle console is watched.
        most_busy: Processors that others may use when a subject is started.
        patience_s: How long a round waits for that.
    """

    keys: int = 24
    idle_s: float = 5.0
    most_busy: float = 0.3
    patience_s: float = 30.0


@dataclass(slots=True)
class Found:
    """What was measured about a subject, over all rounds; times are milliseconds.

    Attributes:
        cpu: Processor time until the first paint had settled.
        idle: Per cent of one processor.
        keys: By spot, how long each key took to its first byte.
        key_cpu: By spot, the processor time per key.
        silent: By spot, the keys that were not answered within a second.
        busy: Processors that others used meanwhile, by round.
    """

    first_paint: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    peak_rss: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    keys: dict[str, list[float]] = field(default_factory=dict)
    key_cpu: dict[str, list[float]] = field(default_factory=dict)
    silent: dict[str, int] = field(default_factory=dict)
    busy: list[float] = field(default_factory=list)


class Stage:
    """What the subjects need: tenants to connect to, and homes to live in."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._tenants: dict[int, tuple[int, dict[str, str]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def tenant(self, webhooks: int) -> dict[str, str]:
        """The tenant with so many webhooks; the same one each time."""
        if webhooks not in self._tenants:
            self._tenants[webhooks] = self._stack.enter_context(tenant(webhooks))
        return self._tenants[webhooks][1]

    @property
    def own_cpu_s(self) -> float:
        """Processor time of all that is here for the measurement's sake."""
        tenants = sum(processes.cpu_s(pid) for pid, _ in self._tenants.values())
        return time.process_time() + tenants

    @contextmanager
    def home(self, subject: Subject) -> Iterator[Path]:
        """A fresh home with what the subject begins with."""
        with tempfile.TemporaryDirectory(prefix="console-", ignore_cleanup_errors=True) as name:
            home = Path(name)
            for path, text in subject.files:
                (home / path).parent.mkdir(parents=True, exist_ok=True)
                (home / path).write_text(text, encoding="utf-8")
            if subject.needs is not None:
                info = json.dumps(self.tenant(subject.needs))
                (home / "tenant.json").write_text(info, encoding="utf-8")
                write_history(Paths.default({HOME: str(home / "cognitui")}))
            yield home


def measure(subject: Subject, stage: Stage, plan: Plan, found: Found) -> None:
    """Start a subject once and add what is seen."""
    with stage.home(subject) as home:
        environment = terminal_environment(home) | {"PYTHONPATH": str(ROOT)}
        processes.wait_until_calm(plan.most_busy, plan.patience_s)
        began, busy, own = time.monotonic(), processes.machine_busy_s(), stage.own_cpu_s
        with on_terminal(subject.command, environment, directory=home) as terminal:
            _start(terminal, subject, found)
            _idle(terminal, plan.idle_s, found)
            for spot in subject.spots:
                _go(terminal, spot)
                _keys(terminal, spot, plan.keys, found)
            found.peak_rss.append(processes.peak_rss_mib(terminal.pid))
            ours = processes.cpu_s(terminal.pid) + stage.own_cpu_s - own
            others = processes.machine_busy_s() - busy - ours
            found.busy.append(max(0.0, others) / (time.monotonic() - began))
            _leave(terminal, subject)


def _start(terminal: PseudoTerminal, subject: Subject, found: Found) -> None:
    terminal.quiet(SETTLED_S)
    terminal.wait_for(subject.ready, LOADING_S)
    # Some go on loading for a while after they look ready.
    terminal.quiet(2 * SETTLED_S)
    painted = terminal.first_paint_ms()
    assert painted is not None
    found.first_paint.append(painted)
    found.cpu.append(processes.cpu_s(terminal.pid) * 1000)


def _idle(terminal: PseudoTerminal, seconds: float, found: Found) -> None:
    found.rss.append(processes.rss_mib(terminal.pid))
    used, began = processes.cpu_s(terminal.pid), time.perf_counter()
    terminal.spend(seconds)
    share = (processes.cpu_s(terminal.pid) - used) / (time.perf_counter() - began)
    found.idle.append(100 * share)


def _go(terminal: PseudoTerminal, spot: Spot) -> None:
    for keys in spot.way:
        terminal.write(keys)
        terminal.quiet(2 * PAUSE_S)
    terminal.wait_for(spot.shows, LOADING_S)
    terminal.quiet(SETTLED_S, 4 * SETTLED_S)


def _keys(terminal: PseudoTerminal, spot: Spot, count: int, found: Found) -> None:
    times = found.keys.setdefault(spot.name, [])
    found.silent.setdefault(spot.name, 0)
    used = 0.0
    for number in range(WARM_UP + count):
        terminal.quiet(PAUSE_S, 2 * PAUSE_S)
        if number == WARM_UP:
            used = processes.cpu_s(terminal.pid)
        took = terminal.answer_ms(spot.keys[number % len(spot.keys)], mark=spot.mark)
        if number < WARM_UP:
            continue
        if took is None:
            found.silent[spot.name] += 1
        else:
            times.append(took)
    terminal.quiet(PAUSE_S, 2 * PAUSE_S)
    spent = (processes.cpu_s(terminal.pid) - used) * 1000 / count
    found.key_cpu.setdefault(spot.name, []).append(spent)
    for keys in spot.last:
        terminal.write(keys)
        terminal.quiet(PAUSE_S)


def _leave(terminal: PseudoTerminal, subject: Subject) -> None:
    for keys in subject.leave:
        terminal.write(keys)
        terminal.quiet(PAUSE_S, 1.0)
    if terminal.end(5.0) is None:
        sys.stderr.write(f"{subject.name} did not leave when it was asked to.\n")
