"""What another process costs: processor time, memory, and how busy the machine is beside it."""

from __future__ import annotations

import os
import time
from pathlib import Path

MIB_KIB = 1024
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Processor time that a process has used so far with all its threads, in seconds."""
    # The id of another process's clock, as `man clock_getcpuclockid` gives it.
    return time.clock_gettime((~pid << 3) | 2)


def peak_rss_mib(pid: int) -> float:
    """The most memory that a process alone has held, its children left out."""
    return _status(pid, "VmHWM:") / MIB_KIB


def rss_mib(pid: int) -> float:
    """The memory that a process alone holds now."""
    return _status(pid, "VmRSS:") / MIB_KIB


def _status(pid: int, label: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(label):
            return int(line.split()[1])
    return 0


def machine_busy_s() -> float:
    """Seconds that all processors together have worked since the machine was started."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    user, nice, system, _idle, _waits, irq, soft, *_ = (int(n) for n in first.split()[1:])
    return (user + nice + system + irq + soft) / TICKS


def busy_processors(seconds: float) -> float:
    """How many processors are at work while this one sleeps."""
    before = machine_busy_s()
    time.sleep(seconds)
    return (machine_busy_s() - before) / seconds


def wait_until_calm(most: float, patience_s: float) -> float:
    """Wait until no more processors than that are at work; what it came to in the end."""
    deadline = time.monotonic() + patience_s
    busy = busy_processors(0.25)
    while busy > most and time.monotonic() < deadline:
        busy = busy_processors(0.5)
    return busy
