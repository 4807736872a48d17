"""Runs a function in a child process and kills it at its n-th stop, before or after a system call.

It is the kernel's own tracing, so every system call counts, whoever makes it. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TRACE_ME, _GO_ON = 0, 24
_FAILED = 70


@dataclass(frozen=True, slots=True)
class Ending:
    """How a child ended.

    Attributes:
        stops: Where it was stopped: once before and once after each system call.
        is_killed: Whether it was killed at the last of them, rather than coming to its end.
    """

    stops: int
    is_killed: bool


def can_step() -> str:
    """Why nothing can be traced here; empty when it can."""
    if not sys.platform.startswith("linux"):
        return "only Linux traces like this"
    try:
        run(lambda: None, kill_at=1)
    except OSError as error:
        return f"this machine does not let us trace: {error}"
    return ""


def run(work: Callable[[], object], *, kill_at: int | None = None) -> Ending:
    """Run the work in a child, and kill that at a stop, or never.

    Raises:
        OSError: The child cannot be traced.
        RuntimeError: The work itself failed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    child = os.fork()
    if child == 0:
        _child(libc, work)
    return _stepped(libc, child, kill_at)


def _child(libc: ctypes.CDLL, work: Callable[[], object]) -> None:
    status = _FAILED
    try:
        if libc.ptrace(_TRACE_ME, 0, None, None) == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
            work()
            status = 0
    finally:
        os._exit(status)


def _stepped(libc: ctypes.CDLL, child: int, kill_at: int | None) -> Ending:
    stops, passed_on = -1, 0
    while True:
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            code = os.WEXITSTATUS(status)
            if code and stops < 0:
                raise OSError("the child could not ask to be traced")
            if code:
                raise RuntimeError(f"the work ended with {code}")
            return Ending(stops, is_killed=False)
        if os.WIFSIGNALED(status):
            return Ending(stops, is_killed=True)
        sign = os.WSTOPSIG(status)
        if stops < 0 or sign == signal.SIGTRAP:
            stops, passed_on = stops + 1, 0
        else:
            passed_on = sign
        if stops == kill_at:
            os.kill(child, signal.SIGKILL)
        elif libc.ptrace(_GO_ON, child, None, passed_on) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
